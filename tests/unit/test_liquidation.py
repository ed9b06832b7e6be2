"""Liquidation, bad debt and its cover: the whole world before and after."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from pooltwin.protocol import errors
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.events import DeficitCovered, DeficitCreated, LiquidationCall, ReserveUsedAsCollateralDisabled
from pooltwin.protocol.market import Market

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
    changes,
    events_of,
    fresh,
    half_up,
    rate_changes,
    rates_of,
    reference_rates,
    refused,
    spent,
)


@pytest.fixture(params=MODERN)
def market(request: Any) -> Market:
    """Alice owes 15,000 USDC against 10 WETH, which have fallen from 2,000 to 1,800 dollars."""
    market = fresh(request.param)
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 100_000 * USDC, sender=BOB)
    market.pool.borrow(market.asset("USDC"), 15_000 * USDC, sender=ALICE)
    market.set_price("WETH", 1_800 * DOLLAR)
    return market


def _split(market: Market, seized: int) -> tuple[int, int]:
    """Seized WETH for the liquidator and for the treasury, by exact rationals in the revision's rounding."""
    exact = market.chain.revision.name == "3.7"
    # Half-up division rounds with half the divisor added.
    without_bonus = floor(Fraction(seized * 10_000 + (0 if exact else 5_250), 10_500))
    fee = (ceil if exact else half_up)(Fraction((seized - without_bonus) * 1_000, 10_000))
    return seized - fee, fee


def _seizure(market: Market, debt: int, price: int) -> tuple[int, int]:
    """The same for a debt of USDC."""
    down = floor if market.chain.revision.name == "3.7" else half_up
    base = floor(Fraction(debt * DOLLAR * WETH, price * USDC))
    return _split(market, down(Fraction(base * 10_500, 10_000)))


def _call(market: Market, amount: int = MAX, receive_a_token: bool = False, sender: str = BOB) -> None:
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    market.pool.liquidation_call(weth, usdc, ALICE, amount, receive_a_token, sender=sender)


HALF = 7_500 * USDC


def test_half_of_the_debt_for_underlying(market: Market) -> None:
    seized, fee = _seizure(market, HALF, 1_800 * DOLLAR)
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        _call(market)
    assert seen == {
        "USDC.balances[bob]": -HALF,
        "USDC.balances[aUSDC]": HALF,
        **spent(market, "USDC", "bob", HALF),
        "debtUSDC.scaled_balances[alice]": -HALF,
        "debtUSDC.scaled_supply": -HALF,
        "pool.reserves[USDC].virtual_underlying_balance": HALF,
        **rate_changes(market, "USDC", rates, debt=HALF, liquidity=85_000 * USDC + HALF),
        "WETH.balances[aWETH]": -seized,
        "WETH.balances[bob]": seized,
        "pool.reserves[WETH].virtual_underlying_balance": -seized,
        "aWETH.scaled_supply": -seized,
        "aWETH.scaled_balances[alice]": -seized - fee,
        "aWETH.scaled_balances[treasury]": fee,
        "aWETH.previous_indexes[treasury]": RAY,
    }
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    assert events_of(market)[-1] == LiquidationCall(weth, usdc, ALICE, HALF, seized, BOB, False)


def test_half_of_the_debt_for_a_tokens(market: Market) -> None:
    seized, fee = _seizure(market, HALF, 1_800 * DOLLAR)
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        _call(market, receive_a_token=True)
    assert seen == {
        "USDC.balances[bob]": -HALF,
        "USDC.balances[aUSDC]": HALF,
        **spent(market, "USDC", "bob", HALF),
        "debtUSDC.scaled_balances[alice]": -HALF,
        "debtUSDC.scaled_supply": -HALF,
        "pool.reserves[USDC].virtual_underlying_balance": HALF,
        **rate_changes(market, "USDC", rates, debt=HALF, liquidity=85_000 * USDC + HALF),
        "aWETH.scaled_balances[alice]": -seized - fee,
        "aWETH.scaled_balances[bob]": seized,
        "aWETH.scaled_balances[treasury]": fee,
        "aWETH.previous_indexes[bob]": RAY,
        "aWETH.previous_indexes[treasury]": RAY,
    }
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    assert events_of(market)[-1] == LiquidationCall(weth, usdc, ALICE, HALF, seized, BOB, True)


def test_less_than_allowed(market: Market) -> None:
    seized, fee = _seizure(market, 1_000 * USDC, 1_800 * DOLLAR)
    with changes(market) as seen:
        _call(market, 1_000 * USDC)
    assert seen["USDC.balances[bob]"] == -1_000 * USDC
    assert seen["WETH.balances[bob]"] == seized
    assert seen["aWETH.scaled_balances[treasury]"] == fee


