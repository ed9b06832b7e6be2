"""The house rules that a program can check, by reading the source."""

import ast
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from pooltwin.protocol.logic.terms import EarlierFlows
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import NEWEST, REVISIONS, Revision

from .house import (
    FLOOR_OF,
    FLOORS,
    STRANGERS,
    VERSIONS_ASKED_IN,
    circles,
    imported_modules,
    module_of,
    refused,
    room_of,
    undocumented,
    version_questions,
)
from .source import PACKAGES, PROTOCOL, ROOT, imports, name_of, offences, parse

SOURCE = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
RELEASES = {*REVISIONS}


@pytest.mark.parametrize("path", PROTOCOL, ids=name_of)
def test_no_floats_clocks_randomness_network_or_printing(path: Path) -> None:
    assert offences(parse(path)) == []


@pytest.mark.parametrize(
    "snippet",
    [
        "x = 1.5",
        "x = 1e18",
        "x = a / b",
        "x /= 2",
        "x = 10 ** -2",
        "x = float(1)",
        "print(x)",
        "import time",
        "from datetime import datetime",
        "import random as r",
        "from math import floor",
        "def f():\n    import socket",
    ],
)
def test_that_check_can_fail(snippet: str) -> None:
    assert offences(ast.parse(snippet))


def test_that_check_lets_integers_pass() -> None:
    assert offences(ast.parse("from .math import wad_ray\nx = a // b + 10 ** 2")) == []


# --- who may know whom ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_rooms_know_only_what_lies_below_them(path: Path) -> None:
    """`scenarios -> invariants -> protocol`, and the floors within each, for types too; no package by its folder."""
    assert [why for module in sorted(imported_modules(path)) if (why := refused(module_of(path), module))] == []
    assert not {name for name in imports(path) if name.partition(".")[0] in (*PACKAGES, "tests")}


def test_no_module_imports_itself_by_a_detour() -> None:
    assert circles({module_of(path): imported_modules(path) - {module_of(path)} for path in SOURCE}) == []


def test_a_circle_is_found_wherever_it_is() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c", "b"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


RULES = [
    ("protocol.logic.borrow", "protocol.releases.v3_4.lending", "logic knows no release"),
    ("protocol.logic.borrow", "protocol.contracts.pool", "logic knows no contract"),
    ("protocol.logic.erc20", "protocol.chain", "logic knows no chain"),
    ("protocol.math.wad_ray", "protocol.logic.supply", "arithmetic knows no rule"),
    ("protocol.state.records", "protocol.machine.abi", "storage knows no calldata"),
    ("protocol.machine.function", "protocol.contracts.pool", "the machine knows no contract"),
    ("protocol.machine.contract", "protocol.chain", "a contract knows a host, not the chain"),
    ("protocol.contracts.pool", "protocol.releases.v3_3.pool", "contracts know no release"),
    ("protocol.releases.v3_6.release", "protocol.releases.v3_5.release", "no release knows an older one"),
    ("protocol.releases.v3_7.release", "protocol.revisions", "releases do not know their index"),
    ("protocol.releases.v3_2.release", "protocol.market", "releases know no market"),
    ("protocol.releases.v3_2.release", "protocol.upgrades.upgrade", "releases know no upgrade"),
    ("protocol.market", "protocol.upgrades.upgrade", "markets know no upgrade"),
    ("protocol.models", "invariants.law", "the twin knows no law"),
    ("protocol.chain", "protocol", "nobody inside looks through the face"),
    ("fixtures.shipped", "invariants.law", "data know no law"),
    ("protocol.market", "interop.formats.errors", "the twin knows no foreign file"),
    ("fixtures.shipped", "interop.formats.errors", "data know no foreign file"),
    ("invariants.monitor", "interop.formats.errors", "laws know no foreign file"),
    ("interop.formats.errors", "invariants.law", "foreign files know no law"),
    ("invariants.reading.step", "invariants.laws.solvency", "what laws are given knows no law"),
    ("invariants.laws.solvency", "invariants.catalogue", "laws know no catalogue"),
    ("invariants.laws.solvency", "invariants.campaigns.campaign", "laws know no campaign"),
    ("invariants.laws.solvency", "invariants.mutants.mutant", "laws know no mutant"),
    ("invariants.laws.solvency", "invariants.defects.catalogue", "laws know no defect"),
    ("invariants.mutants.faults.lending", "invariants.laws.solvency", "a fault knows no law"),
    ("invariants.monitor", "scenarios.units", "laws know no scenario"),
    ("scenarios.trend_research.run", "scenarios.commands.main", "nobody imports a command"),
    ("scenarios.trend_research.run", "invariants.monitor", "a study knows no law"),
]


@pytest.mark.parametrize(("importer", "imported", "rule"), RULES, ids=[rule for *_, rule in RULES])
def test_an_import_against_a_rule_is_refused(importer: str, imported: str, rule: str) -> None:
    assert importer in refused(importer, imported), rule


