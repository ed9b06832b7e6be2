"""Precompiled contracts in the places of others: prices, tokens, receivers and registries that are part of the EVM."""

import hashlib
from typing import Any

import pytest
from eth_abi.abi import encode
from pooltwin.protocol.errors import NotModelledError

from .harness.evm import ZERO_ADDRESS, calldata
from .harness.given import Release
from .harness.lockstep import LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, RECEIVER, SUPPLY, open_market
from .harness.recorder import Recorder
from .harness.releases import STRATEGY_OF_ASSET, has, init_reserves, listing
from .v3_0_2.tour import FLASH_LOAN

PRECOMPILES = [f"0x{number:040x}" for number in range(1, 18)]
"""Addresses 1 to 10 answer; from 11 on there is nothing, as far as Cancun goes."""
HASHES = {"0x" + "00" * 19 + "02", "0x" + "00" * 19 + "03"}
IDENTITY = "0x" + "00" * 19 + "04"
ANY = [*PRECOMPILES, RECEIVER]
BORROW = "borrow(address,uint256,uint256,uint16,address)"
FLASH_LOAN_SIMPLE = "flashLoanSimple(address,address,uint256,bytes,uint16)"
SOURCES = "setAssetSources(address[],address[])"
RESCUE = "rescueTokens(address,address,uint256)"
LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
PRICE = "getAssetPrice(address)"
ACCOUNT = "getUserAccountData(address)"
ALICE = ACCOUNTS[0]


@pytest.fixture(scope="module")
def market(any_release: Release) -> Recorder:
    """The standard market in lockstep; what a test does is undone."""
    return open_market(any_release.artifacts, any_release.revision, 1, 1, in_lockstep_with(any_release.revision))[1]


@pytest.fixture
def recorder(market: Recorder):  # type: ignore[no-untyped-def]  # a generator, of what the name says
    with market.chain.undone():
        yield market


def lockstep(recorder: Recorder) -> LockstepChain:
    assert isinstance(recorder.chain, LockstepChain)
    return recorder.chain


def ask_for_prices(recorder: Recorder) -> None:
    """Everything that looks at the price of WETH."""
    weth, usdc = recorder.address("WETH"), recorder.address("USDC")
    recorder.transact(ALICE, "oracle", PRICE, weth)
    recorder.transact(ALICE, "oracle", "getAssetsPrices(address[])", [usdc, weth])
    recorder.transact(ALICE, "pool", ACCOUNT, ALICE)
    recorder.transact(ALICE, "pool", BORROW, usdc, 10**6, 2, 0, ALICE)
    recorder.transact(ALICE, "pool", "setUserUseReserveAsCollateral(address,bool)", weth, False)
    recorder.transact(ALICE, "pool", LIQUIDATE, weth, usdc, ALICE, 5, True)
    recorder.transact(ALICE, "pool", "setUserEMode(uint8)", 1)


@pytest.mark.parametrize("where", ANY)
def test_as_the_price_feed_of_an_asset(recorder: Recorder, where: str) -> None:
    assert recorder.transact(ADMIN, "oracle", SOURCES, [recorder.address("WETH")], [where]).ok
    ask_for_prices(recorder)
    price = recorder.transact(ALICE, "oracle", PRICE, recorder.address("WETH"))
    assert price.ok is (where in HASHES or where == RECEIVER)
    if where == PRECOMPILES[1]:
        assert price.ret == hashlib.sha256(calldata("latestAnswer()")).digest()


@pytest.mark.parametrize("where", ANY)
def test_as_the_fallback_of_the_oracle(recorder: Recorder, where: str) -> None:
    recorder.transact(ADMIN, "oracle", SOURCES, [recorder.address("WETH")], [ZERO_ADDRESS])
    assert recorder.transact(ADMIN, "oracle", "setFallbackOracle(address)", where).ok
    ask_for_prices(recorder)
    weth = recorder.address("WETH")
    price = recorder.transact(ALICE, "oracle", PRICE, weth)
    assert price.ok is (where in HASHES or where in (IDENTITY, RECEIVER))
    if where == IDENTITY:
        assert price.ret == calldata(PRICE, weth)[:32]


@pytest.mark.parametrize("where", ANY)
def test_as_the_oracle_of_the_market(recorder: Recorder, where: str) -> None:
    assert recorder.transact(ADMIN, "provider", "setPriceOracle(address)", where).ok
    ask_for_prices(recorder)


