"""Mutants before plain campaigns: the committed page is about mutants that there are; its kills can be made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from pooltwin.invariants.mutants.catalogue import MUTANTS, mutant_named
from pooltwin.invariants.mutants.kill_page import PageError
from pooltwin.invariants.mutants.plain import (
    CONTROL,
    PlainKill,
    campaign_against,
    campaigns_against,
    false_alarms,
    survivors,
)
from pooltwin.invariants.mutants.plain_page import PlainPage, markdown_of, read_page, renewed
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


def test_the_page_is_about_every_mutant_that_can_be_told_and_every_release() -> None:
    assert [(name, ROWS[name][0]) for name in HUNTED] == [
        (mutant.id, mutant.change) for mutant in MUTANTS if not mutant.equivalent
    ]
    assert f"\n{len(HUNTED)} of the {len(HUNTED)} mutants" in PAGE
    releases = sorted({mutant.revision for mutant in MUTANTS})
    assert [name for name in ROWS if name not in HUNTED] == [f"{CONTROL}{release}" for release in releases]


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
    page = markdown_of(PlainPage(kills, 200_000, (1,)))
    assert "- killed with every seed: 1 of 2\n- alive: M25 (seed 1)\n" in page
    assert "- laws that broke on a faithful engine: control 3.7 (seed 1)\n" in page
    assert "| 40: RND-2, TOK-9, SOL-2 ... |" in page
    assert "| nothing in 200,000 |" in page


def test_the_page_can_be_read_back() -> None:
    assert markdown_of(read_page(PAGE)) == PAGE


def _page(*kills: PlainKill, budget: int = 4_000) -> PlainPage:
    return PlainPage(kills, budget, (1, 2))


def test_some_rows_are_renewed_in_the_order_of_the_catalogue_and_the_others_kept() -> None:
    old = _page(
        *(PlainKill("M02", seed, 40, ("RND-2", "TOK-9", "SOL-2", "INF-1")) for seed in (1, 2)),
        *(PlainKill("M25", seed, 4_000) for seed in (1, 2)),
    )
    first = renewed(old, _page(*(PlainKill("M12", seed, 7, ("FLG-1",)) for seed in (1, 2))))
    both = renewed(first, _page(PlainKill("M25", 1, 9, ("LIQ-16",)), PlainKill("M25", 2, 4_000)))
    assert [kill.mutant for kill in both.kills[::2]] == ["M02", "M12", "M25"]
    assert both.renewed == ("M12", "M25")
    page = markdown_of(both)
    assert "- attacked again since, by `--only` and `--into`: M12, M25\n" in page
    assert "| 40: RND-2, TOK-9, SOL-2 ... | 40: RND-2, TOK-9, SOL-2 ... |" in page
    assert "| 9: LIQ-16 | nothing in 4,000 |" in page
    assert markdown_of(read_page(page)) == page
    whole = renewed(old, old)
    assert whole.renewed == ()  # every row is of the last run


@pytest.mark.parametrize("page", [_page(budget=5_000), PlainPage((), 4_000, (1,))])
def test_rows_of_other_campaigns_are_refused(page: PlainPage) -> None:
    with pytest.raises(PageError, match=r"^is of 4,000 steps each with seeds 1, 2; .* is no part of it$"):
        renewed(_page(), page)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Another page\n", "tells of no campaigns"),
        (PAGE.replace("| 91: ", "| soon: ", 1), "of M02 and seed 1 it says 'soon: .*', which is no finding"),
    ],
)
def test_what_is_no_such_page_is_refused(text: str, words: str) -> None:
    with pytest.raises(PageError, match=words):
        read_page(text)


def test_the_command_renews_rows_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    kept = PlainPage([PlainKill("M25", 2, 1_500)], 1_500, (2,))
    page.write_text(markdown_of(kept), encoding="utf-8")
    shared = ["mutants", "--by", "fuzz", "--only", "M02", "-s", "2", "--into", str(page)]
    refused = CliRunner().invoke(app, [*shared, "-b", "1400"])
    assert refused.exit_code == 2
    assert page.read_text(encoding="utf-8") == markdown_of(kept)
    done = CliRunner().invoke(app, [*shared, "-b", "1500"])
    assert done.exit_code == 0, done.output
    found = read_page(page.read_text(encoding="utf-8"))
    assert [kill.mutant for kill in found.kills] == ["control 3.7", "M02", "M25"]
    assert found.renewed == ("control 3.7", "M02")


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
