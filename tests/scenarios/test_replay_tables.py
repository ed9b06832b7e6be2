"""CSV files of a replay, the explanation of its assumptions, and what other readings of the sources come to."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.trend_research import replay, run_replay
from pooltwin.scenarios.trend_research.alternatives import with_alternatives
from pooltwin.scenarios.trend_research.csv_files import HEADINGS, write_csv
from pooltwin.scenarios.trend_research.explain import EXAMPLE, explained, explanation, unit_of
from pooltwin.scenarios.trend_research.parameters import ReplayParameters
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.trend_research.verdict import alternatives_verdict
from rich.console import Console
from typer.testing import CliRunner


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _decimal(units: int, decimals: int) -> Decimal:
    return Decimal(units).scaleb(-decimals)


@pytest.fixture(scope="module")
def tables(crashed, tmp_path_factory):
    """The CSV files of the crash."""
    folder = tmp_path_factory.mktemp("csv") / "made" / "for it"
    return {path.name: _rows(path) for path in write_csv(crashed, folder)}


def test_the_course_has_every_print_in_human_units(tables, crashed):
    rows = tables["course.csv"]
    assert len(rows) == len(crashed.steps)
    for row, step in zip(rows, crashed.steps, strict=True):
        assert Decimal(row["weth_usd"]) == _decimal(step.reported_price, 8)
        assert Decimal(row["position_weth"]) == _decimal(step.position.weth, 18)
        assert Decimal(row["withdrawable_weth"]) == _decimal(step.withdrawable_weth, 18)
        assert Decimal(row["uncovered_usd_at_print"]) == _decimal(step.uncovered_at_print_base, 8)
        worth = Decimal(row["withdrawable_weth"]) * Decimal(row["weth_usd"])
        assert abs(Decimal(row["withdrawable_usd"]) - worth) <= Decimal("0.00000001")
    assert [row["price_origin"] for row in rows].count("invented") == 1


def test_liquidations_add_up_in_tokens_and_dollars(tables, crashed):
    rows = tables["liquidations.csv"]
    assert len(rows) == len(crashed.liquidations) > 0
    assert tuple(rows[0]) == HEADINGS["liquidations.csv"]
    seized = sum(Decimal(row["received"]) for row in rows if row["collateral_asset"] == "WETH")
    weth = sum(call.received for call in crashed.liquidations if call.collateral_asset == "WETH")
    assert seized == _decimal(weth, 18)
    for row in rows:
        gained = Decimal(row["received_usd"]) * Decimal("0.99") - Decimal(row["repaid_usd"])
        assert abs(gained - Decimal(row["profit_usd"])) < Decimal("0.0001")  # dollars are cut to 8 decimals
        assert Decimal(row["health_factor_before"]) < 1


def test_reserves_have_both_sides_before_and_after(tables, crashed):
    rows = {(row["when"], row["reserve"]): row for row in tables["reserves.csv"]}
    assert len(rows) == len(crashed.before) + len(crashed.after)
    for balance in crashed.after:
        row = rows["after", balance.symbol]
        assert Decimal(row["owed_to_lenders"]) == _decimal(balance.owed_to_lenders, balance.decimals)
        assert Decimal(row["deficit"]) == _decimal(balance.deficit, balance.decimals)
        sides = Decimal(row["owed_by_borrowers"]) + Decimal(row["in_the_pool"]) - Decimal(row["owed_to_lenders"])
        assert Decimal(row["surplus"]) == sides


def test_a_file_without_rows_has_its_headings(sold, unsold, tmp_path):
    write_csv(sold, tmp_path)
    assert (tmp_path / "liquidations.csv").read_text() == ",".join(HEADINGS["liquidations.csv"]) + "\n"
    assert tuple(_rows(tmp_path / "sales.csv")[0]) == HEADINGS["sales.csv"]
    assert sum(Decimal(row["weth"]) for row in _rows(tmp_path / "sales.csv")) == _decimal(sold.steps[-1].sold_weth, 18)
    write_csv(unsold, tmp_path)
    assert (tmp_path / "sales.csv").read_text() == ",".join(HEADINGS["sales.csv"]) + "\n"


def test_every_parameter_is_explained_with_unit_and_reason():
    told = list(explained())
    assert [one.name for one in told] == list(ReplayParameters.model_fields)
    for one in told:
        assert one.unit
        assert len(one.reason) > 20, one.name
        assert "\n" not in one.reason
    assert json.loads(next(one.default for one in told if one.name == "oracle_wick_bps")) == 10_000
    with pytest.raises(LookupError, match="colour has no unit"):
        unit_of("colour", None)


def test_the_explanation_fits_a_terminal_and_shows_the_shape_of_a_shock():
    text = explanation(80)
    assert max(map(len, text.splitlines())) <= 80
    assert '"weth_usd": "1400"' in text
    assert ReplayParameters.model_validate_json(json.dumps(EXAMPLE)).shock


def test_the_other_tracker_is_played(sold):
    timeline = load_timeline()
    told = with_alternatives(sold, timeline, replay)
    tracker, wicks, both = told.alternatives
    assert tracker.liquidated == ("wallet 1",)
    assert tracker.liquidation_count == 1
    assert 12_667 <= tracker.seized_weth / 10**18 < 12_668
    assert 0.989 < tracker.worst_health_factor_at_print / 10**18 < 0.99
    assert (wicks.liquidation_count, both.liquidation_count) == (0, 0)
    assert wicks.worst_health_factor_at_print > both.worst_health_factor_at_print > 10**18
    assert tracker.state_digest == replay(ReplayParameters(highest_trigger_02_06_usd=Decimal(1800))).state_digest
    (said,) = [sentence for sentence in told.verdict if sentence.startswith("Sources allow other readings: ")]
    assert (
        "with Ai Yi's 1,800 for the highest trigger of Feb 06, wallet 1 is liquidated (1 call in all, 12,667 WETH"
        in said
    )
    assert told.state_digest == sold.state_digest


def test_who_sells_nothing_has_no_other_tracker(unsold):
    told = with_alternatives(unsold, load_timeline(), replay)
    assert [reading.words for reading in told.alternatives] == ["if the oracle printed no wicks"]
    assert alternatives_verdict(unsold) == ""


def test_the_reading_that_is_played_already_is_turned_round():
    chosen = replay(ReplayParameters(highest_trigger_02_06_usd=Decimal(1800), oracle_wick_bps=0))
    told = with_alternatives(chosen, load_timeline(), replay)
    assert [reading.words for reading in told.alternatives] == [
        "with EmberCN's 1,708 for the highest trigger of Feb 06",
        "if the oracle printed all of the wicks",
        "with EmberCN's 1,708 for the highest trigger of Feb 06 and if the oracle printed all of the wicks",
    ]


def _run(*arguments: str):
    return CliRunner().invoke(app, ["replay", *arguments])


def test_lenders_losing_is_an_exit_status(tmp_path):
    path = tmp_path / "crash.json"
    path.write_text('{"sell": false, "shock": {"time": "2026-02-06T01:30:00Z", "weth_usd": "1300"}}')
    folder = tmp_path / "tables"
    lost = _run("trend-research", "--brief", "--no-chart", "-o", str(tmp_path), "-p", str(path), "--csv", str(folder))
    assert lost.exit_code == 3, lost.output
    assert "Lenders lost." in lost.output
    assert sorted(entry.name for entry in folder.iterdir()) == [
        *("course.csv", "liquidations.csv", "reserves.csv", "sales.csv")
    ]


def test_given_prices_are_played_and_named(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("time,weth_usd\n2026-02-05T10:00:00Z,1900\n2026-02-06T10:00:00Z,1850\n")
    played = _run("trend-research", "--brief", "--no-chart", "-o", str(tmp_path), "--prices", str(path))
    assert played.exit_code == 0, played.output
    assert "what if: 2 given prices of WETH from Feb 05 10:00 UTC on, 1,850 to 1,900" in " ".join(played.output.split())
    assert "Prices from Feb 05 10:00 UTC on were given" in " ".join(played.output.split())


def test_without_a_directory_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    result = run_replay(None, console=Console(width=80), brief=True)
    assert result.alternatives
    assert list(tmp_path.iterdir()) == []
    assert "Verdict" in capsys.readouterr().out


def test_explain_on_the_command_line():
    told = _run("assumptions", "--explain")
    assert told.exit_code == 0
    assert "liquidator_slippage_bps" in told.output
    assert "unit: hundredths of a percent" in told.output
