"""Stages of an oracle: each is told a price and tells one on, remembering both.

Prices are integers with 8 decimals. A stage is visited block after block, with blocks left out in which it is told
nothing new, if it does not ask for them itself (`next_block`). Blocks count from the beginning of the scenario and take
12 seconds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ..units import BPS, ceil_div
from .cap import YEAR_S, CapParameters, capped_price

BLOCK_S = 12
"""Seconds of a block."""


class Stage(ABC):
    """One step from the market to the pool. Begun once, then visited."""

    block: int
    """The block that it was visited in last."""

    raw: int
    """The price that the stage was told last."""

    reported: int
    """The price that it told on."""

    def begin(self, block: int, price: int) -> int:
        """Be told the first price, as if it had stood for ever, and tell one on."""
        self.block, self.raw, self.reported = block, price, price
        self.reported = self._first(price)
        return self.reported

    def visit(self, block: int, price: int) -> int:
        """Be told the price of a later block, and tell one on."""
        self.block = block
        self.reported = self._next(price)
        self.raw = price
        return self.reported

    def _first(self, price: int) -> int:
        """The price that is told on at first."""
        return self._next(price)

    @abstractmethod
    def _next(self, price: int) -> int:
        """The price to tell on; `raw` and `reported` are still those of the visit before, `block` is this one's."""

    @abstractmethod
    def next_block(self) -> int | None:
        """The next block in which this stage could tell another price although it is told none. None for never."""


class Deviation(Stage):
    """A feed that prints when the price has moved by a share of its last print, or when its heartbeat is over."""

    def __init__(self, deviation_bps: int, heartbeat_s: int | None) -> None:
        """Take the share in basis points, and the longest time between two prints in seconds."""
        self.deviation_bps = deviation_bps
        self.heartbeat_blocks = None if heartbeat_s is None else max(ceil_div(heartbeat_s, BLOCK_S), 1)
        self.printed_at = 0
        """Block of the last print."""

    def _first(self, price: int) -> int:
        self.printed_at = self.block
        return price

    def _next(self, price: int) -> int:
        last, is_due = self.reported, False
        if self.heartbeat_blocks is not None:
            missed = (self.block - 1 - self.printed_at) // self.heartbeat_blocks
            if missed:
                self.printed_at += missed * self.heartbeat_blocks
                last = self.raw
            is_due = self.block == self.printed_at + self.heartbeat_blocks
        if not is_due and abs(price - last) * BPS < self.deviation_bps * last:
            return last
        self.printed_at = self.block
        return price

    def next_block(self) -> int | None:
        """The heartbeat, if it would print something new."""
        if self.heartbeat_blocks is None or self.raw == self.reported:
            return None
        return self.printed_at + self.heartbeat_blocks


class Delay(Stage):
    """Tells every price some blocks later."""

    def __init__(self, blocks: int) -> None:
        """Take the number of blocks."""
        self.blocks = blocks
        self.waiting: deque[tuple[int, int]] = deque()
        """Prices on their way: the block in which each is due, and the price."""

    def _next(self, price: int) -> int:
        if price != self.raw:
            self.waiting.append((self.block + self.blocks, price))
        reported = self.reported
        while self.waiting and self.waiting[0][0] <= self.block:
            _, reported = self.waiting.popleft()
        return reported

    def next_block(self) -> int | None:
        """The block in which the next price is due."""
        return self.waiting[0][0] if self.waiting else None


class Window(NamedTuple):
    """Blocks from one on until before another, or for ever."""

    begins: int
    ends: int | None

    @classmethod
    def of_seconds(cls, from_s: int, until_s: int | None) -> Window:
        """The blocks that begin in a span of seconds."""
        return cls(ceil_div(from_s, BLOCK_S), None if until_s is None else ceil_div(until_s, BLOCK_S))

    def has(self, block: int) -> bool:
        """Whether a block lies in it."""
        return block >= self.begins and (self.ends is None or block < self.ends)

    def next_edge(self, block: int) -> int | None:
        """The first of its two edges after a block."""
        return next((edge for edge in self if edge is not None and edge > block), None)


