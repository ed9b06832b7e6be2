"""The committed kill matrix is about the mutants and laws there are, and what it says can be hunted again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.mutants.catalogue import DEFAULT_BUDGET, MUTANTS, mutant_named
from pooltwin.invariants.mutants.hunt import hunt

PAGE = (Path(__file__).parents[2] / "invariants" / "KILLS.md").read_text(encoding="utf-8")
SAMPLE = 12


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table under a heading, as the page shows them."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith(("| mutant |", "| law |")):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def listed(words: str) -> list[str]:
    """The ids in a line of the summary."""
    line = next(line for line in PAGE.splitlines() if line.startswith(f"- {words}"))
    ids = line.rpartition(": ")[2]
    return [] if ids == "none" else ids.split(", ")


KILLS = {
    cells[0]: {law.rstrip("*"): int(steps) for law, steps in (kill.split() for kill in cells[5].split(", ") if kill)}
    for cells in rows("Mutants")
}
"""By mutant: the laws that failed, and after how many steps."""


def test_every_mutant_and_every_law_is_in_it_as_it_is() -> None:
    assert [cells[:3] for cells in rows("Mutants")] == [
        [mutant.id, mutant.change, mutant.origin.replace("|", r"\|")] for mutant in MUTANTS
    ]
    assert [cells[0] for cells in rows("Laws")] == [law.id for law in all_laws()]
    assert f"{len(MUTANTS)} mutants, {len(all_laws())} laws, {DEFAULT_BUDGET:,} steps each at most, seed 0." in PAGE


def test_its_parts_agree() -> None:
    for cells in rows("Laws"):
        victims = [mutant for mutant, laws in KILLS.items() if cells[0] in laws]
        assert cells[1] == (", ".join(victims) or "**none**")
    for cells in rows("Mutants"):
        mutant, words = mutant_named(cells[0]), re.findall(r"([A-Z]+-\d+)(\*?) ", cells[5])
        assert [law for law, star in words if star] == [law for law, _ in words if law in mutant.expected]
        assert list(KILLS[mutant.id].values()) == sorted(KILLS[mutant.id].values())
    survivors = [mutant for mutant, laws in KILLS.items() if not laws]
    assert survivors == [mutant.id for mutant in MUTANTS if mutant.equivalent]
    assert f"- killed: {len(MUTANTS) - len(survivors)}\n" in PAGE
    assert listed("laws that killed nothing") == [cells[0] for cells in rows("Laws") if cells[1] == "**none**"] == []


def test_a_router_hides_no_mutant() -> None:
    seen = {cells[0]: cells[5] if cells[6] == "the same" else cells[6] for cells in rows("Mutants")}
    missed = [mutant for mutant, laws in seen.items() if "*" not in laws]
    assert missed == [mutant.id for mutant in MUTANTS if mutant.equivalent]
    killed = len(MUTANTS) - len(missed)
    assert f"- through a router: {killed} killed, {killed} by a law expected to notice, " in PAGE


WHOLE = [mutant for mutant, laws in KILLS.items() if laws and mutant not in listed("so broken that")]
"""Killed, and every history played to its end, so that it does not matter which laws watched."""


@pytest.mark.parametrize("identifier", sorted(Random(0).sample(WHOLE, SAMPLE)))
def test_a_kill_is_hunted_again(identifier: str) -> None:
    """With the laws the page names, as far as the last step it names: each fails where it says, for the first time."""
    named, mutant = KILLS[identifier], mutant_named(identifier)
    keepers = [law.id for law in all_laws() if law.remembers]
    laws = [law_called(law) for law in dict.fromkeys((*keepers, *named, *mutant.expected))]
    found = hunt(mutant, laws, max(named.values()))
    assert {law: kill.steps for law, kill in found.kills.items() if law in named} == named
