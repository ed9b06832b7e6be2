"""Where the commands print, and how they say that something is wrong."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console = Console()
errors = Console(stderr=True)


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with status 2."""
    errors.print(f"[red]error:[/red] {escape(message)}", soft_wrap=True, highlight=False)
    raise typer.Exit(2)


def print_whole(table: Table, to: Console) -> None:
    """Print a table with every figure in full, in lines wider than the terminal if need be."""
    usual = to.width
    needed = Measurement.get(to, to.options.update(max_width=1_000), table).maximum
    to.width = max(usual, needed)
    try:
        to.print(table)
    finally:
        to.width = usual


def records_progress() -> Progress:
    """A bar that counts records, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} records"))
    return Progress(*columns, TimeElapsedColumn(), console=errors, transient=True, disable=not errors.is_terminal)
