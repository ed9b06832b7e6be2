"""The commands of the guide "Audit your fork" run as they stand, one after the other, and print what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from ..unit.source import ROOT

GUIDE = ROOT / "docs" / "how-to" / "audit-your-fork.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


class Command(NamedTuple):
    """A command of the page, and the lines that it is shown to print."""

    line: str
    shown: list[str]


def commands(text: str) -> list[Command]:
    """The commands of a page's consoles in order; "..." stands for lines that are not shown."""
    found: list[Command] = []
    for block in CONSOLE.findall(text):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Command(line[2:], []))
            elif line != "...":
                found[-1].shown.append(line)
    return found


def run(command: Command, at: Path) -> int:
    """Run a command and check that it prints, in this order, what is shown. Returns the exit status."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": tools, "COLUMNS": "80", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    ran = subprocess.run(command.line.split(), cwd=at, env=environment, capture_output=True, text=True, check=False)
    place = 0
    for line in command.shown:
        place = ran.stdout.find(line, place)
        assert place >= 0, f"{command.line}: {line!r} is not printed, but:\n{ran.stdout}{ran.stderr}"
    return ran.returncode


def test_the_commands_of_the_guide_do_what_it_shows(tmp_path: Path) -> None:
    at = tmp_path / "audit_a_fork"
    shutil.copytree(ROOT / "examples" / "audit_a_fork", at, ignore=shutil.ignore_patterns("__pycache__", "violations"))
    found = commands(GUIDE.read_text(encoding="utf-8"))
    statuses = [run(command, at) for command in found]
    assert statuses == [1, 1, 0, 0, 0, 0, 0], [*zip(statuses, [command.line for command in found], strict=True)]


def test_that_check_can_fail(tmp_path: Path) -> None:
    assert commands("```console\n$ a b\n...\nc\n$ d\n```\n") == [Command("a b", ["c"]), Command("d", [])]
    assert run(Command("echo one two", ["one", "two"]), tmp_path) == 0
    with pytest.raises(AssertionError, match="'one' is not printed"):
        run(Command("echo one two", ["two", "one"]), tmp_path)
