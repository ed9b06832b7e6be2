"""The optimal repayment of a published study, found by the searching liquidator on the releases that it fits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from pooltwin.protocol import Market, named_address
from pooltwin.protocol.models import MarketConfig, RateParameters, ReserveConfig
from pooltwin.scenarios.agents import two_calls
from pooltwin.scenarios.agents.amount_search import Cost, best_amount
from pooltwin.scenarios.agents.liquidation_terms import LiquidationTerms
from pooltwin.scenarios.agents.liquidators import Liquidator
from pooltwin.scenarios.agents.two_calls import TwoCalls, best_two_calls, closed_form, largest_first_call
from pooltwin.scenarios.engine.world import World

BORROWER, LENDER = named_address("borrower"), named_address("lender")
DAI, USDC, DOLLAR = 10**18, 10**6, 10**8
DAI_PRICE = 109_529_900
"""1.095299 dollars: a replay of block 11,333,037, in which the study's account was liquidated."""
SHORTFALL = Fraction("61726.55")
"""Dollars: the account's debt less its weighted collateral at that price."""
CRITICAL_PRICE = Fraction("1.0900830057705377")
THRESHOLD, BONUS = Fraction(75, 100), Fraction(108, 100)
FIRST_REPAID, FIRST_RECEIVED = Fraction("296609.9"), Fraction("320338.7")
"""DAI that the study's first call repays, and DAI's worth that it receives, to a tenth."""
GAIN = 11_864
"""DAI that two calls bring more than one."""

OLD_CLOSE_FACTOR = ["3.0.2", "3.2"]
"""Releases on which a call repays at most half of a debt, as in the study."""


def the_study(revision: str) -> tuple[Market, LiquidationTerms]:
    """Bring about the study's account: one stable collateral, DAI that grew dear."""
    usual = {
        "rates": RateParameters(optimal_usage_bps=8_000, base_rate_bps=0, slope1_bps=400, slope2_bps=6_000),
        "ltv_bps": 7_500,
        "liquidation_threshold_bps": 7_500,
        "liquidation_bonus_bps": 10_800,
    }
    market = Market.deploy(
        MarketConfig(
            name="study",
            revision=revision,
            reserves=(
                ReserveConfig(symbol="DAI", decimals=18, price=DOLLAR, **usual),
                ReserveConfig(symbol="USDC", decimals=6, price=DOLLAR, **usual),
            ),
        )
    )
    price = Fraction(DAI_PRICE, DOLLAR)
    owed = int(SHORTFALL / (price - CRITICAL_PRICE) * DAI)
    collateral = int((Fraction(owed, DAI) * price - SHORTFALL) / THRESHOLD * USDC)
    for who, symbol, amount in ((LENDER, "DAI", 2 * owed), (BORROWER, "USDC", collateral)):
        market.fund(symbol, who, amount)
        market.pool.supply(market.asset(symbol), amount, sender=who)
    market.pool.borrow(market.asset("DAI"), owed, sender=BORROWER)
    market.set_price("DAI", DAI_PRICE)
    return market, LiquidationTerms(market, BORROWER, "USDC", "DAI")


def in_dai(usdc: int) -> Fraction:
    return Fraction(usdc, USDC) * DOLLAR / DAI_PRICE


def two_calls_at_par(market: Market, terms: LiquidationTerms) -> TwoCalls:
    cost = Cost(lambda amount: Fraction(amount * DAI_PRICE, DAI * DOLLAR), Fraction(DAI_PRICE, DAI * DOLLAR))
    planned = best_two_calls(market, terms, lambda amount: Fraction(amount, USDC), cost)
    assert planned is not None
    return planned


@pytest.mark.parametrize("revision", OLD_CLOSE_FACTOR)
def test_the_first_of_two_calls_is_the_one_of_the_study(revision: str) -> None:
    market, terms = the_study(revision)
    digest = market.chain.digest()
    planned = two_calls_at_par(market, terms)
    assert round(Fraction(planned.first.repaid, DAI), 1) == FIRST_REPAID
    assert round(in_dai(planned.first.received), 1) == FIRST_RECEIVED
    formula = closed_form(SHORTFALL, THRESHOLD, BONUS)
    assert formula is not None
    unit_of_collateral = Fraction(1, USDC) / BONUS
    assert abs(Fraction(planned.first.repaid * DAI_PRICE, DAI * DOLLAR) - formula) <= 4 * unit_of_collateral
    assert market.chain.digest() == digest, "planning leaves the market as it was"


@pytest.mark.parametrize("revision", OLD_CLOSE_FACTOR)
def test_two_calls_bring_more_than_one_by_what_the_study_says(revision: str) -> None:
    market, terms = the_study(revision)
    planned = two_calls_at_par(market, terms)
    assert terms.closable == (terms.owed + 1) // 2
    second_closable = (terms.owed - planned.first.repaid + 1) // 2
    assert abs(planned.second.seizure.repaid - second_closable) <= 1
    price = Fraction(DAI_PRICE, DOLLAR)
    one = best_amount(
        terms, lambda amount: Fraction(amount, USDC), Cost(lambda amount: amount * price / DAI, price / DAI)
    )
    assert one is not None
    assert round((planned.profit - one.profit) / price) == GAIN


@pytest.mark.parametrize("revision", OLD_CLOSE_FACTOR)
@pytest.mark.parametrize(("strategy", "calls"), [("one call", 1), ("two calls", 2)])
def test_the_liquidator_makes_the_calls_of_its_strategy(strategy: str, calls: int, revision: str) -> None:
    market, _ = the_study(revision)
    settings = {"funding": "unlimited", "gas_usd": Decimal(0), "latency_blocks": 0}
    world = World(market, agents=[Liquidator(name="liquidator", strategy=strategy, **settings)])
    world.run_to(world.first_block)
    made = [call.value for call in world.record.calls if call.function == "liquidate"]
    note = world.record.notes("liquidation")[0]
    assert note.figures["calls"] == calls
    if calls == 2:
        assert round(Fraction(made[0].repaid, DAI), 1) == FIRST_REPAID
        assert round(in_dai(made[0].received), 1) == FIRST_RECEIVED
    assert sum(call.repaid for call in made[:calls]) == note.figures["repaid"]


@pytest.mark.parametrize("revision", OLD_CLOSE_FACTOR)
def test_one_unit_more_would_heal_the_account(revision: str) -> None:
    market, terms = the_study(revision)
    first = largest_first_call(market, terms, terms.owed)
    health = [market.liquidation(BORROWER, "USDC", "DAI", amount).after for amount in (first, first + 1)]
    assert [after is not None and after.health_factor < 10**18 for after in health] == [True, False]


def test_no_first_call_is_larger_than_the_capital() -> None:
    market, terms = the_study("3.2")
    assert largest_first_call(market, terms, 1_000 * DAI) == 1_000 * DAI


def test_a_first_call_that_heals_leaves_no_second(monkeypatch: pytest.MonkeyPatch) -> None:
    market, terms = the_study("3.2")
    monkeypatch.setattr(two_calls, "last", lambda low, high, holds: high)
    assert largest_first_call(market, terms, terms.owed) == terms.closable
    assert best_two_calls(market, terms, Fraction, Cost(Fraction, Fraction(1))) is None


def test_the_formula_knows_when_each_call_makes_matters_worse() -> None:
    assert closed_form(Fraction(100), Fraction(93, 100), BONUS) is None
