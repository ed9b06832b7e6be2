"""Weights by rank: a curve of whole numbers through rank-size knots, the largest first.

Between two knots, ranks have what the knots say together, spread as a power of the rank: 0, 1/2, 1, 3/2 or 2, the
steepest that begins no higher than the ranks before ended.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .columns import Indexes, Words
from .integers import roots, telescoped

_ONE = np.uint64(30)
_FINE = 2**58
"""What all weights of the knots add up to, about."""


def weights_by_rank(knots: Sequence[tuple[int, int]], count: int) -> Indexes:
    """Weigh ranks 1 to `count`; the weights fall, and their sum down to each knot is in proportion to what it says.

    Beyond the last knot the curve goes on as it went. Every weight is at least 1.
    """
    scale = max(1, _FINE // knots[-1][1])
    pieces: list[Words] = []
    first, before, last, power = 1, 0, None, 2
    for rank, together in knots:
        if first > count:
            break
        power, piece = _piece(first, rank, (together - before) * scale, last)
        pieces.append(piece)
        first, before, last = rank + 1, together, int(piece[-1])
    if first <= count:
        shape = _shape(first, count, power)
        total = (last or 1) * int(shape.sum(dtype=np.uint64)) >> int(_ONE)
        pieces.append(np.array(telescoped(total, shape.tolist()), dtype=np.uint64))
    weights = np.concatenate(pieces)[:count]
    return np.maximum(np.sort(weights)[::-1], np.uint64(1)).astype(np.int64)


def _piece(first: int, last: int, total: int, limit: int | None) -> tuple[int, Words]:
    """Spread a total over ranks, and say by which power (in halves)."""
    if first == last:
        return 2, np.array([total], dtype=np.uint64)
    for power in (4, 3, 2, 1):
        shape = _shape(first, last, power)
        if limit is None or total * int(shape[0]) <= limit * int(shape.sum(dtype=np.uint64)):
            break
    else:
        power, shape = 0, _shape(first, last, 0)
    return power, np.array(telescoped(total, shape.tolist()), dtype=np.uint64)


def _shape(first: int, last: int, power: int) -> Words:
    """Make `(first / rank) ** (power / 2)` for ranks from `first` to `last`, in units of 2^-30."""
    ranks = np.arange(first, last + 1, dtype=np.uint64)
    ratio = (np.uint64(first) << _ONE) // ranks
    half = roots(ratio << _ONE)
    one = np.full(len(ranks), 2**30, np.uint64)
    by_power = {0: one, 1: half, 2: ratio, 3: ratio * half >> _ONE, 4: ratio * ratio >> _ONE}
    return by_power[power]
