"""Venues: the laws of selling and buying, whatever the curve, the depth and the refill."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol.refusal import MalformedError
from pooltwin.scenarios.venues.venue import NotEnoughDepthError, Venue

from .market_venues import (
    WHOLE,
    amounts,
    configs,
    prices,
    several_of,
    single_configs,
    single_of,
    venue_of,
    venues,
)


def cost_or_none(venue: Venue, amount: int) -> Fraction | None:
    """The cost of an amount, where the venue could ever sell it."""
    try:
        return venue.cost(amount)
    except NotEnoughDepthError:
        return None


# --- selling ----------------------------------------------------------------------------------------------------------


@given(venues, amounts, amounts)
def test_proceeds_rise_with_the_amount_and_each_more_brings_less(venue: Venue, less: int, more: int) -> None:
    less, more = sorted((less, more))
    middle = (less + more) // 2
    worth = [venue.quote(amount) for amount in (less, middle, 2 * middle - less, 2 * middle - less + 1)]
    assert 0 <= worth[0] <= worth[1] <= worth[2] < worth[3]
    assert worth[1] - worth[0] >= worth[2] - worth[1]


@given(venues, amounts, amounts)
def test_two_parts_at_once_bring_the_whole(venue: Venue, one: int, other: int) -> None:
    whole = venue.quote(one + other)
    assert venue.sell(one) + venue.sell(other) == whole


@given(venues, amounts)
def test_a_quote_changes_nothing_and_is_what_the_sale_brings(venue: Venue, amount: int) -> None:
    untouched = copy.deepcopy(venue)
    quoted = venue.quote(amount)
    assert (venue.price(), venue.quote(1)) == (untouched.price(), untouched.quote(1))
    assert venue.sell(amount) == quoted


@given(venues, st.lists(st.tuples(amounts, st.integers(0, 10**5), prices), max_size=5))
def test_a_price_is_never_negative_and_sales_never_raise_it(
    venue: Venue, sales: list[tuple[int, int, Fraction]]
) -> None:
    for amount, seconds, price in sales:
        before = venue.price()
        venue.sell(amount)
        assert 0 < venue.price() <= before
        venue.advance(seconds)
        venue.reprice(price)


@given(configs, prices, amounts)
def test_no_sale_brings_more_than_the_outside_price_and_none_costs_less(
    config: object, price: Fraction, amount: int
) -> None:
    venue = venue_of(config, price)
    assert venue.quote(amount) <= price * Fraction(amount, WHOLE)
    cost = cost_or_none(venue, amount)
    unit = Fraction(amount, 10**36)  # the outside price at which trades are made has 18 decimals
    assert cost is None or cost >= price * Fraction(amount, WHOLE) - unit


def test_a_worthless_asset_brings_nothing() -> None:
    for config in ({"kind": "infinite"}, {"kind": "constant_product", "depth_2pct_usd": 10**6}):
        venue = venue_of(config)
        venue.reprice(Fraction(0))
        assert (venue.price(), venue.sell(10**24), venue.quote(10**24)) == (0, 0, 0)
    assert several_of([{"kind": "infinite"}, {"kind": "infinite"}], Fraction(0)).sell(10**24) == 0


# --- refill -----------------------------------------------------------------------------------------------------------


@given(venues, amounts, st.lists(st.integers(0, 10**5), min_size=1, max_size=5))
def test_a_push_refills_step_by_step_and_never_past_the_outside_price(
    venue: Venue, amount: int, times: list[int]
) -> None:
    outside = venue.price()
    venue.sell(amount)
    at_once = copy.deepcopy(venue)
    for seconds in times:
        before = venue.price()
        venue.advance(seconds)
        assert before <= venue.price() <= outside
    at_once.advance(sum(times))
    assert at_once.price() == venue.price()
    assert at_once.quote(WHOLE) == venue.quote(WHOLE)


@given(single_configs, amounts)
def test_a_half_life_refills_half_of_what_was_sold(config: dict[str, Any], amount: int) -> None:
    venue = single_of({**config, "half_life_s": 600})
    venue.sell(amount)
    sold = venue.pushed
    venue.advance(600)
    assert abs(venue.pushed - sold / 2) <= Fraction(sold, 10**45) + Fraction(1, 10**36)


def test_without_a_half_life_nothing_refills() -> None:
    venue = single_of({"kind": "constant_product", "depth_2pct_usd": 10**6})
    venue.sell(1000 * WHOLE)
    low = venue.price()
    venue.advance(10**9)
    assert venue.price() == low
    assert venue.is_settled


def test_a_venue_settles_when_its_push_no_longer_shows() -> None:
    venue = venue_of({"kind": "constant_product", "depth_2pct_usd": 10**6, "half_life_s": 600})
    assert venue.is_settled
    venue.sell(1000 * WHOLE)
    assert not venue.is_settled
    venue.advance(600 * 40)
    assert venue.is_settled
    assert 2000 - venue.price() < Fraction(1, 10**6)


@given(single_configs, amounts, prices)
def test_the_outside_price_moves_by_itself_and_the_push_stays(config: object, amount: int, price: Fraction) -> None:
    venue = single_of(config)
    venue.sell(amount)
    factor = venue.factor()
    venue.reprice(price)
    assert venue.factor() == factor
    assert venue.price() == price * factor


# --- buying -----------------------------------------------------------------------------------------------------------


@given(venues, amounts, amounts)
def test_cost_rises_with_the_amount_and_each_more_costs_more(venue: Venue, less: int, more: int) -> None:
    less, more = sorted((less, more))
    middle = (less + more) // 2
    worth = [cost_or_none(venue, amount) for amount in (less, middle, 2 * middle - less, 2 * middle - less + 1)]
    known = [each for each in worth if each is not None]
    assert worth == [*known, *[None] * (4 - len(known))]
    assert known == sorted(known)
    if len(known) > 2:
        assert known[1] - known[0] <= known[2] - known[1]


@given(single_configs, prices, amounts, st.integers(0, 10**24))
def test_what_is_sold_is_bought_back_for_what_it_brought(
    config: object, price: Fraction, amount: int, first: int
) -> None:
    venue = single_of(config, price)
    venue.sell(first)
    before = venue.price()
    assert venue.sell(amount) == venue.buy(amount)
    assert venue.price() == before


@given(single_configs, prices, st.integers(1, 10**21))
def test_a_purchase_raises_the_price_which_then_falls_back(config: object, price: Fraction, amount: int) -> None:
    venue = single_of(config, price)
    outside = venue.price()
    if cost_or_none(venue, amount) is None:
        with pytest.raises(NotEnoughDepthError, match=f"{amount} units"):
            venue.buy(amount)
        assert venue.price() == outside
        return
    venue.buy(amount)
    high = venue.price()
    venue.advance(3600)
    assert outside <= venue.price() <= high


def test_a_pool_never_sells_all_it_holds() -> None:
    venue = single_of({"kind": "constant_product", "depth_2pct_usd": 10**6})
    limit = venue.curve.limit
    assert limit is not None
    most = int(limit / 2000 * WHOLE)
    assert venue.cost(most) > 10**12
    with pytest.raises(NotEnoughDepthError, match="does not hold so much"):
        venue.cost(most + 1)
    pair = several_of([{"kind": "constant_product", "depth_2pct_usd": 10**6}] * 2)
    assert pair.cost(most) < venue.cost(most)
    with pytest.raises(NotEnoughDepthError, match="do not hold so much"):
        pair.cost(2 * most + 2)


# --- several venues ---------------------------------------------------------------------------------------------------


@given(st.lists(single_configs, min_size=1, max_size=3), prices, amounts, amounts)
def test_several_venues_bring_no_less_and_cost_no_more_than_the_best_of_them(
    parts: list[dict[str, Any]], price: Fraction, amount: int, sold_before: int
) -> None:
    venue = several_of(parts, price)
    venue.venues[0].sell(sold_before)
    assert venue.quote(amount) >= max(each.quote(amount) for each in venue.venues)
    assert sum(venue.split(amount)) == amount
    costs = [cost for each in venue.venues if (cost := cost_or_none(each, amount)) is not None]
    if costs:
        assert venue.cost(amount) <= min(costs)
        assert sum(venue.split_purchase(amount)) == amount


@given(single_configs, single_configs, prices, st.integers(0, 40), st.integers(0, 40))
def test_a_split_is_the_best_of_all_splits(
    one: object, other: object, price: Fraction, amount: int, sold_before: int
) -> None:
    both = several_of([{"kind": "infinite"}] * 2)
    both.venues = [single_of(each, price, decimals=0) for each in (one, other)]
    first, second = both.venues
    first.sell(sold_before)
    splits = range(amount + 1)
    assert both.quote(amount) == max(first.quote(part) + second.quote(amount - part) for part in splits)
    pairs = [(cost_or_none(first, part), cost_or_none(second, amount - part)) for part in splits]
    costs = [here + there for here, there in pairs if here is not None and there is not None]
    if costs:
        assert both.cost(amount) == min(costs)
    else:
        with pytest.raises(NotEnoughDepthError):
            both.cost(amount)


def test_two_equal_pools_are_one_of_twice_the_depth() -> None:
    half = {"kind": "constant_product", "depth_2pct_usd": 10**6}
    pair, whole = several_of([half, half]), venue_of({**half, "depth_2pct_usd": 2 * 10**6})
    assert pair.split(1000 * WHOLE) == [500 * WHOLE] * 2
    assert pair.quote(1000 * WHOLE) == whole.quote(1000 * WHOLE)


# --- the curves say what they are stated to ---------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [35, 60, 110, 180, 400])
def test_a_pool_falls_by_2_percent_when_its_depth_was_sold(depth: int) -> None:
    venue = venue_of({"kind": "constant_product", "depth_2pct_usd": depth * 10**6})
    low, high = 0, 10**24
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if venue.quote(middle) <= depth * 10**6 else (low, middle)
    venue.sell(low)
    assert abs(venue.factor() - Fraction(98, 100)) < Fraction(1, 10**15)


@pytest.mark.parametrize(
    ("depth", "fall", "slippage"),
    [(35, 30.6, 16.7), (60, 19.8, 10.4), (110, 11.6, 6.0), (180, 7.3, 3.7), (400, 3.4, 1.7)],
)
def test_selling_what_was_sold_in_february_2026_at_once_falls_as_computed_elsewhere(
    depth: int, fall: float, slippage: float
) -> None:
    venue = venue_of({"kind": "constant_product", "depth_2pct_usd": depth * 10**6}, Fraction(2108))
    proceeds = venue.sell(332_000 * WHOLE)
    assert float(1 - venue.factor()) * 100 == pytest.approx(fall, abs=0.1)
    assert float(1 - proceeds / 332_000 / 2108) * 100 == pytest.approx(slippage, abs=0.1)


def test_a_depth_curve_meets_its_points() -> None:
    points = [(100, 8_000_000), (200, 35_000_000), (500, 60_000_000)]
    config = {"kind": "depth_curve", "points": points}
    curve = single_of(config).curve
    for fall, dollars in points:
        reach = curve.reach(1 - Fraction(fall, 10_000))
        assert reach is not None
        assert curve.factor(reach) == 1 - Fraction(fall, 10_000)
        assert curve.proceeds(reach) == dollars


def test_square_root_impact_begins_as_its_law_says() -> None:
    """Selling 1/10,000 of a day's volume at Y = 1 and 6% a day moves the price by 6 bps, and costs two thirds of it."""
    config = {"kind": "square_root", "prefactor": "1", "daily_volatility_bps": 600, "daily_volume_usd": 4 * 10**9}
    venue = venue_of(config)
    proceeds = venue.sell(200 * WHOLE)
    assert float(1 - venue.factor()) * 10_000 == pytest.approx(6, rel=0.001)
    assert float(1 - proceeds / 400_000) * 10_000 == pytest.approx(4, rel=0.001)


