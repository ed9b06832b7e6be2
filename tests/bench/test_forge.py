"""The comparison with Foundry's invariant runner: what is read of its words, and how the table counts."""

import json
from pathlib import Path

import pytest

from ..contracts.faults.catalogue import fault_named
from .forge.__main__ import BEGIN, END, SAMPLE, Side, table
from .forge.runner import HERE, Search, read_search

FAILED = """
[FAIL: withdraw leaves its caller unhealthy]
\t[Sequence] (original: 79, shrunk: 79)
\t\tsender=0x12 addr=[Handler.sol:Handler]0x34 calldata=wait(uint256) args=[1]
 invariant_allHold() (runs: 3, calls: 679, reverts: 0)
"""
PAGE = HERE.parents[2] / "docs" / "explanation" / "bytecode-versus-forge.md"


def test_steps_are_those_of_whole_runs_and_of_the_one_that_failed() -> None:
    assert read_search(FAILED, 2.5) == Search("withdraw leaves its caller unhealthy", 3 * 200 + 79, 2.5)
    assert read_search("[PASS] invariant_allHold() (runs: 4, calls: 800, reverts: 0)", 9.0) == Search("", 800, 9.0)


@pytest.mark.parametrize("said", ["nothing that is known", "[FAIL: setUp] (runs: 0, calls: 0, reverts: 0)"])
def test_other_words_are_refused(said: str) -> None:
    with pytest.raises(ValueError, match="forge"):
        read_search(said, 1.0)


def side(*searches: Search) -> Side:
    return Side(searches)


def test_the_table_counts_who_found_what_first() -> None:
    rows = [
        (None, side(Search("", 10, 1.0)), side(Search("", 20, 1.0))),
        (fault_named("M02"), side(Search("", 10, 1.0)), side(Search("RND-2", 20, 1.0))),
        (fault_named("M47"), side(Search("unhealthy", 10, 0.5)), side(Search("HF-2", 20, 1.0))),
    ]
    told = table(rows, [1], 50)
    assert (
        "Of 2 faults forge finds 1 within 50 s with seed 1, pooltwin 2; of the 1 that both find, forge is the first "
        "with 1." in told
    )
    assert "| none | nothing in 10 steps, 1.0 s | nothing in 20 steps, 1.0 s |" in told


def test_several_seeds_are_told_by_their_median_and_by_how_many_found_it() -> None:
    found, later, never = Search("HF-2", 10, 0.5), Search("HF-1, HF-2", 40, 2.5), Search("", 500, 9.0)
    always, mostly, once = side(found, later, later), side(found, later, never), side(found, never, never)
    assert str(always) == "HF-2, HF-1; 40 steps, 2.5 s"
    assert str(mostly) == "2 of 3 seeds: HF-2, HF-1; 25 steps, 1.5 s"
    assert str(once) == "1 of 3 seeds: HF-2; 10 steps, 0.5 s"
    assert str(side(never, never, Search("", 700, 9.5))) == "nothing in 500 steps, 9.0 s"
    assert [each.finds for each in (always, mostly, once)] == [True, True, False]
    told = table([(fault_named("M02"), once, always), (fault_named("M47"), mostly, always)], [1, 2, 3], 20)
    assert (
        "Of 2 faults forge finds 1 within 20 s with most of the seeds 1, 2, 3, pooltwin 2; of the 1 that both find, "
        "forge is the first with 0." in told
    )


def test_the_page_has_a_place_for_the_table_and_the_sample_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)
    assert all(fault_named(name) for name in SAMPLE.split(","))


def test_the_lock_file_names_no_place_to_download_from() -> None:
    packages = json.loads(Path(HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert "node_modules/@foundry-rs/forge-linux-amd64" in packages
    assert not any("resolved" in package for package in packages.values())
