"""Tables of how the laws fare over recordings of the real contracts: `pooltwin laws FILE...`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from pooltwin.invariants.law import Law, not_asked_of
from pooltwin.invariants.recorded import READINGS, Judgement, LawCount, judge_recording
from pooltwin.protocol.files import write_text
from pooltwin.protocol.recordings.recording import RecordingError
from pooltwin.protocol.revisions import revision_named
from rich.markup import escape
from rich.table import Table

from ..terminal import console, empty_table, fail, print_whole, records_progress


def judge_recordings(
    paths: list[Path], judged_by: str, output: Path | None, laws: Sequence[Law], worth_at_least: int = 0
) -> None:
    """Print what the laws say of each recording. Exits with 1 where one broke that is not known to."""
    judgements = []
    try:
        if judged_by:
            revision_named(judged_by)
        for path in paths:
            judgement = _judge(path, judged_by, laws, worth_at_least)
            console.print(f"[bold]{escape(path.name)}[/bold]: v{judgement.revision}, {judgement.steps:,} steps")
            console.print(_laws_table(judgement))
            console.print(f"{not_asked_of(judgement.judged_by, laws)}\n", highlight=False)
            judgements.append(judgement)
        if output is not None:
            found = {judgement.path.name.removesuffix(".jsonl.gz"): judgement.to_json() for judgement in judgements}
            write_text(output, json.dumps(found, indent=1) + "\n")
    except (RecordingError, ValueError, OSError) as error:
        fail(str(error))
    print_whole(_read_outs_table(judgements), console)
    unknown = [f"{found.path.name}: {count.law.id}" for found in judgements for count in found.unknown]
    if unknown:
        console.print(f"\n[red]broken, and not known to be:[/red] {escape(', '.join(unknown))}", soft_wrap=True)
        raise typer.Exit(1)


def _judge(path: Path, judged_by: str, laws: Sequence[Law], worth_at_least: int) -> Judgement:
    with records_progress() as progress:
        task = progress.add_task(path.name, total=None)
        return judge_recording(
            path,
            judged_by=judged_by,
            laws=laws,
            worth_at_least=worth_at_least,
            progress=lambda records: progress.update(task, completed=records),
        )


def _laws_table(judgement: Judgement) -> Table:
    little = ("broken by little",) if any(count.minor.count for count in judgement.laws) else ()
    table = empty_table(("law",), ("checks", "violations", "known deviations", *little))
    table.add_column("worst", overflow="fold")
    for count in judgement.laws:
        if count.checks:
            known = [count.checks, count.violations, count.deviations, *([count.minor.count] if little else [])]
            figures = (f"{figure:,}" for figure in known)
            table.add_row(count.law.id, *figures, _worst(count))
    return table


def _worst(count: LawCount) -> str:
    if count.worst is None:
        return ""
    where = f"{count.worst.where}: " if count.worst.where else ""
    worth = f" ({count.worst.worth})" if count.worst.worth is not None else ""
    return escape(f"{where}{count.worst.verdict}{worth}, at step {count.worst.step}")


def _read_outs_table(judgements: list[Judgement]) -> Table:
    """Make the table of the read-out states, each judged by itself: failures by law."""
    figures = ("reserves", "users", *READINGS, "worst slack")
    table = empty_table(("recording", "revision"), figures, title="States read out, each by itself: failures")
    for judgement in judgements:
        states = judgement.read_outs
        failures = (f"{states.failures[name]:,}" for name in READINGS)
        cells = (f"{states.reserves:,}", f"{states.users:,}", *failures, states.worst_slack_in_words or "0")
        table.add_row(escape(judgement.path.name), judgement.revision, *cells)
    return table
