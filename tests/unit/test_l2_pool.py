"""The pool of a rollup: packed calls do what plain ones do, under the same laws, and an encoder packs them."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.invariants import all_laws
from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol.contracts.l2_pool import L2Pool
from pooltwin.protocol.contracts.periphery.l2_encoder import L2Encoder
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import NotModelledError, Revert, SafeCastOverflowedUintDowncast, selector_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.upgrades.upgrade import upgrade

from .worlds import ALICE, ALL_REVISIONS, BOB, MAX, USDC, WETH, config, fresh

ROLLUP = "0x" + "12" * 20
ENDLESS = 2**128 - 1


def rollup(revision: str) -> Market:
    """The usual market with a rollup's pool, in which two users have a million of two assets."""
    market = Market.deploy(config(revision).model_copy(update={"l2_pool": True}))
    for user in (ALICE, BOB):
        for symbol in ("WETH", "USDC"):
            market.fund(symbol, user, 10**6 * WETH)
    return market


def become_rollup(market: Market) -> None:
    """Put the code of a rollup's pool behind the pool's proxy."""
    provider = market.provider.address
    construct("L2PoolInstance", market.chain, ROLLUP, [provider, market.pool.rate_strategy])
    upgrade_to = selector_of("upgradeTo(address)") + bytes.fromhex(ROLLUP[2:]).rjust(32, b"\0")
    assert market.chain.transact(provider, market.pool.address, upgrade_to).ok


def encoder(market: Market) -> L2Encoder:
    made = market.periphery.deploy("L2Encoder")
    assert market.periphery.l2_encoder is made
    return market.periphery.l2_encoder


def play(market: Market, compact: bool) -> list[Any]:
    """A position built up and taken down, with packed calls or plain ones. Returns what the calls gave."""
    pool: Any = market.pool
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    pack = encoder(market)
    if not compact:
        return [
            pool.supply(usdc, 10**5 * USDC, BOB, 7, sender=BOB),
            pool.supply(weth, 10 * WETH, ALICE, 0, sender=ALICE),
            pool.set_user_use_reserve_as_collateral(weth, False, sender=ALICE),
            pool.set_user_use_reserve_as_collateral(weth, True, sender=ALICE),
            pool.borrow(usdc, 5_000 * USDC, 2, 3, ALICE, sender=ALICE),
            pool.repay(usdc, 1_000 * USDC, 2, ALICE, sender=ALICE),
            pool.supply(usdc, 500 * USDC, ALICE, 0, sender=ALICE),
            pool.repay_with_a_tokens(usdc, 100 * USDC, 2, sender=ALICE),
            pool.repay(usdc, MAX, 2, ALICE, sender=ALICE),
            pool.withdraw(weth, MAX, ALICE, sender=ALICE),
        ]
    return [
        pool.supply_compact(pack.encode_supply_params(usdc, 10**5 * USDC, 7), sender=BOB),
        pool.supply_compact(pack.encode_supply_params(weth, 10 * WETH), sender=ALICE),
        pool.set_user_use_reserve_as_collateral_compact(
            pack.encode_set_user_use_reserve_as_collateral(weth, False), sender=ALICE
        ),
        pool.set_user_use_reserve_as_collateral_compact(
            pack.encode_set_user_use_reserve_as_collateral(weth, True), sender=ALICE
        ),
        pool.borrow_compact(pack.encode_borrow_params(usdc, 5_000 * USDC, 2, 3), sender=ALICE),
        pool.repay_compact(pack.encode_repay_params(usdc, 1_000 * USDC), sender=ALICE),
        pool.supply_compact(pack.encode_supply_params(usdc, 500 * USDC), sender=ALICE),
        pool.repay_with_a_tokens_compact(pack.encode_repay_with_a_tokens_params(usdc, 100 * USDC), sender=ALICE),
        pool.repay_compact(pack.encode_repay_params(usdc, MAX), sender=ALICE),
        pool.withdraw_compact(pack.encode_withdraw_params(weth, MAX), sender=ALICE),
    ]


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_packed_calls_do_what_plain_ones_do(revision: str) -> None:
    market = rollup(revision)
    plain = market.fork()
    assert play(market, compact=True) == play(plain, compact=False)
    assert market.chain.digest() == plain.chain.digest()


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_liquidation_in_two_words(revision: str) -> None:
    market = rollup(revision)
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    pool: Any = market.pool
    pool.supply(usdc, 10**5 * USDC, sender=BOB)
    pool.supply(weth, 10 * WETH, sender=ALICE)
    pool.borrow(usdc, 15_000 * USDC, sender=ALICE)
    market.set_price("WETH", 1_700 * 10**8)
    plain = market.fork()
    words = encoder(market).encode_liquidation_call(weth, usdc, ALICE, MAX, True)
    pool.liquidation_call_compact(*words, sender=BOB)
    encoder(plain)
    plain.pool.liquidation_call(weth, usdc, ALICE, MAX, True, sender=BOB)
    assert market.chain.digest() == plain.chain.digest()


