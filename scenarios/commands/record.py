"""`pooltwin record`: a random history on the real contracts, written as a recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..terminal import fail


def record_command(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording (.jsonl.gz).")],
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, help="The same seed, the same history.")] = 1,
    length: Annotated[int, typer.Option("--length", "-n", min=1, help="Steps; most are one transaction.")] = 1000,
    profile: Annotated[
        str, typer.Option("--profile", "-p", help="admin, prices, hostile, upgrades, calldata or crowded.")
    ] = "admin",
) -> None:
    """Record a random history on the real contracts of v3.6, compiled from npm; in a checkout only.

    `pooltwin verify` takes what it writes.
    """
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "tests" / "contracts" / "record.py").is_file():
        fail("the real contracts are compiled by tests/contracts: record in a checkout of the repository")
    wishes = ["--seed", str(seed), "--length", str(length), "--profile", profile]
    recorder = [sys.executable, "-m", "tests.contracts.record", str(output.resolve()), *wishes]
    raise typer.Exit(subprocess.run(recorder, cwd=checkout, check=False).returncode)
