"""A fault and its mutant are the same: random histories in lockstep, faulty bytecode beside the faulty twin."""

from pathlib import Path

from pooltwin.protocol.revisions import Revision

from ..harness.artifacts import ArtifactSet
from ..histories.history import PROFILES
from ..histories.run import Run
from .fault import REVISION, Fault

PAIR_PROFILES = ("prices", "admin")
"""Histories of liquidations, and of governance."""


def compare_pair(fault: Fault, artifacts: ArtifactSet, seed: int, steps: int, failures: Path) -> int:
    """Live through histories on the faulty contracts and the mutated twin. Returns how many answers were equal.

    Raises AssertionError, with the first difference, where the two are not the same fault.
    """
    with fault.mutant.engaged() as engine:
        runs = [_lived(artifacts, profile, seed, steps, engine, failures) for profile in PAIR_PROFILES]
    return sum(run.chain.compared for run in runs)


def is_told_apart(artifacts: ArtifactSet, seed: int, steps: int, failures: Path) -> bool:
    """Do the same histories tell the faulty contracts from the faithful twin? Then the fault was really met."""
    try:
        for profile in PAIR_PROFILES:
            _lived(artifacts, profile, seed, steps, None, failures)
    except AssertionError:
        return True
    return False


def _lived(artifacts: ArtifactSet, profile: str, seed: int, steps: int, engine: Revision | None, failures: Path) -> Run:
    run = Run(artifacts, REVISION, PROFILES[profile], seed, steps, engine=engine)
    run.chain.mutator = None
    run.go(failures)
    return run
