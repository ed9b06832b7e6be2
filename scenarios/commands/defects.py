"""`pooltwin defects`: hunt on old releases for what later ones fixed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..terminal import console, empty_table, errors, refused_when, stopped
from .bytecode import Bytecode, Compiled, Layout, StandIns
from .defects_of_bytecode import hunt_bytecode
from .forks import refuse_bytecode
from .options import Dask, Processes, Where, names_in, work_done

if TYPE_CHECKING:
    from pooltwin.invariants.defects.results import Results


def defects_command(
    revisions: Annotated[
        str, typer.Option("--revisions", "--revision", "-r", help="Old releases; all by default.")
    ] = "",
    bytecode: Bytecode = None,
    layout: Layout = None,
    contract: StandIns = None,
    budget: Annotated[int, typer.Option("--budget", "-b", min=1, help="Steps on each release.")] = 50_000,
    longer: Annotated[
        int,
        typer.Option(
            "--longer", min=0, help="Up to how many steps to go on for what was not found, by its laws alone."
        ),
    ] = 300_000,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed finds the same things.")] = 1,
    processes: Processes = None,
    dask: Dask = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for DEFECTS.md and defect_results.json.")
    ] = None,
) -> None:
    """Attack old releases at random, hold them to the laws of the newest, and tell what later ones fixed.

    Each defect is shrunk to its smallest story. With --output, results for other releases that are already there are
    kept. Exits with status 1 when a defect of the list was not found, or a law broke that nothing explains.

    With --bytecode, tells which of the defects that its release is known for the compiled contracts have; then the
    status is 1 when there is one, or a law broke that none of them explains.
    """
    from pooltwin.invariants.workers import Interrupted

    with refused_when(ValueError):
        refuse_bytecode(revisions)
        compiled = Compiled.told(bytecode, layout, contract)
        engine = compiled.engine("", revisions)
        if engine and (output is not None or dask or processes):
            given = f"--output {output}" if output else f"--dask {dask}" if dask else f"--processes {processes}"
            raise ValueError(f"{given}: is for releases; contracts of --bytecode are attacked by one process, and told")
    if engine:
        hunt_bytecode(engine, revisions, budget, longer, seed)
        return
    with refused_when(ValueError, OSError):
        try:
            with work_done(processes, dask) as where:
                results = _hunt_all(names_in(revisions), budget, longer, seed, where, output)
        except Interrupted as stop:
            if stop.done.hunts:
                console.print(_stories_table(stop.done))
            done = ", ".join(found.revision for found in stop.done.hunts)
            stopped(f"{done} done, nothing written" if done else "no release was done")
        if output is not None:
            _write(output, results)
    _print(results)


def _hunt_all(
    revisions: tuple[str, ...], budget: int, longer: int, seed: int, where: Where, output: Path | None
) -> Results:
    """Hunt on each release, or all old ones, and add what the folder of results has of others."""
    from pooltwin.invariants.defects.catalogue import OLD
    from pooltwin.invariants.defects.hunt import hunt_each
    from pooltwin.invariants.defects.results import merged
    from pooltwin.invariants.workers import Interrupted

    chosen = revisions or tuple(OLD)
    before = _read(output)
    if set(chosen) >= set(OLD):
        before = None
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Hunting", total=None)

        def progress(text: str) -> None:
            bar.update(task, description=text)

        try:
            hunts = hunt_each(
                chosen,
                budget=budget,
                longer=longer,
                seed=seed,
                processes=where.processes,
                workers=where.workers,
                progress=progress,
            )
        except Interrupted as stop:
            raise Interrupted(merged(None, budget, seed, stop.done)) from None
    return merged(before, budget, seed, hunts)


def _read(output: Path | None) -> Results | None:
    from pooltwin.invariants.defects.results import PLACE, read_results

    there = output / PLACE.name if output is not None else None
    return read_results(there) if there is not None and there.exists() else None


def _write(output: Path, results: Results) -> None:
    from pooltwin.invariants.defects.page import defects_page
    from pooltwin.invariants.defects.results import PLACE, write_results
    from pooltwin.protocol.files import write_text

    output.mkdir(parents=True, exist_ok=True)
    write_results(output / PLACE.name, results)
    write_text(output / "DEFECTS.md", defects_page(results))


def _print(results: Results) -> None:
    """Print what was found, and what is wrong with it. Exits with 1 where something is."""
    from pooltwin.invariants.defects.catalogue import explained
    from pooltwin.invariants.defects.results import still_missed

    console.print(_stories_table(results))
    strange = [
        f"{law} on v{found.revision}"
        for found in results.hunts
        for law in found.broken
        if not explained(law, found.revision)
    ]
    missed = still_missed(results)
    if missed:
        console.print(f"\n[red]not found:[/red] {escape(', '.join(missed))}", soft_wrap=True)
    if strange:
        console.print(f"\n[red]broken, and not explained:[/red] {escape(', '.join(strange))}", soft_wrap=True)
    if missed or strange:
        raise typer.Exit(1)


def _stories_table(results: Results) -> Table:
    table = empty_table(("defect", "law", "revision"), ("found at step", "actions in its story"))
    for found in results.hunts:
        for story in found.stories:
            table.add_row(story.defect, story.law, story.revision, f"{story.step:,}", str(len(story.actions)))
    return table
