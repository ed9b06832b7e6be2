"""The configurator, the registry, roles and the oracle: what they change, and who may."""

from collections.abc import Callable
from typing import Any

import pytest
from pooltwin.protocol import errors, events
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.acl_manager import DEFAULT_ADMIN_ROLE, POOL_ADMIN_ROLE, RISK_ADMIN_ROLE
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert, ErrorString, Panic, Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.state import bitmaps

from .tour import ENCODED_RATES
from .worlds import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    DOLLAR,
    MAX,
    MODERN,
    NOBODY,
    RAY,
    USDC,
    WETH,
    ZERO,
    changes,
    events_of,
    fresh,
    lived_in,
    rates_of,
    reference_rates,
    refused,
)


@pytest.fixture(params=MODERN)
def market(request: Any) -> Market:
    """A market where nothing has happened yet."""
    return fresh(request.param)


def _ltv(market: Market, symbol: str) -> int:
    return bitmaps.ltv(market.pool.get_configuration(market.asset(symbol))[0])


# --- settings ---------------------------------------------------------------------------------------------------------

FIELD_SETTERS: list[tuple[str, Any, int, int, type[Revert]]] = [
    # method, reader, a value, the largest, the error beyond
    ("set_borrow_cap", bitmaps.borrow_cap, 123, 2**36 - 1, errors.InvalidBorrowCap),
    ("set_supply_cap", bitmaps.supply_cap, 123, 2**36 - 1, errors.InvalidSupplyCap),
    (
        "set_liquidation_protocol_fee",
        bitmaps.liquidation_protocol_fee,
        123,
        10_000,
        errors.InvalidLiquidationProtocolFee,
    ),
    ("set_reserve_factor", bitmaps.reserve_factor, 123, 10_000, errors.InvalidReserveFactor),
]


@pytest.mark.parametrize(
    ("method", "read", "value", "largest", "error"), FIELD_SETTERS, ids=[s[0] for s in FIELD_SETTERS]
)
def test_fields(market: Market, method: str, read: Any, value: int, largest: int, error: type[Revert]) -> None:
    setter, weth = getattr(market.configurator, method), market.asset("WETH")
    before = market.pool.get_configuration(weth)[0]
    with changes(market) as seen:
        setter(weth, value, sender=market.admin)
    after = market.pool.get_configuration(weth)[0]
    assert read(after) == value
    assert seen == {"pool.reserves[WETH].configuration": after - before}
    setter(weth, largest, sender=market.admin)
    for beyond in (largest + 1, MAX):
        refused(market, error, lambda beyond=beyond: setter(weth, beyond, sender=market.admin))  # type: ignore[misc]
    refused(market, errors.CallerNotRiskOrPoolAdmin, lambda: setter(weth, value, sender=ALICE))
    refused(market, Revert, lambda: setter(NOBODY, value, sender=market.admin))
    refused(market, Revert, lambda: setter(ZERO, value, sender=market.admin))


def test_a_reserve_factor_counts_from_now_on() -> None:
    market = lived_in("3.7")
    usdc = market.asset("USDC")
    reserve = market.pool.reserves[usdc]
    index = market.pool.get_reserve_normalized_income(usdc)
    accrued = reserve.accrued_to_treasury
    market.configurator.set_reserve_factor(usdc, 5_000, sender=market.admin)
    assert reserve.liquidity_index == index  # what has passed was accrued under the old factor
    assert reserve.accrued_to_treasury > accrued
    debt = market.debt_token("USDC").total_supply()
    liquidity = reserve.virtual_underlying_balance
    assert rates_of(market, "USDC") == reference_rates(debt, liquidity, reserve_factor_bps=5_000)


@pytest.mark.parametrize(
    ("ltv", "threshold", "bonus"),
    [(8_000, 7_999, 10_500), (5_000, 6_000, 10_000), (9_000, 9_600, 10_500), (0, 0, 10_500), (1, 0, 0)],
)
def test_collateral_parameters_that_make_no_sense(market: Market, ltv: int, threshold: int, bonus: int) -> None:
    configure, weth = market.configurator.configure_reserve_as_collateral, market.asset("WETH")
    refused(market, errors.InvalidReserveParams, lambda: configure(weth, ltv, threshold, bonus, sender=market.admin))