def test_every_floor_has_a_room_and_every_room_a_floor() -> None:
    rooms = {room_of(module_of(path)) for path in SOURCE}
    assert rooms == {room for floor in FLOORS for room in floor}
    assert {room for strangers in STRANGERS.values() for room in strangers} <= FLOOR_OF.keys() | {"invariants"}
    with pytest.raises(LookupError, match="give it a floor"):
        room_of("invariants.new_room.module")


def test_every_release_lies_one_floor_above_the_next_newer_one() -> None:
    names = [f"protocol.releases.v{name.replace('.', '_')}" for name in REVISIONS]
    assert all(FLOOR_OF[older] == FLOOR_OF[newer] + 1 for older, newer in pairwise(names))


# --- releases are asked for decisions, and told by their names once --------------------------------------------------


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_no_release_is_told_by_its_name(path: Path) -> None:
    if not name_of(path).startswith(VERSIONS_ASKED_IN):
        assert list(version_questions(parse(path), RELEASES, NEWEST.name)) == []


@pytest.mark.parametrize(
    "snippet",
    [
        'x = revision == "3.7"',
        'x = name in ("3.6", "3.7")',
        "x = version >= (3, 4)",
        'match name:\n    case "3.6":\n        pass',
        f'def f(revision="{NEWEST.name}"):\n    pass',
        f'def f(*, revision="{NEWEST.name}"):\n    pass',
        f'class A:\n    revision: str = "{NEWEST.name}"',
    ],
)
def test_a_question_for_a_version_is_found(snippet: str) -> None:
    assert list(version_questions(ast.parse(snippet), RELEASES, NEWEST.name))


def test_other_comparisons_are_no_questions_for_a_version() -> None:
    assert list(version_questions(ast.parse('x = a == "3" or b in (3, "x") or c >= (1, 2)'), RELEASES, "3.7")) == []


@pytest.mark.parametrize("path", [path for path in PROTOCOL if path.parent.name == "logic"], ids=name_of)
def test_rules_ask_for_decisions_that_there_are(path: Path) -> None:
    names = {name for name in dir(Revision) if not name.startswith("_")} - {"name", "pool_revision"}
    names |= EarlierFlows.__dataclass_fields__.keys()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
            of = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
            where = f"{name_of(path)}:{node.lineno}"
            assert of != "revision" or node.attr in names, f"{where}: revision.{node.attr} is no decision"


# --- packaging --------------------------------------------------------------------------------------------------------


def test_the_packaging_names_every_package() -> None:
    """`packages` in pyproject.toml is kept by hand; the tree decides. Where they lie follows from the five top ones."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {".".join(("pooltwin", *path.parent.relative_to(ROOT).parts)) for path in SOURCE}
    assert set(settings["packages"]) == folders
    assert settings["package-dir"] == {f"pooltwin.{package}": package for package in PACKAGES}
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").is_file()
        assert "py.typed" in settings["package-data"][f"pooltwin.{package}"]


def test_the_recordings_ship() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    patterns = data["pooltwin.fixtures"]
    for file in (ROOT / "fixtures" / "recordings").iterdir():
        assert any(file.relative_to(ROOT / "fixtures").match(pattern.removeprefix("**/")) for pattern in patterns), file


def _subclasses(cls: type[Contract]) -> set[type[Contract]]:
    found = {cls}
    for direct in cls.__subclasses__():
        found |= _subclasses(direct)
    return found


def test_every_contract_function_says_what_it_does() -> None:
    classes = {cls for cls in _subclasses(Contract) if cls.__module__.startswith("pooltwin.protocol")}
    assert {cls for release in REVISIONS.values() for cls in release.contracts.values()} <= classes
    checked = 0
    for cls in classes:
        for name in dir(cls):
            member = getattr(cls, name)
            if hasattr(member, "contract_functions"):
                assert member.__doc__, f"{cls.__name__}.{name}"
                checked += 1
    assert checked > 300


# --- size and docstrings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_everything_public_has_a_docstring_that_names_its_subject(path: Path) -> None:
    assert list(undocumented(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        '"""A module."""\ndef f():\n    pass',
        '"""A module."""\nclass A:\n    pass',
        '"""What there is."""',
        '"""A module."""\ndef f():\n    """Where it goes."""',
    ],
)
def test_what_is_undocumented_or_a_riddle_is_found(source: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert list(undocumented(path))


LONGEST_FILE, LONGEST_FUNCTION = 400, 55


def too_long(path: Path) -> list[str]:
    """What in a file is longer than the house allows."""
    tree, lines = parse(path), len(path.read_text(encoding="utf-8").splitlines())
    found = [f"the file has {lines} lines"] if lines > LONGEST_FILE else []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            found += [f"{node.name} has {length} lines"] if length > LONGEST_FUNCTION else []
    return found


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    assert too_long(path) == []


@pytest.mark.parametrize("source", ["x = 1\n" * 401, "def f():\n" + "    x = 1\n" * 55])
def test_what_is_too_long_is_found(source: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert len(too_long(path)) == 1
