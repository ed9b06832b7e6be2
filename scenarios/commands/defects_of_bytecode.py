"""`pooltwin defects --bytecode`: which of the defects that a release is known for compiled contracts have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..formatting import plural
from ..terminal import console, empty_table, errors, print_whole, refused_when, stopped
from .forks import engine_given, print_engine

if TYPE_CHECKING:
    from pooltwin.invariants.defects.catalogue import Defect
    from pooltwin.invariants.defects.hunt import ReleaseHunt
    from pooltwin.invariants.defects.story import Story


def hunt_bytecode(engine: str, revision: str, budget: int, longer: int, seed: int) -> None:
    """Attack compiled contracts and print which known defects they have. Exits with 1 where something was found."""
    from pooltwin.invariants.defects.hunt import hunt

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with refused_when(ValueError, OSError):
        record = engine_given(engine)
        print_engine(record)
        try:
            with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
                task = bar.add_task("Hunting", total=None)
                found = hunt(
                    revision,
                    engine=engine,
                    budget=budget,
                    longer=longer,
                    seed=seed,
                    progress=lambda text: bar.update(task, description=text),
                )
        except KeyboardInterrupt:
            stopped("what was found so far is not told")
    _print(found)


def _print(found: ReleaseHunt) -> None:
    from pooltwin.invariants.defects.catalogue import DEFECTS, explained

    console.print(f"{plural(found.steps, 'step')} with all laws, {found.searched:,} more for some alone.\n")
    known = [defect for defect in DEFECTS if found.revision in defect.lives]
    table = empty_table(("defect", "law"), ("found at step", "actions in its story"))
    for defect in known:
        for symptom in defect.symptoms:
            story = next((each for each in found.stories if each.symptom == symptom and each.defect == defect.id), None)
            told = ("not found", "") if story is None else (f"{story.step:,}", str(len(story.actions)))
            table.add_row(defect.id, symptom.law, *told)
    print_whole(table, console)
    for defect in known:
        stories = [story for story in found.stories if story.defect == defect.id]
        if stories:
            _tell(defect, min(stories, key=lambda story: len(story.actions)))
    strange = [f"{law} {often:,} times" for law, often in found.broken.items() if not explained(law, found.revision)]
    if strange:
        console.print(
            f"\n[red]broken, and no known defect of v{found.revision} explains it:[/red] {escape(', '.join(strange))}; "
            "`pooltwin fuzz` tells the story.",
            soft_wrap=True,
        )
    if found.stories or strange:
        raise typer.Exit(1)
    console.print("\nNone of them was found.")


def _tell(defect: Defect, story: Story) -> None:
    """Print what a defect is, and its shortest story."""
    console.print(f"\n[bold]{defect.id}[/bold]: {escape(defect.statement)} Fixed in v{defect.fixed}.", highlight=False)
    console.print(escape(story.history.story()), soft_wrap=True, highlight=False)
    console.print(f"=> {escape(story.violation.partition(chr(10))[0])}", soft_wrap=True, highlight=False)