def test_collateral_ends_only_without_suppliers(market: Market) -> None:
    configure, weth = market.configurator.configure_reserve_as_collateral, market.asset("WETH")
    market.pool.supply(weth, 1, sender=ALICE)
    refused(market, errors.ReserveLiquidityNotZero, lambda: configure(weth, 0, 0, 0, sender=market.admin))
    market.pool.withdraw(weth, MAX, sender=ALICE)
    configure(weth, 0, 0, 0, sender=market.admin)
    market.pool.supply(weth, WETH, sender=ALICE)
    assert market.pool.users_config[ALICE] == 0


def test_freezing_takes_the_ltv_and_remembers_it(market: Market) -> None:
    configurator, admin = market.configurator, market.admin
    usdc = market.asset("USDC")
    with changes(market) as seen:
        configurator.set_reserve_freeze(usdc, True, sender=admin)
    assert seen == {
        "pool.reserves[USDC].configuration": (1 << 57) - 7_500,
        "configurator.pending_ltv[USDC]": 7_500,
        "pool.e_modes[1].ltvzero_bitmap": 0b10,
    }
    refused(market, errors.InvalidFreezeState, lambda: configurator.set_reserve_freeze(usdc, True, sender=admin))
    refused(market, errors.ReserveFrozen, lambda: configurator.set_reserve_ltvzero(usdc, False, sender=admin))
    with changes(market) as seen:
        configurator.set_reserve_freeze(usdc, False, sender=admin)
    assert seen == {"pool.reserves[USDC].configuration": -(1 << 57)}  # thawing alone does not give it back
    with changes(market) as seen:
        configurator.set_reserve_ltvzero(usdc, False, sender=admin)
    assert seen == {"pool.reserves[USDC].configuration": 7_500, "configurator.pending_ltv[USDC]": -7_500}
    refused(market, errors.InvalidLtvzeroState, lambda: configurator.set_reserve_ltvzero(usdc, False, sender=admin))


def test_an_ltv_set_while_frozen_waits(market: Market) -> None:
    configurator, admin, weth = market.configurator, market.admin, market.asset("WETH")
    configurator.set_reserve_freeze(weth, True, sender=admin)
    configurator.configure_reserve_as_collateral(weth, 1_234, 8_000, 10_500, sender=admin)
    assert (_ltv(market, "WETH"), configurator.get_pending_ltv(weth)) == (0, 1_234)
    configurator.set_reserve_freeze(weth, False, sender=admin)
    configurator.configure_reserve_as_collateral(weth, 2_345, 8_000, 10_500, sender=admin)
    assert (_ltv(market, "WETH"), configurator.get_pending_ltv(weth)) == (2_345, 0)


def test_ltv_zero_lends_nothing_and_leaves_first(market: Market) -> None:
    """Collateral that lends nothing must be withdrawn before collateral that does."""
    weth, usdc, pool, admin = market.asset("WETH"), market.asset("USDC"), market.pool, market.admin
    pool.supply(weth, 10 * WETH, sender=ALICE)
    pool.supply(usdc, 10_000 * USDC, sender=ALICE)
    pool.supply(market.asset("DAI"), 10_000 * WETH, sender=BOB)
    pool.borrow(market.asset("DAI"), 100 * WETH, sender=ALICE)
    market.configurator.set_reserve_ltvzero(weth, True, sender=admin)
    assert pool.get_user_account_data(ALICE).ltv == 7_500 * 10_000 // 30_000
    refused(market, errors.LtvValidationFailed, lambda: pool.withdraw(usdc, USDC, sender=ALICE))
    refused(market, errors.LtvValidationFailed, lambda: market.a_token("USDC").transfer(BOB, USDC, sender=ALICE))
    pool.withdraw(weth, WETH, sender=ALICE)
    pool.withdraw(weth, MAX, sender=ALICE)
    pool.withdraw(usdc, USDC, sender=ALICE)
    pool.supply(weth, WETH, sender=ALICE)  # and does not become collateral by itself
    assert not bitmaps.is_using_as_collateral(pool.users_config[ALICE], 0)
    refused(market, Revert, lambda: pool.set_user_use_reserve_as_collateral(weth, True, sender=ALICE))


