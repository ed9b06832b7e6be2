"""A release is a difference: the oldest can be deleted, and the others do not notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.protocol.recordings.recording import Recording
from pooltwin.protocol.revisions import REVISIONS, folder_of

ROOT = Path(__file__).parents[2]
OLDEST = folder_of(next(iter(REVISIONS)))
UPGRADE = f"from_{OLDEST}"
"""The upgrade away from the release is gone with it."""

IMPORT_ALL = """
import importlib, pkgutil, sys
import pooltwin.protocol, pooltwin.invariants, pooltwin.scenarios, pooltwin.fixtures, pooltwin.interop
from pooltwin.protocol.revisions import REVISIONS
names = []
for top in (pooltwin.protocol, pooltwin.invariants, pooltwin.scenarios, pooltwin.fixtures, pooltwin.interop):
    for module in pkgutil.walk_packages(top.__path__, top.__name__ + "."):
        importlib.import_module(module.name)
        names.append(module.name)
print(pooltwin.protocol.__file__, len(names), *REVISIONS)
"""


def copied(tmp_path: Path, *, without: str = "") -> Path:
    """A copy of the source, without one release. Returns the folder to import it from."""
    target = tmp_path / "copy"
    for package in ("protocol", "invariants", "scenarios", "fixtures", "interop"):
        shutil.copytree(
            ROOT / package, target / "pooltwin" / package, ignore=shutil.ignore_patterns("__pycache__", "*.gz")
        )
    if without:
        shutil.rmtree(target / "pooltwin" / "protocol" / "releases" / without)
        (target / "pooltwin" / "protocol" / "upgrades" / f"from_{without}.py").unlink(missing_ok=True)
    return target


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )


def one_recording_each() -> list[str]:
    """The first shipped recording of every release that ships any."""
    first: dict[str, str] = {}
    for path in recording_paths():
        first.setdefault(Recording(path).header.revision, str(path))
    return list(first.values())


def test_without_the_oldest_release_the_rest_imports_and_verifies(tmp_path: Path) -> None:
    copy = copied(tmp_path, without=OLDEST)
    imported = run(copy, "-c", IMPORT_ALL)
    assert imported.returncode == 0, imported.stderr
    where, count, *names = imported.stdout.split()
    assert where.startswith(str(copy))
    assert int(count) > 150
    assert names == [*REVISIONS][1:]
    paths = one_recording_each()
    assert len(paths) == len(names)
    verified = run(copy, "-c", "from pooltwin.scenarios.commands.main import main; main()", "verify", *paths)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert all(Path(path).name in verified.stdout for path in paths)


@pytest.mark.parametrize("newer", [folder_of(name) for name in REVISIONS][1:2])
def test_a_newer_release_is_noticed_to_be_missing(tmp_path: Path, newer: str) -> None:
    """Older releases are told as differences from it: that check can fail."""
    imported = run(copied(tmp_path, without=newer), "-c", IMPORT_ALL)
    assert imported.returncode != 0
    assert newer in imported.stderr
