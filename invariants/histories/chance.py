"""Chance, as whoever makes a history asks for it: the same questions to a seeded source and to Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws from a source of random numbers: the same seed gives the same answers to the same questions."""

    def __init__(self, source: Random) -> None:
        self.source = source

    def share(self) -> float:
        """Draw a number from 0 up to 1, without 1."""
        return self.source.random()

    def happens(self, probability: float) -> bool:
        """Tell whether something happens that has this probability. The impossible and the certain are not drawn."""
        if 0 < probability < 1:
            return self.source.random() < probability
        return probability > 0

    def pick(self, items: Sequence[T]) -> T:
        """Pick one of some items."""
        return items[int(self.source.random() * len(items))]

    def between(self, low: int, high: int) -> int:
        """Draw a number from `low` up to `high`, without `high`."""
        return self.source.randrange(low, high)

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Pick so many of some items, each once at most."""
        return self.source.sample(items, count)

    def weighted(self, items: Sequence[T], limits: Sequence[float]) -> T:
        """Pick one of some items by weight; `limits` are the sums of the weights up to each item."""
        return self.source.choices(items, cum_weights=limits)[0]


class ShrinkingChance(Chance):
    """Chance from a source that Hypothesis records and shrinks: towards what is likely, the middle, and first items."""

    def share(self) -> float:
        return (self.source.randrange(1_000) + 500) % 1_000 / 1_000

    def happens(self, probability: float) -> bool:
        if not 0 < probability < 1:
            return probability > 0
        place, limit = self.source.randrange(1_000), round(1_000 * probability)
        return place < limit if probability > 0.5 else place >= 1_000 - limit

    def pick(self, items: Sequence[T]) -> T:
        return items[self.source.randrange(len(items))]

    def weighted(self, items: Sequence[T], limits: Sequence[float]) -> T:
        place = self.source.randrange(1_000) / 1_000 * limits[-1]
        return next(item for item, limit in zip(items, limits, strict=True) if place < limit)
