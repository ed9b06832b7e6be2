"""The command line: `pooltwin`. Each family of commands has a module of its own; here they get their names."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from ..terminal import end_quietly
from .compare import compare_command
from .defects import defects_command
from .evm import evm_app
from .exits import exits_command
from .fuzz import fuzz_command
from .guard import ASKED_BY, guard, run, with_traceback_first
from .laws import laws_command
from .market import market_app
from .mutants import mutants_command
from .position import position_command
from .profit import profit_command
from .record import record_command
from .replay import replay_app
from .scan import scan_command
from .scenario import scenario_app
from .sweep import sweep_command
from .verify import verify_command

app = typer.Typer(
    name="pooltwin",
    help="A bit-exact twin of the Aave v3 lending pool.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pooltwin {version('pooltwin')}")
        raise typer.Exit


@app.callback()
def global_options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help=f"Show where a bug was met; {ASKED_BY}=1 does so too.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""
    if traceback:
        os.environ[ASKED_BY] = "1"


app.command("laws")(laws_command)
app.command("fuzz")(fuzz_command)
app.command("mutants")(mutants_command)
app.command("defects")(defects_command)
app.command("position")(position_command)
app.command("scan")(scan_command)
app.command("exits")(exits_command)
app.command("profit")(profit_command)
app.command("verify")(verify_command)
app.command("compare")(compare_command)
app.command("record")(record_command)
app.command("sweep")(sweep_command)
app.add_typer(evm_app, name="evm")
app.add_typer(market_app, name="market")
app.add_typer(replay_app, name="replay")
app.add_typer(scenario_app, name="scenario")


guard(app)


def main() -> None:
    """Entry point of the `pooltwin` command."""
    Console.on_broken_pipe = end_quietly  # type: ignore[method-assign, assignment]  # help is printed by consoles of typer's
    arguments = with_traceback_first(sys.argv[1:])
    sys.exit(run(lambda: app(arguments)))
