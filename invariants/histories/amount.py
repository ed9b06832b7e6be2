"""Amounts by meaning: a part of somebody's wallet, supply or debt, of the pool's liquidity or of what a cap leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from ..reference import EVERYTHING
from .action import Stage
from .chance import Chance
from .sight import Sight

MAX_UINT120 = 2**120 - 1


class Measure(Enum):
    """Meanings that an amount can have: what it is a part of."""

    UNIT = "one whole token"
    WALLET = "the underlying in the wallet"
    SUPPLIED = "the supply, with interest"
    OWED = "the debt, with interest"
    LIQUIDITY = "what the pool can pay out"
    CREDIT = "what the user may still borrow"
    SHARE = "what one share is worth, rounded up"
    DEFICIT = "the reserve's bad debt"
    SUPPLY_ROOM = "what the supply cap leaves"
    BORROW_ROOM = "what the borrow cap leaves"


_MEASURES: dict[Measure, Callable[[Sight, str, str], int]] = {
    Measure.UNIT: lambda sight, symbol, _: sight.unit(symbol),
    Measure.WALLET: Sight.wallet,
    Measure.SUPPLIED: Sight.supplied,
    Measure.OWED: Sight.owed,
    Measure.LIQUIDITY: lambda sight, symbol, _: sight.liquidity(symbol),
    Measure.CREDIT: Sight.credit,
    Measure.SHARE: lambda sight, symbol, _: sight.share(symbol),
    Measure.DEFICIT: lambda sight, symbol, _: sight.deficit(symbol),
    Measure.SUPPLY_ROOM: lambda sight, symbol, _: sight.supply_room(symbol),
    Measure.BORROW_ROOM: lambda sight, symbol, _: sight.borrow_room(symbol),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of a measure, nudged by a few units; or, without a measure, just the number."""

    measure: Measure | None
    part: Fraction = Fraction(1)
    nudge: int = 0

    def of(self, where: Stage | Sight, symbol: str, user: str) -> int:
        """The amount in the asset's smallest unit, as things stand. Never negative, never above 2**256 - 1."""
        sight = where if isinstance(where, Sight) else Sight(where)
        whole = 0 if self.measure is None else _MEASURES[self.measure](sight, symbol, user)
        return min(EVERYTHING, max(0, int(whole * self.part) + self.nudge))

    def __str__(self) -> str:
        if self.measure is None:
            return str(self.nudge)
        nudge = f" {self.nudge:+d}" if self.nudge else ""
        return (self.measure.value if self.part == 1 else f"{self.part} of {self.measure.value}") + nudge


PARTS = tuple(
    Fraction(*part) for part in ((1, 1), (1, 2), (9, 10), (1, 10), (1, 3), (1, 1_000), (1, 10**6), (3, 1), (1_000, 1))
)
NUDGES = (0, 0, 1, -1, 2, -2)
EXTREMES = (1, 0, 2, 2**64, MAX_UINT120, MAX_UINT120 + 1, 2**128, EVERYTHING - 1, EVERYTHING)


def near(chance: Chance, whole: int) -> int:
    """Draw an amount around a limit: a part of it, the limit to a few units, a small one, an edge of the integers."""
    roll = chance.share()
    if roll < 0.35:
        return int(whole * chance.share())
    if roll < 0.75:
        return min(EVERYTHING, max(0, whole + chance.pick((0, 0, 0, -1, 1, -2, 2))))
    if roll < 0.9:
        return chance.pick((1, 2, 3, whole // 2, whole // 3, 10**6))
    return chance.pick((EVERYTHING, EVERYTHING, 0, 1, min(2 * whole, EVERYTHING), 2**128, EVERYTHING - 1))
