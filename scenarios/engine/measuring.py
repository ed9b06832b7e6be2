"""Measuring a world: before anyone acts at a print, and as rows of everything."""

from __future__ import annotations

from dataclasses import dataclass

from ..units import PRICE_UNIT
from .outside import Outside
from .record import Row


@dataclass(slots=True)
class Measuring:
    """Measurements since the last row, and of the start."""

    block: int = -1
    """The last block with a measurement at a print ordered."""
    liquidatable: int = 0
    uncovered: int = 0
    lost_before: int | None = None
    """What was lost before the first block, in base currency."""

    def before_anyone_acts(self, world: Outside) -> None:
        """Measure after the prints of a block and before the first act; the worst since the last row is kept."""
        liquidatable, uncovered, without_any = world.uncovered()
        self.liquidatable = max(self.liquidatable, liquidatable)
        self.uncovered = max(self.uncovered, uncovered)
        if self.lost_before is None:
            self.lost_before = world.deficits_base() + without_any

    def begin_anew(self) -> None:
        """Forget the worst at prints: a row has told it."""
        self.liquidatable = self.uncovered = 0

    def row(self, world: Outside) -> Row:
        """Measure now, and tell the worst at prints since the last row."""
        liquidatable, uncovered, without_any = world.uncovered()
        lost = world.deficits_base() + without_any
        prices = {asset: (int(world.raw_price(asset) * PRICE_UNIT // 1), world.price(asset)) for asset in world.paths}
        worth = {asset: world.price_or_none(asset) or 0 for asset in world.market.assets}
        reserves = {asset: world.reserve_state(asset) for asset in world.market.assets}
        worst, before = (self.liquidatable, self.uncovered), self.lost_before or 0
        return Row(
            world.time, world.block, prices, worth, reserves, *worst, liquidatable, uncovered, max(0, lost - before)
        )
