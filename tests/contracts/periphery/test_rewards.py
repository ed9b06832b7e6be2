"""Rewards beside the real contracts: random histories in which every balance change is told, and hostile calldata."""

from pathlib import Path

import pytest

from ..harness.evm import ZERO_ADDRESS
from ..harness.given import Release
from ..harness.lockstep import LockstepChain
from ..harness.market import ACCOUNTS
from ..harness.planting import lifted
from ..histories.run import Run
from .around import AssaultAround
from .reward_calls import REWARDED, deploy_rewards

INCENTIVES = "around UiIncentiveDataProviderV3"


@pytest.mark.parametrize("seed", [71, 72])
def test_a_random_history_with_rewards(release: Release, tmp_path: Path, seed: int) -> None:
    run = Run(release.artifacts, release.revision, REWARDED, seed, steps=220, before_tokens=deploy_rewards)
    run.recorder.deploy(INCENTIVES, "UiIncentiveDataProviderV3", [])
    run.go(tmp_path)
    provider = run.recorder.address("provider")
    for user in (*ACCOUNTS, ZERO_ADDRESS):
        shown = run.recorder.transact(user, INCENTIVES, "getFullReservesIncentiveData(address,address)", provider, user)
        assert shown.ok == (user != ZERO_ADDRESS)
        assert len(shown.ret) > 10_000 or not shown.ok
    outcomes = {outcome for kind, _, outcome in run.chain.hits if kind == "RewardsController"}
    assert {"event RewardsClaimed", "event Accrued"} <= outcomes
    assert any(kind == "PoolInstance" and "Accrued" in outcome for kind, _, outcome in run.chain.hits)
    chain = lifted(run.chain)
    assert isinstance(chain, LockstepChain)
    assert chain.twin.digest() == run.chain.twin.digest()


def test_hostile_calldata_of_rewards(release: Release, tmp_path: Path) -> None:
    assault = AssaultAround(release.artifacts, release.revision, seed=73, before_tokens=deploy_rewards)
    assault.run(1500, tmp_path)
    assert assault.chain.compared > 3000
