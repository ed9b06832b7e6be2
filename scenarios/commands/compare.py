"""`pooltwin compare`: one history played on several revisions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..terminal import console, records_progress, refused_when
from .options import names_in

if TYPE_CHECKING:
    from ..comparison.difference import Comparison


def compare_command(
    history: Annotated[Path, typer.Argument(help="A recording (.jsonl or .jsonl.gz), or a history that fuzz wrote.")],
    revisions: Annotated[
        str, typer.Option("--revisions", "-r", help="Comma-separated, for instance 3.5,3.6,3.7. All by default.")
    ] = "",
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", "-b", help="Compared with the others; by default what the history was made on."),
    ] = None,
    each_call: Annotated[
        bool,
        typer.Option("--each-call", "-e", help="Start every call from the baseline's state, so that it stands alone."),
    ] = False,
) -> None:
    """Play one history on several revisions and show where they part.

    Which call, which value, by how many wei, and what it adds up to for lenders, borrowers and the treasury.
    """
    from pooltwin.protocol.recordings.recording import RecordingError

    from ..comparison.report import print_comparison

    with refused_when(RecordingError, ValueError):
        comparison = _compare(history, names_in(revisions), baseline, each_call)
    print_comparison(comparison, console)


def _compare(history: Path, revisions: tuple[str, ...], baseline: str | None, each_call: bool) -> Comparison:
    """Compare with a progress bar; no names stand for every revision that can be compared."""
    from ..comparison.compare import compare

    with records_progress() as progress:
        task = progress.add_task(history.name, total=None)
        return compare(
            history,
            revisions,
            baseline,
            each_call=each_call,
            progress=lambda done: progress.update(task, completed=done),
        )