# --- wrong input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [-1, 1.5, True, "1"])
def test_an_amount_that_is_none_is_refused_and_nothing_is_sold(amount: Any) -> None:
    venue = venue_of({"kind": "constant_product", "depth_2pct_usd": 10**6})
    for act in (venue.quote, venue.sell, venue.cost, venue.buy, venue.advance):
        with pytest.raises(ValueError, match=repr(amount)):
            act(amount)
    assert venue.price() == 2000


def test_a_price_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 dollars is below zero"):
        venue_of({"kind": "infinite"}).reprice(Fraction(-1))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"kind": "constant_product", "depth_2pct_usd": 0}, "greater than 0"),
        ({"kind": "constant_product", "depth_2pct_usd": 1.5}, 'exact only as text: write "1.5"'),
        ({"kind": "constant_product", "depth_2pct_usd": "ten"}, "'ten' is no number"),
        ({"kind": "constant_product", "depth_2pct_usd": "Infinity"}, "no finite number"),
        ({"kind": "infinite", "half_life_s": 0}, "greater than or equal to 1"),
        ({"kind": "infinite", "half_life": 5}, "half_life"),
        ({"kind": "depth_curve", "points": []}, "at least 1"),
        ({"kind": "depth_curve", "points": [[100, 5], [90, 9]]}, r"point 2 .*'90', '9'.* does not lie beyond"),
        ({"kind": "depth_curve", "points": [[100, 5], [190, 5]]}, "point 2 .* does not lie beyond"),
        ({"kind": "depth_curve", "points": [[10_000, 5]]}, "less than 10000"),
        ({"kind": "several", "venues": []}, "at least 1"),
        ({"kind": "pool"}, "pool"),
        ({"kind": {1, 2}}, "no plain data"),
    ],
)
def test_a_venue_that_cannot_be_is_refused_in_words(config: object, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        venue_of(config)
