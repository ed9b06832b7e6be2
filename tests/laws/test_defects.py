"""Defects that later releases fixed: a story breaks its law where the defect lives, and not where it is fixed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.invariants.campaigns.campaign import CampaignOptions, run_episode
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.defects import hunt as defect_hunt
from pooltwin.invariants.defects.catalogue import DEFECTS, NEWEST, OLD, OTHER_RULES, Symptom, defect_called, explained
from pooltwin.invariants.defects.cost import MEASURES, dollars, tokens
from pooltwin.invariants.defects.hunt import EPISODE_STEPS, hunt, symptoms_of
from pooltwin.invariants.defects.page import defects_page
from pooltwin.invariants.defects.results import merged, read_results, still_missed, write_results
from pooltwin.invariants.defects.story import breaks, fixed_in
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.standard import standard_history
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

RESULTS = read_results()
STORIES = [story for found in RESULTS.hunts for story in found.stories]
FOLDER = Path(__file__).parents[2] / "invariants"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_stories_break_where_the_defect_lives_and_hold_where_it_is_fixed(defect):
    stories = RESULTS.stories_of(defect.id)
    assert stories
    for story in stories:
        violation = breaks(story, story.revision)
        assert violation is not None, story
        assert str(violation) == story.violation
        assert breaks(story, fixed_in(story)) is None, story


def test_every_defect_is_found_wherever_it_lives():
    """But for those that the page says were not found there."""
    assert [found.revision for found in RESULTS.hunts] == list(OLD)
    for found in RESULTS.hunts:
        told = {(story.defect, story.symptom) for story in found.stories} | set(found.missed)
        assert told == {(defect.id, symptom) for defect, symptom in symptoms_of(found.revision)}
    assert still_missed(RESULTS) == NOT_FOUND


NOT_FOUND: list[str] = []
"""Defect, release and law that 50,000 steps did not meet."""


def test_a_defect_is_fixed_by_the_release_after_the_last_it_lives_in():
    names = [*OLD, NEWEST]
    for defect in DEFECTS:
        assert names[names.index(defect.lives[-1]) + 1] == defect.fixed
        assert list(defect.lives) == [name for name in names if defect.lives[0] <= name <= defect.lives[-1]]
        assert not defect.measure or defect.measure in MEASURES
        assert defect.cost


def test_what_breaks_is_explained_and_what_explains_broke():
    known = {law.id for law in all_laws()}
    for found in RESULTS.hunts:
        assert [law for law in found.broken if not explained(law, found.revision)] == []
    for defect in DEFECTS:
        assert set(defect.also) <= known
        there = [found for found in RESULTS.hunts if found.revision in defect.lives]
        idle = [law for law in defect.also if not any(found.broken[law] for found in there)]
        assert [law for law in idle if law in RESULTS.laws] == [], defect.id
    for rule in OTHER_RULES:
        assert set(rule.laws) <= known
        assert any(found.broken[law] for law in rule.laws for found in RESULTS.hunts if found.revision in rule.lives)


@pytest.mark.parametrize("revision", OLD)
def test_nothing_new_breaks_in_another_campaign(revision):
    """Nothing of what the hunt knew; laws that came later are for the next hunt to explain."""
    options = CampaignOptions(
        standard_history(revision), seed=77, steps=1000, episode_steps=500, judged_by=NEWEST, stop_at_violation=False
    )
    broken = {finding.law for number in (0, 1) for finding in run_episode(options, number).findings}
    assert len(broken) > 2
    assert [law for law in broken if law in RESULTS.laws and not explained(law, revision)] == []


@pytest.mark.parametrize(("defect", "revision"), [("double-accrual", "3.6"), ("self-liquidation", "3.3")])
def test_the_page_tells_where_a_defect_was_met(defect, revision):
    """The episode's seed gives the whole history again, and the law breaks at the step that is told."""
    story = next(story for story in RESULTS.stories_of(defect) if story.revision == revision)
    options = CampaignOptions(
        standard_history(revision),
        seed=RESULTS.seed,
        steps=1,
        episode_steps=EPISODE_STEPS,
        judged_by=NEWEST,
        laws=(story.law,),
    )
    number = int(story.seed.partition("/")[2])
    (finding,) = run_episode(options, number).findings
    assert finding.seed == story.seed
    assert number * EPISODE_STEPS + len(finding.history.actions) == story.step


