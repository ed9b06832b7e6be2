"""Lottery for the next place in a block: whoever bids twice as much wins twice as often."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ..draws import Draws


def order_of_places(bids: Sequence[int], draws: Draws) -> list[int]:
    """Draw the order in which bidders, told by their places in `bids`, come into a block.

    Each next place is drawn with the bids of those who are left as weights. Who bids nothing comes after all who bid;
    among those who bid nothing each order is as likely. Raises ValueError for a bid below zero.
    """
    if any(bid < 0 for bid in bids):
        raise ValueError(f"no bid is below zero, but one is {min(bids)}")
    left, order = list(range(len(bids))), []
    while len(left) > 1:
        order.append(left.pop(_drawn([bids[place] for place in left], draws)))
    return order + left


def _drawn(weights: Sequence[int], draws: Draws) -> int:
    """Draw an index, as likely as its weight says; all alike where nobody has any."""
    sums = list(accumulate(weights if any(weights) else [1] * len(weights)))
    return bisect_right(sums, draws.below(sums[-1]))
