"""`pooltwin mutants`: the protocol broken on purpose, to see which laws notice."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..formatting import plural
from ..terminal import console, errors, refused_when, stopped
from .forks import Engine, OwnLaws, Without, ids_in, print_fork, python_engine_given
from .mutants_by_fuzz import attack_mutants, page_named
from .options import Dask, Processes, Where, names_in, work_done

if TYPE_CHECKING:
    from pooltwin.invariants.law import Law
    from pooltwin.invariants.mutants.catalogue import KillMatrix
    from pooltwin.invariants.mutants.mutant import Mutant
    from pooltwin.protocol.revisions import Revision


class By(Enum):
    """Attackers of the mutants."""

    HUNT = "hunt"
    FUZZ = "fuzz"


def mutants_command(
    budget: Annotated[
        int | None,
        typer.Option("--budget", "-b", min=1, help="Steps for each mutant, at most: 10,000, or 200,000 by fuzz."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", "-s", help="The same seed gives the same: 0, or each of 1 to 3 by fuzz.")
    ] = None,
    only: Annotated[str, typer.Option("--only", help="Comma-separated ids of mutants; all by default.")] = "",
    processes: Processes = None,
    dask: Dask = "",
    both_ways: Annotated[
        bool, typer.Option("--router/--no-router", help="Also send each walk through a contract.")
    ] = True,
    engine: Engine = "",
    law: OwnLaws = None,
    without: Without = None,
    by: Annotated[
        By,
        typer.Option("--by", help="Walks made for mutants, or campaigns of `pooltwin fuzz`, which know of none."),
    ] = By.HUNT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the matrix as Markdown.")] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="Renew these mutants' rows of a page, which keeps its others.")
    ] = None,
) -> None:
    """Break the protocol on purpose, one fault at a time, and see which laws notice.

    Exits with status 1 when a mutant survives that nobody has argued to be equivalent. With an engine, the faults of
    the release that it comes from are put into the fork.
    """
    from pooltwin.invariants.choice import Deviations, chosen
    from pooltwin.invariants.mutants.catalogue import DEFAULT_BUDGET
    from pooltwin.invariants.mutants.report import table_of
    from pooltwin.invariants.workers import Interrupted

    with refused_when(ValueError, OSError), work_done(processes, dask) as where:
        _refuse_together(by, into, output, both_ways, bool(engine or law or without))
        if by is By.FUZZ:
            attack_mutants(budget, seed, only, where, output or into, anew=into is None)
            return
        steps = DEFAULT_BUDGET if budget is None else budget
        laws, fork = chosen((), own=law or (), without=ids_in(without)), python_engine_given(engine)
        if fork is not None:
            print_fork(fork, Deviations(fork, laws))
        suspects, old = _suspects(names_in(only), fork), _page_renewed(into, laws, steps, seed or 0)
        try:
            matrix = _hunt(laws, suspects, steps, seed or 0, where, both_ways)
        except Interrupted as stop:
            if stop.done.hunts:
                console.print(table_of(stop.done))
            stopped(f"{len(stop.done.hunts)} of {plural(len(suspects), 'mutant')} hunted")
        _write(matrix, old, output or into)
    _print_matrix(matrix)


def _refuse_together(by: By, into: Path | None, output: Path | None, both_ways: bool, is_fork: bool) -> None:
    """Raise ValueError for options that do not go together, and OSError where no page can be written."""
    from pooltwin.protocol.files import require_place

    if is_fork and (by is By.FUZZ or into is not None):
        what = "--by fuzz" if by is By.FUZZ else "--into"
        raise ValueError(f"{what} takes the releases and all laws: no --engine, --law or --without")
    if into is not None and output is not None:
        raise ValueError("--output writes a page anew, and --into renews one that there is: one of them, not both")
    if into is not None and by is By.HUNT and not both_ways:
        raise ValueError("--into renews a page that tells both ways: no --no-router")
    if output is not None:
        require_place(output)


def _page_renewed(into: Path | None, laws: Sequence[Law], budget: int, seed: int) -> KillMatrix | None:
    """Read the page that is to be renewed, if one is. Raises ValueError where these hunts are no part of it."""
    from pooltwin.invariants.mutants.catalogue import KillMatrix
    from pooltwin.invariants.mutants.kill_page import read_matrix, renewed

    if into is None:
        return None
    with page_named(into):
        old = read_matrix(into.read_text(encoding="utf-8"), laws)
        renewed(old, KillMatrix(laws, budget, seed))
    return old


def _write(matrix: KillMatrix, old: KillMatrix | None, path: Path | None) -> None:
    from pooltwin.invariants.mutants.kill_page import renewed
    from pooltwin.invariants.mutants.report import markdown_of
    from pooltwin.protocol.files import write_text

    if path is not None:
        write_text(path, markdown_of(matrix if old is None else renewed(old, matrix)))


def _suspects(only: tuple[str, ...], fork: Revision | None) -> tuple[Mutant, ...]:
    """Find the mutants of these ids, or all; of a fork, those of its release. Raises ValueError where none is left."""
    from pooltwin.invariants.mutants.catalogue import MUTANTS, mutant_named, mutants_of

    wanted = tuple(mutant_named(name) for name in only) or MUTANTS
    if fork is None:
        return wanted
    found = mutants_of(fork, wanted)
    if not found:
        raise ValueError(f"none of these mutants is of v{fork.release}, from which {fork.name} comes")
    return found


def _hunt(
    laws: Sequence[Law], suspects: Sequence[Mutant], budget: int, seed: int, where: Where, both_ways: bool
) -> KillMatrix:
    """Hunt mutants with a progress bar on a terminal."""
    from pooltwin.invariants.mutants.catalogue import run_mutants

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} mutants"))
    with Progress(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Hunting", total=None)
        return run_mutants(
            laws,
            budget=budget,
            seed=seed,
            mutants=suspects,
            processes=where.processes,
            workers=where.workers,
            both_ways=both_ways,
            progress=lambda _found, done, total: bar.update(task, completed=done, total=total),
        )


def _print_matrix(matrix: KillMatrix) -> None:
    """Print which law kills which mutant. Exits with 1 where a mutant survives, or a law fails without any fault."""
    from pooltwin.invariants.mutants.report import routed_summary, table_of

    console.print(table_of(matrix))
    alive = [found.mutant.id for found in matrix.survivors if not found.mutant.equivalent]
    console.print(f"\n{len(matrix.hunts) - len(matrix.survivors)} of {len(matrix.hunts)} mutants killed.")
    if matrix.routed:
        console.print(f"Through a router: {routed_summary(matrix)}.")
    unsound = [found for found in matrix.controls if found.kills]
    for found in unsound:
        who = found.mutant.revision_record().label
        console.print(f"[red]laws that fail on the faithful {who}:[/red] {', '.join(sorted(found.kills))}")
    if alive:
        console.print(f"[red]alive:[/red] {', '.join(alive)}")
    if alive or unsound:
        raise typer.Exit(1)
