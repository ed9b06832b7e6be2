"""Venues: the laws of selling and buying, whatever the curve, the depth and the refill."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from pooltwin.scenarios.venues.config import VenueConfig, opened
from pooltwin.scenarios.venues.venue import Venue
from pydantic import TypeAdapter

VENUE: TypeAdapter[VenueConfig] = TypeAdapter(VenueConfig)
WHOLE = 10**18
"""One token of 18 decimals."""

dollars = st.integers(1_000, 10**10)
half_lives = st.none() | st.integers(1, 10**6)
curves = st.one_of(
    st.just({"kind": "infinite"}),
    st.builds(lambda depth: {"kind": "constant_product", "depth_2pct_usd": depth}, dollars),
    st.builds(
        lambda points: {"kind": "depth_curve", "points": points},
        st.lists(st.tuples(st.integers(1, 4000), dollars), min_size=1, max_size=4).map(
            lambda steps: [
                (sum(s[0] for s in steps[: n + 1]) // 2 + n + 1, sum(s[1] for s in steps[: n + 1]))
                for n in range(len(steps))
            ]
        ),
    ),
    st.builds(
        lambda y, sigma, volume: {
            "kind": "square_root",
            "prefactor": f"{y / 100}",
            "daily_volatility_bps": sigma,
            "daily_volume_usd": volume,
        },
        st.integers(1, 300),
        st.integers(1, 3000),
        dollars,
    ),
)
single_configs = st.builds(lambda curve, half_life: {**curve, "half_life_s": half_life}, curves, half_lives).filter(
    lambda config: all(fall < 10_000 for fall, _ in config.get("points", ()))
)
configs = single_configs | st.lists(single_configs, min_size=1, max_size=3).map(
    lambda parts: {"kind": "several", "venues": parts}
)
prices = st.integers(1, 10**13).map(lambda cents: Fraction(cents, 10**8))
amounts = st.integers(0, 10**24)


def venue_of(config: object, price: Fraction = Fraction(2000)) -> Venue:
    return opened(VENUE.validate_json(json.dumps(config)), 18, price)


venues = st.builds(venue_of, configs, prices)
single_venues = st.builds(venue_of, single_configs, prices)


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
