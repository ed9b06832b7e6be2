"""What the README shows works, and it shows what there is."""

import re

import pytest
import typer.main
from pooltwin.invariants import Law, Monitor
from pooltwin.protocol import Market
from pooltwin.scenarios.commands.main import app

from ..unit.source import ROOT
from .faces import blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """Whatever the README's Python defines, run from top to bottom."""
    found: dict[str, object] = {"__name__": "readme"}
    for block in blocks(README):
        exec(compile(block, "README.md", "exec"), found)
    return found


def test_the_python_runs(names: dict[str, object]) -> None:
    assert len(blocks(README)) >= 3
    assert isinstance(names["market"], Market)


def test_the_law_is_checked(names: dict[str, object], pooltwin_market: Market) -> None:
    law, test = names["steady"], names["test_my_strategy"]
    assert isinstance(law, Law)
    assert callable(test)
    with Monitor(pooltwin_market, [law]) as monitor:
        test(pooltwin_market)
    assert monitor.exercised()["MY-1"] > 0


def test_it_lists_every_command() -> None:
    group = typer.main.get_command(app)
    commands = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        commands |= {f"{name} {sub}" for sub in below} if below else {name}
    listed = {
        re.sub(r" (\[|[A-Z]|--).*", "", row) for row in re.findall(r"^\| `pooltwin ([^`]+)`", README, re.MULTILINE)
    }
    assert listed == commands


def test_the_set_up_is_two_commands_in_the_mode_that_type_checkers_follow() -> None:
    set_up = README[README.index("## Set-up") :].partition("```sh\n")[2].partition("```")[0].splitlines()
    assert len(set_up) == 2
    assert set_up[1].endswith("--config-settings editable_mode=strict")


def test_it_stays_short() -> None:
    assert len(README.splitlines()) <= 150
