"""Stable rates of v3.0.2 in the twin alone: what a debt costs, what all of them cost, and what becomes of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from pooltwin.protocol import errors
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import StableRateParameters
from pooltwin.protocol.releases.v3_0_2.events import RebalanceStableBorrowRate, StableBurn, StableMint
from pooltwin.protocol.saved_state import load, save
from pooltwin.protocol.upgrades import UpgradeError, upgrade

from .test_market_of_v3_0_2 import with_reserve
from .worlds import ALICE, BOB, CAROL, DAVE, MAX, RAY, USDC, WBTC, WETH, events_of, lifted, refused

STABLE, VARIABLE = 1, 2
YEAR = 365 * 86_400
RATES = StableRateParameters(
    slope1_bps=50, slope2_bps=7_500, base_offset_bps=100, excess_offset_bps=800, optimal_share_bps=10_000
)


@pytest.fixture
def market() -> Market:
    """Bob lends USDC; Alice, Carol and Dave have collateral of other kinds."""
    market = Market.deploy(with_reserve("3.0.2", "USDC", stable_rates=RATES, stable_borrowing_enabled=True))
    for user in (ALICE, BOB, CAROL, DAVE):
        for symbol in market.assets:
            market.fund(symbol, user, 10**6 * 10 ** market.erc20(symbol).decimals())
    pool = market.pool
    pool.supply(market.asset("USDC"), 400_000 * USDC, sender=BOB)
    for user in (ALICE, CAROL):
        pool.supply(market.asset("WETH"), 1_000 * WETH, sender=user)
    pool.supply(market.asset("WBTC"), 100 * WBTC, sender=DAVE)
    return market


def borrow(market: Market, user: str, amount: int, mode: int = STABLE) -> None:
    market.pool.borrow(market.asset("USDC"), amount * USDC, mode, sender=user)


def near(value: int, exact: Fraction, tolerance: Fraction = Fraction(1, 10**6)) -> bool:
    return abs(value - exact) <= exact * tolerance


def test_a_debt_costs_what_it_did_when_it_was_taken(market: Market) -> None:
    token, usdc = market.stable_debt_token("USDC"), market.asset("USDC")
    borrow(market, ALICE, 50_000)
    first = token.get_user_stable_rate(ALICE)
    assert first == 5 * RAY // 100  # slope 1 of variable rates and the offset
    borrow(market, CAROL, 50_000)
    rate = token.get_user_stable_rate(CAROL)
    assert rate > first
    borrow(market, DAVE, 250_000, VARIABLE)
    market.chain.advance(YEAR)
    assert token.get_user_stable_rate(CAROL) == rate
    grown = Fraction(token.balance_of(CAROL), 50_000 * USDC)
    exact = 1 + Fraction(rate, RAY) + Fraction(rate, RAY) ** 2 / 2 + Fraction(rate, RAY) ** 3 / 6
    assert abs(grown - exact) < Fraction(1, 10**6)
    assert market.data_provider.get_user_reserve_data(usdc, CAROL)[1] == token.balance_of(CAROL)


def test_two_debts_of_one_debtor_cost_their_average(market: Market) -> None:
    token = market.stable_debt_token("USDC")
    borrow(market, CAROL, 10_000)
    borrow(market, ALICE, 30_000)
    first = token.get_user_stable_rate(ALICE)
    borrow(market, DAVE, 200_000, VARIABLE)
    dearer = market.pool.get_reserve_data(market.asset("USDC")).current_stable_borrow_rate
    assert dearer > first
    borrow(market, ALICE, 10_000)
    assert near(token.get_user_stable_rate(ALICE), Fraction(3 * first + dearer, 4))
    weighed = 40_000 * token.get_user_stable_rate(ALICE) + 10_000 * token.get_user_stable_rate(CAROL)
    assert near(token.get_average_stable_rate(), Fraction(weighed, 50_000))


def test_the_treasury_gets_its_share_of_stable_interest(market: Market) -> None:
    usdc, token = market.asset("USDC"), market.stable_debt_token("USDC")
    borrow(market, CAROL, 1)
    borrow(market, ALICE, 90_000)
    market.chain.advance(YEAR)
    interest = token.total_supply() - 90_001 * USDC
    market.pool.supply(usdc, USDC, sender=BOB)
    reserve = market.pool.reserves[usdc]
    accrued = reserve.accrued_to_treasury * reserve.liquidity_index // RAY
    assert near(accrued, Fraction(interest, 10), Fraction(1, 10**4))  # a reserve factor of ten per cent


def test_a_debt_changes_its_kind_and_back(market: Market) -> None:
    usdc, token, variable = market.asset("USDC"), market.stable_debt_token("USDC"), market.debt_token("USDC")
    borrow(market, ALICE, 40_000, VARIABLE)
    market.pool.swap_borrow_rate_mode(usdc, VARIABLE, sender=ALICE)
    assert (token.balance_of(ALICE), variable.balance_of(ALICE)) == (40_000 * USDC, 0)
    market.pool.swap_borrow_rate_mode(usdc, STABLE, sender=ALICE)
    assert (token.balance_of(ALICE), variable.balance_of(ALICE)) == (0, 40_000 * USDC)
    assert token.get_user_last_updated(ALICE) == token.get_user_stable_rate(ALICE) == token.total_supply() == 0
    refused(market, errors.NoOutstandingStableDebt, lambda: market.pool.swap_borrow_rate_mode(usdc, 1, sender=ALICE))


def test_less_than_the_interest_is_repaid(market: Market) -> None:
    borrow(market, CAROL, 10)
    borrow(market, ALICE, 50_000)
    market.chain.advance(YEAR)
    token = market.stable_debt_token("USDC")
    owed = token.balance_of(ALICE)
    market.pool.repay(market.asset("USDC"), 5, STABLE, ALICE, sender=ALICE)
    minted = next(event for event in events_of(market) if isinstance(event, StableMint))
    assert (minted.amount, token.balance_of(ALICE)) == (owed - 50_000 * USDC - 5, owed - 5)
    market.pool.repay(market.asset("USDC"), MAX, STABLE, ALICE, sender=ALICE)
    assert isinstance(next(event for event in events_of(market) if isinstance(event, StableBurn)), StableBurn)
    assert token.balance_of(ALICE) == 0


def test_anybody_rebalances_what_costs_too_little(market: Market) -> None:
    usdc, token = market.asset("USDC"), market.stable_debt_token("USDC")
    for user in (ALICE, CAROL):
        borrow(market, user, 70_000)
    rebalance = market.pool.rebalance_stable_borrow_rate
    refused(market, errors.InterestRateRebalanceConditionsNotMet, lambda: _again(market))
    borrow(market, DAVE, 255_000, VARIABLE)
    cheap = token.get_user_stable_rate(ALICE)
    rebalance(usdc, ALICE, sender=BOB)
    assert RebalanceStableBorrowRate(usdc, ALICE) in events_of(market)
    assert token.get_user_stable_rate(ALICE) > cheap


def _again(market: Market) -> None:
    """Where all stable debt costs what it should."""
    usdc = market.asset("USDC")
    for user in (ALICE, CAROL):
        market.pool.rebalance_stable_borrow_rate(usdc, user, sender=BOB)
        market.pool.rebalance_stable_borrow_rate(usdc, user, sender=BOB)


def test_it_is_not_for_everybody_nor_for_everything(market: Market) -> None:
    pool, usdc, weth = market.pool, market.asset("USDC"), market.asset("WETH")
    refused(market, errors.StableBorrowingNotEnabled, lambda: pool.borrow(weth, WETH, STABLE, sender=DAVE))
    too_much = errors.AmountBiggerThanMaxLoanSizeStable
    refused(market, too_much, lambda: pool.borrow(usdc, 100_000 * USDC + 1, STABLE, sender=ALICE))
    backed = errors.CollateralSameAsBorrowingCurrency
    refused(market, backed, lambda: pool.borrow(usdc, 1_000 * USDC, STABLE, sender=BOB))
    configurator, admin = market.configurator, market.admin
    refused(
        market,
        errors.StableBorrowingEnabled,
        lambda: configurator.set_reserve_borrowing(usdc, False, sender=admin),
    )


def test_states_are_kept(market: Market, tmp_path: Path) -> None:
    borrow(market, ALICE, 50_000)
    borrow(market, CAROL, 20_000)
    market.chain.advance(1_000)
    chain = market.chain
    save(chain, tmp_path / "state.json")
    for copy in (load(tmp_path / "state.json"), lifted(chain), chain.fork()):
        assert copy.digest() == chain.digest()
        assert copy.at(market.stable_debt_token("USDC").address).balance_of(ALICE) > 0


def test_an_upgrade_turns_stable_debts_into_variable_ones(market: Market) -> None:
    token, variable = market.stable_debt_token("USDC"), market.debt_token("USDC")
    for user, amount in ((CAROL, 100), (ALICE, 50_000)):
        borrow(market, user, amount)
    borrow(market, ALICE, 1_000, VARIABLE)
    market.chain.advance(YEAR)
    owed = {user: token.balance_of(user) + variable.balance_of(user) for user in (ALICE, CAROL)}
    upgrade(market, "3.2")
    assert all(abs(market.debt_token("USDC").balance_of(user) - debt) <= 1 for user, debt in owed.items())
    assert {token.scaled_balances[user] for user in owed} == {0}


def test_an_upgrade_refuses_a_stable_debt_that_is_paused(market: Market) -> None:
    borrow(market, ALICE, 50_000)
    market.configurator.set_reserve_pause(market.asset("USDC"), True, sender=market.admin)
    before = market.chain.digest()
    with pytest.raises(UpgradeError, match=f"{ALICE}'s stable debt of .* cannot become variable"):
        upgrade(market, "3.2")
    assert market.chain.digest() == before
