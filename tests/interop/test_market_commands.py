"""`pooltwin market import` and `pooltwin market export` as their users meet them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.fixtures import load_market
from pooltwin.interop import import_market
from pooltwin.protocol import Market, quiet_about_units
from pooltwin.protocol.errors import InvalidDecimals
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner, Result

from .forms import DATA, OLD, OLD_DEFAULTS, TABLES
from .test_reserve_data import STATE_DEFAULTS
from .test_snapshots import old, old_defaults


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["market", *arguments])


def told(path: Path, defaults: dict[str, Any]) -> str:
    """A file of defaults."""
    path.write_text(json.dumps(defaults))
    return str(path)


@pytest.mark.parametrize("name", OLD)
def test_a_real_snapshot_becomes_a_market_file(name: str, tmp_path: Path) -> None:
    defaults, output = told(tmp_path / "defaults.json", old_defaults(name)), tmp_path / "market.json"
    result = run("import", "snapshot", str(DATA / OLD[name]), "-r", "3.0.2", "-d", defaults, "-o", str(output))
    assert result.exit_code == 0, result.output
    with quiet_about_units():
        assert load_market(output) == old(name)
    assert max(len(line) for line in result.output.splitlines()[:-1]) <= 80
    assert "from the defaults:\n  base_currency_unit of the market: 100000000\n" in result.output
    assert result.output.splitlines()[-1] == f"written to {output}"


def test_what_is_lacking_is_listed_with_a_file_to_fill_in_and_nothing_is_written(tmp_path: Path) -> None:
    output = tmp_path / "market.json"
    result = run("import", "snapshot", str(DATA / OLD["polygon"]), "-r", "3.0.2", "-o", str(output))
    assert result.exit_code == 2
    assert not output.exists()
    assert "  stable_rates.excess_offset_bps      all 20 reserves\n" in result.stderr
    template = json.loads(result.stderr[result.stderr.index("{") :])
    assert template["every_reserve"] == {"stable_rates": {"excess_offset_bps": None}}


def test_a_table_with_its_state(tmp_path: Path) -> None:
    defaults, output = told(tmp_path / "defaults.json", STATE_DEFAULTS), tmp_path / "market.json"
    options = ("-r", "3.3", "-d", defaults, "-o", str(output), "--state")
    result = run("import", "parameters-csv", str(DATA / TABLES["polygon"]), *options)
    assert result.exit_code == 0, result.output
    market = Market.deploy(load_market(output))
    assert market.pool.reserves[market.asset("DAI")].liquidity_index == 1_143_735_521_298_288_090_608_044_610


def test_a_market_is_written_as_a_snapshot_and_read_again(tmp_path: Path) -> None:
    written, market = tmp_path / "snapshot.json", "ethereum-core-2026-02"
    assert run("export", "snapshot", market, "-o", str(written)).exit_code == 0
    defaults = {
        "base_currency_unit": 10**8,
        "flash_loan_premium_bps": 5,
        "every_reserve": {"pending_ltv_bps": 0, "grace_period_until": 0},
        "every_e_mode": {"ltv_zero": []},
    }
    config = import_market("snapshot", written, revision="3.6", defaults=defaults).config
    again = tmp_path / "again.json"
    (tmp_path / "market.json").write_text(config.model_dump_json())
    assert run("export", "snapshot", str(tmp_path / "market.json"), "-o", str(again)).exit_code == 0
    assert _without_code(again) == _without_code(written)


def _without_code(path: Path) -> Any:
    data = json.loads(path.read_text(encoding="utf-8"))
    return {**data, "poolConfig": {name: at for name, at in data["poolConfig"].items() if not name.endswith("Impl")}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "graph", "x", "-r", "3.6"), "'graph' is not one of"),
        (("import", "snapshot", "none.json", "-r", "3.6"), "error: none.json: there is no such file"),
        (("import", "snapshot", str(DATA / TABLES["polygon"]), "-r", "3.6"), "this is no snapshot of Aave's proposal"),
        (("import", "snapshot", str(DATA / OLD["polygon"]), "-r", "3.9"), "3.9"),
        (("import", "snapshot", str(DATA / OLD["polygon"]), "-r", "3.6", "-d", "none.json"), "none.json: there is no"),
        (("import", "snapshot", str(DATA / OLD["polygon"]), "-r", "3.6", "--state"), "says nothing of the state"),
        (("export", "graph", "ethereum-core-2026-02"), "'graph' is not"),
        (("export", "snapshot", "no-such-market"), "there is no 'no-such-market'"),
        (("export", "snapshot", str(DATA / OLD["polygon"])), "not a market"),
    ],
)
def test_a_mistake_is_one_message_and_status_2(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, "-o", "out.json")
    assert result.exit_code == 2, result.output
    assert said in result.output.replace("\n", " ").replace("│", " ").replace("  ", " ")
    assert not (tmp_path / "out.json").exists()


def test_a_market_that_the_contracts_refuse_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise InvalidDecimals()

    monkeypatch.setattr(Market, "deploy", refuse)
    defaults, output = told(tmp_path / "defaults.json", OLD_DEFAULTS), tmp_path / "market.json"
    result = run("import", "snapshot", str(DATA / OLD["polygon"]), "-r", "3.0.2", "-d", defaults, "-o", str(output))
    assert result.exit_code == 2
    assert "error: the contracts of v3.0.2 refuse this market: InvalidDecimals" in result.stderr
    assert not output.exists()
