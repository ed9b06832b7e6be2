"""Scenario files swept: each run is the scenario with other values at some places, wherever it is done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.protocol.refusal import read_model
from pooltwin.scenarios.files.run import run_scenario
from pooltwin.scenarios.files.scenario import Scenario
from pooltwin.scenarios.sweep import played
from pooltwin.scenarios.sweep.plan import plan_sweep
from pooltwin.scenarios.sweep.run import run_sweep
from pooltwin.scenarios.sweep.study import SweepError

from .test_scenario_files import PLAIN
from .test_sweep import bytes_of, sweep_file

DEPTHS = {"path": "venues.WETH.depth_2pct_usd", "values": [10**6, 10**8]}
CSV = "second,price\n0,2239.01\n300,1500\n600,800\n"
SHORT = PLAIN | {"duration_s": 900}
FROM_FILE = SHORT | {"prices": {"WETH": {"path": {"kind": "given", "file": "fall.csv"}}}}


def swept(folder: Path, scenario: dict[str, Any], **told: Any) -> Path:
    (folder / "fall.json").write_text(json.dumps(scenario))
    (folder / "fall.csv").write_text(CSV)
    return sweep_file(folder, **({"scenario": "fall.json", "grid": [DEPTHS]} | told))


def test_each_run_is_that_of_the_scenario_with_another_value(tmp_path: Path) -> None:
    result = run_sweep(plan_sweep(swept(tmp_path, FROM_FILE)), tmp_path / "out")
    assert result.failures == []
    for row in result.rows:
        depth = {"WETH": PLAIN["venues"]["WETH"] | {"depth_2pct_usd": int(str(row["venues.WETH.depth_2pct_usd"]))}}
        by_itself = run_scenario(read_model(Scenario, json.dumps(FROM_FILE | {"venues": depth})), tmp_path)
        assert row["result_digest"] == by_itself.digest()
        assert row["state_digest"] == by_itself.state_digest
        assert row["lenders_lost"] == by_itself.lenders_lost
        assert row["lenders_loss_usd_e8"] == by_itself.last.lenders_loss_base
        assert row["liquidation_calls"] == len(by_itself.liquidations)
        assert 799 * 10**8 < int(str(row["lowest_price_WETH_usd_e8"])) <= 800 * 10**8  # what liquidators sell tells
        assert row["laws_broken"] is None
    assert any(row["liquidation_calls"] for row in result.rows)


def test_a_member_is_named_and_what_is_not_there_is_refused(tmp_path: Path) -> None:
    plan = plan_sweep(swept(tmp_path, SHORT, grid=[{"path": "agents.lender.amount", "values": [10**13, 10**14]}]))
    assert {run.axes for run in plan.runs} == {(10**13,), (10**14,)}
    with pytest.raises(SweepError, match=r"agents\.lendr\.amount: there is no 'lendr'; did you mean 'lender'"):
        plan_sweep(swept(tmp_path, SHORT, grid=[{"path": "agents.lendr.amount", "values": [1]}]))
    with pytest.raises(SweepError, match=r"run 1 \(duration_s = -1\): duration_s: -1 should be greater"):
        plan_sweep(swept(tmp_path, SHORT, grid=[{"path": "duration_s", "values": [-1]}]))


def test_seeds_are_those_of_the_scenario(tmp_path: Path) -> None:
    plan = plan_sweep(swept(tmp_path, SHORT, seeds=[5, 6]))
    assert [axis.name for axis in plan.axes] == ["venues.WETH.depth_2pct_usd", "seed"]
    assert sorted(json.loads(run.parameters)["seed"] for run in plan.runs) == [5, 5, 6, 6]


def test_a_key_changes_with_the_files_and_the_code_that_a_scenario_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keys() -> set[str]:
        return {run.key for run in plan_sweep(path).runs}

    path = swept(tmp_path, FROM_FILE)
    before = keys()
    (tmp_path / "fall.csv").write_text(CSV.replace("800", "801"))
    other_file = keys()
    monkeypatch.setattr(played, "digest_of_module", lambda kind: "another")
    assert len(before | other_file | keys()) == 3 * len(before)


def test_a_run_needs_nothing_of_the_folder_that_it_was_planned_in(tmp_path: Path) -> None:
    market = tmp_path / "market.json"
    from pooltwin.fixtures import load_market

    market.write_text(load_market("ethereum-core-2026-02").model_dump_json())
    plan = plan_sweep(swept(tmp_path, FROM_FILE | {"market": "market.json"}))
    for name in ("market.json", "fall.csv", "fall.json", "sweep.json"):
        (tmp_path / name).unlink()
    there = run_sweep(plan, tmp_path / "out")
    assert there.failures == []
    named = run_sweep(plan_sweep(swept(tmp_path, FROM_FILE)), tmp_path / "named")
    assert sorted(str(row["result_digest"]) for row in there.rows) == sorted(
        str(row["result_digest"]) for row in named.rows
    )
    assert bytes_of(there) != bytes_of(named)  # their keys differ


def test_what_is_shown_of_a_run_is_a_scenario_file(tmp_path: Path) -> None:
    run = plan_sweep(swept(tmp_path, FROM_FILE)).runs[0]
    assert "beside" in json.loads(run.parameters)
    assert read_model(Scenario, json.dumps(run.shown())).complete() == run.shown()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, r"fall\.csv: there is no such file"), ("x" * 1_000_001, r"fall\.csv: has 1,000,001 characters")],
    ids=["missing", "too large"],
)
def test_files_that_cannot_be_taken_along_are_refused(tmp_path: Path, content: str | None, message: str) -> None:
    path = swept(tmp_path, FROM_FILE)
    (tmp_path / "fall.csv").unlink()
    if content is not None:
        (tmp_path / "fall.csv").write_text(content)
    with pytest.raises(SweepError, match=message):
        plan_sweep(path)


def test_a_scenario_that_cannot_be_built_is_a_row_with_its_error(tmp_path: Path) -> None:
    result = run_sweep(plan_sweep(swept(tmp_path, SHORT | {"reserves": ["WETH", "USDK"]})), tmp_path / "out")
    assert len(result.failures) == 2
    assert all("USDK" in str(row["error"]) for row in result.failures)
