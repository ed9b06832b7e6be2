"""Precompiled contracts: what they answer, and what the contracts of each release make of it."""

from __future__ import annotations

import hashlib

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert, ErrorString, NotModelledError, selector_of
from pooltwin.protocol.machine.precompiles import PRECOMPILES, answer_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import revision_named

from .signing import Wallet
from .worlds import ALICE, ALL_REVISIONS, BOB, NOBODY, RAY, ZERO, fresh, lived_in

AT = [f"0x{number:040x}" for number in range(11)]
HASHES = {AT[2], AT[3]}
GENERATOR = encode(["uint256"] * 2, [1, 2])
LATEST_ANSWER = selector_of("latestAnswer()")
REFUSED = [
    (6, encode(["uint256"] * 2, [1, 3])),
    (6, encode(["uint256"] * 4, [0, 0, 2**255, 0])),
    (7, encode(["uint256"] * 3, [1, 1, 5])),
    (8, bytes(191)),
    (8, b"\xff" + bytes(191)),
    (9, bytes(212)),
    (9, bytes(212) + b"\x02"),
    (10, bytes(192)),
    (5, encode(["uint256"] * 3, [2**255, 1, 1])),
]
NOT_MODELLED = [
    (5, encode(["uint256"] * 3, [1, 5000, 1])),
    (6, 2 * GENERATOR),
    (7, GENERATOR + bytes(32)),
    (8, GENERATOR + bytes(128)),
    (9, bytes(213)),
    (10, b"\x01" + hashlib.sha256(bytes(48)).digest()[1:] + bytes(160)),
]


def test_the_hashes_and_the_echo() -> None:
    assert answer_of(AT[2], b"abc") == hashlib.sha256(b"abc").digest()
    assert answer_of(AT[3], b"abc").hex() == 24 * "0" + "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"
    assert answer_of(AT[4], b"abc") == b"abc"
    assert answer_of(AT[0], b"abc") == answer_of(NOBODY, b"abc") == b""
    assert set(PRECOMPILES) == set(AT[1:])


def test_signers_are_recovered() -> None:
    wallet = Wallet("signer")
    digest = keccak(b"message")
    signature = wallet._key.sign_msg_hash(digest)
    data = digest + encode(["uint256"] * 3, [27 + signature.v, signature.r, signature.s])
    assert answer_of(AT[1], data) == bytes(12) + bytes.fromhex(wallet.address[2:])
    assert answer_of(AT[1], data + b"behind it") == answer_of(AT[1], data)
    for wrong in (
        data[:32],
        digest + encode(["uint256"] * 3, [29, 1, 1]),
        digest + encode(["uint256"] * 3, [27, 0, 1]),
    ):
        assert answer_of(AT[1], wrong) == b""


def test_powers() -> None:
    sizes = encode(["uint256"] * 3, [1, 1, 2])
    assert answer_of(AT[5], sizes + bytes([3, 5, 0, 100])) == (43).to_bytes(2, "big")
    assert answer_of(AT[5], sizes + bytes([3, 5])) == bytes(2)  # a modulus of zero
    assert answer_of(AT[5], b"") == b""


def test_the_point_at_infinity() -> None:
    assert answer_of(AT[6], b"") == bytes(64)
    assert answer_of(AT[6], GENERATOR) == answer_of(AT[6], bytes(64) + GENERATOR) == GENERATOR
    assert answer_of(AT[7], bytes(64) + b"\xff") == bytes(64)
    assert answer_of(AT[8], b"") == answer_of(AT[8], bytes(384)) == (1).to_bytes(32, "big")


@pytest.mark.parametrize(("number", "data"), REFUSED)
def test_what_they_refuse(number: int, data: bytes) -> None:
    with pytest.raises(EmptyRevert):
        answer_of(AT[number], data)


@pytest.mark.parametrize(("number", "data"), NOT_MODELLED)
def test_arithmetic_that_is_not_modelled_is_refused(number: int, data: bytes) -> None:
    with pytest.raises(NotModelledError):
        answer_of(AT[number], data)


@pytest.mark.parametrize("where", AT[1:])
def test_a_transaction_and_a_call_of_a_contract_get_the_answer(where: str) -> None:
    market = fresh("3.7")
    data = LATEST_ANSWER
    receipt = market.chain.transact(ALICE, where, data)
    try:
        answer = answer_of(where, data)
    except EmptyRevert:
        assert not receipt.ok
        assert receipt.return_data == b""
        with pytest.raises(EmptyRevert):
            market.chain.nested(ALICE, where, data)
        return
    assert receipt.ok
    assert receipt.return_data == answer == market.chain.nested(ALICE, where, data)
    assert receipt.logs == []


def test_a_call_of_nobody_succeeds() -> None:
    market = fresh("3.7")
    assert market.chain.nested(ALICE, NOBODY, b"anything") == b""
    assert market.chain.transact(ALICE, NOBODY, b"anything").return_data == b""


# --- in the places of others ------------------------------------------------------------------------------------------


@pytest.fixture(params=ALL_REVISIONS)
def market(request: pytest.FixtureRequest) -> Market:
    """A market where people lend and owe, of every release."""
    return lived_in(request.param)


