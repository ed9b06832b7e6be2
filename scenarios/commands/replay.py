"""`pooltwin replay`: real stress replayed on a copy of a real market."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..terminal import console, refused_when

replay_app = typer.Typer(help="Replay real stress on a copy of a real market.", no_args_is_help=True)


@replay_app.command("trend-research")
def replay_trend_research(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where replay.json, replay.png and replay.svg go.")
    ] = Path(),
    no_sales: Annotated[
        bool, typer.Option("--no-sales", help="Same prices, but nobody sells; liquidators act instead.")
    ] = False,
    parameters: Annotated[
        Path | None, typer.Option("--parameters", "-p", help="JSON file with the assumptions to change.")
    ] = None,
    no_chart: Annotated[bool, typer.Option("--no-chart", help="Draw no picture.")] = False,
) -> None:
    """The unwinding of a two-billion-dollar ETH position in February 2026, on Ethereum Core as it was.

    Prints the course, what lenders were owed and what stood against it, and a verdict computed from both.
    """
    from ..trend_research.parameters import ReplayParameters, read_parameters
    from ..trend_research.run import run_replay

    with refused_when(OSError, ValueError):
        chosen = read_parameters(parameters) if parameters is not None else ReplayParameters()
        run_replay(output, not no_sales, console=console, parameters=chosen, chart=not no_chart)


@replay_app.command("assumptions")
def replay_assumptions() -> None:
    """Print the default assumptions of the replay as JSON, ready to be edited and passed with --parameters."""
    from ..trend_research.parameters import ReplayParameters

    console.print_json(ReplayParameters().model_dump_json())
