"""A replay as a user sees it: a bar while it runs, the report, and the files."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .alternatives import with_alternatives
from .chart import can_draw, draw_chart
from .csv_files import write_csv
from .parameters import ReplayParameters
from .report import print_report
from .result import ReplayResult, write_result
from .run import replay
from .timeline import load_timeline


def run_replay(
    output_directory: Path | None,
    sell: bool = True,
    *,
    console: Console,
    parameters: ReplayParameters | None = None,
    chart: bool = True,
    brief: bool = False,
    csv_directory: Path | None = None,
) -> ReplayResult:
    """Replay with a progress bar, print the report, and write `replay.json`, `replay.png` and `replay.svg`.

    Nobody sells if either `sell` or the parameters say so. Without a directory nothing is written, without one for CSV
    no CSV. Raises OSError when a directory cannot be made, before the replay starts, or when a file cannot be written.
    """
    parameters = parameters or ReplayParameters()
    parameters = parameters.model_copy(update={"sell": sell and parameters.sell})
    for directory in (output_directory, csv_directory):
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
    result = _played(parameters, console)
    print_report(result, console, brief=brief)
    if csv_directory is not None:
        names = ", ".join(path.name for path in write_csv(result, csv_directory))
        console.print(f"As tables: {names} in {csv_directory}", soft_wrap=True, highlight=False)
    if output_directory is not None:
        _write(result, output_directory, console, chart=chart)
    return result


def _played(parameters: ReplayParameters, console: Console) -> ReplayResult:
    """Play what was asked for, and beside it the other readings of the sources."""
    timeline = load_timeline()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("prints"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("Replaying", total=None)
        result = replay(parameters, lambda done, total: bar.update(task, completed=done, total=total))
        bar.update(task, description="Other readings")
        return with_alternatives(
            result,
            timeline,
            lambda other: replay(other, lambda done, total: bar.update(task, completed=done, total=total)),
        )


def _write(result: ReplayResult, directory: Path, console: Console, *, chart: bool) -> None:
    write_result(result, directory / "replay.json")
    console.print(f"Everything above and more: {directory / 'replay.json'}", soft_wrap=True, highlight=False)
    if chart and not can_draw():
        console.print("No picture: matplotlib is not installed (pip install 'pooltwin[scenarios]').")
    elif chart:
        pictures = directory / "replay.png", directory / "replay.svg"
        draw_chart(result, *pictures)
        words = f"As a picture: {pictures[0]}, and {pictures[1].name} beside it"
        console.print(words, soft_wrap=True, highlight=False)
