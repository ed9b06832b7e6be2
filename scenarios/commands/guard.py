"""The last catch of every command: what nobody expected becomes one line and a status of its own.

Statuses: 0 all is well; 1 something was found (a law broke, a difference); 2 what the command was given is at fault;
70 a bug in pooltwin; 130 stopped by Ctrl-C; 141 nobody reads the output any more, as after `| head`.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from ..terminal import OUTPUT_CLOSED, STOPPED, errors, fail, stopped

BUG = 70
ASKED_BY = "POOLTWIN_TRACEBACK"
"""The environment variable that asks for tracebacks, as the option --traceback does."""
HOUSE = Path(__file__).resolve().parents[2]
_ROOMS = tuple(
    str(HOUSE / package) + os.sep for package in ("protocol", "invariants", "scenarios", "fixtures", "interop")
)
_INSTALLED = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def guard(app: typer.Typer) -> None:
    """Put the last catch around every command of an application, and of the groups in it."""
    for command in app.registered_commands:
        if command.callback is not None:
            command.callback = guarded(command.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            guard(group.typer_instance)


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a command so that no traceback reaches its user, and Ctrl-C and a closed output have their statuses."""

    @wraps(command)
    def run(*arguments: Any, **named: Any) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _say
                return command(*arguments, **named)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            stopped()
        except BrokenPipeError:
            raise typer.Exit(OUTPUT_CLOSED) from None
        except Exception as error:
            _tell(error)

    return run


def _say(message: Warning | str, *_: Any, **__: Any) -> None:
    """Print a warning without the line of code that gave it."""
    errors.print(f"[yellow]warning:[/yellow] {escape(str(message))}", soft_wrap=True, highlight=False)


def _tell(error: Exception) -> None:
    """Tell an exception that no command expected, in one line, and leave with its status."""
    from pooltwin.protocol.files import in_words

    if os.environ.get(ASKED_BY):
        errors.print("".join(traceback.format_exception(error)), soft_wrap=True, highlight=False, markup=False)
    if isinstance(error, OSError) and error.filename is not None:
        fail(in_words(error))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    own = [frame for frame in frames if not frame.filename.startswith((*_ROOMS, *_INSTALLED))]
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    shown = "" if os.environ.get(ASKED_BY) else " --traceback shows more."
    if own:
        fail(f"{own[-1].filename}, line {own[-1].lineno}: code of yours failed: {what}.{shown}")
    errors.print(
        f"[red]this is a bug in pooltwin, please report it:[/red] {escape(what)} ({escape(_place(frames))}).{shown}",
        soft_wrap=True,
        highlight=False,
    )
    raise typer.Exit(BUG)


def _place(frames: list[traceback.FrameSummary]) -> str:
    """Tell the last line of this program that ran."""
    for frame in reversed(frames):
        if frame.filename.startswith(_ROOMS):
            return f"{Path(frame.filename).relative_to(HOUSE).as_posix()}, line {frame.lineno}"
    return "outside of it"


def run(command: Callable[[], object]) -> int:
    """Run the command line to its end. Returns the exit status."""
    try:
        command()
        sys.stdout.flush()
    except BrokenPipeError:
        return OUTPUT_CLOSED
    except KeyboardInterrupt:
        errors.print("stopped by Ctrl-C")
        return STOPPED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    return 0


def with_traceback_first(arguments: list[str]) -> list[str]:
    """Put --traceback before the command, wherever it stands: it is an option of the whole program."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if "--traceback" not in arguments[:end]:
        return arguments
    return ["--traceback", *(part for part in arguments[:end] if part != "--traceback"), *arguments[end:]]
