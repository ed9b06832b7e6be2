"""Tables of what lenders are owed and what stands against it, before a replay and after it."""

from __future__ import annotations

from rich.table import Table

from ..formatting import amount
from .course_table import plain_table
from .measurement import total_base
from .result import ReplayResult

SHORT = {
    "owed to lenders and treasury": "owed to lenders",
    "surplus (+) or shortfall (-)": "surplus",
    "deficit, owed by nobody": "deficit",
}
"""Names of totals as the other tables have them."""

SURPLUS_NOTE = (
    "The surplus is rounding in lenders' favour and compound interest owed against linear interest due, until the next"
    " action in the reserve; nobody can claim it. A deficit is a loss until somebody pays it in."
)


def two_sides(result: ReplayResult, symbol: str, *, narrow: bool = False) -> Table:
    """Make the table of one reserve, every digit; the narrow one leaves the change out, which is after less before."""
    before, after = (
        next(balance for balance in side if balance.symbol == symbol) for side in (result.before, result.after)
    )
    table = plain_table(f"{symbol}: what lenders are owed and what stands against it, every digit")
    table.add_column("", no_wrap=True)
    for heading in ("before", "after") if narrow else ("before", "after", "change"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = {
        "owed to lenders": (before.owed_to_lenders, after.owed_to_lenders),
        "owed by borrowers": (before.owed_by_borrowers, after.owed_by_borrowers),
        "in the pool": (before.cash, after.cash),
        "surplus": (before.slack_without_deficit, after.slack_without_deficit),
        "deficit": (before.deficit, after.deficit),
        "surplus + deficit": (before.slack, after.slack),
    }
    for name, (first, second) in rows.items():
        values = (first, second) if narrow else (first, second, second - first)
        cells = [amount(value, after.decimals) for value in values]
        table.add_row(name, *cells, style="bold" if name == "surplus" else "")
    return table


def books_note() -> str:
    """Explain the rows of the books."""
    return (
        "owed to lenders: the treasury's part included. surplus: what borrowers owe and what is in the pool, less what"
        " lenders are owed; below zero lenders are short. deficit: bad debt, owed by nobody. " + SURPLUS_NOTE
    )


def all_reserves(result: ReplayResult) -> Table:
    """Make the table of all reserves; what stood before is left out where it was nothing everywhere."""
    table = plain_table("All reserves, in whole tokens with every digit")
    table.add_column("reserve", no_wrap=True)
    clean = not any(balance.slack_without_deficit or balance.deficit for balance in result.before)
    headings = ["surplus after", "deficit after"]
    for heading in headings if clean else ["surplus before", "deficit before", *headings]:
        table.add_column(heading, justify="right", no_wrap=True)
    for before, after in zip(result.before, result.after, strict=True):
        figures = [after.slack_without_deficit, after.deficit]
        if not clean:
            figures = [before.slack_without_deficit, before.deficit, *figures]
        table.add_row(after.symbol, *(amount(figure, after.decimals) for figure in figures))
    return table


def totals(result: ReplayResult) -> Table:
    """Make the table of all reserves added up in dollars, each side at the oracle's prices of its moment; cut."""
    table = plain_table(f"All {len(result.after)} reserves together, USD at the oracle's prices of the moment")
    table.add_column("", no_wrap=True)
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    before, after = total_base(result.before), total_base(result.after)
    for name in before:
        cells = amount(before[name], 8), amount(after[name], 8)
        table.add_row(SHORT.get(name, name), *cells, style="bold" if name.startswith("surplus") else "")
    return table
