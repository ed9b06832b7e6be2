"""The commands of the guide "Put your fork under the laws" run as they stand, and print what it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from ...front_door.test_audit_your_fork import commands, run
from ...unit.source import ROOT
from ..harness.artifacts import installed

GUIDE = ROOT / "docs" / "how-to" / "put-your-fork-under-the-laws.md"
EXAMPLE = ROOT / "examples" / "fork_on_bytecode"
STATUSES = [0, 2, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0]


def test_the_commands_of_the_guide_do_what_it_shows(tmp_path: Path) -> None:
    at = tmp_path / "my-fork"
    shutil.copytree(EXAMPLE, at, ignore=shutil.ignore_patterns("node_modules", "violations", "*.json"))
    (at / "node_modules").mkdir()
    for package in (installed() / "node_modules").iterdir():
        (at / "node_modules" / package.name).symlink_to(package)
    found = commands(GUIDE.read_text(encoding="utf-8"))
    statuses = [run(command, at) for command in found]
    assert statuses == STATUSES, [*zip(statuses, [command.line for command in found], strict=True)]


def test_the_example_locks_what_the_tests_compile() -> None:
    here, there = (folder.joinpath("package-lock.json").read_text() for folder in (EXAMPLE, Path(__file__).parents[1]))
    assert here == there.replace("pooltwin-real-contracts", "earnings-pool")
