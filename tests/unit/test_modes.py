"""E-mode in both revisions, isolated categories (v3.7), debt ceilings, siloed borrowing and the sentinel (v3.6)."""

from typing import Any

import pytest
from pooltwin.protocol import errors
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.events import UserEModeSet
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import EModeConfig
from pooltwin.protocol.state import bitmaps

from .worlds import (
    ALICE,
    BOB,
    CAROL,
    DOLLAR,
    MAX,
    MODERN,
    USDC,
    WETH,
    changes,
    config,
    events_of,
    fresh,
    refused,
)


def _lent(revision: str) -> Market:
    market = fresh(revision)
    for symbol, amount in (("WETH", 100 * WETH), ("USDC", 100_000 * USDC), ("DAI", 100_000 * WETH)):
        market.pool.supply(market.asset(symbol), amount, sender=BOB)
    return market


@pytest.fixture(params=MODERN)
def market(request: Any) -> Market:
    """Bob lends everything; nobody borrows."""
    return _lent(request.param)


@pytest.fixture
def older() -> Market:
    """The same in v3.6, where debt ceilings, siloed assets and the sentinel still exist."""
    return _lent("3.6")


@pytest.fixture
def newer() -> Market:
    """The same in v3.7, where categories can be isolated."""
    return _lent("3.7")


# --- e-mode -----------------------------------------------------------------------------------------------------------


def test_a_category_lends_more(market: Market) -> None:
    pool, usdc, dai = market.pool, market.asset("USDC"), market.asset("DAI")
    pool.supply(usdc, 10_000 * USDC, sender=ALICE)
    assert pool.get_user_account_data(ALICE)[3:5] == (7_800, 7_500)
    with changes(market) as seen:
        pool.set_user_e_mode(1, sender=ALICE)
    assert seen == {"pool.users_e_mode[alice]": 1}
    assert events_of(market) == [UserEModeSet(ALICE, 1)]
    assert pool.get_user_account_data(ALICE)[3:5] == (9_300, 9_000)
    pool.borrow(dai, 9_000 * WETH, sender=ALICE)
    refused(market, errors.CollateralCannotCoverNewBorrow, lambda: pool.borrow(dai, WETH, sender=ALICE))
    unhealthy = errors.HealthFactorLowerThanLiquidationThreshold
    refused(market, unhealthy, lambda: pool.set_user_e_mode(0, sender=ALICE))


def test_entering_again_is_nothing(market: Market) -> None:
    with changes(market) as seen:
        market.pool.set_user_e_mode(0, sender=ALICE)
    assert (seen, events_of(market)) == ({}, [])


def test_categories_that_cannot_be_entered(market: Market) -> None:
    pool = market.pool
    refused(market, errors.InconsistentEModeCategory, lambda: pool.set_user_e_mode(2, sender=ALICE))
    refused(market, errors.InconsistentEModeCategory, lambda: pool.set_user_e_mode(255, sender=ALICE))
    pool.supply(market.asset("USDC"), 10_000 * USDC, sender=ALICE)
    pool.borrow(market.asset("WETH"), WETH, sender=ALICE)
    revert = refused(market, errors.InvalidDebtInEmode, lambda: pool.set_user_e_mode(1, sender=ALICE))
    assert revert.args == (market.asset("WETH"), 1)


def test_in_a_category_its_bitmap_decides_what_can_be_borrowed(market: Market) -> None:
    pool, configurator, admin = market.pool, market.configurator, market.admin
    pool.supply(market.asset("USDC"), 10_000 * USDC, sender=ALICE)
    pool.set_user_e_mode(1, sender=ALICE)
    refused(market, errors.NotBorrowableInEMode, lambda: pool.borrow(market.asset("WETH"), 1, sender=ALICE))
    configurator.set_reserve_borrowing(market.asset("DAI"), False, sender=admin)
    pool.borrow(market.asset("DAI"), WETH, sender=ALICE)  # whatever the reserve's own flag says


