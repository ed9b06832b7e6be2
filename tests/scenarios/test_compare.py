"""One history on several revisions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.recordings.recording import Recording
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.comparison.compare import compare
from pooltwin.scenarios.comparison.difference import Comparison
from typer.testing import CliRunner

CORNERS = Path(__file__).parents[1] / "recordings" / "histories" / "v3.6-corners.jsonl.gz"


def recorded(name: str) -> Path:
    return next(path for path in recording_paths() if path.name.startswith(name))


@pytest.fixture(scope="module")
def call_by_call() -> Comparison:
    """A history full of liquidations, every call of it on both sides of the end of double accrual."""
    return compare(recorded("v3.6-2"), ["3.7"], each_call=True)


def test_a_revision_agrees_with_itself() -> None:
    comparison = compare(recorded("v3.6-1"), ["3.6"], baseline="3.6")
    assert [branch.revision.name for branch in comparison.branches] == ["3.6"]
    again = compare(recorded("v3.6-1"), ["3.6"], baseline="3.6")
    assert comparison.branches[0].totals == again.branches[0].totals


def test_the_double_accrual_of_v3_6_shows_call_by_call(call_by_call: Comparison) -> None:
    """In v3.6 a same-asset liquidation accrues to the treasury twice: on v3.7 it is owed less, and slack is larger."""
    (newer,) = call_by_call.branches[1:]
    worth = newer.worth["liquidationCall"]
    assert worth.units["WETH", "owed_to_treasury"] < -(10**18)
    assert worth.units["WETH", "slack"] > 10**18
    assert set(newer.worth) - {"liquidationCall"} == {name for name, other in newer.worth.items() if other.calls == 0}


def test_what_a_recording_names_goes_by_its_name() -> None:
    comparison = compare(recorded("v3.6-4"), ["3.5"], baseline="3.6")
    told = [(each.call, each.baseline, each.here) for each in comparison.branches[1].differences]
    known = Recording(recorded("v3.6-4")).header.addresses
    assert not [where for where in known.values() if any(where in text for texts in told for text in texts)]
    assert any(call.startswith("pool.borrow(WSTETH, ") for call, _, _ in told)
    assert ("pool.setUserEMode(2)", "InvalidCollateralInEmode(USDT, 2)", "ok") in told


def test_counts_add_up(call_by_call: Comparison) -> None:
    (newer,) = call_by_call.branches[1:]
    set_up = call_by_call.calls - sum(newer.counts.values())
    assert 0 <= set_up < 20  # calls before there is a pool
    assert newer.counts["same"] > newer.counts["other amounts"] > 0


def test_every_release_answers_a_call_by_its_own_code() -> None:
    """Isolation ended with v3.6: from the same state, v3.7 lacks its functions and lends what the ceiling forbade."""
    comparison = compare(CORNERS, ["3.7"], baseline="3.6", each_call=True)
    assert comparison.branches[1].counts == {
        "same": 433,
        "not asked: no such function": 16,
        "only here: no such function there": 2,
        "other amounts": 7,
        "other error": 3,
        "other events": 11,
        "succeeds only here": 7,
    }


def test_calls_are_described_that_only_the_other_release_knows() -> None:
    newer = compare(CORNERS, ["3.7"], baseline="3.6").branches[1]
    assert newer.differences[0].call == "configurator.setEModeCategory(1, 9300, 9500, 10100, ETH correlated)"


def test_living_apart_differs_from_single_calls(call_by_call: Comparison) -> None:
    apart = compare(recorded("v3.6-2"), ["3.7"]).branches[1]
    assert apart.counts["other amounts"] > call_by_call.branches[1].counts["other amounts"]
    assert apart.totals != call_by_call.branches[0].totals


@pytest.mark.parametrize(
    ("name", "other"), [("v3.3-1", "3.4"), ("v3.4-1", "3.3"), ("v3.2-1", "3.7"), ("v3.7-1", "3.2")]
)
def test_histories_cross_the_change_of_listings_and_constructors(name: str, other: str) -> None:
    """With v3.4 strategy and treasury moved into code; each side is told its own way and lists the same reserves."""
    there, here = compare(recorded(name), [other]).branches
    assert [reserve.symbol for reserve in here.totals] == [reserve.symbol for reserve in there.totals]
    assert len(here.totals) >= 8
    assert here.counts["same"] > sum(here.counts.values()) // 3
    assert all(reserve.owed_to_lenders > 0 for reserve in here.totals)


def test_single_calls_do_not_cross_a_change_of_storage() -> None:
    with pytest.raises(ValueError, match=r"3\.4 cannot go on from the state of 3\.3"):
        compare(recorded("v3.3-1"), ["3.4"], each_call=True)


def test_a_script_shows_which_way_shares_round(tmp_path: Path) -> None:
    """Until v3.4 the pool rounds to the nearest share; since v3.5 every rounding is the lenders' friend."""
    borrowing = [
        Action("alice", "pool", "supply", ("WETH", 10**18 + 7, "alice", 0)),
        Action("alice", "pool", "borrow", ("USDC", 1_234_567, 2, 0, "alice")),
        Action.wait(86_400),
        Action("alice", "pool", "borrow", ("USDC", 7_654_321, 2, 0, "alice")),
        Action.price("WETH", 3_000 * 10**8),
        Action("alice", "pool", "approvePositionManager", ("bob", True)),
    ]
    path = tmp_path / "script.json"
    standard_history("3.4").with_actions(borrowing).write(path)
    comparison = compare(path, ["3.5", "3.7"])
    before, after, latest = comparison.branches
    assert comparison.calls == sum(after.counts.values()) == 4
    assert after.counts["not asked: no such function"] == latest.counts["not asked: no such function"] == 0
    owed = [{reserve.symbol: reserve.owed_by_borrowers for reserve in branch.totals} for branch in comparison.branches]
    assert 0 < owed[1]["USDC"] - owed[0]["USDC"] <= 2
    assert before.differences == []
    with pytest.raises(ValueError, match="lived through as a whole"):
        compare(path, ["3.5"], each_call=True)


def test_the_command(tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(app, ["compare", str(recorded("v3.7-1")), "-r", "3.6"])
    assert result.exit_code == 0, result.output
    assert "v3.6 first parts from v3.7" in result.output
    for unfit in ("9.9", "3.0.2"):
        refused = runner.invoke(app, ["compare", str(recorded("v3.7-1")), "-r", unfit])
        assert refused.exit_code == 2
        assert unfit in refused.output
    assert runner.invoke(app, ["compare", str(tmp_path / "none.jsonl")]).exit_code == 2
