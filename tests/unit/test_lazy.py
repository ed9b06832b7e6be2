"""Packages that hand on names from their modules: each loads when asked for, and no other name is there."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from pooltwin.protocol.lazy import lazily

FACES = ("pooltwin.invariants.mutants", "pooltwin.invariants.defects")


Homes = dict[str, tuple[str, ...]]


def both_branches(package: str) -> tuple[Homes, Homes]:
    """What a face shows to type checkers and what it hands on when it runs: names by module."""
    tree = ast.parse(Path(str(import_module(package).__file__)).read_text(encoding="utf-8"))
    branch = next(node for node in tree.body if isinstance(node, ast.If))
    shown: Homes = {}
    for node in branch.body:
        assert isinstance(node, ast.ImportFrom)
        names = [alias.name for alias in node.names if alias.asname == alias.name]
        shown[f".{node.module}"] = (*shown.get(f".{node.module}", ()), *names)
    call = next(node for node in ast.walk(branch.orelse[0]) if isinstance(node, ast.Call))
    return shown, ast.literal_eval(call.args[1])


@pytest.mark.parametrize("package", FACES)
def test_a_face_hands_on_what_type_checkers_see_and_nothing_else(package: str) -> None:
    face = import_module(package)
    shown, handed_on = both_branches(package)
    assert shown == handed_on
    for module, names in shown.items():
        for name in names:
            assert getattr(face, name) is getattr(import_module(module, package), name)
            assert name in dir(face)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'no_such_name'"):
        _ = face.no_such_name


@pytest.mark.parametrize("package", FACES)
def test_a_face_loads_none_of_its_modules_by_itself(package: str) -> None:
    code = f"import sys, {package}\nprint(*(name for name in sys.modules if name.startswith('{package}.')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


def test_a_name_is_loaded_once() -> None:
    package = "pooltwin.invariants.mutants"
    get, names = lazily(package, {".mutant": ("Patch",)})
    assert "Patch" in names()
    assert get("Patch") is vars(import_module(package))["Patch"]
    with pytest.raises(AttributeError, match="has no attribute 'Mutant'"):
        get("Mutant")
