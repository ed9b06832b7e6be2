"""Liquidations around that week in reality, as they are reported."""

from __future__ import annotations

from decimal import Decimal

from pooltwin import fixtures

from ..units import Exact, Frozen, to_price

FILE = "books/liquidations-2026-02.json"


class ReportedLiquidations(Frozen):
    """Liquidations of a period on all of Aave, in dollars with 8 decimals; None is not reported."""

    period: str
    seized_base: Exact | None
    seized_is_at_least: bool
    repaid_base: Exact | None
    bonus_base: Exact | None
    source: str


def reported_liquidations() -> tuple[ReportedLiquidations, ...]:
    """Read what is reported."""

    def base(text: str | None) -> int | None:
        return None if text is None else to_price(Decimal(text))

    return tuple(
        ReportedLiquidations(
            period=row["period"],
            seized_base=base(row["seized_usd"] or row["seized_usd_at_least"]),
            seized_is_at_least=row["seized_usd"] is None,
            repaid_base=base(row["repaid_usd"]),
            bonus_base=base(row["bonus_usd"]),
            source=row["source"],
        )
        for row in fixtures.read_json(FILE)["periods"]
    )
