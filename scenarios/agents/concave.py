"""Search in concave functions of an integer: where they are highest, and where they reach a level."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

Value = Callable[[int], Fraction]


def crest(low: int, high: int, value: Value) -> int:
    """Find the smallest number from `low` to `high` at which a concave function is highest.

    Raises ValueError for an empty range.
    """
    if low > high:
        raise ValueError(f"nothing lies from {low} to {high}")
    if low < high and value(high) > value(high - 1):
        return high
    while low < high:
        middle = (low + high) // 2
        if value(middle + 1) > value(middle):
            low = middle + 1
        else:
            high = middle
    return low


def reach(low: int, high: int, top: int, value: Value, level: Fraction) -> tuple[int, int]:
    """Find the first and the last number at which a concave function with its crest at `top` is at least `level`.

    The function must reach the level at the crest.
    """
    return _edge(top, low, value, level), _edge(top, high, value, level)


def _edge(inside: int, end: int, value: Value, level: Fraction) -> int:
    """Find the last number from `inside` towards `end` that reaches the level."""
    if value(end) >= level:
        return end
    while abs(end - inside) > 1:
        middle = (inside + end) // 2
        if value(middle) >= level:
            inside = middle
        else:
            end = middle
    return inside


def first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Find the first number from `low` to `high` that holds, where all after it hold too; `high + 1` for none."""
    end = high + 1
    while low < end:
        middle = (low + end) // 2
        if holds(middle):
            end = middle
        else:
            low = middle + 1
    return end
