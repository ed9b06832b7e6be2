"""`pooltwin record`: a random history on the real contracts, written as a recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..terminal import fail, refused_when
from .bytecode import Bytecode, Compiled, StandIns
from .forks import engine_given, print_engine


def record_command(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording (.jsonl.gz).")],
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, help="The same seed, the same history.")] = 1,
    length: Annotated[int, typer.Option("--length", "-n", min=1, help="Steps; most are one transaction.")] = 1000,
    profile: Annotated[
        str, typer.Option("--profile", "-p", help="admin, prices, hostile, upgrades, calldata or crowded.")
    ] = "admin",
    bytecode: Bytecode = None,
    contract: StandIns = None,
    revision: Annotated[
        str, typer.Option("--revision", "-r", help="The release that the contracts of --bytecode come from.")
    ] = "",
) -> None:
    """Record a random history on the real contracts of v3.6, compiled from npm; in a checkout only.

    With --bytecode, on compiled contracts of your own. `pooltwin verify` takes what it writes, and shows where the twin
    of the release first answers otherwise.
    """
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "tests" / "contracts" / "record.py").is_file():
        fail("the real contracts are compiled by tests/contracts: record in a checkout of the repository")
    wishes = ["--seed", str(seed), "--length", str(length), "--profile", profile]
    with refused_when(ValueError, OSError):
        wishes += _contracts(bytecode, contract, revision)
    recorder = [sys.executable, "-m", "tests.contracts.record", str(output.resolve()), *wishes]
    raise typer.Exit(subprocess.run(recorder, cwd=checkout, check=False).returncode)


def _contracts(path: Path | None, contracts: list[str] | None, revision: str) -> list[str]:
    """Spell which contracts are recorded. Raises ValueError for those of which there can be no market."""
    from pooltwin.invariants.standard import standard_history
    from pooltwin.protocol.bytecode_name import bytecode_named

    if revision and path is None:
        raise ValueError(f"--revision {revision}: is for --bytecode; without it the contracts are those of v3.6")
    name = Compiled.told(path, None, contracts).engine("", revision)
    if not name:
        return []
    engine = engine_given(name)
    print_engine(engine)
    named = bytecode_named(name)
    standard_history(named.release).opening.market(engine)
    stand_ins = [f"--contract={kind}={own}" for kind, own in named.contracts.items()]
    return ["--artifacts", str(named.artifacts), "--revision", named.release, *stand_ins]
