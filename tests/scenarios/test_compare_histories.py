"""Histories on releases that lack something of them: built without it and said, in the form of each release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from pooltwin.invariants.histories.action import Action, Stage
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.listing import listing
from pooltwin.invariants.histories.moves.governing import rate_data
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.invariants.histories.unfit import ActionError
from pooltwin.invariants.history import History, Opening
from pooltwin.invariants.standard import standard_config, standard_history
from pooltwin.protocol import Market, RecordingError, save
from pooltwin.protocol.revisions import NEWEST, REVISIONS, revision_named
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.comparison.compare import compare
from pooltwin.scenarios.comparison.difference import OTHER_WORDS, Comparison
from pooltwin.scenarios.comparison.forms import in_the_form_here
from typer.testing import CliRunner

SUPPLY = Action("alice", "pool", "supply", ("WETH", 10**18, "alice", 0))


def written(path: Path, history: History, actions: Sequence[Action] = ()) -> Path:
    history.with_actions(actions).write(path / "history.json")
    return path / "history.json"


def compared(tmp_path: Path, actions: Sequence[Action], revision: str = NEWEST.name, *others: str) -> Comparison:
    return compare(written(tmp_path, standard_history(revision), actions), others)


@pytest.mark.parametrize("made_on", ["3.0.2", "3.2", NEWEST.name])
def test_a_random_history_is_lived_through_on_every_release(tmp_path: Path, made_on: str) -> None:
    """Governance, routers, flash loans and listings included: each call is asked, or counted as one that cannot be."""
    stage = standard_history(made_on).stage()
    build_router(stage)
    driver = Driver(stage, Chance(Random(f"compare {made_on}")), ADVERSARY)
    actions = []
    for _ in range(150):
        actions.append(driver.next())
        stage.perform(actions[-1])
    comparison = compared(tmp_path, actions, made_on)
    assert [branch.revision.name for branch in comparison.branches] == list(dict.fromkeys((made_on, *REVISIONS)))
    for branch in comparison.branches[1:]:
        assert sum(branch.counts.values()) == comparison.calls
        assert branch.changes != [] or made_on in ("3.2",)
        assert branch.counts["same"] > comparison.calls // 8


def test_what_a_release_lacks_is_said_by_feature_and_category(tmp_path: Path) -> None:
    _, *others = compared(tmp_path, [SUPPLY]).branches
    told = {branch.revision.name: branch.changes for branch in others}
    assert told["3.6"] == ["e-mode category 3 without isolated"]
    assert told["3.5"] == told["3.2"] == ["e-mode category 2 without ltv_zero (USDT)", *told["3.6"]]
    assert told["3.0.2"][-1] == "without e-mode category 3: an asset is in one category only"


def test_the_market_of_v3_0_2_is_built_on_newer_releases_without_its_stable_rates(tmp_path: Path) -> None:
    baseline, *others = compared(tmp_path, [SUPPLY], "3.0.2").branches
    assert baseline.changes == []
    for branch in others:
        assert branch.changes[0].endswith("LINK, DUST without stable_rates")
        assert branch.changes[1].endswith("LINK, DUST without stable_borrowing_enabled")
        assert branch.changes[2:] == ["e-mode category 2 without price_source (USDC)"]
        assert branch.totals[0].owed_to_lenders == baseline.totals[0].owed_to_lenders


def test_a_release_without_anything_to_leave_out_is_built_as_it_is(tmp_path: Path) -> None:
    config = standard_config("3.2").model_copy(update={"e_modes": ()})
    history = standard_history("3.2")
    path = written(tmp_path, replace(history, opening=replace(history.opening, config=config)), [SUPPLY])
    assert all(branch.changes == [] for branch in compare(path).branches)


@pytest.fixture(scope="module", params=list(REVISIONS))
def stage_of(request: pytest.FixtureRequest) -> Stage:
    return standard_history(request.param).stage()


FORMS = {
    "3.7": Action("admin", "configurator", "setEModeCategory", (1, 9300, 9500, 10100, "anew", False)),
    "3.6": Action("admin", "configurator", "setEModeCategory", (1, 9300, 9500, 10100, "anew")),
    "3.0.2": Action("admin", "configurator", "setEModeCategory", (1, 9300, 9500, 10100, "nobody", "anew")),
}


@pytest.mark.parametrize("made_on", list(FORMS))
def test_a_call_is_told_in_the_form_that_the_release_has(stage_of: Stage, made_on: str) -> None:
    action = in_the_form_here(stage_of, FORMS[made_on], revision_named(made_on))
    receipt = stage_of.perform(action)
    assert receipt is not None
    assert receipt.ok, receipt.revert
    inside = replace(FORMS[made_on], target="router", function="go", arguments=(True,), inside=(FORMS[made_on],))
    build_router(stage_of)
    assert in_the_form_here(stage_of, inside, revision_named(made_on)).inside == (action,)


def test_a_listing_is_told_in_the_form_of_releases_before_v3_4(tmp_path: Path) -> None:
    code = ("aToken code", "debtToken code", "SPARE", "Spare", "aSPARE", "Spare debt", "debtSPARE", b"")
    rates = bytes(30) + (4500).to_bytes(2, "big") + bytes(30) + (100).to_bytes(2, "big") + bytes(30)
    rates += (700).to_bytes(2, "big") + bytes(30) + (30000).to_bytes(2, "big")
    listing = Action("admin", "configurator", "initReserves", (((*code, rates),),))
    baseline, *others = compared(tmp_path, [listing, Action.wait(5)], "3.7", "3.2", "3.3", "3.5").branches
    assert baseline.succeeded == 1
    assert [branch.succeeded for branch in others] == [1, 1, 1]
    assert all(len(branch.totals) == len(baseline.totals) == 9 for branch in others)


@pytest.mark.parametrize("made_on", list(REVISIONS))
def test_a_listing_is_told_in_every_release_s_own_form(tmp_path: Path, made_on: str) -> None:
    """By the same rates, whether they are encoded or those of a strategy of the reserve's own."""
    stage = standard_history(made_on).stage()
    struct = listing(stage, "SPARE", rate_data(8_000, 0, 400, 20_000))
    actions = [Action("admin", "configurator", "initReserves", ((struct,),)), SUPPLY]
    branches = compared(tmp_path, actions, made_on, *(name for name in REVISIONS if name != made_on)).branches
    assert [branch.succeeded for branch in branches] == [2] * len(REVISIONS)
    assert not any("said" in kind for branch in branches for kind in branch.counts)
    for name in REVISIONS:
        other = standard_history(name).stage()
        told = in_the_form_here(other, actions[0], revision_named(made_on))
        assert told.arguments == ((listing(other, "SPARE", rate_data(8_000, 0, 400, 20_000)),),)


