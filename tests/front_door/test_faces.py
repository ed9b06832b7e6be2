"""The front door: what the five packages hand on, and that users are shown nothing behind it."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ..unit.source import ROOT, name_of
from .faces import (
    FACES,
    behind_the_faces,
    blocks,
    documented,
    examples,
    handed_on,
    pages,
    shown_to_type_checkers,
)

OF_THE_LAWS = ("pooltwin.invariants.law", "pooltwin.invariants.worth")
"""Loaded with the face of the laws: the decorator, and what it needs."""
HEAVY = ("pydantic", "eth_abi", "eth_keys", "eth_utils", "rich", "typer", "hypothesis", "matplotlib", "pytest")


def run(code: str) -> list[str]:
    """What a piece of Python prints in an interpreter of its own, word by word."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("face", FACES)
def test_the_table_the_branch_for_type_checkers_and_all_agree(face: str) -> None:
    shown, table = shown_to_type_checkers(face), handed_on(face)
    assert shown == table
    names = [name for some in table.values() for name in some]
    assert sorted(names) == sorted(import_module(face).__all__)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("face", FACES)
def test_every_name_is_that_of_its_home_and_has_a_docstring(face: str) -> None:
    package = import_module(face)
    for home, names in handed_on(face).items():
        for name in names:
            value = getattr(package, name)
            assert name in dir(package)
            if home == ".":
                assert value is import_module(f"{face}.{name}")
                assert value.__doc__
                continue
            module = import_module(home, face)
            assert value is getattr(module, name)
            assert documented(Path(str(module.__file__)))[name], f"{face}.{name} has no docstring"


@pytest.mark.parametrize("face", FACES)
def test_a_name_that_is_not_there_is_refused(face: str) -> None:
    package = import_module(face)
    with pytest.raises(AttributeError, match=f"module '{face}' has no attribute 'no_such_name'"):
        _ = package.no_such_name


@pytest.mark.parametrize("face", FACES)
def test_importing_a_face_loads_nothing_heavy(face: str) -> None:
    loaded = run(f"import sys, {face}; print(*sys.modules)")
    assert {name.partition(".")[0] for name in loaded} & set(HEAVY) == set()
    ours = {name for name in loaded if name.startswith("pooltwin")}
    assert ours <= {"pooltwin", "pooltwin.protocol", "pooltwin.protocol.lazy", face, *OF_THE_LAWS}


@pytest.mark.parametrize("face", FACES)
def test_no_name_is_taken_by_a_module_of_the_package(face: str) -> None:
    """Importing `package.name` sets that name of the package, whatever it meant before."""
    folder = ROOT / face.partition(".")[2]
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    homes = handed_on(face)
    names = {name for home, some in homes.items() if home != "." for name in some}
    assert names & modules <= {"law"}


def test_law_is_the_decorator_whatever_was_imported_before() -> None:
    code = "import pooltwin.invariants.monitor, pooltwin.invariants.law as m, pooltwin.invariants as p\n"
    assert run(f"{code}from pooltwin.invariants import law\nprint(p.law is law, type(law).__name__)") == [
        "True",
        "function",
    ]


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    from pooltwin.protocol import __version__

    assert __version__ == version("pooltwin")


# --- what users are shown ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_pages_import_from_the_faces_only(page: Path) -> None:
    for code in blocks(page.read_text(encoding="utf-8")):
        assert behind_the_faces(code) == []


@pytest.mark.parametrize("example", examples(), ids=name_of)
def test_examples_import_from_the_faces_only(example: Path) -> None:
    assert behind_the_faces(example.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        "from pooltwin.protocol.market import Market",
        "from pooltwin.protocol import market",
        "from pooltwin.invariants.law import law",
        "import pooltwin.protocol.errors",
        "def f():\n    from pooltwin.scenarios.commands.main import app",
    ],
)
def test_that_check_can_fail(code: str) -> None:
    assert behind_the_faces(code)


def test_that_check_reads_indented_blocks_and_lets_faces_pass() -> None:
    text = "1. Do:\n\n    ```python\n    from pooltwin.protocol import Market, errors\n    import os\n    ```\n"
    (code,) = blocks(text)
    assert code == "from pooltwin.protocol import Market, errors\nimport os\n"
    assert behind_the_faces(code) == []
    assert blocks("```python\na\n```\n```\nb\n```\n```py title='x'\nc\n```\n") == ["a\n", "c\n"]
