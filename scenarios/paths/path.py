"""Path of an outside price: what one token costs in dollars, as steps in time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

PRICE_DECIMALS = 18
"""Decimals of a price that is drawn: it is rounded half to even."""


class Tick(NamedTuple):
    """A price, in dollars a whole token, from a moment on."""

    second: int
    """Seconds since the scenario began; below zero before it."""

    price: Fraction


class Path:
    """Steps of one price, in order of time, no two at the same second. Immutable, so forks share it."""

    def __init__(self, ticks: Iterable[tuple[int, Fraction | Decimal | int]]) -> None:
        """Take (second, price). Raises ValueError, naming the tick, for a wrong order or a price below zero."""
        self.ticks = tuple(Tick(second, Fraction(price)) for second, price in ticks)
        if not self.ticks:
            raise ValueError("a path of prices needs at least one price")
        for number, tick in enumerate(self.ticks, 1):
            if tick.price < 0:
                raise ValueError(f"price {number} of the path is {float(tick.price):g} dollars, which is below zero")
            if number > 1 and tick.second <= self.ticks[number - 2].second:
                raise ValueError(f"price {number} of the path is not later than the one before: second {tick.second}")
        self._seconds = [tick.second for tick in self.ticks]

    def __deepcopy__(self, memo: dict[int, object]) -> Path:
        """Itself: nothing in it ever changes."""
        return self

    def price(self, second: int) -> Fraction:
        """The price at a second: that of the last step until then; before the first, the first."""
        return self.ticks[max(bisect_right(self._seconds, second) - 1, 0)].price

    def next_second(self, second: int) -> int | None:
        """The second of the first step after this one. None when there is no more."""
        index = bisect_right(self._seconds, second)
        return self._seconds[index] if index < len(self._seconds) else None