def test_a_listing_whose_rates_nobody_can_tell_cannot_be_said_elsewhere() -> None:
    struct = list(listing(standard_history("3.0.2").stage(), "SPARE", rate_data(8_000, 0, 400, 20_000)))
    struct[4] = "nobody"
    action = Action("admin", "configurator", "initReserves", ((tuple(struct),),))
    with pytest.raises(ActionError, match="initReserves: 'nobody' does not tell its rates"):
        in_the_form_here(standard_history("3.7").stage(), action, revision_named("3.0.2"))


def test_what_cannot_be_said_to_a_release_is_counted_apart(tmp_path: Path) -> None:
    """A token that is not listed there has no name; a nonsense on the baseline is refused."""
    named_by_a_listing = Action("alice", "aSPARE", "approve", ("bob", 1))
    with pytest.raises(ValueError, match=r"alice: aSPARE\.approve\(bob, 1\): there is no contract|nobody is called"):
        compared(tmp_path, [named_by_a_listing])


def test_a_history_in_vain_is_said_to_be_one(tmp_path: Path) -> None:
    """Nobody has funds: only a token's words differ between releases, which are no answers of the protocol."""
    bare = replace(standard_history("3.2"), setting=())
    path = written(tmp_path, bare, [SUPPLY, Action("bob", "pool", "supply", ("USDC", 5, "bob", 0))])
    comparison = compare(path, ["3.7"])
    assert comparison.in_vain
    newer = comparison.branches[1]
    assert newer.counts == {OTHER_WORDS: 2}
    assert newer.differences == []
    printed = " ".join(CliRunner().invoke(app, ["compare", str(path), "-r", "3.7"]).output.split())
    assert "Every call reverts on v3.2: only refusals are compared." in printed
    assert "first parts from v3.2, and only in the words in which a token refuses" in printed


