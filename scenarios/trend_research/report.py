"""Printed report of a replay: the verdict first, then what it rests on, then the tables that prove it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..formatting import amount, dollars, plural
from ..terminal import print_whole, width_of
from ..units import moment
from .books_table import all_reserves, books_note, totals, two_sides
from .changes import what_if
from .course_table import LEFT_OUT_FIRST, course_note, course_table
from .result import ReplayResult
from .waterfall import loss_story

T = TypeVar("T")


def print_report(result: ReplayResult, console: Console, *, brief: bool = False) -> None:
    """Print title, verdict, changes and assumptions, then the course and the books; the brief report has no tables."""
    console.print()
    _paragraph(console, _title(result), style="bold")
    _paragraph(console, _opening(result))
    _listed(console, "Verdict", result.verdict)
    _listed(console, "The firm's loss, which is not the lenders'", loss_story(result))
    _listed(console, "Changed from the default", (f"{change.words} ({change.name})" for change in result.changed))
    _listed(console, "Assumed, where sources are silent", result.assumed)
    if not brief:
        _tables(result, console)
    console.print()
    _paragraph(console, f"Result {result.digest()}, state of the twin {result.state_digest}", style="dim")


def _tables(result: ReplayResult, console: Console) -> None:
    left_out = [LEFT_OUT_FIRST[:count] for count in range(len(LEFT_OUT_FIRST) + 1)]
    course, left = _fitting(console, [(course_table(result, without), without) for without in left_out])
    _table(console, course)
    _paragraph(console, course_note(result, left))
    for symbol in [balance.symbol for balance in result.steps[0].reserves]:
        sides = [(two_sides(result, symbol, narrow=narrow), narrow) for narrow in (False, True)]
        _table(console, _fitting(console, sides)[0])
    _table(console, all_reserves(result))
    _table(console, totals(result))
    _paragraph(console, books_note())


def _fitting(console: Console, tables: Sequence[tuple[Table, T]]) -> tuple[Table, T]:
    """Choose the first table that fits the console, or the last, each with what tells it from the others."""
    return next((choice for choice in tables if width_of(choice[0], console) <= console.width), tables[-1])


def _table(console: Console, table: Table) -> None:
    console.print()
    print_whole(table, console)


def _listed(console: Console, heading: str, sentences: Iterable[str]) -> None:
    sentences = list(sentences)
    if sentences:
        console.print()
        console.print(heading, style="bold")
    for sentence in sentences:
        _paragraph(console, sentence, first="• ", then="  ")


def _paragraph(console: Console, text: str, *, first: str = "", then: str = "", style: str = "") -> None:
    """Print a paragraph wrapped to the console, its later lines indented as asked."""
    lines = textwrap.fill(text, console.width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False)
    console.print(escape(lines), style=style, highlight=False, soft_wrap=True)


def _title(result: ReplayResult) -> str:
    return f"Simulation of Trend Research on Aave v{result.revision} ({result.market}), {what_if(result.changed)}"


def _opening(result: ReplayResult) -> str:
    first = result.steps[0]
    weth, position = next(balance for balance in result.before if balance.symbol == "WETH"), first.position
    return (
        f"Start {moment(first.time):%Y-%m-%d %H:%M} UTC: {amount(weth.owed_to_lenders, 18, 0)} WETH supplied,"
        f" {amount(weth.cash, 18, 0)} available; {plural(len(result.parameters.wallets), 'wallet')} hold"
        f" {amount(position.weth, 18, 2)} WETH against {dollars(position.debt_base)}."
        f" {plural(len(result.steps), 'oracle print')}; every number is read from the twin."
    )
