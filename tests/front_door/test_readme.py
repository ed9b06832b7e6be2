"""What the README shows works, and it shows what there is."""

import re
from pathlib import Path

import pytest
import typer.main
from pooltwin.protocol.market import Market
from pooltwin.scenarios.commands.main import app

README = (Path(__file__).parents[2] / "README.md").read_text()
CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """Whatever the README's Python defines, run from top to bottom."""
    found: dict[str, object] = {"__name__": "readme"}
    for block in CODE:
        exec(compile(block, "README.md", "exec"), found)
    return found


def test_the_python_runs(names: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert len(CODE) >= 3
    assert isinstance(names["market"], Market)


def test_the_law_is_checked(names: dict[str, object], pooltwin_market: Market) -> None:
    from pooltwin.invariants.monitor import Monitor

    law = names["STEADY"]
    with Monitor(pooltwin_market, [law]) as monitor:  # type: ignore[list-item]
        names["test_my_strategy"](pooltwin_market)  # type: ignore[operator]
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


def test_the_house_names_what_exists() -> None:
    root = Path(__file__).parents[2]
    picture = README[README.index("## The house") : README.index("Imports point one way")]
    for name in re.findall(r"[a-z_]+\.py", picture):
        assert list(root.glob(f"*/{name}")) or list(root.glob(f"*/*/{name}")), name
