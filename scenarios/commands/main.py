"""The command line: `pooltwin`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pooltwin.protocol.recordings.recording import Checksums, RecordingError
from pooltwin.protocol.recordings.verification import Verification, verify
from rich.markup import escape
from rich.table import Table

from ..terminal import console, errors, fail, records_progress
from .defects import defects_command
from .laws import fuzz_command, laws_command, mutants_command

app = typer.Typer(
    name="pooltwin",
    help="A bit-exact twin of the Aave v3 lending pool.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
replay_app = typer.Typer(help="Replay real stress on a copy of a real market.", no_args_is_help=True)
app.add_typer(replay_app, name="replay")

app.command("laws")(laws_command)
app.command("fuzz")(fuzz_command)
app.command("mutants")(mutants_command)
app.command("defects")(defects_command)


@app.command("verify")
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
    results = [_verify_one(path, known) for path in paths]
    console.print(_verification_table(results))
    differing = [result for result, _ in results if result.difference is not None]
    for result in differing:
        _show_difference(result)
    if differing:
        raise typer.Exit(1)


def _verify_one(path: Path, known: dict[str, Checksums]) -> tuple[Verification, float]:
    """One file's verification and how many seconds it took."""
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
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("recording", "revision"):
        table.add_column(heading)
    for heading in ("calls", "states", "differences", "calls/s"):
        table.add_column(heading, justify="right")
    for result, seconds in results:
        differences = "[green]0[/green]" if result.ok else "[red]1[/red], stopped there"
        rate = f"{result.calls / seconds:,.0f}" if seconds else "-"
        cells = (
            escape(result.path.name),
            result.revision,
            f"{result.calls:,}",
            f"{result.states:,}",
            differences,
            rate,
        )
        table.add_row(*cells)
    if len(results) > 1:
        calls, seconds = sum(result.calls for result, _ in results), sum(seconds for _, seconds in results)
        states, bad = sum(result.states for result, _ in results), sum(not result.ok for result, _ in results)
        table.add_section()
        table.add_row("all", "", f"{calls:,}", f"{states:,}", str(bad), f"{calls / seconds:,.0f}" if seconds else "-")
    return table


def _show_difference(result: Verification) -> None:
    difference = result.difference
    if difference is None:
        return
    console.print(
        f"\n[bold]{escape(str(result.path))}, line {difference.line}: {escape(difference.place)}[/bold]", soft_wrap=True
    )
    console.print(f"  recorded  {escape(difference.recorded)}", highlight=False, soft_wrap=True)
    console.print(f"  twin      {escape(difference.twin)}", highlight=False, soft_wrap=True)


@app.command("compare")
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
    from pooltwin.protocol.revisions import REVISIONS

    from ..comparison.compare import compare
    from ..comparison.report import print_comparison

    names = [name.strip() for name in revisions.split(",") if name.strip()] or list(REVISIONS)
    try:
        with records_progress() as progress:
            task = progress.add_task(history.name, total=None)
            comparison = compare(
                history,
                names,
                baseline,
                each_call=each_call,
                progress=lambda done: progress.update(task, completed=done),
            )
    except (RecordingError, ValueError) as error:
        fail(str(error))
    print_comparison(comparison, console)


@app.command("record")
def record_command(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording (.jsonl.gz).")],
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, help="The same seed, the same history.")] = 1,
    length: Annotated[int, typer.Option("--length", "-n", min=1, help="Steps; most are one transaction.")] = 1000,
    profile: Annotated[
        str, typer.Option("--profile", "-p", help="admin, prices, hostile, upgrades, calldata or crowded.")
    ] = "admin",
) -> None:
    """Record a random history on the real contracts of v3.6, compiled from npm; in a checkout only.

    `pooltwin verify` takes what it writes.
    """
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "tests" / "contracts" / "record.py").is_file():
        fail("the real contracts are compiled by tests/contracts: record in a checkout of the repository")
    wishes = ["--seed", str(seed), "--length", str(length), "--profile", profile]
    recorder = [sys.executable, "-m", "tests.contracts.record", str(output.resolve()), *wishes]
    raise typer.Exit(subprocess.run(recorder, cwd=checkout, check=False).returncode)


@replay_app.command("trend-research")
def replay_trend_research(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where replay.json and replay.png go.")
    ] = Path(),
    no_sales: Annotated[
        bool, typer.Option("--no-sales", help="Same prices, but nobody sells; liquidators act instead.")
    ] = False,
    parameters: Annotated[
        Path | None, typer.Option("--parameters", "-p", help="JSON file with the assumptions to change.")
    ] = None,
    no_chart: Annotated[bool, typer.Option("--no-chart", help="Do not draw replay.png.")] = False,
) -> None:
    """The unwinding of a two-billion-dollar ETH position in February 2026, on Ethereum Core as it was.

    Prints the course, what lenders were owed and what stood against it, and a verdict computed from both.
    """
    from ..trend_research.parameters import ParametersError, ReplayParameters, read_parameters
    from ..trend_research.replay import run_replay

    try:
        chosen = read_parameters(parameters) if parameters is not None else ReplayParameters()
        run_replay(output, not no_sales, console=console, parameters=chosen, chart=not no_chart)
    except (ParametersError, OSError, ValueError) as error:
        fail(str(error))


@replay_app.command("assumptions")
def replay_assumptions() -> None:
    """Print the default assumptions of the replay as JSON, ready to be edited and passed with --parameters."""
    from ..trend_research.parameters import ReplayParameters

    console.print_json(ReplayParameters().model_dump_json())


def run(command: Callable[[], object]) -> int:
    """Run a command so that no traceback reaches its user. Returns the exit status."""
    try:
        command()
    except KeyboardInterrupt:
        errors.print("stopped")
        return 130
    except BrokenPipeError:
        return 141
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return 0


def main() -> None:
    """Entry point of the `pooltwin` command."""
    sys.exit(run(app))
