"""Supplying, withdrawing, borrowing and repaying: the whole world before and after."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import example, given
from pooltwin.protocol import errors
from pooltwin.protocol.errors import EmptyRevert, ErrorString, Panic, Revert
from pooltwin.protocol.events import (
    Borrow,
    Burn,
    Mint,
    Repay,
    ReserveDataUpdated,
    ReserveUsedAsCollateralDisabled,
    ReserveUsedAsCollateralEnabled,
    Supply,
    Transfer,
    Withdraw,
)
from pooltwin.protocol.market import Market

from .numbers import uints
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
    WBTC,
    WETH,
    ZERO,
    changes,
    events_of,
    fresh,
    half_up,
    has_modern_test_token,
    lived_in,
    rate_changes,
    rates_of,
    reference_rates,
    refused,
    spent,
)


@pytest.fixture(params=MODERN)
def market(request: Any) -> Market:
    """Everybody has a million of everything and nobody has done anything."""
    return fresh(request.param)


# --- supply -----------------------------------------------------------------------------------------------------------


def test_supply(market: Market) -> None:
    weth, amount = market.asset("WETH"), 10 * WETH
    with changes(market) as seen:
        market.pool.supply(weth, amount, sender=ALICE)
    assert seen == {
        "WETH.balances[alice]": -amount,
        "WETH.balances[aWETH]": amount,
        **spent(market, "WETH", "alice", amount),
        "aWETH.scaled_balances[alice]": amount,
        "aWETH.previous_indexes[alice]": RAY,
        "aWETH.scaled_supply": amount,
        "pool.reserves[WETH].virtual_underlying_balance": amount,
        "pool.users_config[alice]": 0b10,
    }
    a_token = market.a_token("WETH").address
    assert events_of(market) == [
        ReserveDataUpdated(weth, 0, 0, RAY // 100, RAY, RAY),
        Transfer(ALICE, a_token, amount),
        Transfer(ZERO, ALICE, amount),
        Mint(ALICE, ALICE, amount, 0, RAY),
        ReserveUsedAsCollateralEnabled(weth, ALICE),
        Supply(weth, ALICE, ALICE, amount, 0),
    ]


def test_supply_for_somebody_else(market: Market) -> None:
    with changes(market) as seen:
        market.pool.supply(market.asset("USDC"), 5 * USDC, BOB, 9, sender=ALICE)
    assert seen == {
        "USDC.balances[alice]": -5 * USDC,
        "USDC.balances[aUSDC]": 5 * USDC,
        **spent(market, "USDC", "alice", 5 * USDC),
        "aUSDC.scaled_balances[bob]": 5 * USDC,
        "aUSDC.previous_indexes[bob]": RAY,
        "aUSDC.scaled_supply": 5 * USDC,
        "pool.reserves[USDC].virtual_underlying_balance": 5 * USDC,
        "pool.users_config[bob]": 0b1000,
    }


def test_a_second_supply_does_not_enable_collateral_again(market: Market) -> None:
    weth = market.asset("WETH")
    market.pool.supply(weth, WETH, sender=ALICE)
    market.pool.set_user_use_reserve_as_collateral(weth, False, sender=ALICE)
    with changes(market) as seen:
        market.pool.supply(weth, WETH, sender=ALICE)
    assert "pool.users_config[alice]" not in seen


def test_supply_that_is_refused(market: Market) -> None:
    weth, pool = market.asset("WETH"), market.pool
    refused(market, errors.InvalidAmount, lambda: pool.supply(weth, 0, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.supply(NOBODY, 1, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.supply(ZERO, 1, sender=ALICE))
    refused(market, errors.SupplyToAToken, lambda: pool.supply(weth, 1, market.a_token("WETH").address, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.supply(weth, MAX, sender=ALICE))  # amount times a ray overflows
    refused(market, errors.SafeCastOverflowedUintDowncast, lambda: pool.supply(weth, 2**128, sender=ALICE))
    too_poor = errors.ERC20InsufficientBalance if has_modern_test_token(market) else ErrorString
    refused(market, too_poor, lambda: pool.supply(weth, 10**24 + 1, sender=ALICE))
    market.erc20("WETH").approve(pool.address, 5, sender=ALICE)
    too_shy = errors.ERC20InsufficientAllowance if has_modern_test_token(market) else ErrorString
    refused(market, too_shy, lambda: pool.supply(weth, 6, sender=ALICE))


def test_supply_cap_to_the_wei(market: Market) -> None:
    weth, admin = market.asset("WETH"), market.admin
    market.configurator.set_supply_cap(weth, 3, sender=admin)
    refused(market, errors.SupplyCapExceeded, lambda: market.pool.supply(weth, 3 * WETH + 1, sender=ALICE))
    market.pool.supply(weth, 3 * WETH, sender=ALICE)
    refused(market, errors.SupplyCapExceeded, lambda: market.pool.supply(weth, 1, sender=ALICE))


# --- withdraw ---------------------------------------------------------------------------------------------------------


def test_withdraw_everything(market: Market) -> None:
    weth = market.asset("WETH")
    market.pool.supply(weth, 10 * WETH, sender=ALICE)
    with changes(market) as seen:
        assert market.pool.withdraw(weth, MAX, BOB, sender=ALICE) == 10 * WETH
    assert seen == {
        "WETH.balances[aWETH]": -10 * WETH,
        "WETH.balances[bob]": 10 * WETH,
        "aWETH.scaled_balances[alice]": -10 * WETH,
        "aWETH.scaled_supply": -10 * WETH,
        "pool.reserves[WETH].virtual_underlying_balance": -10 * WETH,
        "pool.users_config[alice]": -0b10,
    }
    a_token = market.a_token("WETH").address
    assert events_of(market) == [
        ReserveDataUpdated(weth, 0, 0, RAY // 100, RAY, RAY),
        Transfer(ALICE, ZERO, 10 * WETH),
        Burn(ALICE, BOB, 10 * WETH, 0, RAY),
        Transfer(a_token, BOB, 10 * WETH),
        ReserveUsedAsCollateralDisabled(weth, ALICE),
        Withdraw(weth, ALICE, BOB, 10 * WETH),
    ]


def test_withdraw_that_is_refused(market: Market) -> None:
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    refused(market, errors.InvalidAmount, lambda: pool.withdraw(weth, MAX, sender=ALICE))  # nothing to withdraw
    pool.supply(weth, 10 * WETH, sender=ALICE)
    pool.supply(usdc, 100_000 * USDC, sender=BOB)
    refused(market, errors.InvalidAmount, lambda: pool.withdraw(weth, 0, sender=ALICE))
    refused(market, errors.NotEnoughAvailableUserBalance, lambda: pool.withdraw(weth, 10 * WETH + 1, sender=ALICE))
    refused(
        market, errors.WithdrawToAToken, lambda: pool.withdraw(weth, 1, market.a_token("WETH").address, sender=ALICE)
    )
    refused(market, EmptyRevert, lambda: pool.withdraw(weth, 2**255, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.withdraw(NOBODY, 1, sender=ALICE))
    pool.borrow(usdc, 15_000 * USDC, sender=ALICE)
    unhealthy = errors.HealthFactorLowerThanLiquidationThreshold
    refused(market, unhealthy, lambda: pool.withdraw(weth, 5 * WETH, sender=ALICE))
    refused(market, unhealthy, lambda: pool.withdraw(weth, MAX, sender=ALICE))


def test_withdrawing_more_liquidity_than_there_is_panics(market: Market) -> None:
    pool, usdc = market.pool, market.asset("USDC")
    pool.supply(usdc, 100 * USDC, sender=BOB)
    pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    pool.borrow(usdc, 60 * USDC, sender=ALICE)
    refused(market, Panic, lambda: pool.withdraw(usdc, 41 * USDC, sender=BOB))
    pool.withdraw(usdc, 40 * USDC, sender=BOB)
    assert market.pool.get_virtual_underlying_balance(usdc) == 0


def test_donations_are_no_liquidity(market: Market) -> None:
    pool, usdc = market.pool, market.asset("USDC")
    pool.supply(usdc, 100 * USDC, sender=BOB)
    pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    pool.borrow(usdc, 60 * USDC, sender=ALICE)
    market.erc20("USDC").transfer(market.a_token("USDC").address, 1_000 * USDC, sender=CAROL)
    refused(market, Panic, lambda: pool.withdraw(usdc, 41 * USDC, sender=BOB))


# --- borrow and repay -------------------------------------------------------------------------------------------------


def _borrower(market: Market) -> None:
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 100_000 * USDC, sender=BOB)


def test_borrow(market: Market) -> None:
    _borrower(market)
    usdc, amount = market.asset("USDC"), 10_000 * USDC
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        market.pool.borrow(usdc, amount, sender=ALICE)
    assert seen == {
        "USDC.balances[aUSDC]": -amount,
        "USDC.balances[alice]": amount,
        "debtUSDC.scaled_balances[alice]": amount,
        "debtUSDC.previous_indexes[alice]": RAY,
        "debtUSDC.scaled_supply": amount,
        "pool.reserves[USDC].virtual_underlying_balance": -amount,
        "pool.users_config[alice]": 0b100,
        **rate_changes(market, "USDC", rates, debt=amount, liquidity=90_000 * USDC),
    }
    liquidity_rate, borrow_rate = reference_rates(amount, 90_000 * USDC)
    assert events_of(market) == [
        Transfer(ZERO, ALICE, amount),
        Mint(ALICE, ALICE, amount, 0, RAY),
        ReserveDataUpdated(usdc, liquidity_rate, 0, borrow_rate, RAY, RAY),
        Transfer(market.a_token("USDC").address, ALICE, amount),
        Borrow(usdc, ALICE, ALICE, amount, 2, borrow_rate, 0),
    ]


def test_borrow_that_is_refused(market: Market) -> None:
    _borrower(market)
    usdc, pool = market.asset("USDC"), market.pool
    limit = 16_000 * USDC  # 10 WETH at 2000 lend 80 per cent
    refused(market, errors.CollateralCannotCoverNewBorrow, lambda: pool.borrow(usdc, limit + 1, sender=ALICE))
    refused(market, errors.InvalidAmount, lambda: pool.borrow(usdc, 0, sender=ALICE))
    refused(market, errors.InvalidAmount, lambda: pool.borrow(usdc, 100_000 * USDC + 1, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.borrow(usdc, MAX, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.borrow(NOBODY, 1, sender=ALICE))
    no_such_rate = errors.InvalidInterestRateModeSelected
    refused(market, no_such_rate, lambda: pool.borrow(usdc, 1, 0, sender=ALICE))
    refused(market, no_such_rate, lambda: pool.borrow(usdc, 1, 1, sender=ALICE))
    refused(market, Panic, lambda: pool.borrow(usdc, 1, 3, sender=ALICE))
    refused(market, errors.LtvValidationFailed, lambda: pool.borrow(usdc, 1, sender=CAROL))
    refused(market, errors.InsufficientBorrowAllowance, lambda: pool.borrow(usdc, 1, 2, 0, ALICE, sender=CAROL))
    pool.borrow(usdc, limit, sender=ALICE)
    refused(market, errors.CollateralCannotCoverNewBorrow, lambda: pool.borrow(usdc, 1, sender=ALICE))


def test_borrow_cap_to_the_unit(market: Market) -> None:
    _borrower(market)
    usdc = market.asset("USDC")
    market.configurator.set_borrow_cap(usdc, 100, sender=market.admin)
    refused(market, errors.BorrowCapExceeded, lambda: market.pool.borrow(usdc, 100 * USDC + 1, sender=ALICE))
    market.pool.borrow(usdc, 100 * USDC, sender=ALICE)
    refused(market, errors.BorrowCapExceeded, lambda: market.pool.borrow(usdc, 1, sender=ALICE))


def test_borrowing_for_somebody_spends_a_delegation(market: Market) -> None:
    _borrower(market)
    usdc, debt = market.asset("USDC"), market.debt_token("USDC")
    debt.approve_delegation(CAROL, 700 * USDC, sender=ALICE)
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        market.pool.borrow(usdc, 500 * USDC, 2, 0, ALICE, sender=CAROL)
    assert seen == {
        "USDC.balances[aUSDC]": -500 * USDC,
        "USDC.balances[carol]": 500 * USDC,
        "debtUSDC.borrow_allowances[alice, carol]": -500 * USDC,
        "debtUSDC.scaled_balances[alice]": 500 * USDC,
        "debtUSDC.previous_indexes[alice]": RAY,
        "debtUSDC.scaled_supply": 500 * USDC,
        "pool.reserves[USDC].virtual_underlying_balance": -500 * USDC,
        "pool.users_config[alice]": 0b100,
        **rate_changes(market, "USDC", rates, debt=500 * USDC, liquidity=99_500 * USDC),
    }
    refused(
        market,
        errors.InsufficientBorrowAllowance,
        lambda: market.pool.borrow(usdc, 200 * USDC + 1, 2, 0, ALICE, sender=CAROL),
    )


def test_repay_all(market: Market) -> None:
    _borrower(market)
    usdc, amount = market.asset("USDC"), 10_000 * USDC
    market.pool.borrow(usdc, amount, sender=ALICE)
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        assert market.pool.repay(usdc, MAX, sender=ALICE) == amount
    assert seen == {
        "USDC.balances[alice]": -amount,
        "USDC.balances[aUSDC]": amount,
        **spent(market, "USDC", "alice", amount),
        "debtUSDC.scaled_balances[alice]": -amount,
        "debtUSDC.scaled_supply": -amount,
        "pool.reserves[USDC].virtual_underlying_balance": amount,
        "pool.users_config[alice]": -0b100,
        **rate_changes(market, "USDC", rates, debt=0, liquidity=100_000 * USDC),
    }
    assert events_of(market) == [
        Transfer(ALICE, ZERO, amount),
        Burn(ALICE, ZERO, amount, 0, RAY),
        ReserveDataUpdated(usdc, 0, 0, RAY // 100, RAY, RAY),
        Transfer(ALICE, market.a_token("USDC").address, amount),
        Repay(usdc, ALICE, ALICE, amount, False),
    ]


def test_repay_for_somebody_else_never_more_than_is_owed(market: Market) -> None:
    _borrower(market)
    usdc = market.asset("USDC")
    market.pool.borrow(usdc, 100 * USDC, sender=ALICE)
    with changes(market) as seen:
        assert market.pool.repay(usdc, 500 * USDC, 2, ALICE, sender=DAVE) == 100 * USDC
    assert seen["USDC.balances[dave]"] == -100 * USDC
    assert seen["pool.users_config[alice]"] == -0b100


def test_repay_with_a_tokens(market: Market) -> None:
    _borrower(market)
    usdc = market.asset("USDC")
    market.pool.supply(usdc, 300 * USDC, sender=ALICE)
    market.pool.borrow(usdc, 1_000 * USDC, sender=ALICE)
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        assert market.pool.repay_with_a_tokens(usdc, MAX, sender=ALICE) == 300 * USDC
    assert seen == {
        "aUSDC.scaled_balances[alice]": -300 * USDC,
        "aUSDC.scaled_supply": -300 * USDC,
        "debtUSDC.scaled_balances[alice]": -300 * USDC,
        "debtUSDC.scaled_supply": -300 * USDC,
        "pool.users_config[alice]": -0b1000,  # the supply is gone, the debt is not
        **rate_changes(market, "USDC", rates, debt=700 * USDC, liquidity=99_300 * USDC),
    }
    assert events_of(market)[-1] == Repay(usdc, ALICE, ALICE, 300 * USDC, True)


def test_repay_that_is_refused(market: Market) -> None:
    _borrower(market)
    usdc, pool = market.asset("USDC"), market.pool
    refused(market, errors.NoDebtOfSelectedType, lambda: pool.repay(usdc, 1, sender=ALICE))
    refused(market, errors.NoDebtOfSelectedType, lambda: pool.repay_with_a_tokens(usdc, 1, sender=BOB))
    pool.borrow(usdc, 100 * USDC, sender=ALICE)
    refused(market, errors.InvalidAmount, lambda: pool.repay(usdc, 0, sender=ALICE))
    refused(market, errors.NoExplicitAmountToRepayOnBehalf, lambda: pool.repay(usdc, MAX, 2, ALICE, sender=BOB))
    refused(market, errors.InvalidInterestRateModeSelected, lambda: pool.repay(usdc, 1, 1, sender=ALICE))
    refused(market, Panic, lambda: pool.repay(usdc, 1, 2**256 - 1, sender=ALICE))
    refused(market, Revert, lambda: pool.repay_with_a_tokens(usdc, 1, sender=ALICE))  # she has no aTokens


# --- interest ---------------------------------------------------------------------------------------------------------


def test_a_year_of_interest_to_the_wei(market: Market) -> None:
    """Indexes, the treasury's share and both balances, recomputed with exact rationals."""
    _borrower(market)
    usdc, pool = market.asset("USDC"), market.pool
    pool.borrow(usdc, 16_000 * USDC, sender=ALICE)
    liquidity_rate, borrow_rate = rates_of(market, "USDC")
    year = 31_536_000
    market.chain.advance(year)
    x = borrow_rate  # a whole year's
    debt_index = RAY + x + half_up(Fraction(x * (x // 2 + half_up(Fraction(x * (x // 6), RAY))), RAY))
    index = RAY + liquidity_rate
    assert pool.get_reserve_normalized_income(usdc) == index
    assert pool.get_reserve_normalized_variable_debt(usdc) == debt_index
    assert market.a_token("USDC").balance_of(BOB) == floor(Fraction(100_000 * USDC * index, RAY))
    assert market.debt_token("USDC").balance_of(ALICE) == ceil(Fraction(16_000 * USDC * debt_index, RAY))
    market.pool.repay(usdc, USDC, sender=ALICE)
    interest = floor(Fraction(16_000 * USDC * (debt_index - RAY), RAY))
    share = half_up(Fraction(interest, 10))
    reserve = pool.reserves[usdc]
    assert reserve.accrued_to_treasury == floor(Fraction(share * RAY, index))
    assert (reserve.liquidity_index, reserve.variable_borrow_index) == (index, debt_index)
    treasury = market.a_token("USDC").treasury
    pool.mint_to_treasury([usdc, NOBODY, ZERO], sender=CAROL)
    assert market.a_token("USDC").scaled_balances[treasury] == floor(Fraction(share * RAY, index))
    assert reserve.accrued_to_treasury == 0
    with changes(market) as seen:
        pool.mint_to_treasury([usdc], sender=CAROL)
    assert seen == {}


def test_debt_stands_still_where_nobody_owes(market: Market) -> None:
    _borrower(market)
    usdc, pool = market.asset("USDC"), market.pool
    market.chain.advance(31_536_000)
    assert pool.get_reserve_normalized_variable_debt(usdc) > RAY  # the view projects the base rate
    pool.supply(usdc, USDC, sender=BOB)
    assert pool.reserves[usdc].variable_borrow_index == RAY


@given(amount=uints(10**24))
@example(amount=1)
def test_supply_and_withdraw_never_gain(amount: int) -> None:
    """Whatever the index, a round trip gives back no more than was put in, and at most a unit less."""
    market = lived_in("3.7")
    dai, pool = market.asset("DAI"), market.pool
    had = market.erc20("DAI").balance_of(DAVE)
    try:
        pool.supply(dai, min(amount, had), sender=DAVE)
        pool.withdraw(dai, MAX, sender=DAVE)
    except errors.InvalidAmount:
        assert amount < 2  # worth no share
    assert 0 <= had - market.erc20("DAI").balance_of(DAVE) <= 1


@given(amount=uints(10**22))
@example(amount=1)
def test_borrow_and_repay_never_gain(amount: int) -> None:
    market = lived_in("3.6")
    dai, pool = market.asset("DAI"), market.pool
    pool.supply(market.asset("WETH"), 1_000 * WETH, sender=DAVE)
    had = market.erc20("DAI").balance_of(DAVE)
    if amount == 0:
        return
    pool.borrow(dai, amount, sender=DAVE)
    repaid = pool.repay(dai, MAX, sender=DAVE)
    assert amount <= repaid <= amount + 2
    assert had - market.erc20("DAI").balance_of(DAVE) == repaid - amount


# --- the state of a reserve -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["paused", "inactive", "frozen"])
def test_reserves_that_are_closed(market: Market, how: str) -> None:
    _borrower(market)
    usdc, wbtc, pool, admin = market.asset("USDC"), market.asset("WBTC"), market.pool, market.admin
    pool.borrow(usdc, 100 * USDC, sender=ALICE)
    pool.supply(wbtc, WBTC, sender=ALICE)
    if how == "inactive":
        configuration = (pool.get_configuration(usdc)[0] & ~(1 << 56),)
        pool.set_configuration(usdc, configuration, sender=market.configurator.address)
        error: type[Revert] = errors.ReserveInactive
    elif how == "paused":
        market.configurator.set_reserve_pause(usdc, True, sender=admin)
        error = errors.ReservePaused
    else:
        market.configurator.set_reserve_freeze(usdc, True, sender=admin)
        error = errors.ReserveFrozen
    refused(market, error, lambda: pool.supply(usdc, USDC, sender=BOB))
    refused(market, error, lambda: pool.borrow(usdc, USDC, sender=ALICE))
    if how == "frozen":
        pool.repay(usdc, USDC, sender=ALICE)
        pool.withdraw(usdc, USDC, sender=BOB)
        return
    refused(market, error, lambda: pool.withdraw(usdc, USDC, sender=BOB))
    refused(market, error, lambda: pool.repay(usdc, USDC, sender=ALICE))
    refused(market, error, lambda: pool.set_user_use_reserve_as_collateral(usdc, False, sender=BOB))
    if how == "paused":
        refused(market, error, lambda: market.a_token("USDC").transfer(ALICE, 1, sender=BOB))


def test_borrowing_can_be_switched_off(market: Market) -> None:
    _borrower(market)
    usdc = market.asset("USDC")
    market.configurator.set_reserve_borrowing(usdc, False, sender=market.admin)
    refused(market, errors.BorrowingNotEnabled, lambda: market.pool.borrow(usdc, 1, sender=ALICE))


# --- collateral -------------------------------------------------------------------------------------------------------


def test_collateral_flags(market: Market) -> None:
    _borrower(market)
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    with changes(market) as seen:
        pool.set_user_use_reserve_as_collateral(weth, False, sender=ALICE)
    assert seen == {"pool.users_config[alice]": -0b10}
    with changes(market) as seen:
        pool.set_user_use_reserve_as_collateral(weth, False, sender=ALICE)
    assert seen == {}
    assert events_of(market) == []
    pool.set_user_use_reserve_as_collateral(weth, True, sender=ALICE)
    refused(
        market, errors.UnderlyingBalanceZero, lambda: pool.set_user_use_reserve_as_collateral(usdc, True, sender=ALICE)
    )
    pool.borrow(usdc, USDC, sender=ALICE)
    refused(
        market,
        errors.HealthFactorLowerThanLiquidationThreshold,
        lambda: pool.set_user_use_reserve_as_collateral(weth, False, sender=ALICE),
    )


def test_position_managers(market: Market) -> None:
    _borrower(market)
    weth, pool = market.asset("WETH"), market.pool

    def by_bob() -> None:
        pool.set_user_use_reserve_as_collateral_on_behalf_of(weth, False, ALICE, sender=BOB)

    refused(market, errors.CallerNotPositionManager, by_bob)
    with changes(market) as seen:
        pool.approve_position_manager(BOB, True, sender=ALICE)
    assert seen == {"pool.position_managers[alice, bob]": True}
    assert pool.is_approved_position_manager(ALICE, BOB)
    pool.approve_position_manager(BOB, True, sender=ALICE)
    assert events_of(market) == []
    with changes(market) as seen:
        by_bob()
    assert seen == {"pool.users_config[alice]": -0b10}
    with changes(market) as seen:
        pool.set_user_e_mode_on_behalf_of(1, ALICE, sender=BOB)
    assert seen == {"pool.users_e_mode[alice]": 1}
    pool.renounce_position_manager_role(ALICE, sender=BOB)
    refused(market, errors.CallerNotPositionManager, by_bob)
    refused(market, errors.CallerNotPositionManager, lambda: pool.set_user_e_mode_on_behalf_of(0, ALICE, sender=BOB))


# --- account data -----------------------------------------------------------------------------------------------------


def test_account_data_of_a_simple_position(market: Market) -> None:
    _borrower(market)
    market.pool.supply(market.asset("WBTC"), WBTC, sender=ALICE)
    market.pool.borrow(market.asset("USDC"), 20_000 * USDC, sender=ALICE)
    collateral, debt = 70_000 * DOLLAR, 20_000 * DOLLAR
    weighted = 20_000 * 8_250 + 50_000 * 7_500
    threshold, ltv = weighted // 70_000, (20_000 * 8_000 + 50_000 * 7_000) // 70_000
    data = market.pool.get_user_account_data(ALICE)
    assert data[:5] == (collateral, debt, collateral * ltv // 10_000 - debt, threshold, ltv)
    assert data.health_factor == weighted * 10**18 // 10_000 // 20_000


def test_account_data_of_nobody(market: Market) -> None:
    assert market.pool.get_user_account_data(NOBODY) == (0, 0, 0, 0, 0, MAX)
    assert market.pool.get_user_account_data(ZERO) == (0, 0, 0, 0, 0, MAX)
