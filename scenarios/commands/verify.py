"""`pooltwin verify`: recordings of the real contracts replayed on the twin and compared with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ..formatting import plural
from ..terminal import console, empty_table, fail, records_progress, stopped

if TYPE_CHECKING:
    from pooltwin.protocol.recordings.recording import Checksums
    from pooltwin.protocol.recordings.verification import Verification


def verify_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Recordings (.jsonl or .jsonl.gz). Without any: those that ship with pooltwin."),
    ] = None,
) -> None:
    """Replay recordings of the real contracts and compare everything.

    Every call's success, return or revert data and logs, and every full read-out of the state. Shows both sides of the
    first difference and exits with status 1 when there is one.
    """
    from pooltwin.fixtures import recording_checksums, recording_paths

    known = recording_checksums()
    paths = files or recording_paths()
    results: list[tuple[Verification, float]] = []
    try:
        for path in paths:
            results.append(_verify_one(path, known))
    except KeyboardInterrupt:
        console.print(_verification_table(results))
        stopped(f"{len(results)} of {plural(len(paths), 'recording')} verified")
    console.print(_verification_table(results))
    differing = [result for result, _ in results if result.difference is not None]
    for result in differing:
        _print_difference(result)
    if differing:
        raise typer.Exit(1)


def _verify_one(path: Path, known: dict[str, Checksums]) -> tuple[Verification, float]:
    """Verify one file; returns what came of it and how many seconds it took."""
    from pooltwin.protocol.recordings.recording import RecordingError
    from pooltwin.protocol.recordings.verification import verify

    with records_progress() as progress:
        task = progress.add_task(path.name, total=None)

        def report(records: int) -> None:
            if records % 200 == 0:
                progress.update(task, completed=records)

        started = time.perf_counter()
        try:
            result = verify(path, report, known=known)
        except RecordingError as error:
            progress.stop()
            fail(str(error))
        return result, time.perf_counter() - started


def _verification_table(results: list[tuple[Verification, float]]) -> Table:
    table = empty_table(("recording", "revision"), ("calls", "states", "differences", "calls/s"))
    for result, seconds in results:
        differences = "[green]0[/green]" if result.ok else "[red]1[/red], stopped there"
        counts = (f"{result.calls:,}", f"{result.states:,}")
        table.add_row(
            escape(result.path.name), result.revision, *counts, differences, _per_second(result.calls, seconds)
        )
    if len(results) > 1:
        calls, seconds = sum(result.calls for result, _ in results), sum(seconds for _, seconds in results)
        states, bad = sum(result.states for result, _ in results), sum(not result.ok for result, _ in results)
        table.add_section()
        table.add_row("all", "", f"{calls:,}", f"{states:,}", str(bad), _per_second(calls, seconds))
    return table


def _per_second(calls: int, seconds: float) -> str:
    return f"{calls / seconds:,.0f}" if seconds else "-"


def _print_difference(result: Verification) -> None:
    """Print both sides of the first difference."""
    difference = result.difference
    if difference is None:
        return
    console.print(
        f"\n[bold]{escape(str(result.path))}, line {difference.line}: {escape(difference.place)}[/bold]", soft_wrap=True
    )
    console.print(f"  recorded  {escape(difference.recorded)}", highlight=False, soft_wrap=True)
    console.print(f"  twin      {escape(difference.twin)}", highlight=False, soft_wrap=True)
