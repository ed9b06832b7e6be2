"""Users who check their types with `mypy --strict` get precise ones, and are told of names that do not exist."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..unit.source import PACKAGES, ROOT

USER = """
from pooltwin.fixtures import load_market
from pooltwin.invariants import Kind, Law, Monitor, ReserveChange, Subject, Verdict, all_laws, at_least, law
from pooltwin.protocol import NEWEST, Market, Revert, __version__, errors, named_address
from pooltwin.scenarios import ReplayResult, replay

market = Market.deploy(load_market("ethereum-core-2026-02"))
reveal_type(market)
reveal_type(market.pool.get_user_account_data(named_address("alice")).health_factor)
reveal_type(market.pool.withdraw(market.asset("WETH"), 1, sender=named_address("alice")))
reveal_type(market.chain.receipt)
reveal_type(NEWEST.name)
reveal_type(__version__)
reveal_type(Revert().data())
reveal_type(errors.InvalidAmount)

@law("MY-1", "A share never loses worth.", kind=Kind.STEP, subject=Subject.RESERVE, source="mine")
def steady(change: ReserveChange) -> Verdict:
    return at_least("income", change.after.income, change.before.income)

reveal_type(steady)
reveal_type(all_laws())
with Monitor(market, [*all_laws(), steady]) as monitor:
    reveal_type(monitor)
reveal_type(monitor.exercised())
reveal_type(replay())
"""
REVEALED = (
    "pooltwin.protocol.market.Market",
    "int",
    "int",
    "pooltwin.protocol.receipt.Receipt | None",
    "str",
    "str",
    "bytes",
    "type[pooltwin.protocol.errors.CustomError]",
    "pooltwin.invariants.law.Law",
    "list[pooltwin.invariants.law.Law]",
    "pooltwin.invariants.monitor.Monitor",
    "dict[str, int]",
    "pooltwin.scenarios.trend_research.result.ReplayResult",
)
MISTAKEN = """
from pooltwin.protocol import Markte
from pooltwin.invariants import laws_all

Markte.deploy(laws_all)
"""


def checked(project: Path, code: str) -> list[str]:
    """What `mypy --strict` says of a user's file, line by line.

    The packages are found in the tree under their installed names, however they are installed here.
    """
    farm = project / "farm" / "pooltwin"
    farm.mkdir(parents=True)
    for package in PACKAGES:
        (farm / package).symlink_to(ROOT / package)
    (project / "user.py").write_text(code)
    (project / "mypy.ini").write_text("[mypy]\nstrict = true\npython_version = 3.11\nfollow_imports = silent\n")
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(ROOT / ".mypy_cache" / "users"), "user.py"],
        cwd=project,
        env={**os.environ, "MYPYPATH": str(farm.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


def test_what_users_see_is_precise(tmp_path: Path) -> None:
    said = checked(tmp_path, USER)
    revealed = [line.partition("Revealed type is ")[2].strip('"') for line in said if "Revealed type" in line]
    assert [name.replace("builtins.", "") for name in revealed] == list(REVEALED), said
    assert said[-1] == "Success: no issues found in 1 source file"


def test_a_name_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    said = checked(tmp_path, MISTAKEN)
    assert any('has no attribute "Markte"' in line for line in said), said
    assert any('has no attribute "laws_all"' in line for line in said), said


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_say_that_they_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