def test_without_a_protocol_fee(market: Market) -> None:
    market.configurator.set_liquidation_protocol_fee(market.asset("WETH"), 0, sender=market.admin)
    seized, fee = _seizure(market, HALF, 1_800 * DOLLAR)
    with changes(market) as seen:
        _call(market)
    assert seen["WETH.balances[bob]"] == seized + fee
    assert "aWETH.scaled_balances[treasury]" not in seen


def test_all_of_the_debt_below_a_health_factor_of_95_per_cent(market: Market) -> None:
    market.set_price("WETH", 1_700 * DOLLAR)  # 17,000 * 82.5 % / 15,000 = 0.935
    with changes(market) as seen:
        _call(market)
    assert seen["USDC.balances[bob]"] == -15_000 * USDC
    assert seen["pool.users_config[alice]"] == -0b100


def test_the_close_factor_counts_the_whole_position(market: Market) -> None:
    """Half of all debt may be repaid in one asset, if it is there that much."""
    market.pool.supply(market.asset("DAI"), 1_000 * WETH, sender=BOB)
    market.set_price("WETH", 2_500 * DOLLAR)
    market.pool.borrow(market.asset("DAI"), 1_000 * WETH, sender=ALICE)
    market.set_price("WETH", 1_900 * DOLLAR)
    with changes(market) as seen:
        _call(market)
    assert seen["USDC.balances[bob]"] == -8_000 * USDC


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_who_and_what_cannot_be_liquidated(market: Market) -> None:
    weth, usdc, dai = market.asset("WETH"), market.asset("USDC"), market.asset("DAI")
    call = market.pool.liquidation_call
    refused(market, errors.SelfLiquidation, lambda: _call(market, sender=ALICE))
    refused(market, errors.HealthFactorNotBelowThreshold, lambda: call(usdc, usdc, BOB, 1, sender=CAROL))
    refused(market, errors.HealthFactorNotBelowThreshold, lambda: call(usdc, usdc, NOBODY, 1, sender=CAROL))
    refused(market, errors.CollateralCannotBeLiquidated, lambda: call(usdc, usdc, ALICE, 1, sender=CAROL))
    refused(market, errors.SpecifiedCurrencyNotBorrowedByUser, lambda: call(weth, dai, ALICE, 1, sender=CAROL))
    refused(market, Revert, lambda: call(NOBODY, usdc, ALICE, 1, sender=CAROL))
    refused(market, Revert, lambda: call(weth, NOBODY, ALICE, 1, sender=CAROL))
    refused(market, Revert, lambda: _call(market, 0))
    market.set_price("WETH", 2_000 * DOLLAR)
    refused(market, errors.HealthFactorNotBelowThreshold, lambda: _call(market))


@pytest.mark.parametrize("symbol", ["WETH", "USDC"])
def test_not_while_paused_nor_in_the_grace_period(market: Market, symbol: str) -> None:
    configurator, admin, asset = market.configurator, market.admin, market.asset(symbol)
    configurator.set_reserve_pause(asset, True, sender=admin)
    refused(market, errors.ReservePaused, lambda: _call(market))
    configurator.set_reserve_pause(asset, False, 100, sender=admin)
    until = market.chain.time + 100
    assert market.pool.get_liquidation_grace_period(asset) == until
    refused(market, errors.LiquidationGraceSentinelCheckFailed, lambda: _call(market))
    market.chain.set_time(until)
    refused(market, errors.LiquidationGraceSentinelCheckFailed, lambda: _call(market))
    snapshot = market.chain.snapshot()
    market.chain.advance(1)
    _call(market)
    market.chain.revert_to(snapshot)
    configurator.disable_liquidation_grace_period(asset, sender=admin)
    _call(market)


def test_frozen_reserves_are_still_liquidated(market: Market) -> None:
    for symbol in ("WETH", "USDC"):
        market.configurator.set_reserve_freeze(market.asset(symbol), True, sender=market.admin)
    _call(market)


def test_a_liquidator_without_money_or_allowance(market: Market) -> None:
    refused(market, Revert, lambda: _call(market, sender=NOBODY))


def test_dust_may_not_be_left(market: Market) -> None:
    """What is left of debt and collateral is nothing, or at least 1,000 dollars."""
    market.set_price("WETH", 1_700 * DOLLAR)
    refused(market, errors.MustNotLeaveDust, lambda: _call(market, 14_000 * USDC + 1))
    snapshot = market.chain.snapshot()
    _call(market, 14_000 * USDC)
    market.chain.revert_to(snapshot)
    _call(market, 15_000 * USDC)


