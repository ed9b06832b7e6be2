"""What nobody expected: a bug, Ctrl-C, an output that nobody reads. One line each, and a status of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer
from pooltwin.invariants import catalogue
from pooltwin.scenarios.commands import entry, guard
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.terminal import STOPPED
from typer.testing import CliRunner, Result

PROGRAM = [sys.executable, "-c", "from pooltwin.scenarios.commands.main import main; main()"]


@pytest.fixture(autouse=True)
def no_tracebacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(guard.ASKED_BY, "")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def raising(error: BaseException) -> Result:
    """What comes of a command that raises."""
    small = typer.Typer()

    @small.command("one")
    def one() -> None:
        raise error

    guard.guard(small)
    return CliRunner().invoke(small, [])


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug within pooltwin: a table that asks a law for what it does not have."""
    monkeypatch.setattr(catalogue, "laws_table", catalogue.all_laws)


def test_a_bug_is_one_line_and_status_70(broken: None) -> None:
    result = run("laws")
    assert result.exit_code == 70
    assert len(result.output.splitlines()) == 1
    assert result.output.startswith("this is a bug in pooltwin, please report it: TypeError: all_laws() takes 0")
    assert "(scenarios/commands/laws.py, line " in result.output
    assert result.output.endswith("--traceback shows more.\n")


def test_the_traceback_is_shown_where_it_is_asked_for(broken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("--traceback", "laws")
    assert (result.exit_code, "Traceback (most recent call last)" in result.output) == (70, True)
    monkeypatch.setenv(guard.ASKED_BY, "1")
    assert "Traceback (most recent call last)" in run("laws").output


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["laws"], ["laws"]),
        (["fuzz", "--traceback", "-n", "5"], ["--traceback", "fuzz", "-n", "5"]),
        (["--traceback", "laws"], ["--traceback", "laws"]),
        (["verify", "--", "--traceback"], ["verify", "--", "--traceback"]),
    ],
)
def test_the_option_may_stand_anywhere(written: list[str], read: list[str]) -> None:
    assert guard.with_traceback_first(written) == read


def test_code_of_the_users_is_no_bug_of_ours(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text("def fails():\n    return 1 // 0\n")
    spec: dict[str, object] = {}
    exec(compile((tmp_path / "theirs.py").read_text(), str(tmp_path / "theirs.py"), "exec"), spec)
    with pytest.raises(ZeroDivisionError) as failed:
        spec["fails"]()  # type: ignore[operator]  # what exec defined
    result = raising(failed.value)
    assert result.exit_code == 2
    assert f"{tmp_path / 'theirs.py'}, line 2: code of yours failed: ZeroDivisionError" in result.output


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (KeyboardInterrupt(), 130, "stopped by Ctrl-C\n"),
        (BrokenPipeError(), 141, ""),
        (PermissionError(13, "Permission denied", "out.json"), 2, "error: out.json: may not be read or written: "),
        (FileNotFoundError(2, "No such file or directory", "in.json"), 2, "error: in.json: there is no such file\n"),
        (typer.Exit(1), 1, ""),
    ],
)
def test_every_end_has_its_status(error: BaseException, status: int, told: str) -> None:
    result = raising(error)
    assert result.exit_code == status
    assert result.output.startswith(told)
    assert "Errno" not in result.output


@pytest.mark.parametrize("arguments", [["laws"], ["laws", "--markdown"], ["--help"], ["replay", "assumptions"]])
def test_an_output_that_nobody_reads_is_no_finding(arguments: list[str]) -> None:
    """As with `pooltwin laws | true`: status 141, not the 1 of a law that broke, and nothing on standard error."""
    process = subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_every_command_is_guarded() -> None:
    def commands(of: typer.Typer) -> list[typer.models.CommandInfo]:
        below = [group.typer_instance for group in of.registered_groups]
        return [*of.registered_commands, *(found for group in below if group for found in commands(group))]

    assert len(commands(app)) >= 10
    assert all(hasattr(command.callback, "__wrapped__") for command in commands(app))


def test_ctrl_c_while_commands_are_loaded_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody starts a command and thinks better of it at once."""

    class Loading(ModuleType):
        def __getattr__(self, name: str) -> None:
            if name == "main":
                raise KeyboardInterrupt
            raise AttributeError(name)

    monkeypatch.setitem(sys.modules, "pooltwin.scenarios.commands.main", Loading("main"))
    with pytest.raises(SystemExit) as stopped:
        entry.main()
    assert stopped.value.code == entry.STOPPED == STOPPED
    assert capsys.readouterr().err == "stopped by Ctrl-C\n"
