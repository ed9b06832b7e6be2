"""Arithmetic of agents: what leads a position to a target, and who comes first into a block."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.scenarios.agents.lottery import order_of_places
from pooltwin.scenarios.agents.targets import (
    addition_for_health,
    borrow_for_health,
    borrow_for_leverage,
    repayment_for_health,
    sale_for_health,
    withdrawable_at_health,
)
from pooltwin.scenarios.draws import Draws

DOLLARS = st.integers(1, 10**12).map(Fraction)
PART = st.integers(1, 99).map(lambda percent: Fraction(percent, 100))
HEALTH = st.integers(101, 300).map(lambda percent: Fraction(percent, 100))


@settings(deadline=None, derandomize=True)
@given(own=DOLLARS, debt=DOLLARS, leverage=st.integers(1, 20).map(Fraction))
def test_borrowing_once_without_slippage_makes_the_leverage(own: Fraction, debt: Fraction, leverage: Fraction) -> None:
    collateral = own + debt
    borrowed = borrow_for_leverage(collateral, debt, leverage)
    assert (collateral + borrowed) / own == leverage


@settings(deadline=None, derandomize=True)
@given(collateral=DOLLARS, debt=DOLLARS, threshold=PART, health=HEALTH, kept=PART)
def test_every_way_to_a_health_factor_ends_there(
    collateral: Fraction, debt: Fraction, threshold: Fraction, health: Fraction, kept: Fraction
) -> None:
    weighted = collateral * threshold
    borrowed = borrow_for_health(weighted, debt, threshold, health)
    assert borrowed is not None
    assert weighted + borrowed * threshold == health * (debt + borrowed)
    assert weighted == health * (debt - repayment_for_health(weighted, debt, health))
    added = addition_for_health(weighted, debt, threshold, health)
    assert added is not None
    assert weighted + added * threshold == health * debt
    left = withdrawable_at_health(weighted, debt, threshold, health)
    assert left is not None
    assert weighted - left * threshold == health * debt
    sold = sale_for_health(weighted, debt, threshold, health, kept)
    if sold is not None:
        assert weighted - sold * threshold == health * (debt - sold * kept)


def test_selling_does_not_help_where_the_venue_pays_less_than_the_threshold_counts() -> None:
    weighted, debt, threshold = Fraction(83), Fraction(90), Fraction(83, 100)
    assert sale_for_health(weighted, debt, threshold, Fraction(1), Fraction(84, 100)) is not None
    assert sale_for_health(weighted, debt, threshold, Fraction(1), Fraction(83, 100)) is None


def test_no_loop_leads_below_the_threshold_and_no_asset_without_one_helps() -> None:
    assert borrow_for_health(Fraction(80), Fraction(10), Fraction(8, 10), Fraction(8, 10)) is None
    assert addition_for_health(Fraction(80), Fraction(90), Fraction(0), Fraction(1)) is None
    assert withdrawable_at_health(Fraction(80), Fraction(0), Fraction(8, 10), Fraction(1)) is None


@settings(deadline=None, derandomize=True)
@given(bids=st.lists(st.integers(0, 10**12), max_size=8), seed=st.integers(0, 10**6))
def test_everybody_has_one_place_and_who_bids_nothing_comes_last(bids: list[int], seed: int) -> None:
    order = order_of_places(bids, Draws(seed, "lottery"))
    assert sorted(order) == list(range(len(bids)))
    bidding = [bids[place] > 0 for place in order]
    assert bidding == sorted(bidding, reverse=True)
    assert order == order_of_places(bids, Draws(seed, "lottery"))


def test_who_bids_three_times_as_much_comes_first_three_times_as_often() -> None:
    draws = Draws(1, "lottery")
    firsts = Counter(order_of_places([1, 3], draws)[0] for _ in range(4_000))
    assert 2_850 < firsts[1] < 3_150
    firsts = Counter(order_of_places([0, 0], draws)[0] for _ in range(4_000))
    assert 1_850 < firsts[0] < 2_150


def test_a_bid_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="no bid is below zero, but one is -2"):
        order_of_places([1, -2], Draws(1, "lottery"))
