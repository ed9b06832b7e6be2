"""The cost of a defect to lenders: measured in the step that shows it, at the standard market's opening prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..laws.accrual import synced
from ..reading.step import NoPriceError, Step
from ..reference import BPS
from ..standard import standard_config

BASE_UNIT = 10**8
FINE = 10**12
"""How many parts of a unit of base currency are counted, so that single wei can be compared."""


@dataclass(frozen=True)
class Cost:
    """One measurement: a size to compare by, and words."""

    size: int
    words: str


def dollars(base: int) -> str:
    """Write an amount of base currency as "$1,234.56"."""
    if 0 < base < BASE_UNIT // 100:
        return "less than a cent"
    cents = base * 100 // BASE_UNIT
    return f"${cents // 100:,}.{cents % 100:02}"


def tokens(amount: int, unit: int, symbol: str) -> str:
    """Write an amount as "6,684.7 LINK", or in wei where it is less than a tenth of a token."""
    if amount * 10 < unit:
        return f"{amount:,} wei of {symbol}"
    tenths = amount * 10 // unit
    return f"{tenths // 10:,}.{tenths % 10} {symbol}"


PRICES = {reserve.symbol: reserve.price for reserve in standard_config().reserves}


def slack_lost(step: Step) -> Cost | None:
    """Measure by how much the step lowered a reserve's slack below what it was once the interest due was accrued."""
    found = []
    for change in step.reserves.values():
        lost = synced(change.before).slack - change.after.slack
        if lost > 0 and change.after.symbol in PRICES:
            unit, symbol = change.after.unit, change.after.symbol
            fine = lost * PRICES[symbol] * FINE // unit
            part = lost * BPS // max(1, synced(change.before).claims)
            share = f", {part // 100}.{part % 100:02}% of what the reserve owes lenders" if part else ""
            found.append(Cost(fine, f"{tokens(lost, unit, symbol)}, {dollars(-(-fine // FINE))}{share}"))
    return max(found, key=lambda cost: cost.size, default=None)


def uncovered_debt(step: Step) -> Cost | None:
    """Measure what users touched by the step owe beyond their collateral, at the prices of the moment."""
    try:
        short = max(
            (change.after.sums.debt - change.after.sums.collateral for change in step.users.values()), default=0
        )
    except NoPriceError:
        return None
    return Cost(short, f"{dollars(short)} owed beyond all collateral") if short > 0 else None


def index_raised(step: Step) -> Cost | None:
    """Measure by how much the step raised a liquidity index beyond its interest."""
    found = []
    for change in step.reserves.values():
        raised = change.after.liquidity_index - change.before.income
        if raised > 0:
            parts = raised * BPS // change.before.income
            words = (
                f"the liquidity index of {change.after.symbol} raised by {parts // 100}.{parts % 100:02}% in one call"
            )
            found.append(Cost(raised * FINE // change.before.income, words))
    return max(found, key=lambda cost: cost.size, default=None)


def collateral_kept(step: Step) -> Cost | None:
    """Measure what the borrower of a liquidation has left, at the prices of the moment."""
    try:
        kept = step.after.position(step.arguments[2]).sums.collateral
    except NoPriceError:
        return None
    return Cost(kept, f"{dollars(kept)} of collateral kept") if kept else None


MEASURES: dict[str, Callable[[Step], Cost | None]] = {
    "slack": slack_lost,
    "debt": uncovered_debt,
    "index": index_raised,
    "kept": collateral_kept,
}
