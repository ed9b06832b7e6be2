"""`pooltwin compare`: one history played on several revisions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..terminal import console, records_progress, refused_when
from .forks import Engine, engine_given, print_fork
from .options import names_in

if TYPE_CHECKING:
    from pooltwin.protocol.revisions import Revision

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
    engine: Engine = "",
    law: Annotated[
        list[str] | None,
        typer.Option(
            "--law",
            help="Watch each revision with this law: an id, or a law of your own. Repeatable.",
            metavar="ID|MODULE:NAME",
        ),
    ] = None,
    each_call: Annotated[
        bool,
        typer.Option("--each-call", "-e", help="Start every call from the baseline's state, so that it stands alone."),
    ] = False,
) -> None:
    """Play one history on several revisions and show where they part.

    Which call, which value, by how many wei, and what it adds up to for lenders, borrowers and the treasury. A fork is
    compared with the release that it comes from, unless others are named.
    """
    from pooltwin.invariants.choice import Deviations
    from pooltwin.protocol.recordings.recording import RecordingError

    from ..comparison.report import print_comparison

    with refused_when(RecordingError, ValueError):
        comparison = _compare(history, names_in(revisions), baseline, each_call, engine_given(engine), tuple(law or ()))
        for branch in comparison.branches:
            print_fork(branch.revision, Deviations(branch.revision))
    print_comparison(comparison, console)


def _compare(
    history: Path,
    revisions: tuple[str, ...],
    baseline: str | None,
    each_call: bool,
    fork: Revision | None,
    laws: tuple[str, ...],
) -> Comparison:
    """Compare with a progress bar; no names stand for every revision that can be compared, or a fork's release."""
    from ..comparison.compare import compare

    with records_progress() as progress:
        task = progress.add_task(history.name, total=None)
        return compare(
            history,
            revisions or (() if fork is None else (fork.release,)),
            baseline,
            each_call=each_call,
            engine=fork,
            laws=laws,
            progress=lambda done: progress.update(task, completed=done),
        )