@pytest.mark.parametrize("where", AT[1:])
def test_as_a_price_feed(market: Market, where: str) -> None:
    """A hash is believed, unless it is no positive number; who answers nothing has no price, not even a fallback's."""
    weth = market.asset("WETH")
    market.oracle.set_asset_sources([weth], [where], sender=market.admin)
    if where not in HASHES:
        with pytest.raises(EmptyRevert):
            market.oracle.get_asset_price(weth)
        return
    assert market.oracle.get_asset_price(weth) == int.from_bytes(answer_of(where, LATEST_ANSWER), "big")


@pytest.mark.parametrize("where", AT[1:])
def test_as_the_fallback_oracle_and_as_the_oracle(market: Market, where: str) -> None:
    weth = market.asset("WETH")
    market.oracle.set_asset_sources([weth], [ZERO], sender=market.admin)
    market.oracle.set_fallback_oracle(where, sender=market.admin)
    question = selector_of("getAssetPrice(address)") + bytes(12) + bytes.fromhex(weth[2:])
    if where in {*HASHES, AT[4]}:
        price = int.from_bytes(answer_of(where, question)[:32], "big")
        assert market.oracle.get_asset_price(weth) == price
    else:
        with pytest.raises(EmptyRevert):
            market.oracle.get_asset_price(weth)
    market.provider.set_price_oracle(where, sender=market.admin)
    account = market.chain.call(ALICE, market.pool.address, account_of(ALICE))
    assert account.ok is (where == AT[3])  # the others are too dear to be multiplied, or give no price at all
    assert bool(account.return_data) is (where in {*HASHES, AT[4]})


def account_of(user: str) -> bytes:
    return selector_of("getUserAccountData(address)") + bytes(12) + bytes.fromhex(user[2:])


@pytest.mark.parametrize("where", AT[1:])
def test_as_a_token_to_be_rescued(market: Market, where: str) -> None:
    for contract in (market.pool, market.a_token("WETH")):
        try:
            contract.rescue_tokens(where, BOB, 5, sender=market.admin)
            answer = ""
        except ErrorString as error:
            answer = error.message
        except EmptyRevert:
            answer = "failed"
        assert answer == {
            AT[1]: "GPv2: not a contract",
            AT[2]: "",
            AT[3]: "",
            AT[4]: "GPv2: malformed transfer result",
        }.get(where, "failed")


def test_as_the_data_provider_of_the_configurator(market: Market) -> None:
    dai = market.asset("DAI")
    answering = {*HASHES, AT[4]} if market.chain.revision.virtual_balances else set()  # v3.0.2 asks for twelve words
    for where in AT[1:]:
        market.provider.set_pool_data_provider(where, sender=market.admin)
        receipt = market.chain.transact(
            market.admin,
            market.configurator.address,
            selector_of("setReserveActive(address,bool)") + bytes(12) + bytes.fromhex(dai[2:]) + bytes(32),
        )
        assert type(receipt.revert).__name__ == ("ReserveLiquidityNotZero" if where in answering else "EmptyRevert")


def test_as_a_pool_that_a_data_provider_asks() -> None:
    """Some of its answers would look like a pool's: the twin says that it does not know."""
    market = lived_in("3.3")
    data_provider, weth = market.data_provider, market.asset("WETH")
    market.provider.set_address(b"POOL".ljust(32, b"\0"), AT[2], sender=market.admin)
    with pytest.raises(NotModelledError, match="as a pool"):
        data_provider.get_paused(weth)


@pytest.mark.parametrize("revision", ["3.2", "3.3"])
def test_as_the_registry_of_an_implementation_that_anybody_may_initialise(revision: str) -> None:
    market = fresh(revision)
    code = market.chain.at(market.configurator.implementation)
    with pytest.raises(EmptyRevert):
        code.initialize(AT[2], sender=ALICE)
    code.initialize(AT[3], sender=ALICE)
    assert code.pool == "0x" + answer_of(AT[3], selector_of("getPool()"))[12:].hex()
    with pytest.raises(EmptyRevert):
        code.set_reserve_pause(market.asset("WETH"), True, sender=market.admin)


def test_v3_0_2_asks_whatever_token_it_is_given_for_its_balance() -> None:
    chain = Chain(revision_named("3.0.2"), time=1)
    rates = [8 * RAY // 10, 0, RAY // 25, RAY, RAY // 100, RAY, RAY // 50, RAY // 20, RAY // 5]
    strategy = construct("DefaultReserveInterestRateStrategy", chain, NOBODY, [ALICE, *rates])

    def variable_rate(reserve: str) -> int:
        return int(strategy.calculate_interest_rates((0, 0, 0, 0, 10**18, 0, 1000, reserve, BOB))[2])

    assert variable_rate(AT[2]) == 0  # a fortune is there to borrow
    assert variable_rate(AT[3]) == 0
    assert variable_rate(AT[4]) == 0
    for where in (AT[1], *AT[5:]):
        with pytest.raises(EmptyRevert):
            variable_rate(where)
