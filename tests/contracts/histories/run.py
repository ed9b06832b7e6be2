"""Random histories in lockstep: the real contracts and the twin live through one together."""

from pathlib import Path

from pooltwin.protocol.revisions import Revision

from ..harness.artifacts import ArtifactSet
from ..harness.lockstep import DifferenceError, LockstepChain, in_lockstep_with, sweep_views, write_failure
from ..harness.market import ACCOUNTS, SIGNERS, BeforeTokens, nothing, open_market
from ..harness.world import World
from .history import Profile, act, live


class Run:
    """One random history in lockstep; what it compared."""

    def __init__(
        self,
        artifacts: ArtifactSet,
        revision: str,
        profile: Profile,
        seed: int,
        steps: int,
        pool_kind: str = "PoolInstance",
        before_tokens: BeforeTokens = nothing,
        *,
        engine: Revision | None = None,
    ) -> None:
        self.profile = profile
        make = in_lockstep_with(revision, seed, engine)
        self.head, self.recorder = open_market(artifacts, revision, seed, steps, make, pool_kind, before_tokens)
        self.words = 0
        """Storage words compared at the end."""

    @property
    def chain(self) -> LockstepChain:
        """Both sides."""
        chain = self.recorder.chain
        assert isinstance(chain, LockstepChain)
        return chain

    def go(self, failures: Path) -> None:
        """Live the history, then compare all views and all storage.

        A difference is raised again after the history up to it is written to the folder `failures` as a recording.
        """
        try:
            live(self.recorder, self.head, self.profile)
            sweep_views(self.recorder)
            self.words = self.chain.compare_storage()
        except DifferenceError as difference:
            path = write_failure(self.recorder, self.head, failures, difference)
            raise AssertionError(f"{difference}\n--- history so far, for `pooltwin verify`: {path}") from difference


def lived(artifacts: ArtifactSet, revision: str, profile: Profile, seed: int) -> Run:
    """A market with a short random history."""
    run = Run(artifacts, revision, profile, seed, steps=120)
    live(run.recorder, run.head, run.profile)
    return run


def go_on(run: Run, chain: LockstepChain, steps: int) -> None:
    """The same market lives on, on other chains. Raises DifferenceError."""
    run.recorder.chain = chain
    world = World(run.recorder, seed=2, users=ACCOUNTS, signers=SIGNERS)
    before = chain.compared
    for _ in range(steps):
        act(world, run.profile)
    sweep_views(run.recorder)
    chain.compare_storage()
    assert chain.compared > before + 1000
