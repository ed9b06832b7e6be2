"""The command line: `pooltwin`. Each family of commands has a module of its own; here they get their names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from ..terminal import errors
from .compare import compare_command
from .defects import defects_command
from .fuzz import fuzz_command
from .laws import laws_command
from .mutants import mutants_command
from .profit import profit_command
from .record import record_command
from .replay import replay_app
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
) -> None:
    """Take the options that belong to no command."""


app.command("laws")(laws_command)
app.command("fuzz")(fuzz_command)
app.command("mutants")(mutants_command)
app.command("defects")(defects_command)
app.command("profit")(profit_command)
app.command("verify")(verify_command)
app.command("compare")(compare_command)
app.command("record")(record_command)
app.add_typer(replay_app, name="replay")


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