def test_small_positions_are_liquidated_whole(market: Market) -> None:
    market.set_price("WETH", 2_000 * DOLLAR)
    pool, usdc = market.pool, market.asset("USDC")
    pool.supply(market.asset("WETH"), WETH, sender=DAVE)
    pool.borrow(usdc, 1_600 * USDC, sender=DAVE)
    market.set_price("WETH", 1_900 * DOLLAR)  # 0.979
    with changes(market) as seen:
        pool.liquidation_call(market.asset("WETH"), usdc, DAVE, MAX, sender=BOB)
    assert seen["USDC.balances[bob]"] == -1_600 * USDC


# --- bad debt ---------------------------------------------------------------------------------------------------------


def _underwater(market: Market) -> None:
    """Ten WETH worth a hundred dollars each, against 15,000 USDC and 300 DAI."""
    market.set_price("WETH", 2_500 * DOLLAR)
    market.pool.supply(market.asset("DAI"), 1_000 * WETH, sender=BOB)
    market.pool.borrow(market.asset("DAI"), 300 * WETH, sender=ALICE)
    market.set_price("WETH", 100 * DOLLAR)


def test_bad_debt_becomes_a_deficit_in_every_reserve(market: Market) -> None:
    _underwater(market)
    weth, usdc, dai = market.asset("WETH"), market.asset("USDC"), market.asset("DAI")
    # The debt that ten WETH cover: their value over 105 per cent, rounded up.
    covered = ceil(Fraction(1_000 * USDC * 10_000, 10_500))
    _, fee = _split(market, 10 * WETH)
    deficit = 15_000 * USDC - covered
    rates = rates_of(market, "USDC"), rates_of(market, "DAI")
    with changes(market) as seen:
        _call(market)
    liquidity = 85_000 * USDC + covered
    assert seen == {
        "USDC.balances[bob]": -covered,
        "USDC.balances[aUSDC]": covered,
        **spent(market, "USDC", "bob", covered),
        "debtUSDC.scaled_balances[alice]": -15_000 * USDC,
        "debtUSDC.scaled_supply": -15_000 * USDC,
        "debtDAI.scaled_balances[alice]": -300 * WETH,
        "debtDAI.scaled_supply": -300 * WETH,
        "pool.reserves[USDC].deficit": deficit,
        "pool.reserves[DAI].deficit": 300 * WETH,
        "pool.reserves[USDC].virtual_underlying_balance": covered,
        **rate_changes(market, "USDC", rates[0], debt=0, liquidity=liquidity),
        **rate_changes(market, "DAI", rates[1], debt=0, liquidity=700 * WETH),
        "WETH.balances[aWETH]": -10 * WETH + fee,
        "WETH.balances[bob]": 10 * WETH - fee,
        "pool.reserves[WETH].virtual_underlying_balance": -10 * WETH + fee,
        "aWETH.scaled_balances[alice]": -10 * WETH,
        "aWETH.scaled_balances[treasury]": fee,
        "aWETH.previous_indexes[treasury]": RAY,
        "aWETH.scaled_supply": -10 * WETH + fee,
        "pool.users_config[alice]": -0b010110,
    }
    events = events_of(market)
    assert ReserveUsedAsCollateralDisabled(weth, ALICE) in events
    assert [event for event in events if isinstance(event, DeficitCreated)] == [
        DeficitCreated(ALICE, usdc, deficit),
        DeficitCreated(ALICE, dai, 300 * WETH),
    ]
    assert market.pool.get_reserve_deficit(usdc) == deficit


def test_bad_debt_is_burnt_in_paused_and_frozen_reserves_too(market: Market) -> None:
    _underwater(market)
    market.configurator.set_reserve_pause(market.asset("DAI"), True, sender=market.admin)
    market.configurator.set_reserve_freeze(market.asset("DAI"), True, sender=market.admin)
    with changes(market) as seen:
        _call(market)
    assert seen["pool.reserves[DAI].deficit"] == 300 * WETH


def test_no_bad_debt_while_other_collateral_is_left(market: Market) -> None:
    market.pool.supply(market.asset("DAI"), WETH, sender=ALICE)  # a dollar
    market.set_price("WETH", 100 * DOLLAR)
    with changes(market) as seen:
        _call(market)
    assert "pool.reserves[USDC].deficit" not in seen
    assert seen["pool.users_config[alice]"] == -0b10
    assert market.debt_token("USDC").scaled_balances[ALICE] > 0


def _with_deficit(market: Market) -> int:
    _underwater(market)
    _call(market)
    market.pool.supply(market.asset("USDC"), 20_000 * USDC, market.umbrella, sender=BOB)
    return market.pool.get_reserve_deficit(market.asset("USDC"))