def test_the_page_is_current():
    assert (FOLDER / "DEFECTS.md").read_text() == defects_page(RESULTS)


def test_results_survive_their_file(tmp_path):
    path = tmp_path / "results.json"
    write_results(path, RESULTS)
    assert read_results(path) == RESULTS
    path.write_text('{"format": "another"}')
    with pytest.raises(ValueError, match=r"results.json: holds no results .* its format is 'another'"):
        read_results(path)
    with pytest.raises(ValueError, match="the other releases were hunted for 50000 steps from seed 1"):
        merged(RESULTS, 1, 1, RESULTS.hunts)


def test_a_sign_is_a_law_in_a_kind_of_call():
    symptom = Symptom("FLG-2", ("pool.withdraw",))
    assert symptom.shows("FLG-2", "pool.withdraw")
    assert not symptom.shows("FLG-2", "probe")
    assert not symptom.shows("FLG-1", "pool.withdraw")
    assert Symptom("HF-4").shows("HF-4", "probe")


def test_amounts_are_told_in_words():
    assert dollars(123_456_789_000) == "$1,234.56"
    assert dollars(999_999) == "less than a cent"
    assert tokens(66_847 * 10**17, 10**18, "LINK") == "6,684.7 LINK"
    assert tokens(3, 10**8, "WBTC") == "3 wei of WBTC"


def test_unknown_names_are_answered_with_those_there_are():
    with pytest.raises(ValueError, match="no defect is called 'typo'; there are double-accrual"):
        defect_called("typo")
    with pytest.raises(ValueError, match=r"'3.7' is no old release; there are 3.2"):
        hunt("3.7")


def test_the_command_writes_the_page(tmp_path, monkeypatch):
    """A hunt of one episode: much is missed, and the command says so."""
    monkeypatch.setattr(defect_hunt, "PATIENCE_SECONDS", 0.0)
    result = CliRunner().invoke(app, ["defects", "-r", "3.6", "-b", "500", "--longer", "0", "-o", str(tmp_path)])
    assert result.exit_code == 1, result.output
    assert "not found:" in result.output
    (found,) = read_results(tmp_path / "defect_results.json").hunts
    assert (found.revision, found.steps) == ("3.6", 500)
    assert "# Defects that later releases fixed" in (tmp_path / "DEFECTS.md").read_text()
    refused = CliRunner().invoke(app, ["defects", "-r", "3.7"])
    assert refused.exit_code == 2


def test_what_was_told_at_length_is_told_briefly_once_the_campaign_finds_how():
    """A receipt makes collateral in two actions; told with a walk before it, the story is sought again."""
    brief = next(story for story in STORIES if story.defect == "flagged-by-receipt" and len(story.actions) == 2)
    waits = tuple(Action.wait(1) for _ in range(defect_hunt.LENGTHY))
    lengthy = replace(brief, actions=(*waits, *brief.actions))
    found = defect_hunt.ReleaseHunt(
        brief.revision, steps=brief.step // EPISODE_STEPS * EPISODE_STEPS, stories=[lengthy]
    )
    defect_hunt.go_on(found, found.steps + EPISODE_STEPS, RESULTS.seed)
    assert [len(story.actions) for story in found.stories] == [2]
    assert found.searched == found.steps + EPISODE_STEPS
    assert found.missed == []


def test_a_brief_story_is_not_sought_again():
    brief = next(story for story in STORIES if story.defect == "flagged-by-receipt")
    found = defect_hunt.ReleaseHunt(brief.revision, stories=[brief])
    defect_hunt.go_on(found, EPISODE_STEPS, RESULTS.seed)
    assert (found.searched, found.stories) == (0, [brief])