def test_partings_are_the_protocol_s_own_answers(tmp_path: Path) -> None:
    poor = Action("poor", "pool", "supply", ("WETH", 5, "poor", 0))
    history = replace(standard_history("3.4"), actors=(*standard_history().actors, "poor"))
    rounded = [Action("bob", "pool", "borrow", ("USDC", 3 * 10**13 + 1, 2, 0, "bob")), Action.wait(86_400)]
    rounded.append(Action("bob", "pool", "repay", ("USDC", 10**12 + 1, 2, "bob")))
    comparison = compare(written(tmp_path, history, [poor, *rounded]), ["3.7"])
    assert not comparison.in_vain
    (newer,) = comparison.branches[1:]
    assert newer.counts[OTHER_WORDS] == 1
    assert [difference.call[:3] for difference in newer.differences] == ["bob"]


def test_the_command_says_what_is_lacking_for_releases_alike(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["compare", str(written(tmp_path, standard_history(), [SUPPLY]))])
    assert result.exit_code == 0, result.output
    assert "On v3.2, v3.3, v3.4, v3.5 the history begins without what they lack" in " ".join(result.output.split())
    assert "On v3.6 the history begins without what it lacks\n  e-mode category 3 without isolated" in result.output


def test_a_saved_state_belongs_to_one_release(tmp_path: Path) -> None:
    state = tmp_path / "a.state"
    save(Market.deploy(standard_config()).chain, state)
    history = History(Opening.of_state(state), ("alice",))
    with pytest.raises(ValueError, match="begins with a saved state, which belongs to one revision"):
        compare(written(tmp_path, history, [SUPPLY]))
    for file, told in ((state, "is a saved state; a recording or a history is compared"),):
        with pytest.raises(RecordingError, match=told):
            compare(file)


OWN_LAW = """
from pooltwin.invariants.law import equal, law, Kind, Subject


@law("MY-1", "Supplies succeed on v3.7 alone.", kind=Kind.STEP, subject=Subject.STEP, on=("pool.supply",), source="N")
def only_on_newest(step):
    return equal("release, expected", step.census.chain.revision.name == "3.7", True)
"""


def test_laws_watch_each_release(tmp_path: Path) -> None:
    path = written(tmp_path, standard_history("3.6"), [SUPPLY])
    comparison = compare(path, ["3.0.2", "3.7"], laws=["RND-1", "SOL-4"])
    watched = {branch.revision.name: branch.watched for branch in comparison.branches}
    assert watched == {name: {"SOL-4": None, "RND-1": None} for name in ("3.6", "3.7")} | {"3.0.2": {"RND-1": None}}
    assert all(branch.watched is None for branch in compare(path, ["3.7"]).branches)


def test_the_command_takes_laws_by_id_and_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "laws_to_compare.py").write_text(OWN_LAW)
    monkeypatch.syspath_prepend(tmp_path)
    path = str(written(tmp_path, standard_history("3.6"), [SUPPLY, SUPPLY]))
    arguments = ["compare", path, "-r", "3.0.2,3.7", "--law", "SOL-4", "--law", "laws_to_compare:only_on_newest"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert "SOL-4 holds on v3.6, v3.7; it is not asked of v3.0.2." in told
    assert "MY-1 holds on v3.7." in told
    assert "On v3.6 MY-1 broken at step 0, alice: pool.supply" in told
    assert told.count("MY-1 broken") == 2


def test_a_law_that_compare_cannot_have_watch_is_refused(tmp_path: Path) -> None:
    path = str(written(tmp_path, standard_history("3.6"), [SUPPLY]))
    result = CliRunner().invoke(app, ["compare", path, "--law", "SYS-77"])
    assert result.exit_code == 2
    assert "no law is called 'SYS-77'; did you mean 'SYS-7'?" in result.output
