"""Counterfactual prices: adding back is undone by taking away, and impact is counted once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.scenarios.venues.counterfactual import with_other_sales, with_sales, without_sales

from .market_venues import WHOLE, configs, prices, venue_of

seconds = st.integers(0, 10**5)
recordings = st.dictionaries(seconds, prices, min_size=1, max_size=6).map(lambda found: sorted(found.items()))
orders = st.lists(st.tuples(seconds, st.integers(0, 10**22)), max_size=5).map(sorted)
DEEP = {"kind": "constant_product", "depth_2pct_usd": 110_000_000, "half_life_s": 3600}


def after(recorded: list[tuple[int, Fraction]], sales: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sales that come at or after the first recorded price."""
    return [(max(second, recorded[0][0]), amount) for second, amount in sales]


@given(configs, recordings, orders)
def test_the_real_sales_again_give_the_recorded_prices_exactly(
    config: object, recorded: list[tuple[int, Fraction]], sales: list[tuple[int, int]]
) -> None:
    real = after(recorded, sales)
    venue = venue_of(config, recorded[0][1])
    assert list(with_other_sales(recorded, real, real, venue).prices) == recorded


@given(configs, recordings, orders)
def test_without_sales_no_price_is_lower_and_before_the_first_sale_all_are_equal(
    config: object, recorded: list[tuple[int, Fraction]], sales: list[tuple[int, int]]
) -> None:
    real = after(recorded, sales)
    outside = without_sales(recorded, real, venue_of(config, recorded[0][1]))
    first_sale = min((second for second, _ in real), default=10**9)
    for (second, price), (_, seen) in zip(outside, recorded, strict=True):
        assert price >= seen
        if second <= first_sale:
            assert price == seen


@given(configs, recordings, orders)
def test_idle_sellers_leave_the_outside_prices(
    config: object, recorded: list[tuple[int, Fraction]], sales: list[tuple[int, int]]
) -> None:
    real = after(recorded, sales)
    venue = venue_of(config, recorded[0][1])
    idle = with_other_sales(recorded, real, [], venue)
    assert idle.prices == without_sales(recorded, real, venue)
    assert idle.sales == ()


def test_nothing_is_left_behind_in_the_venue() -> None:
    venue = venue_of(DEEP)
    recorded = [(0, Fraction(2000)), (600, Fraction(1900))]
    with_other_sales(recorded, [(0, 10_000 * WHOLE)], [(0, 50_000 * WHOLE)], venue)
    assert venue.price() == 2000
    assert venue.factor() == 1


def test_the_same_sales_later_meet_the_price_without_the_earlier_ones() -> None:
    """Selling late is not selling twice: the late seller meets the price that nobody pushed yet."""
    recorded = [(hour * 3600, Fraction(price)) for hour, price in enumerate((2000, 1960, 1950, 1955, 1960))]
    real, late = [(0, 40_000 * WHOLE)], [(3 * 3600, 40_000 * WHOLE)]
    changed = with_other_sales(recorded, real, late, venue_of(DEEP))
    by_second: dict[int, Any] = dict(changed.prices)
    assert by_second[0] == 2000
    assert all(by_second[hour * 3600] > price for hour, price in ((1, 1960), (2, 1950), (3, 1955)))
    assert by_second[4 * 3600] < 1960
    (sale,) = changed.sales
    assert sale.price_before == by_second[3 * 3600] > sale.price_after
    assert sale.price_after * 40_000 < sale.proceeds < sale.price_before * 40_000


def test_a_sale_meets_the_price_of_its_second_and_pushes_it_from_then_on() -> None:
    venue = venue_of({**DEEP, "half_life_s": None})
    flat = [(0, Fraction(2000)), (12, Fraction(2000)), (24, Fraction(2000))]
    taken = with_sales(flat, [(12, 10_000 * WHOLE)], venue)
    before, at, later = (price for _, price in taken.prices)
    assert before == at == 2000
    assert later == taken.sales[0].price_after < 2000


@pytest.mark.parametrize(
    ("recorded", "sales", "told"),
    [
        ([], [], "no recorded price"),
        ([(5, 1), (5, 1)], [], "price 2, of second 5"),
        ([(0, 1)], [(9, 1), (8, 1)], "sale 2, of second 8"),
        ([(5, 1)], [(4, 1)], "sale 1, of second 4, comes before the first price, of 5"),
        ([(0, 1)], [(4, -1)], "-1 is below zero"),
    ],
)
def test_what_is_out_of_order_is_refused(recorded: Any, sales: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        with_other_sales(recorded, sales, [], venue_of(DEEP))