class Fallback(Stage):
    """A feed that is told at once while all is well, and some blocks later while its first source is out.

    So do feeds whose updates are auctioned (SVR): without a winner the ordinary feed is believed after a delay.
    """

    def __init__(self, delay_blocks: int, out: Window) -> None:
        """Take the delay, and the blocks in which the first source is out."""
        self.out = out
        self.late = Delay(delay_blocks)

    def _first(self, price: int) -> int:
        return self.late.begin(self.block, price)

    def _next(self, price: int) -> int:
        if self.out.has(self.block):
            return self.late.visit(self.block, price)
        self.late.waiting.clear()
        return self.late.begin(self.block, price)

    def next_block(self) -> int | None:
        """The block in which a late price is due, or an edge of the outage."""
        return earliest(self.late.next_block(), self.out.next_edge(self.block))


class Fault(Stage):
    """A fault in a window of blocks; outside it, nothing is changed."""

    def __init__(self, window: Window, jump_bps: int | None = None, fixed: int | None = None) -> None:
        """Take the window, and a share of the price that is told (bps) or a price; without either, the price freezes.

        A frozen price is the one before the window.
        """
        self.window = window
        self.jump_bps = jump_bps
        self.fixed = fixed

    def _next(self, price: int) -> int:
        if not self.window.has(self.block):
            return price
        if self.fixed is not None:
            return self.fixed
        return self.reported if self.jump_bps is None else price * self.jump_bps // BPS

    def next_block(self) -> int | None:
        """An edge of the window."""
        return self.window.next_edge(self.block)


class PriceCap(Stage):
    """A price that is never believed above a fixed one, as those of stablecoins."""

    def __init__(self, largest: int) -> None:
        """Take the largest price, with 8 decimals."""
        self.largest = largest

    def _next(self, price: int) -> int:
        return min(price, self.largest)

    def next_block(self) -> int | None:
        """Never."""
        return None


class RatioCap(Stage):
    """Price of a staked token from its base asset's: times the ratio, as far as it is believed (CAPO).

    Its price drifts with time while the base stands still. The drift is taken up whenever the base moves, and every
    `refresh_s`: at 10% a year an hour is about a thousandth of a percent.
    """

    def __init__(
        self,
        ratio: int,
        ratio_growth_yearly_bps: int,
        parameters: Sequence[tuple[int, CapParameters]],
        refresh_s: int,
    ) -> None:
        """Take the actual ratio (18 decimals) at second 0 and its growth, and each block's new parameters, in order."""
        self.ratio = ratio
        self.ratio_growth_yearly_bps = ratio_growth_yearly_bps
        self.parameters = tuple(parameters)
        self.refresh_blocks = max(ceil_div(refresh_s, BLOCK_S), 1)
        self._due = 0

    def ratio_at(self, block: int) -> int:
        """The actual ratio in a block, rounded down."""
        return self.ratio + self.ratio * self.ratio_growth_yearly_bps * block * BLOCK_S // (BPS * YEAR_S)

    def largest_ratio_at(self, block: int) -> int:
        """The ratio that is believed at most in a block."""
        _, valid = [(since, each) for since, each in self.parameters if since <= block][-1]
        return valid.largest_ratio(block * BLOCK_S)

    def _first(self, price: int) -> int:
        return self._computed(price)

    def _next(self, price: int) -> int:
        return self.reported if price == self.raw and self.block < self._due else self._computed(price)

    def _computed(self, price: int) -> int:
        """The adapter's price in this block; it stands until the next refresh or change of parameters."""
        refresh = (self.block // self.refresh_blocks + 1) * self.refresh_blocks
        self._due = min([refresh, *(since for since, _ in self.parameters if since > self.block)])
        return capped_price(price, self.ratio_at(self.block), self.largest_ratio_at(self.block))

    def next_block(self) -> int:
        """The next refresh, or the next block with new parameters."""
        return self._due


def earliest(*blocks: int | None) -> int | None:
    """The smallest of the blocks that there are."""
    return min((block for block in blocks if block is not None), default=None)
