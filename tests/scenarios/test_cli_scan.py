"""`pooltwin scan`: whole books under shocks, told at 80 columns and written as files."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from pooltwin.protocol.market import Market
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.scan.risk import shock_rows
from pooltwin.scenarios.scan.scan import Scan
from pooltwin.scenarios.scan.writing import write_accounts
from pyarrow import parquet
from typer.testing import CliRunner

from ..unit.worlds import lived_in

CORE = "ethereum-core-2026-02"


def run(*arguments: str) -> tuple[int, str]:
    """The exit status, and everything that was said, at 80 columns."""
    result = CliRunner().invoke(app, ["scan", *arguments], env={"COLUMNS": "80"})
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Market, Path]:
    """A market in the midst of its life, as a file."""
    market, path = lived_in("3.6"), tmp_path_factory.mktemp("state") / "market.json"
    market.save(path)
    return market, path


def test_a_book_under_shocks(tmp_path: Path) -> None:
    status, told = run(
        CORE, "--book", CORE, "--accounts", "2000", "--shock", "WETH=-20%", "--shock", "WETH,wstETH=-30%"
    )
    assert status == 0, told
    assert "2,001 accounts" in told
    assert "WETH,wstETH=-30%" in told.replace("\n", "")
    assert "Decided by exact integers: 0.0000%" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_a_saved_state_is_told_as_it_is(saved: tuple[Market, Path], tmp_path: Path) -> None:
    market, path = saved
    output = tmp_path / "accounts.csv"
    status, told = run(str(path), "--shock", "WETH=-60%", "--later", "100", "-o", str(output))
    assert status == 0, told
    later = market.fork()
    later.chain.advance(100)
    rows = {row["account"]: row for row in csv.DictReader(output.read_text().splitlines())}
    assert list(rows) == market.accounts()
    for account, data in later.account_data().items():
        assert [int(rows[account][name]) for name in data._fields] == list(data)
        assert rows[account]["liquidatable: as it is"] == "false"
    later.set_price("WETH", later.price_feed("WETH").answer * 4 // 10)
    below = later.health_factors(below=10**18)
    assert {account for account, row in rows.items() if row["liquidatable: WETH=-60%"] == "true"} == set(below)
    assert below


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    scan, path = Scan.of(lived_in("3.7")), tmp_path / "accounts.parquet"
    rows = shock_rows(scan, [("fall", {"WETH": "-90%"})])
    table = scan.account_data()
    write_accounts(path, table, rows)
    read = parquet.read_table(path).to_pydict()
    assert read["account"] == list(scan.accounts)
    assert read["total_debt_base"] == [row.total_debt_base for row in table if row]
    assert read["health_factor"] == [str(row.health_factor) for row in table if row]
    assert read["liquidatable: fall"] == rows[0].found.mask.tolist()
    owed = [row.total_debt_base for row in scan.account_data({"WETH": "-90%"}) if row]
    assert rows[0].owed == sum(debt for debt, yes in zip(owed, rows[0].found.mask, strict=True) if yes)
    assert rows[0].owed_by_all == sum(owed)
    assert 0 < rows[0].uncovered < rows[0].owed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((CORE, "--shock", "WETH"), "--shock 'WETH' is no shock, as WETH=-20%"),
        ((CORE, "--shock", "WETH=-20"), "--shock WETH: -20 is below zero"),
        ((CORE, "--shock", "WETH=-20%;WETH=1"), "WETH is there twice"),
        ((CORE, "--shock", "WTH=-20%"), "'WTH' is not listed; listed are WETH"),
        ((CORE, "--accounts", "5"), "--accounts and --seed are of a generated book"),
        ((CORE, "--book", "no-such-book"), "there is no book 'no-such-book'"),
        ((CORE, "-o", "accounts.txt"), "accounts.txt: accounts are written as .csv or .parquet"),
        ((CORE, "-o", "nowhere/accounts.csv"), "nowhere: there is no such folder"),
        (("no-such-market",), "no-such-market"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], words: str) -> None:
    status, told = run(*arguments)
    assert status == 2
    assert words in told.replace("\n", " ")
    assert "Traceback" not in told


def test_without_numpy_it_says_what_to_install() -> None:
    code = (
        "import sys\nsys.modules['numpy'] = None\n"
        "from pooltwin.scenarios.commands.main import main\n"
        f"sys.argv = ['pooltwin', 'scan', '{CORE}']\nmain()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "pip install 'pooltwin[bulk]'" in ended.stderr
    assert "Traceback" not in ended.stderr
