"""Shocks and what they do to a book: accounts that can be liquidated, what they owe, and what does not cover it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .numeric import Mask, Words, np
from .results import AccountTable, LiquidatableSet
from .scan import Scan
from .shocks import Shock


class ShockRow(NamedTuple):
    """One shock and what comes of it; amounts in base currency (8 decimals)."""

    name: str
    found: LiquidatableSet
    owed: int
    """What those owe who can be liquidated."""
    owed_by_all: int
    uncovered: int
    """The part of `owed` that is larger than the collateral behind it, account by account."""


def shock_rows(scan: Scan, shocks: Sequence[tuple[str, Shock]], time: int | None = None) -> list[ShockRow]:
    """Tell what each of some named shocks does. Raises ValueError as the scan does."""
    sets = scan.liquidatable([shock for _, shock in shocks], time)
    return [
        _row(name, found, scan.account_data(shock, time)) for (name, shock), found in zip(shocks, sets, strict=True)
    ]


def _row(name: str, found: LiquidatableSet, table: AccountTable) -> ShockRow:
    debt, collateral = (table.words[f"total_{side}_base"] for side in ("debt", "collateral"))
    gap = np.where(debt > collateral, debt - collateral, np.uint64(0))
    owed, uncovered, owed_by_all = _sum(debt, found.mask), _sum(gap, found.mask), _sum(debt, ~table.fails)
    for row, account in table.beyond.items():
        words = [int(column[row]) for column in (debt, gap)]
        owed_by_all += account.total_debt_base - words[0]
        if found.mask[row]:
            owed += account.total_debt_base - words[0]
            uncovered += max(0, account.total_debt_base - account.total_collateral_base) - words[1]
    return ShockRow(name, found, owed, owed_by_all, uncovered)


def _sum(words: Words, mask: Mask) -> int:
    """Sum some words without overflow."""
    chosen = words[mask]
    low, high = chosen & np.uint64(2**32 - 1), chosen >> np.uint64(32)
    return int(low.sum(dtype=np.uint64)) + (int(high.sum(dtype=np.uint64)) << 32)
