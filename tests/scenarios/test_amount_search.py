"""The amount that a liquidator repays: against the pool itself, and against every other amount there is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pooltwin.protocol import Market, named_address
from pooltwin.protocol.models import MarketConfig, RateParameters, ReserveConfig, quiet_about_units
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.scenarios.agents import amount_search
from pooltwin.scenarios.agents.amount_search import Cost, Limits, best_amount
from pooltwin.scenarios.agents.concave import crest, first, reach
from pooltwin.scenarios.agents.liquidation_terms import LiquidationTerms

RATES = RateParameters(optimal_usage_bps=8_000, base_rate_bps=100, slope1_bps=400, slope2_bps=6_000)
BORROWER, LENDER = named_address("borrower"), named_address("lender")
EVERYTHING = 2**256 - 1
WAD = 10**18
ZERO = Fraction(0)


@dataclass(frozen=True)
class Case:
    """A position of few units, each worth dollars, so that every amount can be tried."""

    revision: str
    decimals: tuple[int, int]
    unit_dollars: tuple[int, int]
    bonus_bps: int
    fee_bps: int
    collateral: int
    borrowed_percent: int
    fall_percent: int
    seconds: int


CASES = st.builds(
    Case,
    revision=st.sampled_from(list(REVISIONS)),
    decimals=st.sampled_from([(6, 6), (8, 6), (6, 8), (18, 6), (6, 18)]),
    unit_dollars=st.tuples(st.sampled_from([1, 3, 7, 20]), st.sampled_from([1, 3, 7, 20])),
    bonus_bps=st.sampled_from([10_100, 10_500, 11_000, 12_000]),
    fee_bps=st.sampled_from([0, 1_000, 2_000]),
    collateral=st.integers(50, 900),
    borrowed_percent=st.integers(85, 100),
    fall_percent=st.integers(5, 45),
    seconds=st.sampled_from([0, 100_000, 10**7]),
)


def under_water(case: Case) -> Market:
    """Make a market in which one borrower can be liquidated; leave out cases that lead to none."""
    market = market_of(case)
    assume(market.health_factors(below=WAD))
    return market


def market_of(case: Case) -> Market:
    """Make a market with one borrower, whose collateral has fallen."""
    (collateral_decimals, debt_decimals), (collateral_dollars, debt_dollars) = case.decimals, case.unit_dollars
    price = collateral_dollars * 10 ** (8 + collateral_decimals)
    usual = {
        "rates": RATES,
        "ltv_bps": 7_000,
        "liquidation_threshold_bps": 7_500,
        "liquidation_bonus_bps": case.bonus_bps,
        "liquidation_protocol_fee_bps": case.fee_bps,
    }
    with quiet_about_units():
        collateral = ReserveConfig(symbol="C", decimals=collateral_decimals, price=price, **usual)
        debt = ReserveConfig(
            symbol="D", decimals=debt_decimals, price=debt_dollars * 10 ** (8 + debt_decimals), **usual
        )
        market = Market.deploy(MarketConfig(name="small", revision=case.revision, reserves=(collateral, debt)))
    borrowed = case.collateral * collateral_dollars * 70 * case.borrowed_percent // (100 * 100 * debt_dollars)
    for who, symbol, amount in ((LENDER, "D", 10**6), (BORROWER, "C", case.collateral)):
        market.fund(symbol, who, amount)
        market.pool.supply(market.asset(symbol), amount, sender=who)
    market.pool.borrow(market.asset("D"), max(1, borrowed), sender=BORROWER)
    market.chain.advance(case.seconds)
    market.set_price("C", price * (100 - case.fall_percent) // 100)
    return market


@dataclass(frozen=True)
class Curve:
    """A venue that pays a price which its own sales press: constant product of a depth."""

    price: Fraction
    depth: int

    def __call__(self, amount: int) -> Fraction:
        return self.price * self.depth * amount / (self.depth + amount)


def tried_one_by_one(
    terms: LiquidationTerms, proceeds: Curve, cost: Cost, most_repaid: int, most_received: int
) -> tuple[Fraction, int] | None:
    """Try every amount. Returns the best profit and, negative, the least repayment that brings it."""
    best = None
    for amount in range(1, terms.owed + 2):
        seized = terms.seizure(amount)
        if seized and 0 < seized.repaid <= most_repaid and seized.received <= most_received:
            answer = proceeds(seized.received) - cost.of(seized.repaid), -seized.repaid
            best = answer if best is None else max(best, answer)
    return best


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    case=CASES,
    price_percent=st.integers(50, 110),
    depth=st.sampled_from([200, 2_000, 10**5, 10**12]),
    premium_bps=st.sampled_from([0, 9]),
    limits=st.tuples(st.integers(1, 2_000), st.integers(1, 2_000)),
    looked_at=st.sampled_from([1, 10_000]),
)
def test_no_amount_is_better_than_the_one_found(
    case: Case, price_percent: int, depth: int, premium_bps: int, limits: tuple[int, int], looked_at: int
) -> None:
    market = under_water(case)
    terms = LiquidationTerms(market, BORROWER, "C", "D")
    collateral, debt = (Fraction(dollars) for dollars in case.unit_dollars)
    venue = Curve(collateral * price_percent / 100, depth)
    cost = Cost(
        of=lambda amount: (amount - (-amount * premium_bps // 10_000)) * debt,
        rate=debt * (10_000 + premium_bps) / 10_000,
    )
    found = best_amount(
        terms, venue, cost, Limits(*limits), rather_all=False, looked_at=looked_at, worth_looking_for=ZERO
    )
    best = tried_one_by_one(terms, venue, cost, *limits)
    assert (found is None) == (best is None)
    if found and best:
        assert found.profit <= best[0] <= found.profit + found.slack
        if looked_at > terms.owed:
            assert found.slack == 0
            assert (found.profit, -found.seizure.repaid) == best
        all_of_it = best_amount(terms, venue, cost, Limits(*limits), looked_at=looked_at)
        assert all_of_it is not None
        assert best[0] <= all_of_it.profit + all_of_it.slack
        assert all_of_it == found or all_of_it.is_all


@settings(max_examples=100, deadline=None, derandomize=True)
@given(case=CASES, part=st.fractions(0, 2))
def test_terms_say_what_the_call_does(case: Case, part: Fraction) -> None:
    market = under_water(case)
    terms = LiquidationTerms(market, BORROWER, "C", "D")
    for amount in {1, max(1, int(terms.owed * part)), terms.closable, EVERYTHING}:
        seized, played = terms.seizure(amount), market.liquidation(BORROWER, "C", "D", amount)
        if seized is None:
            assert played.refusal is not None
            assert played.refusal.name == "MustNotLeaveDust"
        elif played.ok:
            assert (seized.repaid, seized.received) == (played.debt_covered, played.collateral_received)
        else:
            assert played.refusal is not None
            assert played.refusal.name == "InvalidBurnAmount"
            assert min(seized.repaid, seized.received) <= 1, "more than a unit is worth a share of a token"


DEEP_FALL = Case("3.7", (6, 6), (20, 1), 10_500, 1_000, 800, 100, 12, 0)


def test_the_check_notices_a_search_that_looks_in_the_wrong_place(monkeypatch: pytest.MonkeyPatch) -> None:
    market = market_of(DEEP_FALL)
    terms = LiquidationTerms(market, BORROWER, "C", "D")
    venue, cost = Curve(Fraction(18), 5_000), Cost(Fraction, Fraction(1))
    best = tried_one_by_one(terms, venue, cost, EVERYTHING, EVERYTHING)
    right = best_amount(terms, venue, cost, looked_at=1)
    monkeypatch.setattr(amount_search, "crest", lambda low, high, value: low)
    wrong = best_amount(terms, venue, cost, looked_at=1)
    assert best is not None
    assert right is not None
    assert wrong is not None
    assert right.profit <= best[0] <= right.profit + right.slack
    assert wrong.profit + wrong.slack < best[0]


def test_a_deep_venue_is_given_everything_and_a_thin_one_nothing_that_pays() -> None:
    market = market_of(DEEP_FALL)
    terms, cost = LiquidationTerms(market, BORROWER, "C", "D"), Cost(Fraction, Fraction(1))
    price = Fraction(market.price_feed("C").answer, 10**14)
    deep = best_amount(terms, lambda amount: amount * price, cost)
    assert deep is not None
    assert deep.is_all
    assert deep.profit > 0
    thin = best_amount(terms, lambda amount: amount * price * 9 / 10, cost)
    assert thin is not None
    assert thin.profit <= 0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(low=st.integers(-50, 50), width=st.integers(0, 100), top=st.integers(-80, 180), level=st.integers(0, 4_000))
def test_searches_in_a_concave_function_agree_with_looking_everywhere(
    low: int, width: int, top: int, level: int
) -> None:
    high = low + width

    def value(number: int) -> Fraction:
        return Fraction(-((number - top) ** 2))

    everywhere = range(low, high + 1)
    highest = crest(low, high, value)
    assert highest == max(everywhere, key=value)
    reached = [number for number in everywhere if value(number) >= value(highest) - level]
    assert reach(low, high, highest, value, value(highest) - level) == (reached[0], reached[-1])
    assert first(low, high, lambda number: number >= top) == min(max(low, top), high + 1)


def test_an_empty_range_has_no_crest() -> None:
    with pytest.raises(ValueError, match="nothing lies from 3 to 2"):
        crest(3, 2, Fraction)
