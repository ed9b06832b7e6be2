"""The rooms of these tests import one way: the harness knows no other room, and none knows the table of outcomes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BELOW = {
    "harness": (),
    "histories": ("harness",),
    "situations": ("harness", "histories"),
    "corners": ("harness", "histories"),
    "v3_0_2": ("harness", "histories"),
    "periphery": ("harness", "histories", "corners", "v3_0_2"),
    "bytecode": ("harness", "histories", "periphery", "faults"),
    "upgrades": ("harness", "histories", "v3_0_2"),
    "faults": ("harness", "histories"),
    "provoked": ("harness", "histories", "situations"),
}
"""Each room, and the rooms whose modules its own may import."""


def rooms_imported(tree: ast.AST) -> Iterator[str]:
    """The other rooms that a module in a room imports from, "" for a module beside the rooms."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            room, _, rest = (node.module or "").partition(".")
            yield from [room if rest or room in BELOW else ""] if room else [alias.name for alias in node.names]


def test_every_room_has_its_rule() -> None:
    assert {path.parent.name for path in HERE.glob("*/*.py")} == set(BELOW)


def test_the_readme_shows_every_room_below_those_it_imports() -> None:
    readme = (HERE.parent / "README.md").read_text()
    places = {room: readme.index(f"| `{room}/` |") for room in BELOW}
    assert all(places[below] < places[room] for room in BELOW for below in BELOW[room])


@pytest.mark.parametrize("room", BELOW)
def test_rooms_import_one_way(room: str) -> None:
    for path in (HERE / room).glob("*.py"):
        assert set(rooms_imported(ast.parse(path.read_text()))) <= set(BELOW[room]), path.name


def test_that_check_can_fail() -> None:
    source = "from ..provoked.table import table\nfrom ..conftest import release\nfrom .. import corners"
    assert list(rooms_imported(ast.parse(source))) == ["provoked", "", "corners"]
