"""The summary of a sweep: how many runs there are, how many failed, how many lose, and which are extreme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..formatting import amount, plural
from ..terminal import empty_table
from .columns import ERROR, KEY, Cell, Column
from .parts import failed, written
from .run import SweepResult

SHOWN_OF_A_KEY = 12
"""As many characters of a key are enough for `--show`."""
MOST_ERRORS = 5
PLACES = 3


def print_sweep(result: SweepResult, console: Console) -> None:
    """Print the totals of a sweep, its extremes with the keys of their runs, and how runs failed."""
    console.print(_totals(result), highlight=False)
    table = extremes(result)
    if table.row_count:
        console.print()
        console.print(table)
        for row in _extreme_runs(result):
            console.print(f"\n{short(row)}  {escape(_at(result, row))}", soft_wrap=True, highlight=False)
    for row in result.failures[:MOST_ERRORS]:
        told = escape(f"{_at(result, row)}: {row[ERROR.name]}")
        console.print(f"\n[red]failed[/red] {short(row)} {told}", highlight=False)
    if len(result.failures) > MOST_ERRORS:
        console.print(f"and {len(result.failures) - MOST_ERRORS} more: column {ERROR.name} of the table")


def _totals(result: SweepResult) -> str:
    plan, count = result.plan, len(result.rows)
    told = [f"{plural(count, 'run')}: {count - result.read:,} done now, {result.read:,} read from parts"]
    told.append(f"{len(result.failures):,} failed; lenders lose in {len(result.losing):,}")
    if plan.repeated:
        told.append(f"{plural(plan.repeated, 'point')} of the file gave a run that was there already")
    title = [f"[bold]{escape(plan.title)}[/bold]"] if plan.title else []
    return "\n".join(title + told)


def extremes(result: SweepResult) -> Table:
    """Make the table of extremes: the figure, and the key of the run that has it."""
    table = empty_table(("extreme",), ("figure", "run"))
    for column in result.plan.outcomes:
        row = extreme_of(column, result.rows) if column.extreme else None
        if row is not None:
            table.add_row(column.told, shown(column, row[column.name]), short(row))
    return table


def _extreme_runs(result: SweepResult) -> list[Mapping[str, Cell]]:
    """List the runs that the table of extremes names, each once."""
    found = [extreme_of(column, result.rows) for column in result.plan.outcomes if column.extreme]
    return list({short(row): row for row in found if row is not None}.values())


def extreme_of(column: Column, rows: Sequence[Mapping[str, Cell]]) -> Mapping[str, Cell] | None:
    """Find the run with the least or the most of a figure; of equals the one with the lowest key.

    None where no run has the figure, or where all have the same.
    """
    having = [(cell, row) for row in rows if not failed(row) and isinstance(cell := row[column.name], int)]
    if len({cell for cell, _ in having}) < min(2, len(rows)):
        return None
    sign = -1 if column.extreme == "most" else 1
    return min(having, key=lambda pair: (sign * pair[0], str(pair[1][KEY.name])), default=(0, None))[1]


def shown(column: Column, cell: Cell) -> str:
    """Write a figure for people, with at most three decimals."""
    if not isinstance(cell, int):
        return "–" if cell is None else str(cell)
    return amount(cell, column.unit, min(column.unit, 0 if column.name.endswith(("usd_e8", "wei")) else PLACES))


def short(row: Mapping[str, Cell]) -> str:
    """Give as much of a run's key as tells it apart."""
    return str(row[KEY.name])[:SHOWN_OF_A_KEY]


def _at(result: SweepResult, row: Mapping[str, Cell]) -> str:
    return ", ".join(f"{axis.name} {written(row[axis.name])}" for axis in result.plan.axes)
