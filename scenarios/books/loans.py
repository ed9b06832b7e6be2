"""Loans-to-value: a level for each account by quantiles, and the repair of those that their collateral cannot bear.

Levels and limits are in hundred-millionths: 10^8 is a debt as large as the collateral.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .columns import Indexes
from .integers import interpolated, shuffled

FINE = 10_000
"""Levels are so much finer than basis points."""
WHOLE = 10_000 * FINE
_FARTHEST = 4096
"""How many ranks away a partner of a swap may be."""


def levels(knots: Sequence[tuple[int, int]], count: int, seed: int, label: str) -> Indexes:
    """Give every account a level, each quantile once, in random order."""
    places = (2 * np.arange(count, dtype=np.int64) + 1) * (WHOLE // 2) // max(1, count)
    found = np.empty(count, np.int64)
    found[shuffled(seed, label, count)] = interpolated(knots, places, FINE)
    return found


def repaired(given: Indexes, limits: Indexes) -> tuple[Indexes, int]:
    """Swap levels between accounts whose ranks are close, until nobody is above his limit.

    Both partners of a swap must be able to bear what they get. Returns the levels, and how many accounts are still
    above: there is then nobody near who could swap.
    """
    found = given.copy()
    distance, count = 1, len(found)
    while distance < min(count, _FARTHEST):
        above = np.flatnonzero(found > limits)
        if not len(above):
            return found, 0
        for step in (distance, -distance):
            _swap(found, limits, above, step)
        distance += max(1, distance // 16)
    return found, int((found > limits).sum())


def _swap(found: Indexes, limits: Indexes, above: Indexes, step: int) -> None:
    """Swap with those a step away, where both can bear it and neither is in two swaps."""
    mine = above[(above + step >= 0) & (above + step < len(found))]
    mine = mine[found[mine] > limits[mine]]
    others = mine + step
    fits = (found[others] <= limits[mine]) & (found[mine] <= limits[others])
    mine, others = mine[fits], others[fits]
    found[mine], found[others] = found[others], found[mine]
