"""A price source that caps a growing ratio, as the adapters for staked ether do: somebody else's contract.

One token is worth a ratio of something that is priced already. The ratio grows by itself; the source believes no more
of it than a cap that grows from a snapshot, and moves the snapshot on when it is told a new price, by a few percent at
most.
"""

from __future__ import annotations

from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.oracle import MockAggregator
from pooltwin.protocol.evm_storage.layout import FEED
from pooltwin.protocol.machine.scripts import Part

from ..reference import BPS, WAD, YEAR

FIRST_RATIO = 12 * WAD // 10
TRUE_GROWTH_BPS = 800
CAPPED_GROWTH_BPS = 968
"""In a year."""
STEP_BPS = 300
STEP_SECONDS = 3 * 86_400
"""The snapshot rises by at most 3% at a time, and stays for three days at least."""


class CappedFeed(MockAggregator):
    """Answers the price it was told, less what the cap holds back of the ratio."""

    KIND = "CappedFeed"
    PART = Part.TELLER
    STORAGE = {**MockAggregator.STORAGE, "started": 0, "snapshot_ratio": FIRST_RATIO, "snapshot_time": 0}
    LAYOUT = FEED
    """On the EVM a plain feed stands for it, and is told its answer."""
    __slots__ = ("snapshot_ratio", "snapshot_time", "started")

    snapshot_ratio: int
    snapshot_time: int
    started: int

    def __init__(self, chain: Chain, at: Address) -> None:
        super().__init__(chain, at, 0)
        self.initialise(started=chain.time, snapshot_time=chain.time)

    def set_answer(self, answer: int) -> None:
        """A new price of one token, by its true ratio: the snapshot is moved on, and the cap applied."""
        super().set_answer(answer)
        if self.chain.time >= self.snapshot_time + STEP_SECONDS:
            self.take_snapshot(self.chain.time, self.ratio())
        self.answer = self.capped(answer)

    def ratio(self) -> int:
        """What one token is worth of the other, truly (wad)."""
        return FIRST_RATIO + FIRST_RATIO * TRUE_GROWTH_BPS * (self.chain.time - self.started) // (BPS * YEAR)

    def ratio_cap(self) -> int:
        """The highest ratio that is believed (wad)."""
        elapsed = self.chain.time - self.snapshot_time
        return self.snapshot_ratio + self.snapshot_ratio * CAPPED_GROWTH_BPS * elapsed // (BPS * YEAR)

    def grows_as_configured(self) -> bool:
        """Does the true ratio grow no faster than the cap may?"""
        return TRUE_GROWTH_BPS <= CAPPED_GROWTH_BPS

    def take_snapshot(self, now: int, ratio: int) -> None:
        """Start the cap anew from the ratio, or from as much of it as one step allows, at the time it was that much."""
        start, before = self.snapshot_ratio, self.snapshot_time
        most = start + start * STEP_BPS // BPS
        self.snapshot_time = now if ratio <= most else self.time_of(most, before, start, now, ratio)
        self.snapshot_ratio = min(ratio, most)

    def time_of(self, wanted: int, before: int, start: int, now: int, ratio: int) -> int:
        """When the ratio was as wanted, between two moments at which it is known."""
        return before + (now - before) * (wanted - start) // (ratio - start)

    def capped(self, answer: int) -> int:
        """A price above zero, times the part of the ratio that is believed."""
        ratio = self.ratio()
        return answer * min(ratio, self.ratio_cap()) // ratio if answer > 0 else answer
