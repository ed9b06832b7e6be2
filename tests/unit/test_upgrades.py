"""Moving a market from revision to revision, and what refuses to move."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.protocol.state import bitmaps
from pooltwin.protocol.upgrades import UpgradeError, upgrade

from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, FROM_V3_2, RATES, USDC, WETH, changes, fresh, lived_in

STEPS = list(pairwise(FROM_V3_2))
ROUNDING = {"3.5"}
"""Steps that change how balances round."""


def balances(market: Market) -> list[int]:
    """What everybody has and owes, as the tokens tell."""
    tokens = [token for symbol in market.assets for token in (market.a_token(symbol), market.debt_token(symbol))]
    return [token.balance_of(user) for token in tokens for user in (ALICE, BOB, CAROL)]


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_code_is_renewed_and_nothing_else_moves(old: str, new: str) -> None:
    market = lived_in(old)
    for asset in market.assets.values():  # interest that is still pending is reckoned by the new formula
        market.pool.sync_indexes_state(asset, sender=market.configurator.address)
    before = balances(market)
    with changes(market) as seen:
        upgrade(market, new)
    record = REVISIONS[new]
    assert market.pool.pool_revision() == market.pool.code_revision == record.pool_revision
    assert market.configurator.configurator_revision() == record.configurator_revision
    for symbol in market.assets:
        for token in (market.a_token(symbol), market.debt_token(symbol)):
            assert token.code_revision == token.last_initialized_revision == record.token_revision
    tolerance = 1 if new in ROUNDING else 0
    assert all(abs(now - then) <= tolerance for now, then in zip(balances(market), before, strict=True))
    moved = {path.rpartition(".")[2] for path in seen if not path.startswith(("0x", "provider.addresses"))}
    left = {"left_treasury", "left_rewards_controller"}
    assert moved <= {"implementation", "code_revision", "last_initialized_revision", "rate_strategy", *left}


@pytest.mark.parametrize("old", ALL_REVISIONS[:-1])
def test_life_goes_on(old: str) -> None:
    """Every flow works on what an earlier revision left."""
    market = lived_in(old)
    upgrade(market, "3.7")
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    market.chain.advance(86_400, 7_000)
    pool.supply(weth, WETH, sender=ALICE)
    pool.withdraw(usdc, 1_000 * USDC, sender=BOB)
    pool.borrow(usdc, 100 * USDC, sender=ALICE)
    pool.repay(usdc, 50 * USDC, sender=ALICE)
    market.a_token("USDC").transfer(CAROL, 10 * USDC, sender=BOB)
    market.set_price("WETH", market.price_feed("WETH").answer // 2)
    pool.liquidation_call(weth, usdc, ALICE, 1_000 * USDC, False, sender=BOB)
    assert pool.reserves[weth].deficit == 0


def test_several_steps_are_those_steps_one_by_one() -> None:
    at_once, one_by_one = lived_in("3.0.2"), lived_in("3.0.2")
    upgrade(at_once, "3.7")
    for new in FROM_V3_2:
        upgrade(one_by_one, new)
    assert at_once.chain.digest() == one_by_one.chain.digest()


def test_the_first_step_leaves_everybody_what_they_have() -> None:
    """Indexes are brought up to date, rates go to a shared strategy, members of categories to bitmaps."""
    market = lived_in("3.0.2")
    before = balances(market)
    assert market.stable_debt_token("WETH").total_supply() == 0
    upgrade(market, "3.2")
    assert balances(market) == before
    strategy = market.rate_strategy
    own = tuple(getattr(RATES, name) for name in ("optimal_usage_bps", "base_rate_bps", "slope1_bps", "slope2_bps"))
    assert {tuple(strategy.models[asset].bps) for asset in market.assets.values()} == {own}
    stable = {market.pool.reserves[market.asset(symbol)].id for symbol in ("USDC", "DAI")}
    category = market.pool.e_modes[1]
    assert category.collateral_bitmap == category.borrowable_bitmap == sum(1 << number for number in stable)
    with pytest.raises(LookupError, match=r"WETH has no stable debt token on v3\.2"):
        market.stable_debt_token("WETH")


def test_it_can_be_undone() -> None:
    market = lived_in("3.3")
    before, snapshot = market.chain.digest(), market.chain.snapshot()
    upgrade(market, "3.6")
    market.chain.revert_to(snapshot)
    assert market.chain.revision is REVISIONS["3.3"]
    assert market.chain.digest() == before


def refuses(market: Market, to: str, reason: str, error: type[Exception] = UpgradeError) -> None:
    before = market.chain.digest()
    with pytest.raises(error, match=reason):
        upgrade(market, to)
    assert market.chain.digest() == before


@pytest.mark.parametrize(("old", "new"), [("3.6", "3.6"), ("3.6", "3.5"), ("3.7", "3.2")])
def test_there_is_no_way_back(old: str, new: str) -> None:
    refuses(fresh(old), new, f"revision {new} does not follow {old}")


def test_an_unknown_revision_is_refused() -> None:
    refuses(fresh("3.6"), "3.8", "revision '3.8' is not known", ValueError)


def test_the_admin_must_own_the_registry() -> None:
    market = fresh("3.6")
    market.provider.transfer_ownership(BOB, sender=market.admin)
    upgrade(market, "3.7")  # the owner alone can renew pool and configurator
    market = fresh("3.4")
    market.provider.transfer_ownership(BOB, sender=market.admin)
    refuses(market, "3.5", "CallerNotPoolAdmin", Revert)


# --- v3.4 -----------------------------------------------------------------------------------------------------------


def test_v3_4_has_no_place_for_what_is_unbacked() -> None:
    market = fresh("3.3")
    dai = market.asset("DAI")
    market.acl_manager.add_bridge(BOB, sender=market.admin)
    market.configurator.set_unbacked_mint_cap(dai, 1_000, sender=market.admin)
    market.pool.mint_unbacked(dai, 5, BOB, 0, sender=BOB)
    refuses(market, "3.4", f"{dai} has 5 unbacked")
    market.pool.back_unbacked(dai, 5, 0, sender=BOB)
    upgrade(market, "3.4")
    assert market.a_token("DAI").balance_of(BOB) == 5


def test_v3_4_has_no_reserve_without_virtual_balance() -> None:
    market = fresh("3.3")
    dai = market.asset("DAI")
    config = bitmaps.with_virtual_accounting(market.pool.reserves[dai].configuration, False)
    market.pool.set_configuration(dai, (config,), sender=market.configurator.address)
    refuses(market, "3.4", f"{dai} has no virtual balance")


def test_v3_4_stores_narrower_balances() -> None:
    market = fresh("3.3")
    market.a_token("DAI").scaled_balances[BOB] = 2**120
    refuses(market, "3.4", f"{BOB} has {2**120}")
    market.a_token("DAI").scaled_balances[BOB] = 2**120 - 1
    upgrade(market, "3.4")


def test_v3_4_has_one_strategy_for_all() -> None:
    market = lived_in("3.3")
    dai, shared = market.asset("DAI"), market.rate_strategy
    other = market.chain.deploy(lambda chain, at: type(shared)(chain, at, market.provider.address), "0x" + "77" * 20)
    data = (8_000).to_bytes(32, "big") + bytes(32) + (500).to_bytes(32, "big") + (900).to_bytes(32, "big")
    market.configurator.set_reserve_interest_rate_strategy_address(dai, other.address, data, sender=market.admin)
    assert market.data_provider.get_interest_rate_strategy_address(dai) == other.address
    upgrade(market, "3.4")
    assert market.data_provider.get_interest_rate_strategy_address(dai) == shared.address
    assert market.rate_strategy.models[dai].bps == (8_000, 0, 500, 900)


# --- v3.6 and v3.7 --------------------------------------------------------------------------------------------------


def test_v3_6_remembers_which_category_collaterals_lend_nothing() -> None:
    market = fresh("3.5")
    dai, admin = market.asset("DAI"), market.admin
    market.pool.supply(dai, 100 * WETH, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 1_000 * USDC, sender=BOB)
    market.pool.set_user_e_mode(1, sender=ALICE)
    market.configurator.set_reserve_freeze(dai, True, sender=admin)
    assert market.pool.get_user_account_data(ALICE).ltv == 0
    upgrade(market, "3.6")
    bit = 1 << market.pool.reserves[dai].id
    assert market.pool.get_e_mode_category_ltvzero_bitmap(1) == bit
    assert market.pool.get_user_account_data(ALICE).ltv == 0


def test_v3_6_looks_no_further_than_ten_empty_categories() -> None:
    market = fresh("3.5")
    dai, configurator, admin = market.asset("DAI"), market.configurator, market.admin
    for category_id in (11, 22):
        configurator.set_e_mode_category_without_isolation(category_id, 9_000, 9_300, 10_100, "far", sender=admin)
        configurator.set_asset_collateral_in_e_mode(dai, category_id, True, sender=admin)
    configurator.set_reserve_freeze(dai, True, sender=admin)
    upgrade(market, "3.6")
    bit = 1 << market.pool.reserves[dai].id
    bitmaps_of = market.pool.get_e_mode_category_ltvzero_bitmap
    assert [bitmaps_of(category_id) for category_id in (1, 11, 22)] == [bit, bit, 0]


def test_v3_7_winds_isolation_mode_down() -> None:
    market = fresh("3.6")
    dai, admin = market.asset("DAI"), market.admin
    market.configurator.set_debt_ceiling(dai, 1, sender=admin)
    market.configurator.set_borrowable_in_isolation(dai, True, sender=admin)
    market.pool.reserves[dai].isolation_mode_total_debt = 7
    upgrade(market, "3.7")
    reserve = market.pool.reserves[dai]
    assert bitmaps.debt_ceiling(reserve.configuration) == reserve.isolation_mode_total_debt == 0
    assert not bitmaps.is_borrowable_in_isolation(reserve.configuration)


def test_v3_7_expects_that_nothing_is_siloed() -> None:
    market = fresh("3.6")
    dai = market.asset("DAI")
    market.configurator.set_siloed_borrowing(dai, True, sender=market.admin)
    refuses(market, "3.7", f"{dai} still has siloed borrowing")
    market.configurator.set_siloed_borrowing(dai, False, sender=market.admin)
    upgrade(market, "3.7")
