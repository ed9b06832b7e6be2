"""Foundry's `forge`, where it is: found, and asked to run one test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

COMPILER = "solc.js"
"""The script that makes npm's compiler answer as forge asks."""
OLDEST_COMPILER = (0, 8, 20)
"""The oldest compiler that takes the tests."""
SECONDS = 300
"""How long a test may take, its compiling included."""
_SCRIPT = """\
#!/usr/bin/env node
// The compiler that npm installs as `solc`, as forge calls a compiler: `--version`, or JSON in and JSON out.
'use strict';
const fs = require('fs');
const solc = require('solc');
if (process.argv.includes('--version')) {
  console.log(`Version: ${solc.version().replace('.Emscripten.clang', '.Linux.g++')}`);
} else {
  console.log(solc.compile(fs.readFileSync(0, 'utf8')));
}
"""


def compiler_script() -> str:
    """Give the script that stands in for a compiler where only npm's is there."""
    return _SCRIPT


class Ran(NamedTuple):
    """The outcome of running a test."""

    failed: bool | None
    """Did it fail by one of its checks? None where it did not run, as without a compiler."""
    told: str
    """Why it failed; or that it passed, or why it did not run."""


@dataclass(frozen=True)
class Forge:
    """A `forge`, and the compiler it is to use."""

    program: Path
    by_npm: bool = False
    """Is the compiler npm's `solc`, found from the folder of the test? Else forge looks for one as it is set up to."""

    def run(self, test: Path) -> Ran:
        """Run the tests of one file, in its folder."""
        command = [str(self.program), "test", "--json", "--match-path", test.name]
        environment = {**os.environ, "FOUNDRY_PROFILE": "default", "NO_COLOR": "1"}
        folder = test.parent.resolve()
        built = [folder / name for name in ("out", "cache") if not (folder / name).exists()]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Ran(None, f"{self.program} does not run: {error}")
        finally:
            for path in built:
                shutil.rmtree(path, ignore_errors=True)
        return _read(done.stdout, done.stderr)


def _read(said: str, errors: str) -> Ran:
    try:
        results = list(_results(json.loads(said)))
    except (ValueError, AttributeError):
        return Ran(None, f"forge did not run it: {(errors or said).strip()[-1500:]}")
    reasons = {name: str(result.get("reason")) for name, result in results if result.get("status") == "Failure"}
    if not results:
        return Ran(False, "forge found no test in it")
    if "setUp()" in reasons:
        return Ran(False, f"the test cannot begin: {reasons['setUp()']}")
    if not reasons:
        return Ran(False, "the test passes, so there is nothing that it shows")
    return Ran(True, "; ".join(reasons.values()))


def _results(suites: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for suite in suites.values():
        yield from suite["test_results"].items()


def find_forge(folder: Path) -> Forge | None:
    """Find `forge`, installed by npm at or above a folder or the working directory, or in `PATH`; None if nowhere."""
    for place in dict.fromkeys((*_upwards(folder), *_upwards(Path.cwd()))):
        program = place / "node_modules" / ".bin" / "forge"
        if program.exists():
            return Forge(program, by_npm=has_npm_compiler(folder))
    found = shutil.which("forge")
    return Forge(Path(found)) if found is not None else None


def has_npm_compiler(folder: Path) -> bool:
    """Would the script find npm's compiler from a folder, and one that is new enough for the tests?"""
    place = next((each for each in _upwards(folder) if (each / "node_modules" / "solc").is_dir()), None)
    if place is None or shutil.which("node") is None:
        return False
    try:
        told = json.loads((place / "node_modules" / "solc" / "package.json").read_bytes())["version"]
        return tuple(map(int, told.partition("-")[0].split("."))) >= OLDEST_COMPILER
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _upwards(folder: Path) -> list[Path]:
    here = folder.resolve()
    return [here, *here.parents]
