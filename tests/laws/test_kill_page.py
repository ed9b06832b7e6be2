"""The page of a kill matrix is read back whole, and some of its rows are renewed while the others stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.mutants.catalogue import KillMatrix, control, mutant_named
from pooltwin.invariants.mutants.hunt import Hunt, Kill
from pooltwin.invariants.mutants.kill_page import PageError, read_matrix, renewed
from pooltwin.invariants.mutants.report import markdown_of
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

PAGE = (Path(__file__).parents[2] / "invariants" / "KILLS.md").read_text(encoding="utf-8")
LAWS = [law_called(name) for name in ("SOL-1", "RND-2", "HF-7", "TOK-2")]


def kills(**steps: int) -> dict[str, Kill]:
    """First failures of laws after so many steps, "RND_2" standing for RND-2."""
    found = {name.replace("_", "-"): count for name, count in steps.items()}
    return {law: Kill(law, count, 0, count, f"{law} broken\n  It must hold.") for law, count in found.items()}


def matrix() -> KillMatrix:
    """One mutant of each kind: with a story, with a probe's words, equivalent, alive, ended early."""
    hunts = [
        Hunt(mutant_named("M02"), 2_500, kills(RND_2=40, SOL_1=50), story="0. alice: ...\nRND-2 broken"),
        Hunt(mutant_named("M19"), 10_000),
        Hunt(mutant_named("M34"), 90, kills(SOL_1=60), crash="a revert"),
        Hunt(mutant_named("M43"), 10_000, kills(TOK_2=7, HF_7=9)),
        Hunt(mutant_named("M44"), 10_000),
    ]
    for found in hunts:
        found.routed = dict(found.kills)
    hunts[0].routed = kills(SOL_1=50)
    hunts[2].routed = {}
    return KillMatrix(LAWS, 10_000, 0, hunts, [Hunt(control("3.7"), 10_000, kills(HF_7=3))])


def test_the_committed_page_can_be_read_back() -> None:
    assert markdown_of(read_matrix(PAGE, all_laws())) == PAGE


def test_whatever_a_page_says_is_read_back() -> None:
    page = markdown_of(matrix())
    assert markdown_of(read_matrix(page, LAWS)) == page
    for words in ("the same |", "ended early, because a view or a law could not go on: M34", "3.7: HF-7"):
        assert words in page


def test_some_rows_are_renewed_in_the_order_of_the_catalogue_and_the_others_kept() -> None:
    old = read_matrix(markdown_of(matrix()), LAWS)
    again = Hunt(mutant_named("M44"), 2_500, kills(HF_7=8, SOL_1=9), routed=kills(HF_7=8, SOL_1=9))
    added = Hunt(mutant_named("M12"), 2_500, kills(HF_7=5), routed={})
    new = KillMatrix(LAWS, 10_000, 0, [again, added], [Hunt(control("3.7"), 10_000)])
    found = renewed(old, new)
    assert [hunt.mutant.id for hunt in found.hunts] == ["M02", "M12", "M19", "M34", "M43", "M44"]
    page = markdown_of(found)
    assert "- alive: none\n" in page
    assert "- laws that failed on the faithful engine and so kill nothing: 3.7: none\n" in page
    assert "- hunted again since, by `--only` and `--into`: M12, M44\n" in page
    for line in markdown_of(matrix()).splitlines():
        assert not line.startswith(("| M02 ", "| M34 ", "| M43 ", "### M02", "0. alice")) or line in page.splitlines()
    twice = renewed(read_matrix(page, LAWS), replace(new, hunts=[replace(added, mutant=mutant_named("M02"))]))
    assert twice.renewed == ("M02", "M12", "M44")


def test_of_a_page_that_is_all_renewed_no_row_is_named() -> None:
    assert renewed(matrix(), matrix()).renewed == ()


@pytest.mark.parametrize("other", [{"budget": 500}, {"seed": 1}])
def test_rows_of_other_hunts_are_refused(other: dict[str, int]) -> None:
    with pytest.raises(PageError, match=r"^is of 10,000 steps each with seed 0; .* is no part of it$"):
        renewed(matrix(), replace(matrix(), **other))


def test_rows_of_one_way_are_refused() -> None:
    with pytest.raises(PageError, match="tells both ways"):
        renewed(matrix(), KillMatrix(LAWS, 10_000, 0, [Hunt(mutant_named("M02"), 2_500)]))


@pytest.mark.parametrize("page", ["", "# Kill matrix\n", PAGE.partition("## Stories")[0]])
def test_what_is_no_such_page_is_refused(page: str) -> None:
    with pytest.raises(PageError, match="is no kill matrix of `pooltwin mutants`"):
        read_matrix(page, LAWS)


def test_the_command_renews_rows_of_a_page_and_refuses_what_is_no_part_of_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    old = markdown_of(replace(matrix(), budget=120))
    page.write_text(old, encoding="utf-8")
    shared = ["mutants", "--only", "M12", "--into", str(page)]
    for wrong in (["-b", "120", "--no-router"], ["-b", "130"], ["-b", "120", "-o", str(page)]):
        refused = CliRunner().invoke(app, [*shared, *wrong])
        assert refused.exit_code == 2, refused.output
    assert page.read_text(encoding="utf-8") == old
    done = CliRunner().invoke(app, [*shared, "-b", "120"])
    assert done.exit_code == 0, done.output
    found = read_matrix(page.read_text(encoding="utf-8"), all_laws())
    assert found.renewed == ("M12",)
    assert [hunt.mutant.id for hunt in found.hunts] == ["M02", "M12", "M19", "M34", "M43", "M44"]


@pytest.mark.parametrize("by", ["hunt", "fuzz"])
def test_a_page_that_cannot_be_written_is_refused_before_the_long_work(by: str, tmp_path: Path) -> None:
    page = tmp_path / "nowhere" / "page.md"
    refused = CliRunner().invoke(app, ["mutants", "--by", by, "--output", str(page)])
    assert refused.exit_code == 2
    assert "there is no such folder" in refused.output.replace("\n", " ")


def test_a_page_is_named_where_it_cannot_be_renewed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Another\n", encoding="utf-8")
    for by in ("hunt", "fuzz"):
        refused = CliRunner().invoke(app, ["mutants", "--by", by, "--only", "M12", "--into", str(page)])
        assert refused.exit_code == 2
        assert "page.md" in refused.output.replace("\n", "")
