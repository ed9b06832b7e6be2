"""The guide "Run a scenario of your own", followed from an empty folder."""

from __future__ import annotations

import json
from pathlib import Path

from ..unit.source import ROOT
from .test_audit_your_fork import commands, run
from .test_pages import FENCE, shown_blocks

GUIDE = ROOT / "docs" / "how-to" / "run-a-scenario.md"


def test_the_commands_of_the_guide_do_what_it_shows(tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    (scenario,) = (content for language, content in FENCE.findall(text) if language == "json")
    (tmp_path / "dip.json").write_text(scenario, encoding="utf-8")
    (tmp_path / "my_agents.py").write_text(shown_blocks(text)[0].code, encoding="utf-8")
    found = commands(text)
    statuses = [run(command, tmp_path) for command in found]
    assert statuses == [0, 0, 0, 0], [*zip(statuses, [command.line for command in found], strict=True)]
    assert json.loads((tmp_path / "dip.result.json").read_text(encoding="utf-8"))["scenario"]["title"] in scenario
