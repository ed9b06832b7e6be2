"""Every kind of agent that ships, in one scenario's file, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.scenarios.agents.kinds import KINDS
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

MEMBERS = [{"name": "with a loan", "funding": "flash loan"}, {"name": "with money", "capital": {"USDC": "100000"}}]
AGENTS: list[dict[str, Any]] = [
    {"kind": "lender", "supplies": {"USDC": "20000000"}},
    {"kind": "looper", "collateral": "WETH", "own": "2000", "debts": {"USDC": 1}, "target_leverage": "3"},
    {"kind": "deleverager", "acts_for": "looper", "collateral": "WETH", "delay_blocks": 100},
    {"kind": "runner", "supplies": {"WETH": "100"}},
    {"kind": "guardian", "assets": ["WETH"], "uncovered_usd": "1000"},
    {"kind": "liquidator", "capital": {"USDC": "1000"}},
    {"kind": "liquidators", "members": MEMBERS},
]
SCENARIO = {
    "format": "pooltwin scenario 1",
    "title": "A loop unwinds",
    "market": "ethereum-core-2026-02",
    "duration_s": 1_800,
    "prices": {"WETH": {"path": {"kind": "given", "points": [[0, "2239"], [600, "1500"]]}}},
    "venues": {"WETH": {"kind": "constant_product", "depth_2pct_usd": "1000000", "half_life_s": 3600}},
    "agents": [{"name": agent["kind"], **agent} for agent in AGENTS],
}


def run(tmp_path: Path, command: str, scenario: dict[str, Any]) -> Any:
    path = tmp_path / "loop.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return CliRunner().invoke(app, ["scenario", command, str(path)])


def test_every_kind_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {agent["kind"] for agent in AGENTS} == set(KINDS)
    told = run(tmp_path, "run", SCENARIO)
    assert told.exit_code == 0, told.output
    for kind in KINDS:
        assert kind in told.output
    assert "liquidators sees pool and venue as they are" in " ".join(told.output.split())
    assert "of 1 account by" in " ".join(told.output.split())


@pytest.mark.parametrize(
    ("agent", "change", "words"),
    [
        (1, {"collateral": "WETHX"}, "'WETHX' is not listed"),
        (0, {"supplies": {"USDC": "1.0000001"}}, "1.0000001 has more than 6 decimals"),
        (5, {"gas": "3"}, "there is no such setting"),
        (6, {"members": [MEMBERS[0], MEMBERS[0]]}, "two members have the same name"),
        (1, {"target_health_factor": "2"}, "exactly one of target_leverage and target_health_factor"),
    ],
)
def test_a_setting_that_cannot_be_is_a_fault_with_its_place(
    tmp_path: Path, agent: int, change: dict[str, Any], words: str
) -> None:
    agents = [dict(each) for each in SCENARIO["agents"]]
    agents[agent] |= change
    told = run(tmp_path, "check", {**SCENARIO, "agents": agents})
    assert told.exit_code != 0
    assert words in " ".join(told.output.split())
    assert agents[agent]["name"] in told.output
