"""Compiled artifacts of the real contracts, made on demand and kept outside the tree.

`load_v3_6` installs the locked npm packages, compiles them with `compile.js` and caches one JSON file under
`$XDG_CACHE_HOME/pooltwin` (default `~/.cache/pooltwin`), in a folder named after the lock file and the compile script:
change either and the contracts are compiled afresh. `load_file` reads artifacts from elsewhere.
`published` does the same for v3.0.2, which needs no compiling.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from pooltwin.interop.evm.artifacts import Artifact, ArtifactError, ArtifactSet, load_artifacts

__all__ = [
    "FOLDER",
    "Artifact",
    "ArtifactSet",
    "ArtifactsMissingError",
    "cache_folder",
    "install",
    "load_built",
    "load_file",
    "load_v3_6",
]

FOLDER = Path(__file__).parents[1]
"""Where npm finds its lock file: `package.json`, `package-lock.json` and `compile.js` lie together."""
INPUTS = ("package.json", "package-lock.json", "compile.js")
SOURCES_V3_6 = Path("node_modules/@aave-dao/aave-v3-origin/src")
BUILD_TIMEOUT_SECONDS = 600


class ArtifactsMissingError(Exception):
    """The real contracts cannot be built here; the message says what is missing."""


def load_file(path: Path) -> ArtifactSet:
    """Read a file of artifacts. Raises ArtifactsMissingError, naming the file, if it is none."""
    try:
        return load_artifacts(path)
    except ArtifactError as error:
        raise ArtifactsMissingError(str(error)) from error


@cache
def load_v3_6() -> ArtifactSet:
    """The artifacts of v3.6.0, compiled now (about half a minute) unless cached. Raises ArtifactsMissingError."""
    if importlib.util.find_spec("pyrevm") is None:
        raise ArtifactsMissingError(
            "pyrevm is not installed (some Pythons have no build of it), so nothing can run them"
        )
    return load_built("v3.6", [FOLDER / name for name in INPUTS], _compile)


def cache_folder() -> Path:
    """Folder in which artifacts are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pooltwin"


def load_built(name: str, inputs: list[Path], build: Callable[[Path], None]) -> ArtifactSet:
    """Cached artifacts, else those that `build` writes to `artifacts.json` in a folder with copies of the inputs.

    They go into place whole, so that parallel runs never see half a file. Raises ArtifactsMissingError.
    """
    target = cache_folder() / f"{name}-{_digest(inputs)}" / "artifacts.json"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder_name:
            folder = Path(folder_name)
            for source in inputs:
                shutil.copy(source, folder)
            build(folder)
            os.replace(folder / "artifacts.json", target)
    return load_file(target)


def install(folder: Path) -> None:
    """Install the packages that the folder's lock file names. Raises ArtifactsMissingError."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise ArtifactsMissingError(f"{tool} is not installed, so the real contracts cannot be had")
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def _compile(folder: Path) -> None:
    run_node(folder / "compile.js", [SOURCES_V3_6, folder / "artifacts.json"])


def run_node(script: Path, arguments: Sequence[Path], given: str = "") -> None:
    """Run a script of ours where the packages are installed. Raises ArtifactsMissingError."""
    _run(["node", str(script), *map(str, arguments)], installed(), given)


def installed(packages: Path = FOLDER) -> Path:
    """The folder with what a lock file names, installed once and kept in the cache: the sources and the compiler.

    Raises ArtifactsMissingError.
    """
    inputs = [packages / "package.json", packages / "package-lock.json"]
    target = cache_folder() / f"npm-{_digest(inputs)}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder_name:
            folder = Path(folder_name) / "packages"
            folder.mkdir()
            for source in inputs:
                shutil.copy(source, folder)
            install(folder)
            with contextlib.suppress(OSError):  # somebody else was faster
                os.replace(folder, target)
    return target


def _digest(inputs: list[Path]) -> str:
    """Sixteen hex digits that change with any of the files."""
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _run(command: list[str], folder: Path, given: str = "") -> None:
    """Run one build step; ArtifactsMissingError carries the end of what it printed."""
    try:
        done = subprocess.run(
            command, cwd=folder, input=given, capture_output=True, text=True, timeout=BUILD_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"{' '.join(command)}: no result after {BUILD_TIMEOUT_SECONDS} s"
        raise ArtifactsMissingError(message) from error
    if done.returncode != 0:
        message = f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr[-2000:]}"
        raise ArtifactsMissingError(message)