def test_the_bonus_of_the_category(market: Market) -> None:
    pool, usdc, dai = market.pool, market.asset("USDC"), market.asset("DAI")
    pool.supply(dai, 10_000 * WETH, sender=ALICE)
    pool.set_user_e_mode(1, sender=ALICE)
    pool.borrow(usdc, 9_000 * USDC, sender=ALICE)
    market.set_price("DAI", 96 * DOLLAR // 100)
    had = market.erc20("DAI").balance_of(CAROL)
    market.configurator.set_liquidation_protocol_fee(dai, 0, sender=market.admin)
    pool.liquidation_call(dai, usdc, ALICE, 960 * USDC, sender=CAROL)
    assert market.erc20("DAI").balance_of(CAROL) - had == 1_010 * WETH


def test_definitions_that_make_no_sense(market: Market) -> None:
    configurator, admin = market.configurator, market.admin

    def define(category_id: int, ltv: int, threshold: int, bonus: int) -> None:
        if market.chain.revision.isolated_e_modes:
            configurator.set_e_mode_category(category_id, ltv, threshold, bonus, "x", False, sender=admin)
        else:
            configurator.set_e_mode_category_without_isolation(category_id, ltv, threshold, bonus, "x", sender=admin)

    nonsense = [
        (0, 9_000, 10_100),
        (9_001, 9_000, 10_100),
        (9_000, 9_000, 10_000),
        (9_000, 9_950, 10_100),
        (1, 0, 10_100),
    ]
    for parameters in nonsense:
        refused(market, errors.InvalidEmodeCategoryParams, lambda parameters=parameters: define(3, *parameters))  # type: ignore[misc]
    refused(market, errors.EModeCategoryReserved, lambda: define(0, 9_000, 9_300, 10_100))
    define(255, 1, 1, 10_001)
    assert tuple(market.pool.get_e_mode_category_collateral_config(255)) == (1, 1, 10_001)


def test_membership(market: Market) -> None:
    configurator, admin, weth = market.configurator, market.admin, market.asset("WETH")
    with changes(market) as seen:
        configurator.set_asset_collateral_in_e_mode(weth, 1, True, sender=admin)
    assert seen == {"pool.e_modes[1].collateral_bitmap": 0b1}
    with changes(market) as seen:
        configurator.set_asset_borrowable_in_e_mode(weth, 1, True, sender=admin)
    assert seen == {"pool.e_modes[1].borrowable_bitmap": 0b1}
    with changes(market) as seen:
        configurator.set_asset_ltvzero_in_e_mode(weth, 1, True, sender=admin)
    assert seen == {"pool.e_modes[1].ltvzero_bitmap": 0b1}
    with changes(market) as seen:
        configurator.set_asset_collateral_in_e_mode(weth, 1, False, sender=admin)
    assert seen == {"pool.e_modes[1].collateral_bitmap": -0b1, "pool.e_modes[1].ltvzero_bitmap": -0b1}
    must = errors.MustBeEmodeCollateral
    refused(market, must, lambda: configurator.set_asset_ltvzero_in_e_mode(weth, 1, True, sender=admin))
    nobody = named_address("nobody")
    refused(
        market,
        errors.AssetNotListed,
        lambda: configurator.set_asset_borrowable_in_e_mode(nobody, 1, True, sender=admin),
    )
    refused(
        market,
        errors.EModeCategoryReserved,
        lambda: configurator.set_asset_borrowable_in_e_mode(weth, 0, True, sender=admin),
    )


def test_ltv_zero_in_a_category(market: Market) -> None:
    pool, usdc = market.pool, market.asset("USDC")
    pool.supply(usdc, 10_000 * USDC, sender=ALICE)
    pool.set_user_e_mode(1, sender=ALICE)
    market.configurator.set_asset_ltvzero_in_e_mode(usdc, 1, True, sender=market.admin)
    assert pool.get_user_account_data(ALICE)[3:5] == (9_300, 0)
    refused(market, errors.LtvValidationFailed, lambda: pool.borrow(market.asset("DAI"), 1, sender=ALICE))
    refused(market, Revert, lambda: pool.set_user_e_mode(1, sender=BOB))  # his USDC would lend nothing


# --- isolated categories, from v3.7 on --------------------------------------------------------------------------------


def test_an_isolated_category_lends_only_against_its_own(newer: Market) -> None:
    pool, usdc, weth = newer.pool, newer.asset("USDC"), newer.asset("WETH")
    pool.supply(usdc, 10_000 * USDC, sender=ALICE)
    pool.supply(weth, WETH, sender=ALICE)
    with changes(newer) as seen:
        newer.configurator.set_e_mode_category_isolated(1, True, sender=newer.admin)
    assert seen == {"pool.e_modes[1].isolated": True}
    revert = refused(newer, errors.InvalidCollateralInEmode, lambda: pool.set_user_e_mode(1, sender=ALICE))
    assert revert.args == (weth, 1)
    pool.set_user_use_reserve_as_collateral(weth, False, sender=ALICE)
    pool.set_user_e_mode(1, sender=ALICE)
    refused(
        newer, errors.UserHasAssetWithZeroLtv, lambda: pool.set_user_use_reserve_as_collateral(weth, True, sender=ALICE)
    )
    assert pool.get_user_account_data(ALICE).ltv == 9_000


def test_isolation_binds_present_users_too(newer: Market) -> None:
    pool, usdc, weth = newer.pool, newer.asset("USDC"), newer.asset("WETH")
    pool.supply(usdc, 10_000 * USDC, sender=ALICE)
    pool.supply(weth, 5 * WETH, sender=ALICE)
    pool.set_user_e_mode(1, sender=ALICE)
    assert pool.get_user_account_data(ALICE).ltv == 8_500
    newer.configurator.set_e_mode_category_isolated(1, True, sender=newer.admin)
    assert pool.get_user_account_data(ALICE).ltv == 4_500
    pool.borrow(newer.asset("DAI"), 100 * WETH, sender=ALICE)
    refused(newer, errors.LtvValidationFailed, lambda: pool.withdraw(usdc, USDC, sender=ALICE))
    pool.withdraw(weth, WETH, sender=ALICE)


def test_isolated_categories_are_not_in_older_revisions(older: Market) -> None:
    with pytest.raises(EmptyRevert, match="has no function set_e_mode_category_isolated"):
        older.configurator.set_e_mode_category_isolated(1, True, sender=older.admin)
    isolated = EModeConfig(
        id=2, label="x", ltv_bps=1, liquidation_threshold_bps=2, liquidation_bonus_bps=10_100, isolated=True
    )
    with pytest.raises(ValueError, match=r"category 2 is isolated, which revision 3\.6 lacks"):
        Market.deploy(config("3.6").model_copy(update={"e_modes": (isolated,)}))


# --- debt ceilings, until v3.6 ----------------------------------------------------------------------------------------


def _isolate(market: Market, ceiling_cents: int) -> None:
    market.configurator.set_debt_ceiling(market.asset("WBTC"), ceiling_cents, sender=market.admin)
    market.configurator.set_borrowable_in_isolation(market.asset("USDC"), True, sender=market.admin)


def test_an_isolated_collateral_and_its_ceiling(older: Market) -> None:
    _isolate(older, 1_000_00)
    pool, wbtc, usdc = older.pool, older.asset("WBTC"), older.asset("USDC")
    pool.supply(wbtc, 10**8, sender=ALICE)
    assert pool.users_config[ALICE] == 0  # never by itself
    pool.set_user_use_reserve_as_collateral(wbtc, True, sender=ALICE)
    with changes(older) as seen:
        pool.borrow(usdc, 600 * USDC, sender=ALICE)
    assert seen["pool.reserves[WBTC].isolation_mode_total_debt"] == 600_00
    refused(older, errors.DebtCeilingExceeded, lambda: pool.borrow(usdc, 400 * USDC + USDC // 100, sender=ALICE))
    not_approved = errors.AssetNotBorrowableInIsolation
    refused(older, not_approved, lambda: pool.borrow(older.asset("DAI"), WETH, sender=ALICE))
    pool.borrow(usdc, 400 * USDC + USDC // 100 - 1, sender=ALICE)  # less than a cent is not counted
    with changes(older) as seen:
        pool.repay(usdc, 250 * USDC, sender=ALICE)
    assert seen["pool.reserves[WBTC].isolation_mode_total_debt"] == -250_00
    older.chain.advance(31_536_000)
    with changes(older) as seen:
        pool.repay(usdc, MAX, sender=ALICE)
    assert seen["pool.reserves[WBTC].isolation_mode_total_debt"] == -750_00  # interest is not counted: stop at zero


def test_nothing_joins_an_isolated_collateral(older: Market) -> None:
    _isolate(older, 1_000_00)
    pool, wbtc, weth = older.pool, older.asset("WBTC"), older.asset("WETH")
    pool.supply(wbtc, 10**8, sender=ALICE)
    pool.set_user_use_reserve_as_collateral(wbtc, True, sender=ALICE)
    pool.supply(weth, WETH, sender=ALICE)
    assert not bitmaps.is_using_as_collateral(pool.users_config[ALICE], 0)
    no = errors.UserInIsolationModeOrLtvZero
    refused(older, no, lambda: pool.set_user_use_reserve_as_collateral(weth, True, sender=ALICE))
    pool.supply(wbtc, 10**8, sender=BOB)
    refused(older, no, lambda: pool.set_user_use_reserve_as_collateral(wbtc, True, sender=BOB))


def test_a_liquidation_frees_the_ceiling(older: Market) -> None:
    _isolate(older, 100_000_00)
    pool, wbtc, usdc = older.pool, older.asset("WBTC"), older.asset("USDC")
    pool.supply(wbtc, 10**8, sender=ALICE)
    pool.set_user_use_reserve_as_collateral(wbtc, True, sender=ALICE)
    pool.borrow(usdc, 30_000 * USDC, sender=ALICE)
    older.set_price("WBTC", 39_000 * DOLLAR)
    with changes(older) as seen:
        pool.liquidation_call(wbtc, usdc, ALICE, 10_000 * USDC, sender=CAROL)
    assert seen["pool.reserves[WBTC].isolation_mode_total_debt"] == -10_000_00


def test_ceilings_come_before_suppliers_and_reset_when_they_go(older: Market) -> None:
    configurator, admin, wbtc = older.configurator, older.admin, older.asset("WBTC")
    weth = older.asset("WETH")
    refused(older, errors.ReserveLiquidityNotZero, lambda: configurator.set_debt_ceiling(weth, 1, sender=admin))
    _isolate(older, 1_000_00)
    older.pool.supply(wbtc, 10**8, sender=ALICE)
    older.pool.set_user_use_reserve_as_collateral(wbtc, True, sender=ALICE)
    older.pool.borrow(older.asset("USDC"), 10 * USDC, sender=ALICE)
    refused(older, errors.InvalidDebtCeiling, lambda: configurator.set_debt_ceiling(wbtc, 2**40, sender=admin))
    with changes(older) as seen:
        configurator.set_debt_ceiling(wbtc, 0, sender=admin)
    assert seen["pool.reserves[WBTC].isolation_mode_total_debt"] == -10_00


# --- siloed borrowing, until v3.6 -------------------------------------------------------------------------------------


def test_a_siloed_asset_is_its_borrowers_only_debt(older: Market) -> None:
    pool, dai, usdc = older.pool, older.asset("DAI"), older.asset("USDC")
    older.configurator.set_siloed_borrowing(dai, True, sender=older.admin)
    assert older.data_provider.get_siloed_borrowing(dai)
    pool.supply(older.asset("WETH"), 10 * WETH, sender=ALICE)
    pool.borrow(usdc, USDC, sender=ALICE)
    refused(older, errors.SiloedBorrowingViolation, lambda: pool.borrow(dai, WETH, sender=ALICE))
    pool.repay(usdc, MAX, sender=ALICE)
    pool.borrow(dai, WETH, sender=ALICE)
    pool.borrow(dai, WETH, sender=ALICE)
    refused(older, errors.SiloedBorrowingViolation, lambda: pool.borrow(usdc, USDC, sender=ALICE))
    configurator, admin = older.configurator, older.admin
    configurator.set_siloed_borrowing(dai, False, sender=admin)
    pool.borrow(usdc, USDC, sender=ALICE)
    refused(older, errors.ReserveDebtNotZero, lambda: configurator.set_siloed_borrowing(dai, True, sender=admin))


# --- the sentinel, until v3.6 -----------------------------------------------------------------------------------------


def _sentinel(market: Market, grace: int = 3_600) -> Any:
    admin, sequencer, sentinel = market.admin, named_address("sequencer"), named_address("sentinel")
    construct("SequencerOracle", market.chain, sequencer, [admin])
    construct("PriceOracleSentinel", market.chain, sentinel, [market.provider.address, sequencer, grace])
    market.provider.set_price_oracle_sentinel(sentinel, sender=admin)
    return market.chain.at(sequencer)


def _in_debt(market: Market) -> None:
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=ALICE)
    market.pool.borrow(market.asset("USDC"), 15_000 * USDC, sender=ALICE)


def test_the_sentinel_stops_borrowing_and_mild_liquidations(older: Market) -> None:
    _in_debt(older)
    sequencer, now, admin = _sentinel(older), older.chain.time, older.admin
    pool, usdc, weth = older.pool, older.asset("USDC"), older.asset("WETH")
    stopped = errors.PriceOracleSentinelCheckFailed

    def liquidate() -> None:
        pool.liquidation_call(weth, usdc, ALICE, MAX, sender=CAROL)

    sequencer.set_answer(True, now, sender=admin)
    refused(older, stopped, lambda: pool.borrow(usdc, 1, sender=ALICE))
    older.set_price("WETH", 1_800 * DOLLAR)  # a health factor of 0.99
    refused(older, stopped, liquidate)
    snapshot = older.chain.snapshot()
    older.set_price("WETH", 1_700 * DOLLAR)  # 0.935: far enough under water
    liquidate()
    older.chain.revert_to(snapshot)
    sequencer.set_answer(False, now, sender=admin)
    older.chain.advance(3_600)
    refused(older, stopped, liquidate)
    older.chain.advance(1)
    liquidate()


def test_the_newest_revision_has_no_sentinel(newer: Market) -> None:
    _in_debt(newer)
    _sentinel(newer).set_answer(True, 0, sender=newer.admin)
    newer.pool.borrow(newer.asset("USDC"), 1, sender=ALICE)
