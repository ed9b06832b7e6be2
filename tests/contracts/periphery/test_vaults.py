"""Vaults of aTokens beside the real contracts: random histories with rewards, and hostile calldata."""

from pathlib import Path

import pytest

from ..harness.artifacts import ArtifactSet
from ..harness.evm import ZERO_ADDRESS
from ..harness.given import Release
from ..harness.lockstep import LockstepChain
from ..harness.planting import lifted
from ..histories.run import Run
from .around import AssaultAround
from .reward_calls import deploy_rewards
from .vaults import CODE, VAULT, VAULTED, open_vaults, vault


@pytest.mark.parametrize("seed", [81, 82, 83])
def test_a_random_history_of_vaults(release: Release, tmp_path: Path, seed: int) -> None:
    run = Run(release.artifacts, release.revision, VAULTED, seed, steps=250, before_tokens=deploy_rewards)
    open_vaults(run.recorder)
    run.go(tmp_path)
    outcomes = {outcome for kind, _, outcome in run.chain.hits if kind == VAULT}
    assert {"event Deposit", "event Withdraw", "event Transfer", "event Approval"} <= outcomes
    chain = lifted(run.chain)
    assert isinstance(chain, LockstepChain)
    assert chain.twin.digest() == run.chain.twin.digest()


def test_hostile_calldata_of_vaults(release: Release, tmp_path: Path) -> None:
    assault = AssaultAround(
        release.artifacts, release.revision, seed=84, before_tokens=deploy_rewards, after=open_vaults
    )
    assault.run(2000, tmp_path)
    assert assault.chain.compared > 3000


def test_code_without_a_proxy_is_locked(release: Release) -> None:
    run = Run(release.artifacts, release.revision, VAULTED, seed=1, steps=1, before_tokens=deploy_rewards)
    recorder = run.recorder
    open_vaults(recorder)
    names = "initialize(address,string,string)"
    for label in (CODE, vault("WETH")):
        assert not recorder.transact(ZERO_ADDRESS, label, names, recorder.address("aWETH"), "x", "x").ok
    for arguments in ([recorder.address("pool"), ZERO_ADDRESS], [recorder.address("WETH"), recorder.address("WETH")]):
        with pytest.raises(Exception, match="StataTokenV2: 0x"):
            recorder.deploy("another", VAULT, arguments)


def test_artifacts_have_it(artifacts_v3_6: ArtifactSet) -> None:
    assert VAULT in artifacts_v3_6
