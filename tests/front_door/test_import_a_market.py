"""The commands of the guide "Import a market" run as they stand, one after the other, and print what it shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from ..unit.source import ROOT
from .test_audit_your_fork import commands, run

GUIDE = ROOT / "docs" / "how-to" / "import-a-market.md"


def test_the_commands_of_the_guide_do_what_it_shows(tmp_path: Path) -> None:
    at = tmp_path / "import_a_market"
    shutil.copytree(ROOT / "examples" / "import_a_market", at)
    found = commands(GUIDE.read_text(encoding="utf-8"))
    statuses = [run(command, at) for command in found]
    assert statuses == [2, 0, 0], [*zip(statuses, [command.line for command in found], strict=True)]
    assert (at / "market.json").is_file()
    assert (at / "written.json").is_file()


def test_the_guide_shows_what_is_lacking_as_the_command_lists_it(tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    shown = text.partition("```text\nerror: ")[2].partition("```")[0]
    command = commands(text)[0].line.split()
    tool = str(Path(sys.executable).parent / command[0])
    told = subprocess.run(
        [tool, *command[1:]],
        cwd=ROOT / "examples" / "import_a_market",
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"error: {shown}" in told.stderr
