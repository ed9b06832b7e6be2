"""`pooltwin replay`: real stress replayed on a copy of a real market."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from ..terminal import console, refused_when

LENDERS_LOST = 3
"""The exit status of a replay in which lenders lost."""

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
    prices: Annotated[
        Path | None,
        typer.Option("--prices", help="CSV file with prices of WETH (time, weth_usd) in place of the recorded ones."),
    ] = None,
    depth: Annotated[
        float | None,
        typer.Option("--depth", help="Million USD of WETH that can be sold until its price has fallen by 2%.", min=0.1),
    ] = None,
    book: Annotated[
        bool, typer.Option("--book", help="Everybody else as 20,000 generated accounts instead of six.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Where course, liquidations, sales and reserves go as CSV files.")
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Verdict and assumptions only, no tables.")] = False,
    no_chart: Annotated[bool, typer.Option("--no-chart", help="Do not draw pictures.")] = False,
) -> None:
    """The unwinding of a two-billion-dollar ETH position in February 2026, on Ethereum Core as it was.

    Prints a verdict computed from what lenders were owed and what stood against it, what it assumes, the course, and
    the books. Exits with status 3 when lenders lost.
    """
    from ..trend_research.parameters import ReplayParameters, read_parameters
    from ..trend_research.price_file import read_prices
    from ..trend_research.show import run_replay

    with refused_when(OSError, ValueError):
        chosen = read_parameters(parameters) if parameters is not None else ReplayParameters()
        if prices is not None:
            chosen = chosen.model_copy(update={"prices": read_prices(prices)})
        if depth is not None:
            chosen = chosen.model_copy(update={"weth_depth_usd": Decimal(round(depth * 10**6))})
        if book:
            chosen = chosen.model_copy(update={"background": "book"})
        result = run_replay(
            output,
            not no_sales,
            console=console,
            parameters=chosen,
            chart=not no_chart,
            brief=brief,
            csv_directory=csv,
        )
    if result.lenders_lost:
        raise typer.Exit(LENDERS_LOST)


@replay_app.command("assumptions")
def replay_assumptions(
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell of each its default, its unit and the reason, with an example.")
    ] = False,
) -> None:
    """Print the default assumptions of the replay as JSON, ready to be edited and passed with --parameters."""
    from ..trend_research.explain import explanation
    from ..trend_research.parameters import ReplayParameters

    if explain:
        console.print(explanation(console.width), markup=False, highlight=False, soft_wrap=True)
    else:
        console.print_json(ReplayParameters().model_dump_json())
