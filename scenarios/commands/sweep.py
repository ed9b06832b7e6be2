"""`pooltwin sweep`: one scenario many times over, on processes or a cluster, into one table."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..formatting import plural
from ..terminal import console, errors, refused_when, stopped
from .options import Dask, processes_for, refuse_both

if TYPE_CHECKING:
    from ..sweep.plan import SweepPlan
    from ..sweep.run import SweepResult


def sweep_command(
    file: Annotated[Path, typer.Argument(help="What to run and what to vary: a sweep file.", metavar="FILE")],
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=0, help="Processes on this machine; one a core by default.")
    ] = None,
    dask: Dask = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the parts and the table; by default the file's name, .sweep."),
    ] = None,
    plan_only: Annotated[bool, typer.Option("--plan", help="Say how many runs these are, and do none.")] = False,
    show: Annotated[
        str, typer.Option("--show", metavar="KEY", help="Print the parameters of the run whose key begins so.")
    ] = "",
) -> None:
    """Run a scenario many times over and write one table of what came of it.

    Each finished chunk of runs is kept at once: the same command goes on where an earlier one stopped, and the table is
    the same to the byte, whoever did which run when. Exits with status 1 when a run failed; its error is in the table.
    """
    from pooltwin.invariants.workers import Interrupted

    from ..sweep.plan import plan_sweep
    from ..sweep.report import print_sweep

    with refused_when(ValueError, OSError):
        refuse_both("--workers", workers, dask)
        plan = plan_sweep(file)
        if show:
            console.print_json(json.dumps(plan.run_with(show).shown()))
            return
        folder = output if output is not None else Path(f"{file.stem}.sweep")
        if plan_only:
            _print_plan(plan, folder)
            return
        try:
            result = _run(plan, folder, processes_for(workers or 0), dask)
        except Interrupted as stop:
            kept = f"{stop.done:,} of {plural(len(plan.runs), 'run')} are kept in {folder}"
            stopped(f"{kept}; the same command goes on from there")
    print_sweep(result, console)
    console.print(f"\nwritten: {' '.join(map(str, result.files))}", soft_wrap=True, highlight=False)
    if result.failures:
        raise typer.Exit(1)


def _run(plan: SweepPlan, folder: Path, processes: int, dask: str) -> SweepResult:
    """Run a sweep with a progress bar, on a terminal only."""
    from ..cluster import cluster_workers
    from ..sweep.run import run_sweep

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} runs"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Sweeping", total=len(plan.runs))
        return run_sweep(
            plan,
            folder,
            processes=processes,
            elsewhere=partial(cluster_workers, dask) if dask else None,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _print_plan(plan: SweepPlan, folder: Path) -> None:
    from ..sweep.parts import Store

    there = len(Store(folder, plan.columns).read_parts(run.key for run in plan.runs))
    console.print(
        f"{plural(len(plan.runs), 'run')} of {plan.study}, {there:,} of them done in {folder}", highlight=False
    )
    for axis in plan.axes:
        console.print(f"  varied: {axis.name}", highlight=False, soft_wrap=True)
    console.print(f"  columns: {', '.join(column.name for column in plan.columns)}", highlight=False)
