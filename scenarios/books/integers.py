"""Chance and shares in whole numbers: equal on every machine and with every version of NumPy.

Nothing here rounds through floats: square roots are estimated and then corrected, random words come from one mixing
function of 64 bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

from .columns import Indexes, Words

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def words(seed: int, label: str, count: int) -> Words:
    """Draw random 64-bit words for a purpose: SplitMix64, begun from the SHA-256 of seed and label."""
    start = int.from_bytes(hashlib.sha256(f"{seed}/{label}".encode()).digest()[:8], "little")
    mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP) + np.uint64(start)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def shuffled(seed: int, label: str, count: int) -> Indexes:
    """Shuffle the numbers from 0 to `count` - 1 for a purpose: they are sorted by random words."""
    return np.argsort(words(seed, label, count), kind="stable").astype(np.int64)


def below(seed: int, label: str, count: int, limit: int) -> Indexes:
    """Draw numbers from 0 to `limit` - 1 for a purpose; a limit is below 2^32."""
    return ((words(seed, label, count) >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32)).astype(np.int64)


def telescoped(total: int, weights: Iterable[int]) -> list[int]:
    """Split a total by weights: differences of floors of what all weights so far get, so that the sum is the total.

    Raises ValueError for a total above nothing and weights that are all 0.
    """
    sums = list(accumulate(weights))
    if not sums or not sums[-1]:
        if total:
            raise ValueError(f"{total} cannot be split: no weight is above 0")
        return [0] * len(sums)
    whole = sums[-1]
    floors = [total * part // whole for part in sums]
    return [floor - before for floor, before in zip(floors, [0, *floors], strict=False)]


def roots(squares: Words) -> Words:
    """Take whole square roots, rounded down, of numbers below 2^62."""
    found = np.sqrt(squares.astype(np.float64)).astype(np.uint64)
    found = np.where(found * found > squares, found - np.uint64(1), found)
    found = np.where(found * found > squares, found - np.uint64(1), found)
    above = found + np.uint64(1)
    return np.asarray(np.where(above * above <= squares, above, found), dtype=np.uint64)


def interpolated(knots: Sequence[tuple[int, int]], places: Indexes, finer: int) -> Indexes:
    """Read the line through knots at some places: both are `finer` times as fine as the knots; rounded down."""
    starts = np.array([place * finer for place, _ in knots], dtype=np.int64)
    heights = np.array([height * finer for _, height in knots], dtype=np.int64)
    right = np.clip(np.searchsorted(starts, places, side="right"), 1, len(knots) - 1)
    left = right - 1
    return np.asarray(
        heights[left] + (heights[right] - heights[left]) * (places - starts[left]) // (starts[right] - starts[left]),
        dtype=np.int64,
    )
