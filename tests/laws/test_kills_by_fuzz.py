"""Mutants before plain campaigns: the committed page is about mutants that there are; its kills can be made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from pooltwin.invariants.mutants.catalogue import MUTANTS, mutant_named
from pooltwin.invariants.mutants.plain import (
    CONTROL,
    PlainKill,
    campaign_against,
    campaigns_against,
    false_alarms,
    markdown_of,
    survivors,
)
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

PAGE = (Path(__file__).parents[2] / "invariants" / "FUZZ_KILLS.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in PAGE.splitlines()
    if line.startswith(("| M", "| E", "| control"))
    for cells in ([cell.strip() for cell in line.strip("| ").split(" | ")],)
}
"""By mutant: the change, and what the campaign of each seed found."""
HUNTED = [name for name in ROWS if not name.startswith(CONTROL)]


def _steps(told: str) -> int:
    return int(told.partition(":")[0].replace(",", ""))


def test_the_page_is_about_mutants_that_there_are() -> None:
    assert [(name, ROWS[name][0]) for name in HUNTED] == [
        (mutant.id, mutant.change) for mutant in MUTANTS if mutant.id in ROWS
    ]
    assert not any(mutant_named(name).equivalent for name in HUNTED)
    assert f"\n{len(HUNTED)} of the " in PAGE


def test_every_mutant_on_the_page_was_killed_with_every_seed_and_no_faithful_engine() -> None:
    assert f"- killed with every seed: {len(HUNTED)} of {len(HUNTED)}\n- alive: none\n" in PAGE
    assert "- laws that broke on a faithful engine: none\n" in PAGE
    assert all(_steps(told) <= 202_000 for name in HUNTED for told in ROWS[name][1:])
    assert all(told.startswith("nothing in") for name in ROWS if name not in HUNTED for told in ROWS[name][1:])


QUICK = [name for name in HUNTED if _steps(ROWS[name][1]) < 150][::9]


@pytest.mark.parametrize("name", QUICK)
def test_a_kill_of_the_page_can_be_made_again(name: str) -> None:
    kill = campaign_against(name, seed=1, budget=4_000)
    assert kill.laws, f"{name} was found after {ROWS[name][1]}"
    assert not kill.crash


def test_a_faithful_engine_is_attacked_too_and_nothing_breaks() -> None:
    kills = campaigns_against([mutant_named("M02"), mutant_named("M19")], seeds=(2,), budget=1_500)
    assert [kill.mutant for kill in kills] == ["control 3.7", "M02"]  # M19 cannot be told from the protocol
    assert [bool(kill.laws) for kill in kills] == [False, True]
    assert survivors(kills) == false_alarms(kills) == []


def test_the_page_tells_what_is_alive_and_what_broke_without_a_fault() -> None:
    kills = [
        PlainKill("control 3.7", 1, 90, ("SOL-1",)),
        PlainKill("M02", 1, 40, ("RND-2", "TOK-9", "SOL-2", "INF-1")),
        PlainKill("M25", 1, 200_000),
    ]
    page = markdown_of(kills, 200_000)
    assert "- killed with every seed: 1 of 2\n- alive: M25 (seed 1)\n" in page
    assert "- laws that broke on a faithful engine: control 3.7 (seed 1)\n" in page
    assert "| 40: RND-2, TOK-9, SOL-2 ... |" in page
    assert "| nothing in 200,000 |" in page


def test_the_command_runs_campaigns_and_refuses_what_they_cannot_do(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = CliRunner().invoke(
        app, ["mutants", "--by", "fuzz", "--only", "M02", "-b", "1500", "-s", "2", "--output", str(page)]
    )
    assert done.exit_code == 0, done.output
    assert "1 of 1 campaigns found the fault." in done.output
    assert "| M02 |" in page.read_text(encoding="utf-8")
    refused = CliRunner().invoke(app, ["mutants", "--by", "fuzz", "--without", "RND-2"])
    assert refused.exit_code == 2
