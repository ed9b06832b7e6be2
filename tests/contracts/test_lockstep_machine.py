"""Hypothesis drives the lockstep: it chooses what happens, call by call, and shrinks a history with a difference.

Every run starts from the same market with some life in it, and is undone.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from pooltwin.protocol.revisions import revision_named

from .harness.artifacts import ArtifactSet
from .harness.lockstep import DifferenceError, sweep_views
from .harness.market import ACCOUNTS, SIGNERS
from .harness.world import World
from .histories.assault import Assault
from .histories.history import PROFILES, act

SEED = st.integers(0, 2**32)
"""Of one event: what happens in it is drawn from a source of its own."""
SHORT = settings(max_examples=15, stateful_step_count=10, suppress_health_check=list(HealthCheck), deadline=None)


class LockstepMachine(RuleBasedStateMachine):
    """Histories of the real contracts and of the twin: every answer after each call, views and storage at the end."""

    assault: ClassVar[Assault]

    def __init__(self) -> None:
        super().__init__()
        chain = self.assault.chain
        self.digest = chain.twin.digest()
        self.undone = ExitStack()
        self.undone.enter_context(chain.undone())
        self.world = World(self.assault.recorder, seed=0, users=ACCOUNTS, signers=SIGNERS)

    @rule(seed=SEED, profile=st.sampled_from(sorted(PROFILES)))
    def someone_uses_the_market(self, seed: int, profile: str) -> None:
        self.world.rng = random.Random(seed)
        act(self.world, PROFILES[profile])

    @rule(seed=SEED)
    def someone_attacks_it(self, seed: int) -> None:
        self.assault.rng = self.assault.arguments.rng = random.Random(seed)
        self.assault.call()

    def teardown(self) -> None:
        try:
            self.world.run_due(everything=True)
            sweep_views(self.assault.recorder)
            self.assault.chain.compare_storage()
        finally:
            self.undone.close()
        assert self.assault.chain.twin.digest() == self.digest


@pytest.fixture
def machine(artifacts_v3_6: ArtifactSet) -> type[LockstepMachine]:
    """The machine, on a market that has been through something."""

    class Besieged(LockstepMachine):
        assault = Assault(artifacts_v3_6, "3.6", seed=99)

    for _ in range(1500):
        Besieged.assault.call()
    return Besieged


def test_whatever_hypothesis_thinks_of(machine: type[LockstepMachine]) -> None:
    before = machine.assault.chain.compared
    run_state_machine_as_test(machine, settings=SHORT)
    assert machine.assault.chain.compared > before + 1000


def test_a_wrong_twin_does_not_survive_it(machine: type[LockstepMachine]) -> None:
    twin = machine.assault.chain.twin
    twin.set_revision(
        replace(revision_named("3.6"), name="3.6", credit_percent_mul=lambda amount, _bps: amount, token_revision=99)
    )
    with pytest.raises(DifferenceError):
        run_state_machine_as_test(machine, settings=settings(SHORT, report_multiple_bugs=False))
