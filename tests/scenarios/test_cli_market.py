"""Markets on the command line: made of another, checked fault by fault, shown as tables and as CSV."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pooltwin.fixtures import load_market, read_json
from pooltwin.protocol import Market, MarketConfig, named_address, save
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.market_rows import CategoryRow, ReserveRow, columns_of, rows_of
from typer.testing import CliRunner, Result

REAL = "ethereum-core-2026-02"


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["market", *arguments])


def changed(path: Path, **fields: Any) -> None:
    content = json.loads(path.read_text()) | fields
    path.write_text(json.dumps(content))


# --- new --------------------------------------------------------------------------------------------------------------


def test_a_market_is_made_of_some_reserves_of_another() -> None:
    result = run("new", "--like", REAL, "--only", "USDC,WETH", "-o", "my.json")
    assert result.exit_code == 0, result.output
    assert "written to my.json: 2 reserves, 1 e-mode category" in result.output
    assert "left out: e-mode categories 2, 3, 8, " in result.output
    made, like = load_market("my.json"), load_market(REAL)
    assert [reserve.symbol for reserve in made.reserves] == ["WETH", "USDC"]
    assert made.reserves == tuple(reserve for reserve in like.reserves if reserve.symbol in ("WETH", "USDC"))
    assert (made.revision, made.addresses) == (like.revision, like.addresses)
    assert made.e_modes[0].collateral == made.e_modes[0].borrowable == ("WETH",)


def test_all_of_a_market_is_the_market() -> None:
    result = CliRunner().invoke(app, ["market", "new", "--like", REAL])
    assert result.exit_code == 0
    assert MarketConfig.model_validate_json(result.stdout) == load_market(REAL)


@pytest.mark.parametrize("revision", REVISIONS)
def test_it_is_made_for_any_release_without_what_that_lacks(revision: str) -> None:
    result = run("new", "--like", REAL, "--only", "WETH,USDC", "-r", revision, "--name", "small", "-o", "my.json")
    assert result.exit_code == 0, result.output
    made = load_market("my.json")
    assert (made.revision, made.name) == (revision, "small")
    assert Market.deploy(made).chain.revision.name == revision
    assert ("on v3.7: USDC without borrowable_in_isolation" in result.output) == (revision == "3.7")


def test_a_file_is_like_another_file_and_unfit_wishes_write_nothing() -> None:
    run("new", "--like", REAL, "--only", "WETH,USDC,DAI", "-o", "my.json")
    assert run("new", "--like", "my.json", "--only", "DAI", "-o", "dai.json").exit_code == 0
    for arguments, told in (
        (("--only", "usdc"), "ethereum-core-2026-02 has no reserve 'usdc'; did you mean USDC?"),
        (("--only", "QQQ"), "has no reserve 'QQQ'; there are WETH, USDC, DAI"),
        (("-r", "9"), "revision '9' is not known"),
    ):
        refused = run("new", "--like", "my.json", *arguments, "-o", "other.json")
        assert (refused.exit_code, told in refused.output) == (2, True), refused.output
    assert not Path("other.json").exists()


# --- check ------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("default")
def test_a_sound_market_is_said_to_deploy() -> None:
    for name in (REAL, "my.json"):
        Path("my.json").write_text(json.dumps(read_json(f"markets/{REAL}.json")))
        result = run("check", name)
        assert result.output == f"{name}: deploys on v3.6, 16 reserves, 12 e-mode categories\n"
        assert result.exit_code == 0


@pytest.mark.filterwarnings("default")
def test_every_fault_has_a_line_with_place_and_value() -> None:
    content = read_json(f"markets/{REAL}.json")
    content["reserves"][3].update(decimals="x", ltv_bps=70_000, supply_capp=1)
    content["reserves"][5]["rates"]["slope1_bps"] = -1
    del content["e_modes"][0]["label"]
    Path("my.json").write_text(json.dumps(content))
    result = run("check", "my.json")
    assert result.exit_code == 2, result.output
    assert result.output.splitlines() == [
        'fault: reserves[3] USDC: decimals: "x" should be a valid integer',
        "fault: reserves[3] USDC: ltv_bps: 70000 should be less than or equal to 65535",
        "fault: reserves[3] USDC: supply_capp: there is no such field; did you mean supply_cap?",
        "fault: reserves[5] LINK: rates.slope1_bps: -1 should be greater than or equal to 0",
        "fault: e_modes[0] 1: label: is missing",
        "my.json: 5 faults; what fields say together is checked when each is right",
    ]


@pytest.mark.filterwarnings("default")
def test_what_looks_like_another_unit_is_a_doubt_and_no_fault() -> None:
    content = read_json(f"markets/{REAL}.json")
    content["reserves"][2]["price"] = 65_000
    Path("my.json").write_text(json.dumps(content))
    result = run("check", "my.json")
    assert result.exit_code == 0
    assert "doubt: reserve WBTC: price 65000 is 0.00065 USD: prices have 8 decimals\n" in result.output
    assert result.output.splitlines()[-1].startswith("my.json: deploys on v3.6")


@pytest.mark.filterwarnings("default")
def test_what_the_release_lacks_or_its_contracts_refuse_is_a_fault() -> None:
    result = run("check", REAL, "-r", "3.7")
    assert result.exit_code == 2, result.output
    assert "fault: reserve USDC: borrowable_in_isolation is True, which revision 3.7 lacks" in result.output
    run("new", "--like", REAL, "--only", "WETH", "-o", "my.json")
    changed(Path("my.json"), addresses={"pool": "0x" + "11" * 20, "oracle": "0x" + "11" * 20})
    assert run("check", "my.json").exit_code == 2
    refused = run("check", REAL, "-r", "9")
    assert (refused.exit_code, "revision '9' is not known" in refused.output) == (2, True)


def test_other_files_are_told_by_what_they_are() -> None:
    save(Market.deploy(load_market(REAL)).chain, Path("my.state"))
    for name, told in (("./my.state", "is a saved state, not a market"), ("none.json", "there is no such file")):
        result = run("check", name)
        assert (result.exit_code, f"fault: {name.removeprefix('./')}: {told}" in result.output) == (2, True)


# --- schema -----------------------------------------------------------------------------------------------------------


def test_the_schema_is_json_and_describes_every_field() -> None:
    printed = json.loads(run("schema").output)
    assert run("schema", "-o", "schema.json").exit_code == 0
    assert json.loads(Path("schema.json").read_text()) == printed
    assert printed["$schema"].startswith("https://json-schema.org/")
    assert set(printed["properties"]) == set(MarketConfig.model_fields)
    assert set(read_json(f"markets/{REAL}.json")) <= set(printed["properties"])


# --- show -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lent() -> Market:
    """Two reserves of the shipped market, with something lent, frozen and owed in one."""
    config = load_market(REAL)
    small = config.model_copy(update={"reserves": config.reserves[:4], "e_modes": config.e_modes[:1]})
    kept = small.e_modes[0].model_copy(update={"collateral": ("WETH", "wstETH")})
    market = Market.deploy(small.model_copy(update={"e_modes": (kept,)}))
    alice = named_address("alice")
    for symbol, amount in (("WETH", 10**21), ("USDC", 10**12)):
        market.fund(symbol, alice, amount)
        market.pool.supply(market.asset(symbol), amount, sender=alice)
    market.pool.borrow(market.asset("USDC"), 4 * 10**11, sender=alice)
    market.configurator.set_reserve_freeze(market.asset("WBTC"), True, sender=market.admin)
    return market


def test_a_market_fits_eighty_columns_and_cuts_nothing() -> None:
    result = run("show", REAL)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in result.output
    config = load_market(REAL)
    for reserve in config.reserves:
        (row,) = [line for line in lines if line.startswith(reserve.symbol + " ") and "," in line and "." in line][:1]
        assert f"{reserve.supply_cap:,}" in row
    assert "E-mode categories, limits in %" in result.output


def test_rows_say_what_the_configuration_says() -> None:
    config = load_market(REAL)
    reserves, categories = rows_of(Market.deploy(config))
    for row, asked in zip(reserves, config.reserves, strict=True):
        assert row.reserve == asked.symbol
        assert (row.price_usd or 0) * 10**8 == asked.price
        assert row.liquidation_threshold_percent * 100 == asked.liquidation_threshold_bps
        assert row.liquidation_bonus_percent * 100 == max(0, asked.liquidation_bonus_bps - 10_000)
        assert (row.supply_cap, row.borrow_cap) == (asked.supply_cap, asked.borrow_cap)
        assert (row.base_rate_percent * 100, row.slope2_percent * 100) == (
            asked.rates.base_rate_bps,
            asked.rates.slope2_bps,
        )
        assert ("not borrowable" in row.flags) == (not asked.borrowing_enabled)
    for shown, category in zip(categories, config.e_modes, strict=True):
        assert (shown.id, shown.label, shown.ltv_percent * 100) == (category.id, category.label, category.ltv_bps)
        assert set(shown.collateral.split()) == set(category.collateral)
        assert set(shown.borrowable.split()) == set(category.borrowable)


def test_a_saved_state_is_shown_with_what_is_lent(lent: Market) -> None:
    save(lent.chain, Path("my.state"))
    result = run("show", "./my.state")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= 80
    (row,) = [line for line in result.output.splitlines() if line.startswith("USDC") and "1,000,000" in line]
    assert row.split() == ["USDC", "1,000,000", "400,000", "600,000", "40", "1.0", "0.4"]
    assert "frozen" in result.output
    refused = run("show", "./my.state", "-r", "3.7")
    assert (refused.exit_code, "has a release already" in refused.output) == (2, True)


def agree(*_: Any) -> bool:
    """Agree to a flash loan."""
    return True


@pytest.mark.parametrize(
    "command", [("market", "show", "./own.state"), ("laws", "./own.state"), ("fuzz", "--market", "./own.state")]
)
def test_commands_run_no_code_that_a_saved_state_names(lent: Market, command: tuple[str, ...]) -> None:
    market = lent.fork()
    market.flash_loan_receiver("mine", agree)
    market.save(Path("own.state"))
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2, result.output
    said = " ".join(result.output.split())
    assert "own.state: there are contracts of one's own in it" in said
    assert "test_cli_market:agree; if you trust the file, load it in Python with own_code=True" in said


def test_csv_has_every_column_in_plain_numbers(lent: Market) -> None:
    save(lent.chain, Path("my.state"))
    rows = list(csv.DictReader(StringIO(run("show", "./my.state", "--csv").stdout)))
    assert list(rows[0]) == columns_of(ReserveRow)
    usdc = rows[3]
    assert (usdc["supplied"], usdc["borrowed"], usdc["utilisation_percent"]) == ("1000000", "400000", "40")
    assert (rows[0]["ltv_percent"], rows[2]["flags"], rows[0]["borrow_cap"]) == ("80.5", "frozen", "3600000")
    categories = list(csv.DictReader(StringIO(run("show", "./my.state", "--csv", "--e-modes").stdout)))
    assert list(categories[0]) == columns_of(CategoryRow)
    assert (categories[0]["collateral"], categories[0]["isolated"]) == ("WETH wstETH", "false")


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_release_is_shown(revision: str) -> None:
    result = CliRunner().invoke(app, ["market", "show", REAL, "--csv", "-r", revision])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(StringIO(result.stdout)))
    assert (len(rows), rows[0]["base_rate_percent"], rows[0]["slope1_percent"]) == (16, "0", "2.35")