@pytest.mark.parametrize("where", ANY)
def test_as_a_token_to_be_rescued(recorder: Recorder, where: str) -> None:
    rescued = {
        recorder.transact(ADMIN, label, RESCUE, where, to, amount).ok
        for label in ("pool", "aWETH", "aUSDC")
        for to, amount in ((ALICE, 0), (ALICE, 10**18), (ZERO_ADDRESS, 2**256 - 1))
    }
    assert rescued == {where in HASHES or where == RECEIVER}


@pytest.mark.parametrize("where", ANY)
def test_as_the_data_provider_that_the_configurator_asks(recorder: Recorder, where: str) -> None:
    assert recorder.transact(ADMIN, "provider", "setPoolDataProvider(address)", where).ok
    gusd = recorder.address("GUSD")
    recorder.transact(ADMIN, "configurator", "setReserveActive(address,bool)", gusd, False)
    collateral = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
    recorder.transact(ADMIN, "configurator", collateral, gusd, 0, 0, 0)
    recorder.transact(ADMIN, "configurator", "setDebtCeiling(address,uint256)", gusd, 5)
    recorder.transact(ADMIN, "configurator", "setSiloedBorrowing(address,bool)", gusd, True)


@pytest.mark.parametrize("where", ANY)
def test_as_the_sentinel_of_the_market(recorder: Recorder, where: str) -> None:
    """No hash is a yes. From v3.7 on there is no sentinel."""
    recorder.transact(ADMIN, "provider", "setPriceOracleSentinel(address)", where)
    allowed = where == RECEIVER or "PriceOracleSentinel" not in recorder.chain.artifacts
    assert recorder.transact(ALICE, "pool", BORROW, recorder.address("USDC"), 10**6, 2, 0, ALICE).ok is allowed
    recorder.transact(ADMIN, "oracle", SOURCES, [recorder.address("WETH")], [where])
    ask_for_prices(recorder)


@pytest.mark.parametrize("where", PRECOMPILES)
def test_as_the_keeper_of_roles(recorder: Recorder, where: str) -> None:
    usdc = recorder.address("USDC")
    recorder.transact(ADMIN, "provider", "setACLManager(address)", where)
    assert not recorder.transact(ADMIN, "pool", RESCUE, usdc, ALICE, 0).ok
    assert not recorder.transact(ADMIN, "oracle", SOURCES, [], []).ok
    assert not recorder.transact(ADMIN, "configurator", "setReservePause(address,bool)", usdc, True).ok


@pytest.mark.parametrize("where", PRECOMPILES)
def test_as_the_receiver_of_a_flash_loan(recorder: Recorder, where: str) -> None:
    usdc = recorder.address("USDC")
    for amount in (0, 10**6):
        for data in (b"", bytes(31) + b"\x01", encode(["uint256"] * 4, [27, 1, 1, 1])):
            assert not recorder.transact(ALICE, "pool", FLASH_LOAN_SIMPLE, where, usdc, amount, data, 0).ok
            assert not recorder.transact(ALICE, "pool", FLASH_LOAN, where, [usdc], [amount], [0], ALICE, data, 0).ok


@pytest.mark.parametrize("where", PRECOMPILES)
def test_as_an_asset_and_as_an_implementation(recorder: Recorder, where: str) -> None:
    permit = "supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)"
    assert not recorder.transact(ALICE, "pool", SUPPLY, where, 5, ALICE, 0).ok
    assert not recorder.transact(ALICE, "pool", permit, where, 5, ALICE, 0, 2**200, 27, bytes(32), bytes(32)).ok
    signature = init_reserves(recorder)
    recorder.deploy("NEW", "TestnetERC20", ["NEW", "NEW", 6, ADMIN])
    for entry in (
        listing(recorder, "NEW", (9000, 0, 100, 1000), token=where),
        listing(recorder, "NEW", (9000, 0, 100, 1000), prefix=where),
    ):
        assert not recorder.transact(ADMIN, "configurator", signature, [entry]).ok
    assert not recorder.transact(ADMIN, "provider", "setPoolImpl(address)", where).ok