def test_pausing_everything(market: Market) -> None:
    configurator, pool = market.configurator, market.pool
    configurator.set_pool_pause(True, sender=market.admin)
    for asset in market.assets.values():
        assert bitmaps.is_paused(pool.get_configuration(asset)[0])
    configurator.set_pool_pause(False, 4 * 3_600, sender=market.admin)
    for asset in market.assets.values():
        assert pool.get_liquidation_grace_period(asset) == market.chain.time + 4 * 3_600
    too_long = 4 * 3_600 + 1
    refused(
        market, errors.InvalidGracePeriod, lambda: configurator.set_pool_pause(False, too_long, sender=market.admin)
    )
    configurator.set_pool_pause(True, too_long, sender=market.admin)  # a grace period means nothing when pausing
    market.chain.set_time(2**40 - 2)
    refused(market, Panic, lambda: configurator.set_pool_pause(False, 2, sender=market.admin))


def test_deactivating_takes_that_nobody_supplies(market: Market) -> None:
    configurator, weth, admin = market.configurator, market.asset("WETH"), market.admin
    market.pool.supply(weth, 1, sender=ALICE)
    refused(market, errors.ReserveLiquidityNotZero, lambda: configurator.set_reserve_active(weth, False, sender=admin))
    market.pool.withdraw(weth, MAX, sender=ALICE)
    configurator.set_reserve_active(weth, False, sender=admin)
    refused(market, errors.ReserveInactive, lambda: market.pool.supply(weth, 1, sender=ALICE))


def test_the_flash_loan_premium(market: Market) -> None:
    update, pool = market.configurator.update_flashloan_premium, market.pool
    with changes(market) as seen:
        update(10_000, sender=market.admin)
    assert seen == {"pool.flash_loan_premium": 9_995}
    assert (pool.flashloan_premium_total(), pool.flashloan_premium_to_protocol()) == (10_000, 10_000)
    refused(market, errors.FlashloanPremiumInvalid, lambda: update(10_001, sender=market.admin))


@pytest.mark.parametrize(
    ("rates", "error"),
    [
        ((99, 0, 0, 0), errors.InvalidOptimalUsageRatio),
        ((9_901, 0, 0, 0), errors.InvalidOptimalUsageRatio),
        ((8_000, 0, 2, 1), errors.Slope2MustBeGteSlope1),
        ((8_000, 1, 50_000, 50_000), errors.InvalidMaxRate),
    ],
)
def test_rates_that_make_no_sense(market: Market, rates: tuple[int, ...], error: type[Revert]) -> None:
    data = b"".join(value.to_bytes(32, "big") for value in rates)
    change, weth = market.configurator.set_reserve_interest_rate_data, market.asset("WETH")
    refused(market, error, lambda: change(weth, data, sender=market.admin))
    refused(market, EmptyRevert, lambda: change(weth, data[:-1], sender=market.admin))
    refused(market, EmptyRevert, lambda: change(weth, b"", sender=market.admin))
    refused(market, EmptyRevert, lambda: change(weth, (2**16).to_bytes(32, "big") + data[32:], sender=market.admin))


def test_rates_at_their_limits(market: Market) -> None:
    change, weth = market.configurator.set_reserve_interest_rate_data, market.asset("WETH")
    for rates in ((100, 0, 0, 0), (9_900, 0, 50_000, 50_000), (8_000, 100_000, 0, 0)):
        change(weth, b"".join(value.to_bytes(32, "big") for value in rates), sender=market.admin)
        assert tuple(market.rate_strategy.get_interest_rate_data_bps(weth)) == rates
        assert market.pool.reserves[weth].current_variable_borrow_rate == rates[1] * 10**23
        assert market.rate_strategy.get_max_variable_borrow_rate(weth) == sum(rates[1:]) * RAY // 10_000


# --- listing ----------------------------------------------------------------------------------------------------------


def _listing(market: Market, name: str, decimals: int = 18) -> tuple[Any, ...]:
    construct("TestnetERC20", market.chain, named_address(name), [name, name, decimals, market.admin])
    code = [market.a_token("WETH").implementation, market.debt_token("WETH").implementation]
    return (*code, named_address(name), f"Aave {name}", f"a{name}", f"Debt {name}", f"d{name}", b"", ENCODED_RATES)


