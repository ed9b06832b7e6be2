"""A position's figures as rows for a spreadsheet, every figure an exact decimal."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from ..units import from_units
from .figures import Figures

HEADING = ("part", "asset", "against", "case", "figure", "value")
Row = tuple[str, str, str, str, str, str]


def csv_of(figures: Figures) -> str:
    """All figures as CSV: one figure a line, with what it is a figure of. Amounts in tokens, values in USD."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADING)
    writer.writerows(_rows(figures))
    return text.getvalue()


def _rows(figures: Figures) -> Iterator[Row]:
    health = figures.health
    yield "position", "", "", "now", "health_factor", _wad(health.health_factor)
    yield "position", "", "", "now", "collateral_usd", _base(health.total_collateral)
    yield "position", "", "", "now", "debt_usd", _base(health.total_debt)
    yield "position", "", "", "now", "can_still_borrow_usd", _base(health.available_borrows)
    for side in figures.sides:
        part = "debt" if side.is_debt else "collateral"
        yield part, side.name, "", "now", "amount", _plain(side.amount, side.decimals)
        yield part, side.name, "", "now", "price_usd", _base(side.price)
        yield part, side.name, "", "now", "value_usd", _base(side.value)
        price = side.liquidation_price
        told = "" if price is None else "any" if price.always else _base(price)
        yield part, side.name, "", "now", "liquidation_price_usd", told
    yield from _liquidation_rows(figures)
    for change in figures.changes:
        part, case = ("repayment" if change.is_repayment else "top-up"), f"{change.part_percent}%"
        if change.health is None:
            yield part, change.name, "", case, "refused", change.refusal.describe() if change.refusal else ""
        else:
            yield part, change.name, "", case, "health_factor", _wad(change.health.health_factor)
    for move in figures.moves:
        case = f"{move.percent:+d}%"
        yield "price move", figures.moved, "", case, "price_usd", _base(move.price)
        if move.health is not None:
            yield "price move", figures.moved, "", case, "health_factor", _wad(move.health.health_factor)


def _liquidation_rows(figures: Figures) -> Iterator[Row]:
    decimals = {side.name: side.decimals for side in figures.sides}
    for row in figures.liquidations:
        case = f"{row.collateral} at {_base(row.price)}"
        outcome, pair = row.outcome, ("liquidation", row.collateral, row.debt, case)
        if outcome.refusal is not None:
            yield *pair, "refused", outcome.refusal.describe()
            continue
        taken, owed = decimals[row.collateral], decimals[row.debt]
        yield *pair, "debt_covered", _plain(outcome.debt_covered, owed)
        yield *pair, "collateral_to_liquidator", _plain(outcome.collateral_received, taken)
        yield *pair, "fee_to_treasury", _plain(outcome.protocol_fee, taken)
        yield *pair, "liquidator_gain_usd", _base(outcome.bonus_base)
        yield *pair, "borrower_loss_usd", _base(outcome.borrower_loss_base)
        for name, deficit in outcome.deficits.items():
            yield *pair, f"deficit_{name}", _plain(deficit, decimals.get(name, 0))


def _plain(units: int, decimals: int) -> str:
    return f"{from_units(units, decimals):f}"


def _base(units: int) -> str:
    return _plain(units, 8)


def _wad(factor: int | None) -> str:
    return "no debt" if factor is None else _plain(factor, 18)
