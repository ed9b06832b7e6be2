"""Campaigns: the faithful protocol survives, a fault is found, shrunk, written and replayed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pooltwin.fixtures import load_market
from pooltwin.invariants.campaigns.campaign import CampaignOptions, EpisodeRun, run_campaign, run_episode
from pooltwin.invariants.campaigns.shrinking import violation_of
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.history import HistoryError, read_history
from pooltwin.invariants.standard import history_from, history_on, standard_config, standard_history
from pooltwin.protocol.math import percentage
from pooltwin.protocol.revisions import NEWEST
from pooltwin.protocol.saved_state import save


def options(revision="3.7", **changes):
    given = {"seed": 7, "steps": 1000, "episode_steps": 500, "probe_every": 100} | changes
    return CampaignOptions(standard_history(revision), **given)


@pytest.mark.parametrize("revision", ["3.6", "3.7"])
def test_the_faithful_protocol_survives(revision):
    result = run_campaign(options(revision))
    assert result.ok, result.findings[0].story()
    assert result.tally.steps == 1000
    assert sum(count > 0 for count in result.tally.exercised.values()) > 110


def test_an_episode_is_reproduced_by_its_number():
    first, again, other = (run_episode(options(), number) for number in (3, 3, 4))
    assert first.tally == again.tally
    assert first.tally != other.tally


def test_progress_is_told_and_the_limit_is_kept():
    told = []
    result = run_campaign(options(steps=1500), told.append)
    assert [progress.episodes for progress in told] == [1, 2, 3]
    assert result.episodes == 3
    assert told[-1].steps == 1500


def test_two_processes_see_what_one_sees():
    one, two = run_campaign(options()), run_campaign(options(processes=2))
    assert one.tally == two.tally


def test_a_campaign_is_resumed(tmp_path):
    path = tmp_path / "progress.json"
    run_campaign(options(steps=500, resume=path))
    resumed = run_campaign(options(steps=1000, resume=path))
    assert resumed.tally == run_campaign(options(steps=1000)).tally
    with pytest.raises(ValueError, match="is the progress of another campaign"):
        run_campaign(options(seed=8, resume=path))
    path.write_text("{}")
    with pytest.raises(ValueError, match="is not the progress of a campaign"):
        run_campaign(options(resume=path))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps": None}, "needs a limit"),
        ({"processes": 0}, "processes is 0"),
        ({"laws": ("SOL-99",)}, "no law is called 'SOL-99'; did you mean 'SOL-9'"),
    ],
)
def test_options_that_make_no_sense_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        options(**changes)


FAULTY = replace(NEWEST, protocol_fee_percent_mul=percentage.percent_mul_floor)
"""The treasury's fee of a liquidation is rounded down."""


@pytest.fixture(scope="module")
def progress(tmp_path_factory):
    return tmp_path_factory.mktemp("campaign") / "progress.json"


@pytest.fixture(scope="module")
def found(progress):
    return run_campaign(options(steps=20_000, engine=FAULTY, laws=("LIQ-7",), resume=progress))


def test_a_fault_is_found_and_shrunk(found):
    (finding,) = found.findings
    assert finding.law == "LIQ-7"
    assert len(finding.history.actions) < 40
    assert violation_of(finding.history, "LIQ-7", engine=FAULTY) is not None
    assert violation_of(finding.history, "LIQ-7") is None
    assert finding.story().startswith("LIQ-7 is broken at step ")


def test_who_resumes_meets_the_violation_again(found, progress):
    again = run_campaign(options(steps=20_000, engine=FAULTY, laws=("LIQ-7",), resume=progress))
    assert [finding.law for finding in again.findings] == ["LIQ-7"]
    assert again.episodes == found.episodes


def test_a_real_defect_is_found_unaided():
    """Until v3.6 a same-asset liquidation credits the treasury twice; v3.7 fixed it."""
    result = run_campaign(options("3.6", steps=20_000, strict=True, laws=("SOL-2",)))
    (finding,) = result.findings
    assert finding.law == "SOL-2"
    last = finding.history.actions[-1]
    assert last.function == "liquidationCall"
    assert last.arguments[0] == last.arguments[1]