def test_up_to_128_reserves_and_no_more(market: Market) -> None:
    configurator, pool, admin = market.configurator, market.pool, market.admin
    have = pool.get_reserves_count()
    configurator.init_reserves([_listing(market, f"T{number}") for number in range(128 - have)], sender=admin)
    assert pool.get_reserves_count() == 128 == len(pool.get_reserves_list()) == pool.max_number_reserves()
    one_more = _listing(market, "one more")
    refused(market, errors.NoMoreReservesAllowed, lambda: configurator.init_reserves([one_more], sender=admin))
    last = pool.get_reserve_address_by_id(127)
    configurator.set_reserve_borrowing(last, True, sender=admin)
    configurator.configure_reserve_as_collateral(last, 5_000, 6_000, 10_500, sender=admin)
    market.oracle.set_asset_sources([last], [market.price_feed("WETH").address], sender=admin)
    token = market.chain.at(last)
    token.mint(ALICE, 10 * WETH, sender=admin)
    token.approve(pool.address, MAX, sender=ALICE)
    pool.supply(last, 10 * WETH, sender=ALICE)
    pool.borrow(last, WETH, sender=ALICE)
    assert pool.users_config[ALICE] == 3 << 254
    assert pool.get_user_account_data(ALICE)[:2] == (20_000 * DOLLAR, 2_000 * DOLLAR)


def test_a_new_reserve_starts_closed(market: Market) -> None:
    market.configurator.init_reserves([_listing(market, "NEW", 12)], sender=market.admin)
    new = named_address("NEW")
    config = market.pool.get_configuration(new)[0]
    assert config == 12 << 48 | 1 << 56 | 1 << 252
    reserve = market.pool.reserves[new]
    assert (reserve.id, reserve.liquidity_index, reserve.variable_borrow_index) == (4, RAY, RAY)
    assert events_of(market)[-1] == events.ReserveInterestRateDataChanged(
        new, market.rate_strategy.address, ENCODED_RATES
    )
    token = market.chain.at(reserve.a_token)
    assert (token.name(), token.symbol(), token.decimals()) == ("Aave NEW", "aNEW", 12)
    refused(market, errors.FlashloanDisabled, lambda: market.pool.flash_loan_simple(BOB, new, 0, sender=BOB))


def test_listings_that_are_refused_are_refused_together(market: Market) -> None:
    init, admin = market.configurator.init_reserves, market.admin
    good, few = _listing(market, "GOOD"), _listing(market, "FEW", 5)
    refused(market, errors.InvalidDecimals, lambda: init([good, few], sender=admin))
    refused(market, Revert, lambda: init([good, good], sender=admin))
    refused(market, errors.CallerNotAssetListingOrPoolAdmin, lambda: init([good], sender=ALICE))
    no_code = (NOBODY, *good[1:])
    refused(market, Revert, lambda: init([no_code], sender=admin))
    no_token = (*good[:2], NOBODY, *good[3:])
    refused(market, Revert, lambda: init([no_token], sender=admin))
    init([], sender=admin)


def test_dropping_leaves_a_gap_that_the_next_listing_fills() -> None:
    market = fresh("3.6")
    configurator, pool, admin, dai = market.configurator, market.pool, market.admin, market.asset("DAI")
    pool.supply(dai, 1, sender=ALICE)
    still_used = errors.UnderlyingClaimableRightsNotZero
    refused(market, still_used, lambda: configurator.drop_reserve(dai, sender=admin))
    pool.withdraw(dai, MAX, sender=ALICE)
    configurator.drop_reserve(dai, sender=admin)
    assert pool.get_reserves_count() == 4
    assert dai not in pool.get_reserves_list()
    refused(market, EmptyRevert, lambda: pool.supply(dai, 1, sender=ALICE))
    refused(market, errors.AssetNotListed, lambda: configurator.drop_reserve(dai, sender=admin))
    configurator.init_reserves([_listing(market, "NEXT")], sender=admin)
    assert pool.get_reserve_address_by_id(2) == named_address("NEXT")
    assert pool.get_reserves_count() == 4


def test_dropping_is_gone_in_the_newest_revision() -> None:
    market = fresh("3.7")
    with pytest.raises(EmptyRevert, match=r"PoolConfiguratorInstance of revision 3\.7 has no function drop_reserve"):
        market.configurator.drop_reserve(market.asset("DAI"), sender=market.admin)


# --- who may ----------------------------------------------------------------------------------------------------------


