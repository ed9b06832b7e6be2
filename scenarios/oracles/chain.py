"""Chain of stages at work: prices of the market in, prints for the pool out, block after block."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ..units import to_price
from .stages import Stage, earliest


class Print(NamedTuple):
    """Price that the pool is told from a block on."""

    block: int
    raw: int
    """The market's price that went into the chain, with 8 decimals."""

    reported: int
    """The price that came out, with 8 decimals."""


class Chain:
    """Stages one after the other. Without any, the pool is told the market's price at once."""

    def __init__(self, stages: Sequence[Stage], block: int, price: Fraction, reads: str | None = None) -> None:
        """Begin in a block, with a price in dollars a whole token that is taken to have stood before.

        `reads` names the asset whose price is read here in place of the asset's own.
        """
        self.stages = tuple(stages)
        self.reads = reads
        self.block = block
        self.raw = to_price(price)
        reported = self.raw
        for stage in self.stages:
            reported = stage.begin(block, reported)
        self.reported = reported

    def visit(self, block: int, price: Fraction) -> list[Print]:
        """Be told the market's price of a later block, and list the prints that came since the last visit.

        Until this block the price is taken to have stood. Whoever visits in every `next_block` gets each print in its
        block. Raises ValueError for an earlier block.
        """
        if block < self.block:
            raise ValueError(f"block {block} comes before block {self.block}, in which this oracle has been")
        prints: list[Print] = []
        while (due := self.next_block()) is not None and due < block:
            self._pass(due, self.raw, prints)
        self._pass(block, to_price(price), prints)
        return prints

    def next_block(self) -> int | None:
        """The next block in which another price could be told though the market's stands. None for never."""
        return earliest(*(stage.next_block() for stage in self.stages))

    def _pass(self, block: int, raw: int, prints: list[Print]) -> None:
        before = self.reported
        self.block, self.raw = block, raw
        reported = raw
        for stage in self.stages:
            reported = stage.visit(block, reported)
        self.reported = reported
        if reported != before:
            prints.append(Print(block, raw, reported))
