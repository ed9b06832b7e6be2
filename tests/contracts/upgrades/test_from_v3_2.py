"""Each upgrade from v3.2 on beside the real contracts of both releases, where somebody has compiled them."""

from itertools import pairwise

import pytest
from pooltwin.protocol.revisions import REVISIONS

from ..harness.artifacts import ArtifactSet, load_file, load_v3_6
from ..harness.given import given_files
from ..harness.market import ACCOUNTS, ADMIN, REFUSING_RECEIVER, SIGNERS
from ..harness.world import World
from ..histories.history import PROFILES, act
from ..histories.run import Run, go_on
from .from_v3_2 import replace_what_speaks_in_codes, upgrade_both


def lived(artifacts: ArtifactSet, revision: str, profile: str, seed: int, steps: int) -> Run:
    """A market after some time, in lockstep, with siloed borrowing given up where the next release does not know it."""
    run = Run(artifacts, revision, PROFILES[profile], seed, steps)
    run.recorder.place_receiver("refusing_receiver", "AlwaysFalseReceiver", REFUSING_RECEIVER)
    world = World(run.recorder, seed, ACCOUNTS, SIGNERS)
    for step in range(1, steps + 1):
        world.step = step
        world.run_due(everything=step == steps)
        act(world, run.profile)
    world.run_due(everything=True)
    if revision == "3.6":
        for symbol in world.symbols:
            asset = run.recorder.address(symbol)
            run.recorder.transact(ADMIN, "configurator", "setSiloedBorrowing(address,bool)", asset, False)
    return run


STEPS = [
    pytest.param(old, new, marks=pytest.mark.given(old, new))
    for old, new in pairwise(name for name in REVISIONS if name != "3.0.2")
]


@pytest.mark.parametrize("profile", ["prices", "admin"])
@pytest.mark.parametrize(("old", "new"), STEPS)
def test_both_sides_upgraded(request: pytest.FixtureRequest, old: str, new: str, profile: str) -> None:
    files = given_files(request.config)
    before, after = (load_file(files[name]) if name in files else load_v3_6() for name in (old, new))
    run = lived(before, old, profile, seed=1, steps=150)
    upgrade_both(run.recorder, new, after)
    words = run.chain.compare_storage()
    if new == "3.4":
        replace_what_speaks_in_codes(run.recorder)
    go_on(run, run.chain, steps=150)
    print(f"\n{old} to {new}, {profile}: {run.chain.compared:,} calls, {words:,} words at the upgrade")