def test_actions_survive_json():
    actions = (
        Action("alice", "pool", "supply", ("WETH", 2**200, "alice", 0)),
        Action(
            "alice", "pool", "flashLoan", ("receiver", ("WETH",), (1,), (0,), "alice", b"\x01", 0), (Action.wait(3),)
        ),
        Action.wait(5),
        Action.price("WETH", -1),
    )
    for action in actions:
        assert Action.from_json(json.loads(json.dumps(action.to_json()))) == action


def test_a_history_survives_its_file(tmp_path):
    history = standard_history("3.6").with_actions([Action.wait(12)])
    path = tmp_path / "history.json"
    history.write(path)
    assert read_history(path) == history
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(HistoryError, match="is not a pooltwin-history of version 1"):
        read_history(path)
    path.write_text("[")
    with pytest.raises(HistoryError, match="cannot be read"):
        read_history(path)


def test_a_campaign_runs_on_a_shipped_market():
    result = run_campaign(
        CampaignOptions(history_on(load_market("ethereum-core-2026-02")), steps=400, episode_steps=400)
    )
    assert result.ok, result.findings[0].story()
    assert result.tally.succeeded["pool.supply"] > 0


def test_a_campaign_runs_on_a_saved_state(tmp_path):
    stage = history_on(standard_config("3.7")).stage()
    stage.perform(Action("alice", "pool", "borrow", ("WETH", 10**20, 2, 0, "alice")))
    chain = stage.market.chain
    chain.contracts[stage.book["receiver"]] = None
    path = tmp_path / "state.json"
    save(chain, path)
    history = history_from(path)
    assert stage.book["alice"] in history.actors
    result = run_campaign(CampaignOptions(history, steps=400, episode_steps=400))
    assert result.ok, result.findings[0].story()
    history.with_actions([Action.wait(1)]).write(tmp_path / "history.json")
    assert read_history(tmp_path / "history.json").stage().market.chain.time == chain.time


def test_an_old_release_is_held_to_the_laws_of_a_new_one():
    """v3.3 lets borrowers liquidate themselves; its own laws have nothing against it."""
    result = run_campaign(options("3.3", steps=20_000, laws=("ACT-9",), judged_by="3.7"))
    (finding,) = result.findings
    assert violation_of(finding.history, "ACT-9", judged_by="3.7") is not None
    assert violation_of(finding.history, "ACT-9") is None
    with pytest.raises(ValueError, match=r"revision '4.0' is not known"):
        options(judged_by="4.0")


def test_a_campaign_on_a_rollup_packs_its_calls_and_breaks_no_law():
    start = history_on(standard_config("3.7").model_copy(update={"l2_pool": True}))
    result = run_campaign(CampaignOptions(start, seed=7, steps=800, episode_steps=400, probe_every=100))
    assert result.ok, result.findings[0].story()
    packed = {call for call in result.tally.calls if call.endswith("Compact")}
    assert {"pool.supplyCompact", "pool.borrowCompact", "pool.repayCompact"} <= packed


def test_unguided_walks_do_not_depend_on_which_laws_watch():
    def walked(**changes):
        run = EpisodeRun(options(episode_steps=350, probe_every=500, **changes), 3)
        run.run()
        return run.actions

    unguided = walked(guided=False)
    assert unguided == walked(guided=False, laws=("SOL-1",))
    assert unguided != walked()
    assert options().fingerprint() != options(guided=False).fingerprint()


@pytest.mark.parametrize("kind", ["no return value", "no approval event"])
def test_probes_fare_with_other_people_s_tokens(kind):
    """An allowance may have to be taken away before another is given: that is no fault of the market's."""
    config = standard_config("3.6")
    reserves = tuple(reserve.model_copy(update={"token_kind": kind}) for reserve in config.reserves)
    history = history_on(config.model_copy(update={"reserves": reserves}))
    result = run_campaign(CampaignOptions(history, steps=250, episode_steps=250, probe_every=50))
    assert result.findings == []
    assert result.tally.exercised["SOL-11"]
