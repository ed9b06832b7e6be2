"""Output of the commands: consoles, tables, progress bars and error messages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NoReturn

import typer
from pooltwin.protocol.files import in_words
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

OUTPUT_CLOSED = 141
"""The exit status when nobody reads the output any more, as after `| head`: that of a process that SIGPIPE ends."""

STOPPED = 130
"""The exit status after Ctrl-C."""


class Output(Console):
    """A console that ends the program with a status of its own when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Say nothing more, and end."""
        end_quietly(self)


def end_quietly(broken: Console) -> NoReturn:
    """Let whatever is still printed go nowhere, and end."""
    broken.quiet = True
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if not stream.isatty():
                os.dup2(nowhere, stream.fileno())
    raise SystemExit(OUTPUT_CLOSED)


console = Output()
errors = Output(stderr=True)


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with status 2."""
    errors.print(f"[red]error:[/red] {escape(message)}", soft_wrap=True, highlight=False)
    raise typer.Exit(2)


def stopped(more: str = "") -> NoReturn:
    """Say that Ctrl-C was pressed, and what of it, and end with the status that shells give it."""
    errors.print(f"stopped by Ctrl-C{more and '; '}{escape(more)}", soft_wrap=True, highlight=False)
    raise typer.Exit(STOPPED)


@contextmanager
def refused_when(*kinds: type[Exception]) -> Iterator[None]:
    """Turn exceptions of these kinds into a message and exit status 2: what a command was given is at fault."""
    try:
        yield
    except kinds as error:
        fail(in_words(error) if isinstance(error, OSError) else str(error))


def empty_table(texts: Sequence[str], figures: Sequence[str] = (), title: str | None = None) -> Table:
    """Make an empty table with columns of text, then columns of figures, which stand at the right."""
    table = Table(box=None, pad_edge=False, header_style="bold", title=title)
    for heading in texts:
        table.add_column(heading)
    for heading in figures:
        table.add_column(heading, justify="right")
    return table


def width_of(table: Table, to: Console) -> int:
    """Measure how many columns of a terminal a table needs to show every figure in full."""
    return Measurement.get(to, to.options.update(max_width=1_000), table).maximum


def print_whole(table: Table, to: Console) -> None:
    """Print a table with every figure in full, in lines wider than the terminal if need be."""
    usual = to.width
    to.width = max(usual, width_of(table, to))
    try:
        to.print(table)
    finally:
        to.width = usual


def blocks_progress() -> Progress:
    """A bar for the blocks of a run, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("block {task.completed} of {task.total}"))
    return Progress(*columns, TimeElapsedColumn(), console=errors, transient=True, disable=not errors.is_terminal)


def records_progress() -> Progress:
    """A bar that counts records, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} records"))
    return Progress(*columns, TimeElapsedColumn(), console=errors, transient=True, disable=not errors.is_terminal)