@pytest.mark.parametrize("where", PRECOMPILES)
def test_as_a_registered_proxy(recorder: Recorder, where: str) -> None:
    name = b"ANYTHING".ljust(32, b"\0")
    assert recorder.transact(ADMIN, "provider", "setAddress(bytes32,address)", name, where).ok
    proxy = "setAddressAsProxy(bytes32,address)"
    assert not recorder.transact(ADMIN, "provider", proxy, name, recorder.address("pool_impl")).ok


@pytest.mark.parametrize("where", ANY)
def test_as_the_registry_of_an_implementation(recorder: Recorder, where: str) -> None:
    """Until v3.3 anybody may initialise the configurator's implementation; what looks like a pool's address is one."""
    recorder.transact(ALICE, "conf_impl", "initialize(address)", where)
    for sender in (ALICE, ADMIN):
        recorder.transact(sender, "conf_impl", "setReservePause(address,bool)", recorder.address("WETH"), True)
    lockstep(recorder).compare_storage()


@pytest.mark.parametrize("where", ANY)
def test_as_the_strategy_and_the_reserve_of_rates(recorder: Recorder, where: str) -> None:
    """Until v3.1 each reserve has a strategy of its own, which looks into the token."""
    change = "setReserveInterestRateStrategyAddress(address,address)"
    artifacts = recorder.chain.artifacts
    label = "irs_WETH" if STRATEGY_OF_ASSET in artifacts else "irs"
    (rates,) = (s for s in artifacts[KIND_OF[label]].functions if s.startswith("calculateInterestRates"))
    for debt in (0, 10**18):
        struct: tuple[Any, ...] = (0, 5, 3, 0, debt, 0, 1000, where, where)
        if label == "irs":
            struct = (0, 5, 3, debt, 1000, where, True, 10**19)
        recorder.transact(ALICE, label, rates, struct)
    if has(artifacts, "PoolConfiguratorInstance", change):
        weth = recorder.address("WETH")
        assert recorder.transact(ADMIN, "configurator", change, weth, where).ok
        assert not recorder.transact(ALICE, "pool", SUPPLY, weth, 10**18, ALICE, 0).ok
        recorder.transact(ALICE, "pool", "rebalanceStableBorrowRate(address,address)", weth, ALICE)


KIND_OF = {"irs_WETH": STRATEGY_OF_ASSET, "irs": "DefaultReserveInterestRateStrategyV2"}


@pytest.mark.parametrize("where", PRECOMPILES)
def test_called_by_an_account(recorder: Recorder, where: str) -> None:
    zeros = bytes(64)
    powers = [encode(["uint256"] * 3, sizes) for sizes in ([1, 1, 1], [0, 0, 0], [0, 2**255, 0], [2**255, 0, 0])]
    inputs = [
        b"",
        b"\x01",
        zeros,
        *powers,
        powers[0] + bytes([3, 5, 7]),
        powers[0] + bytes([3, 5, 0]),
        encode(["uint256"] * 4, [5, 27, 1, 1]),
        encode(["uint256"] * 4, [5, 29, 1, 1]),
        encode(["uint256"] * 4, [5, 28, 0, 1]),
        encode(["uint256"] * 3, [1, 2, 0])[:32],
        encode(["uint256"] * 4, [1, 3, 0, 0]),
        encode(["uint256"] * 4, [2**255, 3, 0, 0]),
        bytes(192),
        bytes(212) + b"\x02",
        b"\x01" + bytes(191),
        b"\xff" + bytes(191),
        calldata(PRICE, ALICE),
    ]
    for data in inputs:
        recorder.chain.transact(ALICE, where, data)


@pytest.mark.parametrize(
    ("where", "data"),
    [
        (PRECOMPILES[4], encode(["uint256"] * 3, [1, 2000, 1])),
        (PRECOMPILES[5], encode(["uint256"] * 4, [1, 2, 1, 2])),
        (PRECOMPILES[6], encode(["uint256"] * 3, [1, 2, 5])),
        (PRECOMPILES[7], encode(["uint256"] * 6, [1, 2, 0, 0, 0, 0])),
        (PRECOMPILES[8], bytes(213)),
        (PRECOMPILES[9], b"\x01" + hashlib.sha256(bytes(48)).digest()[1:] + bytes(160)),
    ],
)
def test_arithmetic_that_is_not_modelled_is_refused(recorder: Recorder, where: str, data: bytes) -> None:
    with pytest.raises(NotModelledError):
        recorder.chain.transact(ALICE, where, data)
