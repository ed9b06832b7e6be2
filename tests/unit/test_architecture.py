"""The house rules that a program can check, by reading the source."""

import ast
import tomllib
from pathlib import Path

import pytest
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import REVISIONS, Revision

from .source import PACKAGES, PROTOCOL, ROOT, imports, name_of, offences, parse

LOGIC = [path for path in PROTOCOL if path.parent.name == "logic"]

ALLOWED = {
    # Within the protocol each layer may import the ones to its right, and itself.
    "protocol.contracts": ("protocol.logic", "protocol.state", "protocol.math", "protocol"),
    "protocol.logic": ("protocol.state", "protocol.math", "protocol"),
    "protocol.state": ("protocol",),
    "protocol.math": ("protocol",),
}
LEAVES = ("abi", "address", "coercion", "errors", "events", "first_events", "lazy_calldata")
"""The modules directly in `protocol` that the layers may import: they know no layer themselves."""

FOR_TYPE_CHECKERS = {"pooltwin.protocol.chain", "pooltwin.protocol.revisions", "pooltwin.protocol.logic.interfaces"}
"""What layers may name in annotations without importing it when they run."""


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


@pytest.mark.parametrize(
    "path", sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")), ids=name_of
)
def test_packages_import_one_way(path: Path) -> None:
    """`scenarios -> invariants -> protocol`; `fixtures` are data, read with the protocol's models."""
    below = {
        "protocol": ("protocol",),
        "invariants": ("invariants", "fixtures", "protocol"),
        "fixtures": ("fixtures", "protocol"),
        "scenarios": ("scenarios", "invariants", "fixtures", "protocol"),
    }[path.relative_to(ROOT).parts[0]]
    ours = {name for name in imports(path) if name.startswith("pooltwin")}
    assert {name for name in ours if name.split(".")[1] not in below} == set()
    assert not {name for name in imports(path) if name.partition(".")[0] in (*PACKAGES, "tests")}


@pytest.mark.parametrize("path", [path for path in PROTOCOL if path.parent.name != "protocol"], ids=name_of)
def test_layers_of_the_protocol_import_one_way(path: Path) -> None:
    layer = f"protocol.{path.parent.name}"
    for name in imports(path):
        if not name.startswith("pooltwin."):
            continue
        parts = name.split(".")[1:]
        target = ".".join(parts[:2]) if (ROOT / "protocol" / parts[1]).is_dir() else parts[0]
        assert target in (layer, *ALLOWED[layer]), f"{name_of(path)} imports {name}"
        if target == "protocol":
            assert parts[1] in LEAVES, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("leaf", LEAVES)
def test_leaves_know_no_layer(leaf: str) -> None:
    ours = {name for name in imports(ROOT / "protocol" / f"{leaf}.py") if name.startswith("pooltwin")}
    assert ours <= {f"pooltwin.protocol.{other}" for other in LEAVES}


def test_what_is_imported_for_type_checkers_only() -> None:
    listed: set[str] = set()
    for path in PROTOCOL:
        listed |= {name for name in imports(path, for_type_checkers=True) if name.startswith("pooltwin.protocol")}
    layers = {name for name in listed if name.split(".")[2] not in ("state", "math", *LEAVES)}
    assert layers == FOR_TYPE_CHECKERS


@pytest.mark.parametrize("path", LOGIC, ids=name_of)
def test_rules_ask_for_decisions_never_for_versions(path: Path) -> None:
    names = {field for field in Revision.__dataclass_fields__ if field not in ("name", "pool_revision")}
    for node in ast.walk(parse(path)):
        where = f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
            of = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
            assert of != "revision" or node.attr in names, f"{where}: revision.{node.attr} is no decision"
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            assert not name.startswith("V3_"), f"{where}: {name}"
            assert name not in ("revision_named", "REVISIONS"), f"{where}: {name}"
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            assert not any(_ends_in_revision(side) for side in sides), f"{where}: compares revisions"
        if isinstance(node, ast.Constant):
            assert node.value not in REVISIONS, f"{where}: the version {node.value!r}"


def _ends_in_revision(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "revision") or (
        isinstance(node, ast.Attribute) and node.attr == "revision"
    )


def test_the_packaging_names_every_package() -> None:
    """`packages` and `package-dir` in pyproject.toml are kept by hand; the tree decides."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {
        ".".join(("pooltwin", *path.parent.relative_to(ROOT).parts)): path.parent.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    assert set(settings["packages"]) == set(folders)
    assert settings["package-dir"] == folders
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


@pytest.mark.parametrize("path", PROTOCOL, ids=name_of)
def test_every_module_class_and_public_function_has_a_docstring(path: Path) -> None:
    tree = parse(path)
    assert ast.get_docstring(tree), name_of(path)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            named_tuple = path.name == "events.py" and isinstance(node, ast.ClassDef)
            assert named_tuple or ast.get_docstring(node), f"{name_of(path)}: {node.name}"


LONG_FILES = {
    "protocol/events.py": 730,  # one event after the other
    "protocol/logic/liquidation.py": 420,
    "protocol/contracts/erc20.py": 405,
}
"""Files above the house's 400 lines, and what they may not grow beyond."""

LONGEST_FUNCTION = 55


@pytest.mark.parametrize("path", PROTOCOL, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONG_FILES.get(name_of(path), 400), f"{name_of(path)} has {lines} lines"
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{name_of(path)}: {node.name} has {length} lines"
