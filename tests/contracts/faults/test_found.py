"""Faults in bytecode are found as their mutants are, and v3.0.2 as it was published shows the defects that it had."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.mutants.hunt import Hunt, Kill

from ...unit.source import ROOT
from ..harness.artifacts import ArtifactSet
from . import building, found, released, silence
from .catalogue import FAULTS, SAMPLE, fault_named
from .found import kept_rows, still_holds
from .page import page
from .reasons import INSIDE, MUTANTS_WALK, NAMELESS, Pair, judged_whole, parting, told
from .shortened import story
from .trial import (
    Plan,
    Played,
    Sighting,
    Trial,
    on_bytecode,
    play_campaign,
    play_hunt,
    steps_needed,
    tried,
    tried_for,
)

PAGE = ROOT / "docs" / "explanation" / "bytecode-faults.md"
BRIEF = Plan(episodes=1, episode_steps=120, hunts=(250,))
"""Little, and enough for the faults of the sample."""
QUICKLY_SHOWN = {"bad-debt-stays", "shares-to-nearest", "premium-through-the-index", "accrual-to-nearest"}


def pair_of(identifier: str) -> Pair:
    """A mutant, and the bytecode with the same fault."""
    fault = fault_named(identifier)
    (artifacts,) = building.faulty_artifacts([fault])
    return Pair(fault.mutant, on_bytecode(fault, artifacts), BRIEF)


def seen(played: Played) -> tuple[tuple[str, int], ...]:
    return tuple((each.law, each.step) for each in played.sightings)


def trials_of(pair: Pair) -> tuple[Trial, Trial]:
    return tried(pair.twin, pair.real, pair.plan)


@pytest.mark.parametrize("identifier", SAMPLE)
def test_a_fault_in_bytecode_breaks_the_laws_that_its_mutant_breaks_at_the_same_steps(
    artifacts_v3_6: ArtifactSet, identifier: str
) -> None:
    assert artifacts_v3_6.libraries
    pair = pair_of(identifier)
    twin, real = trials_of(pair)
    assert pair.differences(twin, real) == ()
    assert (real.campaign.compared, real.hunted.compared) == (twin.campaign.compared, twin.hunted.compared)
    assert real.hunted.actions == twin.hunted.actions
    assert {sighting.law for sighting in real.hunted.sightings} & set(pair.twin.expected)
    known = kept_rows()[identifier].hunt
    steps = BRIEF.hunts[-1]
    assert seen(real.hunted) == tuple(each for each in known if each[1] <= steps)


def test_a_debt_ceiling_that_is_not_asked_is_found_where_there_is_one(artifacts_v3_6: ArtifactSet) -> None:
    assert artifacts_v3_6.libraries
    pair = pair_of("F4")
    plan = replace(BRIEF, episode_steps=30)
    twin, real = (play_campaign(mutant, plan)[0] for mutant in (pair.twin, pair.real))
    assert seen(real) == seen(twin) == kept_rows()["F4"].campaign
    assert [law for law, _ in seen(real)] == ["ISO-1"]


def test_a_walk_that_parts_from_the_mutant_s_is_tried_again_on_the_mutant_s(artifacts_v3_6: ArtifactSet) -> None:
    assert artifacts_v3_6.libraries
    pair = pair_of("M86")
    twin, real = trials_of(pair)
    other, _ = play_hunt(pair.real, twin.hunted.steps, (*twin.hunted.actions[:30], *10 * [Action.wait(777)]))
    assert parting(twin.hunted, real.hunted) is None
    assert parting(twin.hunted, other) == 30
    assert other.compared != twin.hunted.compared
    assert pair.differences(twin, replace(real, hunted=other)) == (f"hunt: the same {MUTANTS_WALK.format(step=31)}",)


def test_whole_transactions_are_judged_on_the_twin_as_on_bytecode() -> None:
    mutant, plan = fault_named("M117").mutant, replace(BRIEF, episode_steps=300)
    apart, _ = play_campaign(mutant, plan)
    with judged_whole():
        whole, _ = play_campaign(mutant, plan)
    row = kept_rows()["M117"]
    assert row.differences == (f"campaign: the same {INSIDE}",)
    assert seen(whole) == row.campaign
    assert seen(apart) != seen(whole)


def test_the_faithful_bytecode_breaks_no_law(artifacts_v3_6: ArtifactSet) -> None:
    faithful = on_bytecode(fault_named("M02"), artifacts_v3_6)
    trial = tried_for(faithful, replace(BRIEF, episode_steps=250), BRIEF.hunts[-1])
    assert (trial.campaign.sightings, trial.hunted.sightings) == ((), ())


def test_a_story_of_the_bytecode_is_short(artifacts_v3_6: ArtifactSet) -> None:
    assert artifacts_v3_6.libraries
    pair = pair_of("F3")
    by_campaign = replace(BRIEF, hunts=(1,))
    by_hunt = replace(BRIEF, episode_steps=1, hunts=(20,))
    for plan in (by_campaign, by_hunt):
        twin, real = tried(pair.twin, pair.real, plan)
        short = story(pair.twin, twin, pair.real, real, plan)
        assert short is not None
        assert 1 <= len(short) <= 4


def test_the_bytecode_walks_as_far_as_its_mutant_needs() -> None:
    mutant = fault_named("M02").mutant

    def needed(*steps: int, walked: int = 2_500) -> int:
        kills = {law: Kill(law, step, 0, step, "") for law, step in zip(mutant.expected, steps, strict=False)}
        return steps_needed(Hunt(mutant, walked, kills), mutant)

    assert [needed(41), needed(700, 260), needed(990), needed(2_400)] == [500, 750, 1_250, 2_500]
    assert needed(walked=10_000) == 10_000


def test_the_published_v3_0_2_shows_its_defects_as_the_twin_does(artifacts_v3_0_2: ArtifactSet) -> None:
    engine = bytecode_engine(artifacts_v3_0_2, released.RELEASE)
    real, twin = (released.signs_on(each, 1, (1,)) for each in (engine, None))
    assert [sign.told for sign in real] == [sign.told for sign in twin]
    assert {sign.defect for sign in real} >= QUICKLY_SHOWN


def test_a_row_holds_for_as_long_as_its_mutant_is_found_as_before() -> None:
    fault = fault_named("M27")
    row = kept_rows()[fault.id]
    assert still_holds(row, fault, Plan())
    law, step = row.hunt[0]
    for other in (replace(row, hunt=((law, step + 1), *row.hunt[1:])), replace(row, differences=("hunt: none",))):
        assert not still_holds(other, fault, Plan())


def test_the_page_shows_what_was_kept() -> None:
    rows, shown = list(kept_rows().values()), released.kept()
    assert PAGE.read_text(encoding="utf-8") == page(rows, shown, silence.kept())
    assert [row.change for row in rows] == [fault_named(row.id).change for row in rows]
    assert [row.id for row in rows] == [fault.id for fault in FAULTS]


def test_rows_are_kept_and_read_back(tmp_path: Path) -> None:
    rows = {row.id: row for row in kept_rows().values()}
    found.keep(rows, list(rows), tmp_path / "rows.json")
    assert kept_rows(tmp_path / "rows.json") == rows
    released.keep(released.kept(), tmp_path / "shown.json")
    assert released.kept(tmp_path / "shown.json") == released.kept()


def test_silent_campaigns_are_kept_the_longest_first_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "silence.json"
    short, long, again = (silence.Silence(steps, 7, number, 150) for steps, number in ((20, 1), (300, 2), (20, 3)))
    for each in (short, long, again):
        silence.keep(each, path)
    assert silence.kept(path) == [long, again]


def played(*sightings: Sighting) -> Played:
    return Played(sightings, (), 50)


@pytest.mark.parametrize(
    ("twin", "real", "words"),
    [
        ([], [Sighting("RND-2", 41, ("by 1",))], "only the bytecode breaks RND-2 at 41"),
        ([Sighting("RND-2", 41, ("by 1",))], [], "only the mutant breaks RND-2 at 41"),
        (
            [Sighting("RND-2", 41, ("by 1",))],
            [Sighting("RND-2", 41, ("by 2",))],
            "RND-2 at 41 tells of somebody else",
        ),
        ([Sighting("SOL-8", 19, ("by 1",))], [Sighting("EVM-1", 40, ("5 words",))], NAMELESS),
    ],
)
def test_a_difference_between_two_trials_is_told(
    twin: Sequence[Sighting], real: Sequence[Sighting], words: str
) -> None:
    assert told(played(*twin), played(*real)) == words
