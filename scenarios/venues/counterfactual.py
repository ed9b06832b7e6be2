"""Prices without the sales that were really made, and with other sales in their place.

A recorded price already contains the sales of its time. Who sells into it again counts their impact twice; who leaves
them out must first add back what they took. Both ways go through one venue, so the same model of impact is added and
taken away:

    outside = without_sales(recorded, real_sales, venue)       # what the price would have been if nobody had sold
    changed = with_sales(outside, other_sales, venue)          # what it would have been with these sales

Or the outside prices are played live: `venue.reprice(price)` at each, and whoever sells at the venue pushes them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from .venue import Venue


class TimedPrice(NamedTuple):
    """A price, in dollars a whole token, from a second on."""

    second: int
    price: Fraction


class TimedSale(NamedTuple):
    """An amount, in the smallest unit, sold at a second: at the price of that second, which it pushes from then on."""

    second: int
    amount: int


class MadeSale(NamedTuple):
    """A sale as a model has it: what it brought, and the prices before and after it."""

    second: int
    amount: int
    proceeds: Fraction
    price_before: Fraction
    price_after: Fraction


class Counterfactual(NamedTuple):
    """Course of a price with sales in it."""

    prices: tuple[TimedPrice, ...]
    """The price at each second of the outside prices, before the sales of that second."""

    sales: tuple[MadeSale, ...]


Reprice = Callable[[Venue, int, Fraction], None]
"""Moves a venue at a second, given the price that stands there."""


def without_sales(
    recorded: Iterable[tuple[int, Fraction]], sales: Iterable[tuple[int, int]], venue: Venue
) -> tuple[TimedPrice, ...]:
    """Add back the impact of real sales: the outside prices that, with these sales, give the recorded ones.

    The venue is the model of impact, at rest; it stays as it is. Raises ValueError for no prices, for moments out of
    order, and for a sale before the first price.
    """
    outside: list[TimedPrice] = []

    def reprice(model: Venue, second: int, price: Fraction) -> None:
        without = price / model.factor()
        model.reprice(without)
        outside.append(TimedPrice(second, without))

    for _ in _played(recorded, sales, copy.deepcopy(venue), reprice):
        pass
    return tuple(outside)


def with_sales(
    outside: Iterable[tuple[int, Fraction]], sales: Iterable[tuple[int, int]], venue: Venue
) -> Counterfactual:
    """Take away the impact of sales from outside prices.

    The venue is the model of impact, at rest; it stays as it is. Raises ValueError as `without_sales` does.
    """
    prices: list[TimedPrice] = []

    def reprice(model: Venue, second: int, price: Fraction) -> None:
        model.reprice(price)
        prices.append(TimedPrice(second, model.price()))

    made = tuple(_played(outside, sales, copy.deepcopy(venue), reprice))
    return Counterfactual(tuple(prices), made)


def with_other_sales(
    recorded: Iterable[tuple[int, Fraction]],
    real: Iterable[tuple[int, int]],
    other: Iterable[tuple[int, int]],
    venue: Venue,
) -> Counterfactual:
    """Add back real sales and take away others. With the real ones again, the prices are the recorded ones, exactly."""
    return with_sales(without_sales(recorded, real, venue), other, venue)


def _played(
    prices: Iterable[tuple[int, Fraction]], sales: Iterable[tuple[int, int]], venue: Venue, reprice: Reprice
) -> Iterator[MadeSale]:
    """Play prices and sales at a venue in order of time, a price before the sales of its second; yield the sales."""
    moments = [TimedPrice(second, Fraction(price)) for second, price in prices]
    orders = [TimedSale(second, amount) for second, amount in sales]
    _in_order(moments, orders)
    now = moments[0].second
    waiting = iter(orders)
    order = next(waiting, None)
    for place, moment in enumerate(moments):
        venue.advance(moment.second - now)
        now = moment.second
        reprice(venue, now, moment.price)
        until = moments[place + 1].second if place + 1 < len(moments) else None
        while order is not None and (until is None or order.second < until):
            venue.advance(order.second - now)
            now = order.second
            before = venue.price()
            yield MadeSale(now, order.amount, venue.sell(order.amount), before, venue.price())
            order = next(waiting, None)


def _in_order(moments: list[TimedPrice], orders: list[TimedSale]) -> None:
    """Raises ValueError, naming the place, for no prices or moments out of order."""
    if not moments:
        raise ValueError("there is no recorded price")
    for number, (one, later) in enumerate(pairwise(moments), 2):
        if later.second <= one.second:
            raise ValueError(f"price {number}, of second {later.second}, is not later than the one before")
    for number, (first, following) in enumerate(pairwise(orders), 2):
        if following.second < first.second:
            raise ValueError(f"sale {number}, of second {following.second}, comes before the one before")
    if orders and orders[0].second < moments[0].second:
        raise ValueError(f"sale 1, of second {orders[0].second}, comes before the first price, of {moments[0].second}")
