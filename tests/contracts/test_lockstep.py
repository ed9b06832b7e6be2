"""The twin and the real contracts give the same answers, the same views and the same storage."""

from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.protocol.recordings.verification import verify
from pooltwin.protocol.revisions import revision_named

from .harness.artifacts import ArtifactSet
from .harness.evm import RealChain
from .harness.lockstep import DifferenceError
from .harness.market import ACCOUNTS
from .harness.planting import lifted, planted
from .histories.assault import Assault
from .histories.history import PROFILES
from .histories.run import Run, go_on, lived


@pytest.mark.parametrize("profile", PROFILES)
def test_a_random_history_in_lockstep(artifacts_v3_6: ArtifactSet, tmp_path: Path, profile: str) -> None:
    run = Run(artifacts_v3_6, "3.6", PROFILES[profile], seed=1, steps=200)
    run.go(tmp_path)
    assert run.chain.compared > 4000
    assert run.words > 500


def test_a_hundred_thousand_hostile_calls(artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    compared = mutations = 0
    for seed in range(25):
        assault = Assault(artifacts_v3_6, "3.6", seed)
        assert assault.run(4000, tmp_path) > 500
        compared += assault.chain.compared
        mutations += assault.chain.mutations["sent"]
        assert assault.chain.mutations["took effect"] > assault.chain.mutations["sent"] // 50
    assert compared > 100_000
    assert mutations > 50_000


# --- changing sides ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "seed"), [("prices", 11), ("admin", 12), ("upgrades", 13)])
def test_a_twin_s_state_lives_on_in_an_evm(artifacts_v3_6: ArtifactSet, profile: str, seed: int) -> None:
    run = lived(artifacts_v3_6, "3.6", PROFILES[profile], seed)
    chain = planted(run.chain.twin.fork(), run.chain)
    assert chain.all_storage() == run.chain.all_storage()
    go_on(run, chain, steps=60)


@pytest.mark.parametrize(("profile", "seed"), [("prices", 21), ("admin", 22), ("upgrades", 23)])
def test_an_evm_s_state_lives_on_in_a_twin(artifacts_v3_6: ArtifactSet, profile: str, seed: int) -> None:
    run = lived(artifacts_v3_6, "3.6", PROFILES[profile], seed)
    chain = lifted(run.chain)
    assert chain.twin is not run.chain.twin
    assert chain.twin.digest() == run.chain.twin.digest()
    go_on(run, chain, steps=60)


# --- that a difference would be seen ----------------------------------------------------------------------------------


def test_a_wrong_twin_is_caught_and_its_history_kept(artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    run = Run(artifacts_v3_6, "3.6", PROFILES["admin"], seed=3, steps=60)
    healthy = run.chain.twin.revision
    run.chain.twin.revision = replace(healthy, token_revision=99, credit_percent_mul=lambda amount, _bps: amount)
    with pytest.raises(AssertionError, match=r"--- contracts\n(.|\n)*--- twin\n(.|\n)*difference-v3.6-3"):
        run.go(tmp_path)
    result = verify(tmp_path / "difference-v3.6-3.jsonl.gz")
    assert result.ok  # the healthy twin agrees with what the contracts answered
    assert result.calls > 100
    assert healthy == revision_named("3.6")


def test_a_wrong_word_of_storage_is_caught(artifacts_v3_6: ArtifactSet) -> None:
    chain = Run(artifacts_v3_6, "3.6", PROFILES["admin"], seed=3, steps=60).chain
    chain.compare_storage()
    pool = next(c for c in chain.twin.contracts.values() if c.KIND == "PoolInstance" and c.reserves_count)
    RealChain.set_storage(chain, pool.address, 59, 9 << 64)
    with pytest.raises(DifferenceError, match=r"storage of <PoolInstance at .*reserves_count"):
        chain.compare_storage()


def test_a_twin_that_breaks_is_caught(artifacts_v3_6: ArtifactSet) -> None:
    assault = Assault(artifacts_v3_6, "3.6", seed=5)
    chain = assault.chain
    pool = assault.recorder.address("pool")
    chain.twin.at(pool).initialise(users_config=None)
    with pytest.raises(DifferenceError, match="raises TypeError"):
        assault.recorder.transact(ACCOUNTS[0], "pool", "getUserConfiguration(address)", ACCOUNTS[0])
