"""Course of one price: its path outside, its venue if it has one, and the oracle that tells the pool of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..paths.path import Path
from ..venues.venue import Venue
from .chain import Chain
from .config import StageConfig, open_chain, reads
from .stages import BLOCK_S, earliest

REFILL_LOOK_S = 60
"""Seconds between two looks at a venue that refills."""


class MarketLine:
    """Price of one asset from the outside market to the pool; begun by its first look.

    With a venue, the path is the venue's outside price, and what the market pays is the venue's price. An oracle that
    reads another asset looks at that asset's line.
    """

    def __init__(
        self,
        path: Path,
        stages: Sequence[StageConfig] = (),
        *,
        start: int = 0,
        venue: Venue | None = None,
        base: MarketLine | None = None,
    ) -> None:
        """Take the time of the scenario's second 0, and the line of the asset that the oracle reads, if it reads one.

        Raises ValueError when the stages read an asset and no line is given, or the other way round.
        """
        if (reads(stages) is None) != (base is None):
            raise ValueError(f"the oracle reads {reads(stages) or 'its own asset'}: a base line is given for that only")
        self.path, self.stages, self.start = path, tuple(stages), start
        self.venue, self.base = venue, base
        self.chain: Chain | None = None

    def market_price(self, time: int) -> Fraction:
        """Dollars for a whole token outside at a time. The venue must have been advanced to it."""
        outside = self.path.price(time - self.start)
        if self.venue is None:
            return outside
        self.venue.reprice(outside)
        return self.venue.price()

    def look(self, time: int) -> tuple[Fraction, int | None]:
        """Look at a time, never before the last look: the market's price, and the price that the pool is newly told.

        That one has 8 decimals, and is None when nothing new is told. The first look always tells one.
        """
        raw = self.market_price(time)
        read = raw if self.base is None else self.base.market_price(time)
        block = (time - self.start) // BLOCK_S
        if self.chain is None:
            self.chain = open_chain(self.stages, read, block)
            return raw, self.chain.reported
        before = self.chain.reported
        self.chain.visit(block, read)
        return raw, None if self.chain.reported == before else self.chain.reported

    def next_look(self, time: int) -> int | None:
        """The first time after this one at which a look may show something new. None for never."""
        block = None if self.chain is None else self.chain.next_block()
        due = None if block is None else max(self.start + block * BLOCK_S, time + 1)
        return earliest(self._next_move(time), None if self.base is None else self.base._next_move(time), due)

    def _next_move(self, time: int) -> int | None:
        second = self.path.next_second(time - self.start)
        refill = None if self.venue is None or self.venue.is_settled else time + REFILL_LOOK_S
        return earliest(None if second is None else self.start + second, refill)
