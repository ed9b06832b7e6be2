"""`pooltwin mutants`: the protocol broken on purpose, to see which laws notice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..terminal import console, errors, refused_when
from .options import names_in, processes_for

if TYPE_CHECKING:
    from pooltwin.invariants.mutants.catalogue import KillMatrix


def mutants_command(
    budget: Annotated[int, typer.Option("--budget", "-b", help="Steps for each mutant, at most.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed gives the same matrix.")] = 0,
    only: Annotated[str, typer.Option("--only", help="Comma-separated ids of mutants; all by default.")] = "",
    processes: Annotated[int, typer.Option("--processes", "-p", help="How many at once; 0 for one a core.")] = 1,
    both_ways: Annotated[
        bool, typer.Option("--router/--no-router", help="Also send each walk through a contract.")
    ] = True,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the matrix as Markdown.")] = None,
) -> None:
    """Break the protocol on purpose, one fault at a time, and see which laws notice.

    Exits with status 1 when a mutant survives that nobody has argued to be equivalent.
    """
    from pooltwin.invariants.mutants.report import markdown_of
    from pooltwin.protocol.files import write_text

    with refused_when(ValueError, OSError):
        matrix = _hunt(budget, seed, names_in(only), processes_for(processes), both_ways)
        if output is not None:
            write_text(output, markdown_of(matrix))
    _print_matrix(matrix)


def _hunt(budget: int, seed: int, only: tuple[str, ...], processes: int, both_ways: bool) -> KillMatrix:
    """Hunt the mutants of these ids, or all, with a progress bar on a terminal."""
    from pooltwin.invariants.catalogue import all_laws
    from pooltwin.invariants.mutants.catalogue import MUTANTS, mutant_named, run_mutants

    chosen = tuple(mutant_named(name) for name in only) or MUTANTS
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} mutants"))
    with Progress(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Hunting", total=None)
        return run_mutants(
            all_laws(),
            budget=budget,
            seed=seed,
            mutants=chosen,
            processes=processes,
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
    unsound = {found.mutant.revision: sorted(found.kills) for found in matrix.controls if found.kills}
    for revision, laws in unsound.items():
        console.print(f"[red]laws that fail on the faithful v{revision}:[/red] {', '.join(laws)}")
    if alive:
        console.print(f"[red]alive:[/red] {', '.join(alive)}")
    if alive or unsound:
        raise typer.Exit(1)