def test_a_deficit_is_covered_by_burning_the_umbrellas_a_tokens(market: Market) -> None:
    deficit = _with_deficit(market)
    usdc = market.asset("USDC")
    with changes(market) as seen:
        assert market.pool.eliminate_reserve_deficit(usdc, 1_000 * USDC, sender=market.umbrella) == 1_000 * USDC
    assert seen == {
        "aUSDC.scaled_balances[umbrella]": -1_000 * USDC,
        "aUSDC.scaled_supply": -1_000 * USDC,
        "pool.reserves[USDC].deficit": -1_000 * USDC,
    }
    assert events_of(market)[-1] == DeficitCovered(usdc, market.umbrella, 1_000 * USDC)
    assert market.pool.eliminate_reserve_deficit(usdc, MAX, sender=market.umbrella) == deficit - 1_000 * USDC
    assert market.pool.get_reserve_deficit(usdc) == 0


def test_covers_that_are_refused(market: Market) -> None:
    _with_deficit(market)
    usdc, pool, umbrella = market.asset("USDC"), market.pool, market.umbrella
    cover = pool.eliminate_reserve_deficit
    refused(market, errors.CallerNotUmbrella, lambda: cover(usdc, 1, sender=ALICE))
    refused(market, errors.InvalidAmount, lambda: cover(usdc, 0, sender=umbrella))
    refused(market, errors.ReserveNotInDeficit, lambda: cover(market.asset("WETH"), 1, sender=umbrella))
    refused(market, errors.ReserveNotInDeficit, lambda: cover(NOBODY, 1, sender=umbrella))
    refused(market, errors.NotEnoughAvailableUserBalance, lambda: cover(market.asset("DAI"), 1, sender=umbrella))
    pool.borrow(market.asset("DAI"), WETH, sender=umbrella)
    refused(market, errors.UserCannotHaveDebt, lambda: cover(usdc, 1, sender=umbrella))


def test_a_deficit_lowers_only_the_lenders_rate(market: Market) -> None:
    deficit = _with_deficit(market)
    usdc = market.asset("USDC")
    market.set_price("WETH", 2_000 * DOLLAR)
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=DAVE)
    market.pool.borrow(usdc, 10_000 * USDC, sender=DAVE)
    liquidity = market.pool.get_virtual_underlying_balance(usdc)
    with_deficit = reference_rates(10_000 * USDC, liquidity, deficit)
    without = reference_rates(10_000 * USDC, liquidity)
    assert rates_of(market, "USDC") == with_deficit
    assert with_deficit[0] < without[0]
    assert with_deficit[1] == without[1]


# --- same asset -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("receive_a_token", [False, True])
@pytest.mark.parametrize("revision", MODERN)
def test_debt_and_collateral_in_the_same_asset(revision: str, receive_a_token: bool) -> None:
    market = fresh(revision)
    pool, weth = market.pool, market.asset("WETH")
    pool.supply(weth, 100 * WETH, sender=ALICE)
    pool.supply(weth, 100 * WETH, sender=DAVE)  # the collateral is paid out before the debt comes in
    pool.borrow(weth, 80 * WETH, sender=ALICE)
    market.configurator.configure_reserve_as_collateral(weth, 7_000, 7_900, 10_500, sender=market.admin)
    repaid = 40 * WETH  # half, at a health factor of 0.9875
    with_bonus = 42 * WETH
    fee = with_bonus // 21 // 10
    rates = rates_of(market, "WETH")
    with changes(market) as seen:
        pool.liquidation_call(weth, weth, ALICE, MAX, receive_a_token, sender=BOB)
    paid = 0 if receive_a_token else with_bonus - fee
    expected = {
        "WETH.balances[bob]": paid - repaid,
        "WETH.balances[aWETH]": repaid - paid,
        **spent(market, "WETH", "bob", repaid),
        "debtWETH.scaled_balances[alice]": -repaid,
        "debtWETH.scaled_supply": -repaid,
        "pool.reserves[WETH].virtual_underlying_balance": repaid - paid,
        "aWETH.scaled_balances[alice]": -with_bonus,
        "aWETH.scaled_balances[treasury]": fee,
        "aWETH.previous_indexes[treasury]": RAY,
        **rate_changes(market, "WETH", rates, debt=40 * WETH, liquidity=120 * WETH + repaid - paid),
    }
    if receive_a_token:
        expected |= {"aWETH.scaled_balances[bob]": with_bonus - fee, "aWETH.previous_indexes[bob]": RAY}
    else:
        expected["aWETH.scaled_supply"] = -paid
    assert seen == expected
