"""Foundry's invariant runner on a market: our handler and invariants, steps and time until it finds something."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from pooltwin.interop.foundry.forge import COMPILER, compiler_script
from pooltwin.invariants.histories.action import Stage

from tests.contracts.harness.artifacts import ArtifactsMissingError, installed

HERE = Path(__file__).parent
SOURCES = ("foundry.toml", "Market.sol", "Handler.sol", "Invariants.t.sol")
DEPTH = 200
"""How many calls a run makes before the market begins anew."""
_FAILED = re.compile(r"\[FAIL: (?P<reason>.*?)\]\n\s*\[Sequence\] \(original: (?P<length>\d+)")
_COUNTS = re.compile(r"\(runs: (?P<runs>\d+), calls: (?P<calls>\d+)")


class Search(NamedTuple):
    """The outcome of a search for a fault."""

    found: str
    """What was broken; empty where nothing was."""
    steps: int
    seconds: float
    """Of the processor."""


def forge_folder(folder: Path) -> Path:
    """Make a folder in which `forge` finds itself, a compiler, and the sources of the handler and the invariants.

    Raises ArtifactsMissingError without node and npm.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "node_modules").symlink_to(installed(HERE) / "node_modules")
    for name in SOURCES:
        shutil.copy(HERE / name, folder)
    (folder / COMPILER).write_text(compiler_script(), encoding="utf-8")
    (folder / COMPILER).chmod(0o755)
    return folder


def search(folder: Path, stage: Stage, seed: int, seconds: int) -> Search:
    """Run the invariants on the state of a stage of bytecode, for so long at most; compiling does not count."""
    chain = stage.chain
    (folder / "alloc.json").write_text(json.dumps(chain.alloc()), encoding="utf-8")  # type: ignore[attr-defined]  # bytecode
    environment = {
        **os.environ,
        "ALLOC": "alloc.json",
        "TIME": str(chain.time),
        "NUMBER": str(chain.number),
        "POOL": stage.market.pool.address,
        "HOLDERS": ",".join(_holders(stage)),
        "FOUNDRY_INVARIANT_RUNS": "1000000",
        "FOUNDRY_INVARIANT_DEPTH": str(DEPTH),
        "FOUNDRY_INVARIANT_TIMEOUT": str(seconds),
        "NO_COLOR": "1",
    }
    forge = str(folder / "node_modules" / ".bin" / "forge")
    _run([forge, "build"], folder, environment, 300)
    shutil.rmtree(folder / "cache" / "invariant", ignore_errors=True)  # or what failed once would be tried first
    before = _processor_seconds()
    said = _run([forge, "test", "--fuzz-seed", str(seed)], folder, environment, 4 * seconds + 120)
    return read_search(said, _processor_seconds() - before)


def _holders(stage: Stage) -> list[str]:
    """Whoever has shares of anything, and the treasury, who will have some."""
    market = stage.market
    tokens = [token for symbol in market.assets for token in (market.a_token(symbol), market.debt_token(symbol))]
    held = (who for token in tokens for who, shares in token.scaled_balances.items() if shares)
    return list(dict.fromkeys((stage.book["treasury"], *held)))


def _processor_seconds() -> float:
    """The processor time of the programs that were run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(command: list[str], folder: Path, environment: dict[str, str], seconds: int) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode and "[FAIL" not in done.stdout:
        raise ArtifactsMissingError(f"{' '.join(command)}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def read_search(said: str, seconds: float) -> Search:
    """Read what forge says of a campaign. Raises ValueError for anything else."""
    counts, failed = _COUNTS.search(said), _FAILED.search(said)
    if counts is None:
        raise ValueError(f"forge said something else: {said[-2000:]}")
    if failed is None:
        if "[FAIL" in said:
            raise ValueError(f"forge failed otherwise: {said[-2000:]}")
        return Search("", int(counts["calls"]), seconds)
    return Search(failed["reason"], int(counts["runs"]) * DEPTH + int(failed["length"]), seconds)