def test_the_laws_see_the_plain_call_inside_the_packed_one() -> None:
    market = rollup("3.7")
    asked = {}
    for compact in (True, False):
        branch = market.fork()
        with Monitor(branch, all_laws()) as monitor:
            play(branch, compact)
        asked[compact] = monitor.exercised()
    names = {law_id for counts in asked.values() for law_id in counts}
    assert not {name for name in names if asked[True].get(name, 0) < asked[False].get(name, 0)}


def test_a_call_that_fails_names_itself() -> None:
    market = rollup("3.7")
    pool: Any = market.pool
    with pytest.raises(Revert, match="InvalidAmount"):
        pool.supply_compact(bytes(32), sender=ALICE)
    receipt = market.chain.receipt
    assert receipt is not None
    assert receipt.revert is not None
    assert receipt.function is not None
    assert receipt.function.signature == "supply(bytes32)"
    receipt = market.chain.transact(ALICE, pool.address, selector_of("supply(bytes32)") + b"\xff" * 32)
    assert not receipt.ok


@pytest.mark.parametrize(("revision", "data"), [("3.3", 0x08C379A0), ("3.7", 0x6DFCC650)])
def test_what_has_no_room_is_refused(revision: str, data: int) -> None:
    market = rollup(revision)
    pack, asset = encoder(market), market.asset("WETH")
    with pytest.raises(SafeCastOverflowedUintDowncast):
        pack.encode_supply_params(asset, 2**128)
    assert pack.encode_withdraw_params(asset, MAX) == (ENDLESS << 16).to_bytes(32, "big")
    call = pack.functions[selector_of("encodeSupplyParams(address,uint256,uint16)")].calldata([asset, 2**128, 0])
    assert market.chain.transact(ALICE, pack.address, call).return_data[:4] == data.to_bytes(4, "big")


@pytest.mark.parametrize("revision", ALL_REVISIONS[:-1])
def test_an_upgrade_keeps_the_pool_of_a_rollup(revision: str) -> None:
    market = rollup(revision)
    upgrade(market, "3.7")
    assert type(market.pool) is L2Pool
    play(market, compact=True)


def test_a_pool_may_become_one_and_nothing_else() -> None:
    market = fresh("3.7")
    become_rollup(market)
    assert type(market.pool) is L2Pool
    assert market.fork().chain.digest() == market.chain.digest()
    to_configurator = selector_of("upgradeTo(address)") + bytes.fromhex(ROLLUP[2:]).rjust(32, b"\0")
    with pytest.raises(NotModelledError):
        market.chain.transact(market.provider.address, market.configurator.address, to_configurator)


def test_what_does_not_stand_there_is_named() -> None:
    with pytest.raises(LookupError, match=r"no L2Encoder stands beside this market; market.periphery.deploy"):
        _ = fresh("3.7").periphery.l2_encoder


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_linked_libraries_are_where_the_configuration_says(revision: str) -> None:
    places = {"SupplyLogic": "0x" + "51" * 20, "LiquidationLogic": "0x" + "52" * 20}
    market = Market.deploy(config(revision).model_copy(update={"libraries": places}))
    if selector_of("getSupplyLogic()") in market.pool.functions:
        assert market.pool.get_supply_logic() == places["SupplyLogic"]
        assert market.pool.get_pool_logic() not in market.chain.contracts
    assert not market.chain.transact(ALICE, places["SupplyLogic"], bytes(4)).ok


def test_a_library_that_there_is_not_is_refused() -> None:
    wrong = config("3.7").model_dump() | {"libraries": {"RewardLogic": "0x" + "51" * 20}}
    with pytest.raises(ValueError, match="'RewardLogic' is no linked library; known are BorrowLogic"):
        MarketConfig.model_validate(wrong)
