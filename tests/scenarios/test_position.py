"""`pooltwin position`: figures against the pool's own, output as users see it, bad input."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from pooltwin.fixtures import load_market
from pooltwin.protocol import Market
from pooltwin.protocol.models import quiet_about_units
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.positions.figures import LENDER, OWNER, Given, figures_of, put_in_place
from typer.testing import CliRunner, Result

from ..unit.worlds import DOLLAR, USDC, WETH, config

ASKED = ("--collateral", "WETH=10", "--debt", "USDC=12000")


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["position", *arguments])


def placed(revision: str, price: int = 2_000 * DOLLAR) -> tuple[Market, Given]:
    """Ten WETH against 12,000 USDC on a small market."""
    market = Market.deploy(config(revision))
    given = Given({"WETH": 10 * WETH}, {"USDC": 12_000 * USDC}, {"WETH": price})
    put_in_place(market, given)
    return market, given


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_the_position_is_the_one_that_acting_gives(revision: str) -> None:
    market, _ = placed(revision)
    acted = Market.deploy(config(revision))
    for user, symbol, amount in ((OWNER, "WETH", 10 * WETH), (LENDER, "USDC", 120_000 * USDC)):
        acted.fund(symbol, user, amount)
        acted.pool.supply(acted.asset(symbol), amount, sender=user)
    acted.pool.borrow(acted.asset("USDC"), 12_000 * USDC, sender=OWNER)
    assert market.pool.get_user_account_data(OWNER) == acted.pool.get_user_account_data(OWNER)
    assert market.pool.users_config[OWNER] == acted.pool.users_config[OWNER]
    for symbol in ("WETH", "USDC"):
        for token, other in (
            (market.a_token(symbol), acted.a_token(symbol)),
            (market.debt_token(symbol), acted.debt_token(symbol)),
        ):
            assert token.scaled_supply == other.scaled_supply
            assert dict(token.scaled_balances) == dict(other.scaled_balances)
        pool_holds = market.erc20(symbol).balance_of(market.a_token(symbol).address)
        assert pool_holds == acted.erc20(symbol).balance_of(acted.a_token(symbol).address)


@pytest.mark.parametrize("revision", list(REVISIONS))
@pytest.mark.parametrize("dollars", [2_000, 1_480, 1_000, 100])
def test_healthy_and_unhealthy_on_every_release(revision: str, dollars: int) -> None:
    market, given = placed(revision, dollars * DOLLAR)
    digest = market.chain.digest()
    figures = figures_of(market, given)
    assert market.chain.digest() == digest
    assert figures.health.health_factor == market.pool.get_user_account_data(OWNER).health_factor
    assert figures.can_be_liquidated == (dollars * 10 * 0.825 < 12_000)
    weth = figures.sides[0]
    assert weth.liquidation_price == market.liquidation_price(OWNER, "WETH")
    assert all(row.outcome.ok for row in figures.liquidations)
    assert figures.liquidations
    assert all(row.refusal is None for row in figures.changes)
    by_percent = {row.percent: row.health for row in figures.moves}
    assert by_percent[0] == figures.health


def test_a_position_between_limit_and_threshold_in_e_mode_and_bad_debt() -> None:
    result = run("--collateral", "WETH=1000", "--debt", "USDC=1500000", "--e-mode", "1", "--price", "WETH=1400")
    assert result.exit_code == 0, result.output
    assert "health factor: 0.886, can be liquidated" in result.output
    assert "may borrow up to 93%, liquidated at 95%" in result.output
    assert "113,570.2359 USDC that nobody pays" in result.output


def test_what_it_prints_fits_eighty_columns() -> None:
    result = run(*ASKED)
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    assert "health factor: 1.548" in result.output
    assert "<= 1,445.48" in result.output
    assert str(2**256 - 1) not in run("--collateral", "WETH=10").output
    assert "health factor: no debt" in run("--collateral", "WETH=10").output


def test_every_figure_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "position.csv"
    result = run(*ASKED, "--csv", str(path))
    assert result.exit_code == 0
    rows = list(csv.DictReader(path.read_text().splitlines()))
    found = {(row["part"], row["asset"], row["case"], row["figure"]): row["value"] for row in rows}
    assert found["position", "", "now", "health_factor"] == "1.548973867845580905"
    assert found["collateral", "WETH", "now", "liquidation_price_usd"] == "1445.47951807"
    received = ("liquidation", "WETH", "WETH at 1445.47951807", "collateral_to_liquidator")
    assert Decimal(found[received]) == Decimal("4.336750000006867963")


@pytest.mark.parametrize(("name", "begins"), [("p.png", b"\x89PNG"), ("p.svg", b"<?xml")])
@pytest.mark.parametrize("asked", [ASKED, ("--collateral", "WETH=10")])
def test_a_picture_for_a_slide(tmp_path: Path, name: str, begins: bytes, asked: tuple[str, ...]) -> None:
    path = tmp_path / name
    result = run(*asked, "--chart", str(path))
    assert result.exit_code == 0, result.output
    content = path.read_bytes()
    assert content.startswith(begins)
    if name.endswith("png"):
        width, height = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
        assert width * 9 == height * 16


def test_a_market_from_a_file_on_another_release(tmp_path: Path) -> None:
    path = tmp_path / "market.json"
    with quiet_about_units():
        small = load_market("ethereum-core-2026-02").model_dump(mode="json")
    path.write_text(json.dumps(small))
    result = run("--market", str(path), "--revision", "3.7", *ASKED)
    assert result.exit_code == 0, result.output
    assert "v3.7" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--debt", "USDC=1"), "--collateral: name at least one"),
        (("--collateral", "WETH"), "--collateral WETH: is not ASSET=AMOUNT"),
        (("--collateral", "WETH=x"), "'x' is not a number"),
        (("--collateral", "WETH=nan"), "is not above zero"),
        (("--collateral", "WETH=-1"), "is not above zero"),
        (("--collateral", "WETH=0"), "is not above zero"),
        (("--collateral", "GOLD=1"), "--collateral GOLD=1: 'GOLD' is not listed"),
        (("--collateral", "WETH=1", "--collateral", "WETH=2"), "WETH is given twice"),
        (("--collateral", "USDC=1.0000001"), "more than 6 decimals"),
        (("--collateral", "WETH=1", "--price", "WETH=1e-9"), "more than 8 decimals"),
        (("--collateral", "WETH=1", "--e-mode", "77"), "e-mode category 77"),
        (("--collateral", "WETH=1", "--e-mode", "256"), "255"),
        (("--collateral", "WETH=1", "--move", "X"), "--move X: 'X' is not listed"),
        (("--collateral", "WETH=1", "--chart", "a.gif"), "--chart a.gif: a picture ends in .png or .svg"),
        (("--collateral", "WETH=1", "--market", "nope"), "there is no 'nope'"),
        (("--collateral", "WETH=1", "--revision", "9"), "9"),
        (("--collateral", "WETH=1", "--csv", "/nowhere/x.csv"), "there is no such folder"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert "Traceback" not in result.output
