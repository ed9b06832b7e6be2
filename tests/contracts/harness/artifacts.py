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
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from eth_utils.abi import abi_to_signature
from pydantic import BaseModel, ConfigDict, ValidationError

FOLDER = Path(__file__).parents[1]
"""Where npm finds its lock file: `package.json`, `package-lock.json` and `compile.js` lie together."""
INPUTS = ("package.json", "package-lock.json", "compile.js")
SOURCES_V3_6 = Path("node_modules/@aave-dao/aave-v3-origin/src")
BUILD_TIMEOUT_SECONDS = 600


class ArtifactsMissingError(Exception):
    """The real contracts cannot be built here; the message says what is missing."""


class Artifact(BaseModel):
    """One contract as the compiler gave it; library places in the creation code are zero until linked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytecode: str
    links: dict[str, tuple[int, ...]]
    abi: tuple[dict[str, Any], ...]
    storage: dict[str, Any] | None = None

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """The ABI entry of every external function, by signature."""
        return {abi_to_signature(_entry(e)): e for e in self.abi if e["type"] == "function"}

    @cached_property
    def constructor_types(self) -> tuple[str, ...]:
        """ABI types of the constructor's arguments; empty without a constructor."""
        constructors = [e for e in self.abi if e["type"] == "constructor"]
        return tuple(i["type"] for i in constructors[0]["inputs"]) if constructors else ()

    def creation_code(self, libraries: dict[str, str]) -> bytes:
        """Creation code with the library addresses filled in. Raises KeyError for a library without an address."""
        code = bytearray.fromhex(self.bytecode)
        for library, offsets in self.links.items():
            address = bytes.fromhex(libraries[library].removeprefix("0x"))
            for offset in offsets:
                code[offset : offset + 20] = address
        return bytes(code)


class ArtifactSet(BaseModel):
    """Everything one compiler run produced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compiler: str
    evm_version: str
    contracts: dict[str, Artifact]

    def __getitem__(self, name: str) -> Artifact:
        """The artifact of a contract; KeyError names one this release does not have."""
        return self.contracts[name]

    def __contains__(self, name: str) -> bool:
        return name in self.contracts

    @cached_property
    def libraries(self) -> frozenset[str]:
        """The libraries that some contract links."""
        return frozenset(library for contract in self.contracts.values() for library in contract.links)


def _entry(entry: dict[str, Any]) -> Any:
    """An ABI entry as eth-utils types it: its TypedDicts cannot be built from parsed JSON without a cast."""
    return entry


def load_file(path: Path) -> ArtifactSet:
    """Read a file of artifacts. Raises ArtifactsMissingError, naming the file, if it is none."""
    try:
        return ArtifactSet.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ArtifactsMissingError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise ArtifactsMissingError(f"{path}: not an artifact file: {error}") from error


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


def installed() -> Path:
    """The folder with the sources and the compiler from npm, installed once and kept in the cache.

    Raises ArtifactsMissingError.
    """
    inputs = [FOLDER / "package.json", FOLDER / "package-lock.json"]
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