def _calls(market: Market) -> list[tuple[set[str], type[Revert], Callable[[str], Any]]]:
    c, weth = market.configurator, market.asset("WETH")
    risk, emergency, either = {"pool", "risk"}, {"pool", "emergency"}, {"pool", "risk", "emergency"}
    not_risk, not_emergency = errors.CallerNotRiskOrPoolAdmin, errors.CallerNotPoolOrEmergencyAdmin
    nobody = errors.CallerNotRiskOrPoolOrEmergencyAdmin
    return [
        ({"pool"}, errors.CallerNotPoolAdmin, lambda who: c.set_reserve_active(weth, True, sender=who)),
        ({"pool"}, errors.CallerNotPoolAdmin, lambda who: c.update_flashloan_premium(1, sender=who)),
        ({"pool"}, errors.CallerNotPoolAdmin, lambda who: market.pool.rescue_tokens(weth, BOB, 0, sender=who)),
        ({"pool", "listing"}, errors.CallerNotAssetListingOrPoolAdmin, lambda who: c.init_reserves([], sender=who)),
        (
            {"pool", "listing"},
            errors.CallerNotAssetListingOrPoolAdmin,
            lambda who: market.oracle.set_fallback_oracle(ZERO, sender=who),
        ),
        (risk, not_risk, lambda who: c.set_reserve_borrowing(weth, True, sender=who)),
        (risk, not_risk, lambda who: c.set_reserve_flash_loaning(weth, True, sender=who)),
        (risk, not_risk, lambda who: c.set_borrow_cap(weth, 1, sender=who)),
        (risk, not_risk, lambda who: c.configure_reserve_as_collateral(weth, 1, 2, 10_500, sender=who)),
        (risk, not_risk, lambda who: c.set_asset_borrowable_in_e_mode(weth, 1, True, sender=who)),
        (emergency, not_emergency, lambda who: c.set_pool_pause(False, sender=who)),
        (emergency, not_emergency, lambda who: c.set_reserve_pause(weth, False, sender=who)),
        (emergency, not_emergency, lambda who: c.disable_liquidation_grace_period(weth, sender=who)),
        (either, nobody, lambda who: c.set_reserve_freeze(weth, True, sender=who)),
        (either, nobody, lambda who: c.set_reserve_ltvzero(weth, True, sender=who)),
    ]


@pytest.mark.parametrize("index", range(15))
def test_who_may(market: Market, index: int) -> None:
    acl, admin = market.acl_manager, market.admin
    members = {role: named_address(role) for role in ("pool", "risk", "emergency", "listing", "flash", "bridge")}
    acl.add_pool_admin(members["pool"], sender=admin)
    acl.add_risk_admin(members["risk"], sender=admin)
    acl.add_emergency_admin(members["emergency"], sender=admin)
    acl.add_asset_listing_admin(members["listing"], sender=admin)
    acl.add_flash_borrower(members["flash"], sender=admin)
    acl.add_bridge(members["bridge"], sender=admin)
    allowed, error, call = _calls(market)[index]
    for role, member in members.items():
        snapshot = market.chain.snapshot()
        if role in allowed:
            call(member)
        else:
            refused(market, error, lambda member=member: call(member))  # type: ignore[misc]
        market.chain.revert_to(snapshot)


def test_only_the_configurator_sets_the_pool(market: Market) -> None:
    pool, weth, admin = market.pool, market.asset("WETH"), market.admin
    calls: list[Callable[[], Any]] = [
        lambda: pool.set_configuration(weth, (0,), sender=admin),
        lambda: pool.init_reserve(weth, weth, weth, sender=admin),
        lambda: pool.sync_indexes_state(weth, sender=admin),
        lambda: pool.sync_rates_state(weth, sender=admin),
        lambda: pool.set_liquidation_grace_period(weth, 1, sender=admin),
        lambda: pool.update_flashloan_premium(1, sender=admin),
        lambda: pool.configure_e_mode_category_collateral_bitmap(1, 1, sender=admin),
        lambda: pool.configure_e_mode_category_borrowable_bitmap(1, 1, sender=admin),
    ]
    for call in calls:
        refused(market, errors.CallerNotPoolConfigurator, call)


