"""Who may import whom among the laws and what they are given, imports for type checkers included."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.source import ROOT, imports

HOUSE = "pooltwin.invariants"
PATHS = sorted((ROOT / "invariants").rglob("*.py"))

BELOW = {
    "ids": (),
    "call_names": ("ids",),
    "worth": (),
    "law": ("call_names", "worth"),
    "reference": (),
    "rules": ("law", "reference"),
    "reading": ("worth", "law", "reference", "rules", "reading", "call_names"),
    "laws": ("worth", "law", "reference", "rules", "reading", "laws"),
    "catalogue": ("ids", "law", "laws"),
    "choice": ("catalogue", "ids", "law"),
    "coverage": ("catalogue",),
    "edge_count": ("law", "reading"),
    "monitor": ("checks", "choice", "worth", "law", "reading", "edge_count"),
    "mutants.mutant": (),
    "mutants.faults": ("mutants.mutant", "mutants.faults", "histories"),
}
"""What each room or module of the invariants may import of the others."""

Graph = dict[str, set[str]]
"""By module, the modules of the invariants that it imports."""


def module_of(path: Path) -> str:
    """A file's module within the invariants, as "reading.census"; a package is called by its folder."""
    parts = path.relative_to(ROOT / "invariants").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def graph() -> Graph:
    """Read from the source who imports whom, when it runs or for type checkers."""
    found: Graph = {}
    for path in PATHS:
        names = {*imports(path), *imports(path, for_type_checkers=True)}
        ours = {name.removeprefix(HOUSE).removeprefix(".") for name in names if name.startswith(HOUSE)}
        found[module_of(path)] = ours - {module_of(path)}
    return found


def trespasses(found: Graph) -> list[str]:
    """List the imports that go where the importer may not."""
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        for room, below in BELOW.items()
        if _inside(module, room)
        for name in sorted(names)
        if not any(_inside(name, other) for other in below)
    ]


def _inside(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def test_each_room_imports_only_what_is_below_it() -> None:
    found = graph()
    for room in BELOW:
        assert any(_inside(module, room) for module in found), f"there is no {room}"
    assert trespasses(found) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({module: names for module, names in graph().items() if module}).prepare()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("reading.census", "laws.solvency"),
        ("laws.solvency", "catalogue"),
        ("laws.health", "campaigns.campaign"),
        ("mutants.faults.token", "laws.tokens"),
        ("monitor", "catalogue"),
        ("reference", "law"),
    ],
)
def test_that_check_can_fail(module: str, name: str) -> None:
    assert trespasses({module: {name}}) == [f"{module} imports {name}"]


def test_a_circle_is_found() -> None:
    found = graph()
    found["reading.census"].add("reading.step")
    with pytest.raises(CycleError):
        TopologicalSorter(found).prepare()
