"""Printed report of a replay."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ..formatting import amount, dollars, plural
from ..units import moment
from .changes import what_if
from .course_table import course_note, course_table, plain_table
from .measurement import total_base
from .result import ReplayResult

WIDTH = 124
"""Columns the tables need; narrower terminals and pipes get this width all the same."""

SURPLUS_NOTE = (
    "The surplus is rounding in lenders' favour and compound interest owed against linear interest due, until the\n"
    "next action in the reserve; nobody can claim it. A deficit is a loss until somebody pays it in."
)


def print_report(result: ReplayResult, console: Console) -> None:
    """Print header, course of events, lenders' two sides, verdict and assumptions."""
    wide = _widened(console)
    wide.print()
    wide.print(_title(result), style="bold")
    wide.print(_opening(result))
    wide.print(course_table(result))
    wide.print(course_note(result))
    for symbol in [balance.symbol for balance in result.steps[0].reserves]:
        wide.print(_two_sides(result, symbol))
    wide.print(_all_reserves(result))
    wide.print(_totals(result))
    wide.print(SURPLUS_NOTE)
    wide.print()
    wide.print("Verdict", style="bold")
    for sentence in result.verdict:
        wide.print(f"• {sentence}")
    wide.print()
    wide.print("Assumed where sources are silent (all of it is in replay.json, and can be changed)", style="bold")
    for assumption in result.assumed:
        wide.print(f"• {assumption}")
    wide.print()
    wide.print(f"Result {result.digest()}, state of the twin {result.state_digest}", style="dim")


def _widened(console: Console) -> Console:
    """Make the same console, wide enough that no cell is cut off; plain where the given one is."""
    return Console(
        file=console.file,
        width=max(WIDTH, console.width),
        force_terminal=console.is_terminal,
        no_color=console.no_color,
        highlight=False,
    )


def _title(result: ReplayResult) -> str:
    return f"Trend Research on Aave v{result.revision} ({result.market}), {what_if(result.changed)}"


def _opening(result: ReplayResult) -> str:
    first = result.steps[0]
    weth, position = next(balance for balance in result.before if balance.symbol == "WETH"), first.position
    return (
        f"Start {moment(first.time):%Y-%m-%d %H:%M} UTC: {amount(weth.owed_to_lenders, 18, 0)} WETH supplied,"
        f" {amount(weth.cash, 18, 0)} available; six wallets hold {amount(position.weth, 18, 2)} WETH"
        f" against {dollars(position.debt_base)}.\n"
        f"{plural(len(result.steps), 'oracle print')}; every number is read from the twin.\n"
    ).replace("six wallets", plural(len(result.parameters.wallets), "wallet"))


def _two_sides(result: ReplayResult, symbol: str) -> Table:
    before, after = (
        next(balance for balance in side if balance.symbol == symbol) for side in (result.before, result.after)
    )
    table = plain_table(f"\n{symbol}: what lenders are owed and what stands against it, every digit")
    table.add_column("", no_wrap=True)
    for heading in ("before", "after", "change"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = {
        "owed to lenders and treasury": (before.owed_to_lenders, after.owed_to_lenders),
        "owed by borrowers": (before.owed_by_borrowers, after.owed_by_borrowers),
        "in the pool": (before.cash, after.cash),
        "surplus (+) or shortfall (-)": (before.slack_without_deficit, after.slack_without_deficit),
        "deficit, owed by nobody": (before.deficit, after.deficit),
        "slack, deficit counted in": (before.slack, after.slack),
    }
    for name, (first, second) in rows.items():
        cells = [amount(value, after.decimals) for value in (first, second, second - first)]
        table.add_row(name, *cells, style="bold" if name.startswith("surplus") else "")
    return table


def _all_reserves(result: ReplayResult) -> Table:
    table = plain_table("\nAll reserves, in the smallest unit of each asset")
    table.add_column("reserve", no_wrap=True)
    for heading in ("surplus before", "surplus after", "deficit before", "deficit after"):
        table.add_column(heading, justify="right", no_wrap=True)
    for before, after in zip(result.before, result.after, strict=True):
        table.add_row(
            after.symbol,
            f"{before.slack_without_deficit:,}",
            f"{after.slack_without_deficit:,}",
            f"{before.deficit:,}",
            f"{after.deficit:,}",
        )
    return table


def _totals(result: ReplayResult) -> Table:
    """Make the table of all reserves added up in dollars, each side at the oracle's prices of its moment; cut."""
    table = plain_table(f"\nAll {len(result.after)} reserves together, USD at the oracle's prices of the moment")
    table.add_column("", no_wrap=True)
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    before, after = total_base(result.before), total_base(result.after)
    for name in before:
        cells = amount(before[name], 8), amount(after[name], 8)
        table.add_row(name, *cells, style="bold" if name.startswith("surplus") else "")
    return table
