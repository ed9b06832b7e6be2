"""Tables of how the laws fare over recordings, histories and saved states: `pooltwin laws FILE...`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from pooltwin.invariants.history import running_in
from pooltwin.invariants.law import Law, not_asked_of
from pooltwin.invariants.recorded import READINGS, Judgement, LawCount, judge_recording
from pooltwin.invariants.replayed import judge_history, judge_state
from pooltwin.protocol.file_kinds import FileKind, kind_of
from pooltwin.protocol.files import in_words, write_text
from pooltwin.protocol.revisions import Revision, revision_named
from rich.markup import escape
from rich.table import Table

from ..formatting import plural
from ..terminal import console, empty_table, fail, print_whole, records_progress, stopped


def judge_files(
    paths: list[Path],
    judged_by: str,
    output: Path | None,
    laws: Sequence[Law],
    worth_at_least: int = 0,
    engine: Revision | None = None,
) -> None:
    """Print what the laws say of each file. Exits with 1 where one broke that is not known to."""
    judgements: list[Judgement] = []
    try:
        if judged_by:
            revision_named(judged_by)
        for path in paths:
            what, judgement = _judge(path, judged_by, laws, worth_at_least, engine)
            console.print(
                f"[bold]{escape(path.name)}[/bold]: {what}, v{judgement.revision}, {plural(judgement.steps, 'step')}"
            )
            if judgement.in_vain:
                console.print("[yellow]Every call of it reverts:[/yellow] laws of what calls do were not asked.")
            console.print(_laws_table(judgement))
            console.print(f"{not_asked_of(judgement.judged_by, laws)}\n", highlight=False)
            judgements.append(judgement)
        if output is not None:
            found = {judgement.path.name.removesuffix(".jsonl.gz"): judgement.to_json() for judgement in judgements}
            write_text(output, json.dumps(found, indent=1) + "\n")
    except KeyboardInterrupt:
        stopped(f"{len(judgements)} of {plural(len(paths), 'file')} judged")
    except OSError as error:
        fail(in_words(error))
    except ValueError as error:
        fail(str(error))
    print_whole(_read_outs_table(judgements), console)
    unknown = [f"{found.path.name}: {count.law.id}" for found in judgements for count in found.unknown]
    if unknown:
        console.print(f"\n[red]broken, and not known to be:[/red] {escape(', '.join(unknown))}", soft_wrap=True)
        raise typer.Exit(1)


def _judge(
    path: Path, judged_by: str, laws: Sequence[Law], worth_at_least: int, engine: Revision | None
) -> tuple[str, Judgement]:
    """Judge a file as what its content tells, and say what that is. Raises ValueError for what is nothing to judge."""
    kind = kind_of(path)
    with records_progress() as progress:
        task = progress.add_task(path.name, total=None)

        def report(records: int) -> None:
            progress.update(task, completed=records)

        options: dict[str, Any] = {"judged_by": judged_by, "laws": laws, "worth_at_least": worth_at_least}
        if kind is FileKind.HISTORY:
            return kind.value, judge_history(path, engine=engine, progress=report, **options)
        running = running_in(engine)
        if running is not None and running.market_in(path) is not None:
            return "the state of a chain", judge_state(path, engine=engine, **options)
        if kind is FileKind.STATE:
            return kind.value, judge_state(path, engine=engine, **options)
        if kind is FileKind.MARKET:
            raise ValueError(f"{path}: is a market, in which nothing has happened; `pooltwin fuzz --market` attacks it")
        if engine is not None and kind is FileKind.RECORDING:
            raise ValueError(
                f"--engine: {path} is a recording, which is of the real contracts; `compare` plays it on a fork"
            )
        return FileKind.RECORDING.value, judge_recording(path, progress=report, **options)


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
    table = empty_table(("file", "revision"), figures, title="States read out, each by itself: failures")
    for judgement in judgements:
        states = judgement.read_outs
        failures = (f"{states.failures[name]:,}" for name in READINGS)
        cells = (f"{states.reserves:,}", f"{states.users:,}", *failures, states.worst_slack_in_words or "0")
        table.add_row(escape(judgement.path.name), judgement.revision, *cells)
    return table
