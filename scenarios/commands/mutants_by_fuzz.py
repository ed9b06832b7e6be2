"""`pooltwin mutants --by fuzz`: the mutants before plain campaigns, which know of none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..formatting import plural
from ..terminal import console, empty_table, errors, refused_when, stopped
from .options import Where, names_in

if TYPE_CHECKING:
    from pooltwin.invariants.mutants.plain import PlainKill


@contextmanager
def page_named(path: Path) -> Iterator[None]:
    """Name a page in what is wrong with it. Raises ValueError."""
    from pooltwin.protocol.files import reason_of

    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {reason_of(error)}") from None


def attack_mutants(
    budget: int | None, seed: int | None, only: str, where: Where, page: Path | None, *, anew: bool
) -> None:
    """Attack the mutants of these ids, or all. Exits with 1 where a campaign misses a fault, or finds one too many.

    Without a budget and a seed these are 200,000 steps with each of three seeds. A page that is not written anew
    keeps its other rows.
    """
    from pooltwin.invariants.mutants import plain
    from pooltwin.invariants.mutants.plain_page import PlainPage, markdown_of, read_page, renewed
    from pooltwin.invariants.workers import Interrupted
    from pooltwin.protocol.files import write_text

    with refused_when(ValueError, OSError):
        steps = plain.BUDGET if budget is None else budget
        seeds = plain.SEEDS if seed is None else (seed,)
        found, old = PlainPage([], steps, seeds), None
        if page is not None and not anew:
            with page_named(page):
                old = read_page(page.read_text(encoding="utf-8"))
                renewed(old, found)  # refused before the long work
        try:
            found = replace(found, kills=_campaigns(steps, seeds, names_in(only), where))
        except Interrupted as stop:
            if stop.done:
                console.print(_kills_table(stop.done))
            stopped(f"{plural(len(stop.done), 'campaign')} finished")
        if page is not None:
            write_text(page, markdown_of(found if old is None else renewed(old, found)))
    _print_kills(found.kills)


def _campaigns(budget: int, seeds: tuple[int, ...], only: tuple[str, ...], where: Where) -> list[PlainKill]:
    """Run the campaigns with a progress bar on a terminal."""
    from pooltwin.invariants.mutants import plain
    from pooltwin.invariants.mutants.catalogue import MUTANTS, mutant_named

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} campaigns"))
    with Progress(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Attacking", total=None)
        return plain.campaigns_against(
            tuple(mutant_named(name) for name in only) or MUTANTS,
            seeds=seeds,
            budget=budget,
            processes=where.processes,
            workers=where.workers,
            progress=lambda _kill, done, total: bar.update(task, completed=done, total=total),
        )


def _kills_table(kills: Sequence[PlainKill]) -> Table:
    table = empty_table(("mutant", "seed"), ("steps", "laws"))
    for kill in kills:
        table.add_row(kill.mutant, str(kill.seed), f"{kill.steps:,}", ", ".join(kill.laws) or "none")
    return table


def _print_kills(kills: Sequence[PlainKill]) -> None:
    """Print after how many steps each campaign found what. Exits with 1 where one should have answered otherwise."""
    from pooltwin.invariants.mutants import plain

    console.print(_kills_table(kills))
    alive, alarms = plain.survivors(kills), plain.false_alarms(kills)
    hunted = [kill for kill in kills if not kill.mutant.startswith(plain.CONTROL)]
    console.print(f"\n{len(hunted) - len(alive)} of {len(hunted)} campaigns found the fault.")
    for kill in (*alive, *alarms):
        what = f"broke without a fault: {', '.join(kill.laws)}" if kill.laws else "found nothing"
        console.print(f"[red]{kill.mutant}, seed {kill.seed}:[/red] {what} in {kill.steps:,} steps")
    if alive or alarms:
        raise typer.Exit(1)
