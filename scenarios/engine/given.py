"""Prices as they are given: moments with a price each, told to the pool as they come."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from fractions import Fraction

from ..units import to_price
from .protocols import Look


class GivenPrices:
    """A course of given points: the outside price of each moment, which the pool is told at once."""

    def __init__(self, points: Iterable[tuple[int, Fraction | int]]) -> None:
        """Take points of a time in seconds and a price in dollars. Raises ValueError for none, and out of order."""
        taken = [(time, Fraction(dollars)) for time, dollars in points]
        self.times = tuple(time for time, _ in taken)
        self.prices = tuple(dollars for _, dollars in taken)
        if not taken:
            raise ValueError("a course of prices has one point at least")
        for earlier, later in zip(self.times, self.times[1:], strict=False):
            if later <= earlier:
                raise ValueError(f"the point at {later} does not come after that at {earlier}")
        self._told = -1

    def look(self, time: int, outside: Fraction | None) -> Look:  # noqa: ARG002 - given prices follow no venue
        """Look at the last point at or before a time, the first where there is none yet. Each is told once."""
        place = max(0, bisect_right(self.times, time) - 1)
        is_new, self._told = place != self._told, place
        return Look(self.prices[place], to_price(self.prices[place]) if is_new else None)

    def next_look(self, time: int) -> int | None:
        """Say the time of the next point."""
        place = max(1, bisect_right(self.times, time))
        return self.times[place] if place < len(self.times) else None
