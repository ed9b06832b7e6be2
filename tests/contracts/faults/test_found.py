"""Faults in bytecode are found as their mutants are, and v3.0.2 as it was published shows the defects that it had."""

from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.interop.evm.engine import bytecode_engine

from ...unit.source import ROOT
from ..harness.artifacts import ArtifactSet
from . import building, found, released
from .catalogue import FAULTS, SAMPLE, fault_named
from .found import difference, kept_rows
from .page import page
from .trial import Plan, Sighting, on_bytecode, shortest_story, tried

PAGE = ROOT / "docs" / "explanation" / "bytecode-faults.md"
BRIEF = Plan(episodes=1, episode_steps=120, hunt_steps=250, patience_seconds=3)
"""Little, and enough for the faults of the sample."""
QUICKLY_SHOWN = {"bad-debt-stays", "shares-to-nearest", "premium-through-the-index", "accrual-to-nearest"}


@pytest.mark.parametrize("identifier", SAMPLE)
def test_a_fault_in_bytecode_breaks_the_laws_that_its_mutant_breaks_at_the_same_steps(
    artifacts_v3_6: ArtifactSet, identifier: str
) -> None:
    fault = fault_named(identifier)
    (artifacts,) = building.faulty_artifacts([fault])
    assert artifacts != artifacts_v3_6
    twin, real = tried(fault.mutant, BRIEF), tried(on_bytecode(fault, artifacts), BRIEF)
    assert real.sightings == twin.sightings
    assert {sighting.law for sighting in real.hunt} & set(fault.mutant.expected)
    known = kept_rows()[identifier].hunt
    assert [(each.law, each.step) for each in real.hunt] == [seen for seen in known if seen[1] <= BRIEF.hunt_steps]


def test_the_faithful_bytecode_breaks_no_law(artifacts_v3_6: ArtifactSet) -> None:
    faithful = on_bytecode(fault_named("M02"), artifacts_v3_6)
    assert tried(faithful, replace(BRIEF, episode_steps=250)).sightings == ((), ())


def test_a_story_of_the_bytecode_is_short(artifacts_v3_6: ArtifactSet) -> None:
    fault = fault_named("F3")
    (artifacts,) = building.faulty_artifacts([fault])
    assert artifacts_v3_6.libraries
    faulty = on_bytecode(fault, artifacts)
    plan = replace(BRIEF, hunt_steps=1, patience_seconds=60)
    assert 1 <= len(shortest_story(faulty, tried(faulty, plan), plan)) <= 8


def test_the_published_v3_0_2_shows_its_defects_as_the_twin_does(artifacts_v3_0_2: ArtifactSet) -> None:
    engine = bytecode_engine(artifacts_v3_0_2, released.RELEASE)
    real, twin = released.signs_on(engine, 1), released.signs_on(None, 1)
    assert [sign.told for sign in real] == [sign.told for sign in twin]
    assert {sign.defect for sign in real} >= QUICKLY_SHOWN


def test_the_page_shows_what_was_kept() -> None:
    rows, shown = list(kept_rows().values()), released.kept()
    assert PAGE.read_text(encoding="utf-8") == page(rows, shown)
    assert [row.change for row in rows] == [fault_named(row.id).change for row in rows]
    assert len(rows) >= 25
    assert {row.id for row in rows} <= {fault.id for fault in FAULTS}


def test_rows_are_kept_and_read_back(tmp_path: Path) -> None:
    rows = {row.id: row for row in kept_rows().values()}
    found.keep(rows, list(rows), tmp_path / "rows.json")
    assert kept_rows(tmp_path / "rows.json") == rows
    released.keep(released.kept(), tmp_path / "shown.json")
    assert released.kept(tmp_path / "shown.json") == released.kept()


def test_a_difference_between_two_trials_is_told(artifacts_v3_6: ArtifactSet) -> None:
    trial = tried(on_bytecode(fault_named("M02"), artifacts_v3_6), Plan(episodes=1, episode_steps=1, hunt_steps=1))
    other = replace(trial, hunt=(Sighting("RND-2", 41, "by 1"),))
    assert difference(trial, trial) == ""
    assert difference(trial, other) == "hunt: only the bytecode breaks RND-2 at 41"
    elsewhere = replace(other, hunt=(Sighting("RND-2", 41, "by 2"),))
    assert difference(other, elsewhere) == "the same laws and steps; RND-2 at 41 tells of somebody else"
    assert difference(other, trial) == "hunt: only the mutant breaks RND-2 at 41"
