"""Import paths: there and back, and a refusal that says what is wrong."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pooltwin.protocol import import_path
from pooltwin.protocol.import_path import ImportPathError, import_path_of, import_root, imported

from . import calls


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python does not look in, with two modules and a package; it is the current one."""
    (tmp_path / "own_vault.py").write_text("import own_part\n\nclass Box:\n    def open(self): pass\n\nNUMBER = 7\n")
    (tmp_path / "own_part.py").write_text("def answer():\n    return 42\n")
    (tmp_path / "own_broken.py").write_text("1 / 0\n")
    (tmp_path / "own_lacking.py").write_text("import own_missing_part\n")
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "__init__.py").write_text("")
    (tmp_path / "own_package" / "part.py").write_text("VALUE = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("own_") and name not in before]:
        del sys.modules[name]


@pytest.mark.parametrize("thing", [ImportPathError, imported, calls.crowded])
def test_a_path_leads_back(thing: object) -> None:
    assert imported(import_path_of(thing)) is thing


def test_the_current_folder_is_looked_in_last(elsewhere: Path) -> None:
    assert imported("own_part:answer")() == 42
    assert imported("own_vault:NUMBER") == 7
    assert imported("own_package.part:VALUE") == 1
    assert sys.path[-1] == str(elsewhere)
    assert import_path_of(imported("own_vault:Box")) == "own_vault:Box"


def test_the_folder_to_look_in_is_told_but_for_what_is_installed(elsewhere: Path) -> None:
    assert import_root("own_part:answer") == elsewhere
    assert import_root("own_package.part:VALUE") == elsewhere
    assert import_root("json:dumps") is None
    assert import_root("pytest:raises") is None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("own_vault", "no import path: expected module:NAME"),
        ("own_vault:", "no import path"),
        (":Box", "no import path"),
        ("own vault:Box", "no import path"),
        ("../own_vault:Box", "no import path"),
        ("own_vualt:Box", "own_vualt:Box: cannot be imported: ModuleNotFoundError"),
        ("own_broken:Box", "own_broken:Box: cannot be imported: ZeroDivisionError"),
        ("own_lacking:Box", "own_lacking:Box: cannot be imported: .*own_missing_part"),
        ("own_vault:Bx", "there is no 'Bx' in it; did you mean 'Box'"),
        ("own_vault:Box.shut", "there is no 'shut' in it"),
    ],
)
def test_what_is_wrong_is_said(elsewhere: Path, path: str, message: str) -> None:
    with pytest.raises(ImportPathError, match=message):
        imported(path)


def test_what_nobody_else_can_import_has_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def inside() -> None:
        pass

    with pytest.raises(ImportPathError, match="define it at the top of a module"):
        import_path_of(inside)
    with pytest.raises(ImportPathError, match="7 has no import path"):
        import_path_of(7)
    monkeypatch.setattr(import_path, "imported", lambda path: None)
    with pytest.raises(ImportPathError, match="another object took its name"):
        import_path_of(imported)


def test_a_module_that_is_not_found_is_told_where_to_be_looked_for(elsewhere: Path) -> None:
    """Not so one that is there and lacks another."""
    with pytest.raises(ImportPathError, match=r"No module named 'own_absent'; go to the folder where it lies, or name"):
        imported("own_absent:NUMBER")
    with pytest.raises(ImportPathError, match=r"No module named 'own_missing_part'$"):
        imported("own_lacking:NUMBER")