def test_role_admins(market: Market) -> None:
    acl, admin = market.acl_manager, market.admin
    refused(market, ErrorString, lambda: acl.grant_role(RISK_ADMIN_ROLE, ALICE, sender=ALICE))
    refused(market, ErrorString, lambda: acl.set_role_admin(RISK_ADMIN_ROLE, POOL_ADMIN_ROLE, sender=ALICE))
    acl.set_role_admin(RISK_ADMIN_ROLE, POOL_ADMIN_ROLE, sender=admin)
    assert acl.get_role_admin(RISK_ADMIN_ROLE) == POOL_ADMIN_ROLE
    acl.add_pool_admin(BOB, sender=admin)
    with changes(market) as seen:
        acl.grant_role(RISK_ADMIN_ROLE, ALICE, sender=BOB)
    assert list(seen.values()) == [True]
    acl.grant_role(RISK_ADMIN_ROLE, ALICE, sender=BOB)
    assert events_of(market) == []  # she has it already
    refused(market, ErrorString, lambda: acl.renounce_role(RISK_ADMIN_ROLE, ALICE, sender=BOB))
    acl.renounce_role(RISK_ADMIN_ROLE, ALICE, sender=ALICE)
    assert not acl.has_role(RISK_ADMIN_ROLE, ALICE)
    revert = refused(market, ErrorString, lambda: acl.add_pool_admin(CAROL, sender=CAROL))
    assert f"AccessControl: account {CAROL} is missing role 0x{DEFAULT_ADMIN_ROLE.hex()}" in str(revert)


def test_the_registry_answers_to_its_owner(market: Market) -> None:
    provider, admin = market.provider, market.admin
    refused(market, ErrorString, lambda: provider.set_market_id("x", sender=ALICE))
    refused(market, ErrorString, lambda: provider.transfer_ownership(ZERO, sender=admin))
    refused(market, ErrorString, lambda: provider.set_pool_impl(NOBODY, sender=admin))
    refused(market, EmptyRevert, lambda: provider.set_pool_impl(market.pool.implementation, sender=admin))
    provider.transfer_ownership(ALICE, sender=admin)
    refused(market, ErrorString, lambda: provider.set_market_id("x", sender=admin))
    provider.set_market_id("x", sender=ALICE)
    assert provider.get_market_id() == "x"


def test_a_proxys_admin_may_only_upgrade_it(market: Market) -> None:
    pool, provider = market.pool, market.provider
    receipt = market.chain.transact(provider.address, pool.address, bytes.fromhex("e8eda9df"))
    assert str(receipt.revert) == "Error('Cannot call fallback function from the proxy admin')"
    implementation = market.chain.transact(provider.address, pool.address, bytes.fromhex("5c60da1b"))
    assert implementation.return_data.hex().endswith(pool.implementation[2:])


# --- prices -----------------------------------------------------------------------------------------------------------


def test_a_feed_that_answers_nothing(market: Market) -> None:
    weth, oracle, admin = market.asset("WETH"), market.oracle, market.admin
    market.pool.supply(weth, WETH, sender=ALICE)
    for answer in (0, -1, -(2**255)):
        market.set_price("WETH", answer)
        with pytest.raises(EmptyRevert):
            oracle.get_asset_price(weth)
        with pytest.raises(EmptyRevert):
            market.pool.get_user_account_data(ALICE)
    fallback = named_address("fallback")
    construct("PriceOracle", market.chain, fallback, [])
    oracle.set_fallback_oracle(fallback, sender=admin)
    assert oracle.get_asset_price(weth) == 0
    assert market.pool.get_user_account_data(ALICE)[:2] == (0, 0)
    market.chain.at(fallback).set_asset_price(weth, 7, sender=BOB)
    assert oracle.get_asset_price(weth) == 7
    market.set_price("WETH", 1)
    assert oracle.get_asset_price(weth) == 1
    assert oracle.get_assets_prices([weth, market.asset("USDC")]) == [1, DOLLAR]


def test_sources(market: Market) -> None:
    oracle, admin, weth = market.oracle, market.admin, market.asset("WETH")
    refused(market, errors.InconsistentParamsLength, lambda: oracle.set_asset_sources([weth], [], sender=admin))
    oracle.set_asset_sources([weth, NOBODY], [market.price_feed("USDC").address] * 2, sender=admin)
    assert oracle.get_asset_price(NOBODY) == oracle.get_asset_price(weth) == DOLLAR
    with pytest.raises(EmptyRevert):
        oracle.get_asset_price(DAVE)


def test_the_largest_price_overflows_as_it_does_on_chain(market: Market) -> None:
    weth = market.asset("WETH")
    market.pool.supply(weth, WETH, sender=ALICE)
    market.set_price("WETH", 2**255 - 1)
    with pytest.raises(Panic):
        market.pool.get_user_account_data(ALICE)
    for value in (2**255, -(2**255) - 1, 1.5, "1"):
        with pytest.raises(ValueError, match="is not an int256"):
            market.set_price("WETH", value)  # type: ignore[arg-type]
