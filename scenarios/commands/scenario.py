"""`pooltwin scenario`: scenarios as files made, checked, described and run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..formatting import plural
from ..terminal import console, refused_when

if TYPE_CHECKING:
    from ..files.result import ScenarioResult
    from ..files.scenario import Scenario

BAD = 2
LENDERS_LOST = 3
scenario_app = typer.Typer(help="Play scenarios that files describe.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A scenario's file.", metavar="FILE")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Where it goes; printed by default.")]


@scenario_app.command("schema")
def schema_command(output: Output = None) -> None:
    """Print the JSON Schema of a scenario's file, with every field described, for editors and validators."""
    from ..files.scenario import schema

    _hand_out(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", output)


@scenario_app.command("new")
def new_command(
    output: Output = None,
    title: Annotated[str, typer.Option("--title", help="What the run is called.")] = "",
) -> None:
    """Write a scenario that runs as it is, to be changed: a fall of ETH on a real market, with agents that ship."""
    from ..files.template import template

    _hand_out(template(title), output)


@scenario_app.command("check")
def check_command(file: File) -> None:
    """Check a scenario's file: every fault at once, with place and value; then build its market and seat its agents.

    Calls that are refused while agents enter are told as doubts. Exits with status 2 where it cannot be run.
    """
    from pooltwin.protocol.refusal import MalformedError

    from ..files.build import entered
    from ..files.read import ScenarioError, read_scenario

    try:
        scenario = read_scenario(file)
        made = entered(scenario, file.parent)
    except (ScenarioError, MalformedError) as error:
        for fault in error.faults:
            console.print(f"[red]fault:[/red] {escape(fault)}", soft_wrap=True, highlight=False)
        told = f"{file}: {plural(len(error.faults), 'fault')}"
        console.print(told, soft_wrap=True, markup=False, highlight=False)
        raise typer.Exit(BAD) from None
    for call in made.world.record.refusals:
        told = f"{call.agent} cannot enter as it means to: {call.function} is refused: {call.words}"
        console.print(f"[yellow]doubt:[/yellow] {escape(told)}", soft_wrap=True, highlight=False)
    console.print(_runs(scenario, file, made.config.name), soft_wrap=True, markup=False, highlight=False)


def _runs(scenario: Scenario, file: Path, market: str) -> str:
    agents = sum(cast.count for cast in scenario.agents)
    return f"{file}: runs on {market}, {plural(scenario.blocks, 'block')}, {plural(agents, 'agent')}"


@scenario_app.command("run")
def run_command(
    file: File,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the result; by default that of the file.")
    ] = None,
    tables: Annotated[bool, typer.Option("--csv", help="Also write tables, in tokens and dollars.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Another seed than the file's.")] = None,
    laws: Annotated[
        str, typer.Option("--laws", help='Ask the laws otherwise than the file: "every step", "end" or "off".')
    ] = "",
) -> None:
    """Run a scenario: the verdict first, then reserves, prices and agents, what is set, and what is assumed.

    Writes everything that was done and measured to FILE's name with .result.json. Exits with status 3 when lenders
    lost, with status 1 when a law broke, and with status 2 where the file is at fault.
    """
    from pooltwin.protocol.refusal import MalformedError

    from ..engine.seats import AgentError
    from ..files.read import ScenarioError, read_scenario
    from ..files.report import print_result
    from ..files.written import write_result, write_tables

    with refused_when(ScenarioError, MalformedError, AgentError, OSError):
        scenario = _changed(read_scenario(file), seed, laws)
        folder = output if output is not None else file.parent
        if not folder.is_dir():
            raise FileNotFoundError(2, "there is no such folder", str(folder))
        try:
            result = _played(scenario, file.parent)
        except MalformedError as error:
            raise ScenarioError(str(file), error.faults) from None
        stem = file.name.removesuffix(".json")
        written = [folder / f"{stem}.result.json"]
        write_result(result, written[0])
        if tables:
            written += write_tables(result, folder, stem)
    print_result(result, console)
    console.print(f"\nwritten: {' '.join(map(str, written))}", soft_wrap=True, markup=False, highlight=False)
    if result.lenders_lost:
        raise typer.Exit(LENDERS_LOST)
    if result.laws.broken:
        raise typer.Exit(1)


def _changed(scenario: Scenario, seed: int | None, laws: str) -> Scenario:
    """Give a scenario with what the command line says otherwise, checked as the file is."""
    from ..files.read import changed_by

    changes: dict[str, object] = {} if seed is None else {"seed": seed}
    return changed_by(scenario, changes | ({"laws": laws} if laws else {}))


def _played(scenario: Scenario, folder: Path) -> ScenarioResult:
    """Run a scenario with a progress bar, on a terminal only."""
    from ..files.run import run_scenario
    from ..terminal import blocks_progress

    with blocks_progress() as bar:
        task = bar.add_task("Playing", total=scenario.blocks)
        return run_scenario(scenario, folder, progress=lambda block: bar.update(task, completed=block))


def _hand_out(text: str, output: Path | None) -> None:
    from pooltwin.protocol.files import write_text

    if output is None:
        console.print(text, end="", soft_wrap=True, markup=False, highlight=False)
        return
    with refused_when(OSError):
        write_text(output, text)
    console.print(f"written to {output}", soft_wrap=True, markup=False, highlight=False)
