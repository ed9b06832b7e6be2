"""`pooltwin defects`: hunt on old releases for what later ones fixed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..terminal import console, errors, fail

if TYPE_CHECKING:
    from pooltwin.invariants.defects.results import Results


def defects_command(
    revisions: Annotated[str, typer.Option("--revisions", "-r", help="Old releases; all by default.")] = "",
    budget: Annotated[int, typer.Option("--budget", "-b", min=1, help="Steps on each release.")] = 50_000,
    longer: Annotated[
        int, typer.Option("--longer", help="Up to how many steps to go on for what was not found, by its laws alone.")
    ] = 300_000,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed finds the same things.")] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for DEFECTS.md and defect_results.json.")
    ] = None,
) -> None:
    """Attack old releases at random, hold them to the laws of the newest, and tell what later ones fixed.

    Each defect is shrunk to its smallest story. With --output, results for other releases that are already there are
    kept. Exits with status 1 when a defect of the list was not found, or a law broke that nothing explains.
    """
    from pooltwin.invariants.defects.catalogue import OLD
    from pooltwin.invariants.defects.hunt import hunt
    from pooltwin.invariants.defects.results import merged

    chosen = [name.strip() for name in revisions.split(",") if name.strip()] or list(OLD)
    try:
        before = _read(output)
        if before is not None and set(chosen) >= set(OLD):
            before = None
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Hunting", total=None)
            hunts = [
                hunt(
                    name,
                    budget=budget,
                    longer=longer,
                    seed=seed,
                    progress=lambda text: bar.update(task, description=text),
                )
                for name in chosen
            ]
        results = merged(before, budget, seed, hunts)
        if output is not None:
            _write(output, results)
    except (ValueError, OSError) as error:
        fail(str(error))
    _print(results)


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
    from pooltwin.invariants.defects.catalogue import explained
    from pooltwin.invariants.defects.results import still_missed

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("defect", "law", "revision"):
        table.add_column(heading)
    for heading in ("found at step", "actions in its story"):
        table.add_column(heading, justify="right")
    strange = []
    for found in results.hunts:
        for story in found.stories:
            table.add_row(story.defect, story.law, story.revision, f"{story.step:,}", str(len(story.actions)))
        strange += [f"{law} on v{found.revision}" for law in found.broken if not explained(law, found.revision)]
    console.print(table)
    missed = still_missed(results)
    if missed:
        console.print(f"\n[red]not found:[/red] {escape(', '.join(missed))}", soft_wrap=True)
    if strange:
        console.print(f"\n[red]broken, and not explained:[/red] {escape(', '.join(strange))}", soft_wrap=True)
    if missed or strange:
        raise typer.Exit(1)
