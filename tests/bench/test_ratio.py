"""The comparison of speeds measures what it says, wherever the other checkout lies. No time is asserted."""

import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from . import ratio, verdicts
from .walk import WAYS

APP = typer.Typer(add_completion=False)
APP.command()(ratio.main)
OPERATIONS = ("supply", "withdraw", "borrow", "repay", "aToken transfer", "liquidationCall", "getUserAccountData")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another checkout, the same in all that matters."""
    folder = tmp_path / "other"
    folder.mkdir()
    for package in ("protocol", "invariants", "scenarios", "fixtures", "interop"):
        os.symlink(ratio.HERE / package, folder / package)
    return folder


def test_every_operation_gets_a_ratio(other: Path) -> None:
    result = run("--against", str(other), "--rounds", "1", "--seconds", "0", "--steps", "40")
    assert result.exit_code == 0, result.output
    rows = [line.rsplit(maxsplit=3) for line in result.output.splitlines() if line]
    walks = {f"step {way}, {who}" for way in WAYS for who in ("unwatched", "every law watching")}
    assert {name for name, *_ in rows} >= {*OPERATIONS, "digest", "deploy a market", *walks}
    assert float(rows[-1][-1]) > 0


def test_the_mean_of_ratios_is_geometric() -> None:
    assert ratio.geometric_mean([2.0, 0.5]) == pytest.approx(1.0)


def test_the_shorter_time_counts() -> None:
    assert ratio.shortest({"a": 2.0, "b": 1.0}, {"a": 1.0, "c": 3.0}) == {"a": 1.0, "b": 1.0, "c": 3.0}


def test_what_cannot_be_measured_is_named(tmp_path: Path) -> None:
    result = run("--against", str(tmp_path), "--rounds", "1")
    assert result.exit_code == 2
    assert f"{tmp_path} cannot be measured" in result.output


def test_a_checkout_is_not_compared_with_itself() -> None:
    assert run("--against", str(ratio.HERE)).exit_code == 2


def test_both_checkouts_say_how_much_they_judge(other: Path) -> None:
    table = verdicts.main(other, steps=40).splitlines()
    assert len(table) == 2 + len(WAYS)
    for row in table[2:]:
        way, *figures = [cell.strip() for cell in row.strip("|").split("|")]
        assert way in WAYS
        assert float(figures[0]) == float(figures[1]) > 1
        assert int(figures[2]) == int(figures[3]) > 20
