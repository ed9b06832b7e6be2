"""Search for the last number that something holds for, where it holds up to a point, and where it holds in patches."""

from __future__ import annotations

from collections.abc import Callable


def last(low: int, high: int, holds: Callable[[int], bool], guess: int | None = None) -> int:
    """The last number from `low` to `high` that `holds`, which holds up to some number and never after it.

    `low - 1` where it holds nowhere. A good `guess` makes it quick.
    """
    start = low if guess is None else max(low, min(high, guess))
    if low > high:
        return low - 1
    step = 1
    if holds(start):
        good, bad = start, high + 1
        while good + step <= high:
            if not holds(good + step):
                bad = good + step
                break
            good += step
            step *= 2
        if bad > high and good < high:  # the step would lead past the end
            bad = high + 1
    else:
        good, bad = low - 1, start
        while bad - step >= low:
            if holds(bad - step):
                good = bad - step
                break
            bad -= step
            step *= 2
    while bad - good > 1:
        middle = (good + bad) // 2
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good


def highest(
    low: int, high: int, is_wanted: Callable[[int], bool], is_none_between: Callable[[int, int], bool]
) -> int | None:
    """The highest number from `low` to `high` that is wanted, however the wanted ones lie; None where there is none.

    `is_none_between` tells of a range, both ends in it, that nothing in it is wanted. It may fail to tell, but must be
    sure; for a range of one number it should know.
    """
    open_ranges = [(low, high)]
    while open_ranges:
        first, end = open_ranges.pop()
        if first > end or is_none_between(first, end):
            continue
        if is_wanted(end):
            return end
        middle = (first + end) // 2
        open_ranges += [(first, middle), (middle + 1, end - 1)]
    return None
