"""ATokens that vote, beside the real ones: power follows shares through every flow, and hostile calldata."""

from pathlib import Path

import pytest

from ..harness.evm import calldata
from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, SUPPLY, open_market, token_arguments
from ..harness.planting import lifted
from ..harness.recorder import Recorder
from ..histories.assault import Assault
from ..histories.run import Run
from .votes import VOTED, VOTING_TOKEN, deploy_voting_tokens


def needs_votes(release: Release) -> None:
    """Skip releases whose aTokens with votes are not the twin's."""
    if release.revision not in ("3.6", "3.7"):
        pytest.skip(f"the aToken with votes of v{release.revision} is not modelled")


@pytest.mark.parametrize("seed", [101, 102])
def test_a_random_history_of_votes(release: Release, tmp_path: Path, seed: int) -> None:
    needs_votes(release)
    run = Run(release.artifacts, release.revision, VOTED, seed, steps=220, before_tokens=deploy_voting_tokens)
    run.go(tmp_path)
    outcomes = {outcome for kind, _, outcome in run.chain.hits if kind == VOTING_TOKEN}
    assert "event DelegateChanged" in outcomes
    chain = lifted(run.chain)
    assert chain.twin.digest() == run.chain.twin.digest()


def test_hostile_calldata_of_votes(release: Release, tmp_path: Path) -> None:
    needs_votes(release)
    assault = Assault(release.artifacts, release.revision, seed=103, before_tokens=deploy_voting_tokens)
    assault.run(1200, tmp_path)
    assert assault.chain.compared > 2500


def deploy_mock_tokens(recorder: Recorder) -> None:
    """Have all aTokens of a lower revision, from which they can be upgraded."""
    recorder.deploy("atoken_impl", "MockAToken", token_arguments(recorder, "MockAToken"))


def test_a_plain_token_becomes_one_that_votes(release: Release) -> None:
    needs_votes(release)
    make = in_lockstep_with(release.revision)
    recorder = open_market(release.artifacts, release.revision, 1, 1, make, before_tokens=deploy_mock_tokens)[1]
    voting = recorder.deploy("voting code", VOTING_TOKEN, token_arguments(recorder, VOTING_TOKEN))
    upgrade = "updateAToken((address,string,string,address,bytes))"
    user, other = ACCOUNTS[:2]
    assert recorder.transact(user, "WETH", "approve(address,uint256)", recorder.address("pool"), 10**20).ok
    assert recorder.transact(user, "pool", SUPPLY, recorder.address("WETH"), 10**18, user, 0).ok
    assert not recorder.transact(user, "aWETH", "delegate(address)", other).ok
    arguments = (recorder.address("WETH"), "voting", "vote", voting, b"")
    assert recorder.transact(ADMIN, "configurator", upgrade, arguments).ok
    assert recorder.transact(user, "aWETH", "delegate(address)", other).ok
    powers = recorder.transact(user, "aWETH", "getPowersCurrent(address)", other)
    assert int.from_bytes(powers.ret[:32], "big") >= 10**18
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    chain.compare_storage()
    assert lifted(chain).twin.digest() == chain.twin.digest()
    assert chain.twin.fork().digest() == chain.twin.digest()


def test_the_upgrade_is_undone_with_everything_else(release: Release) -> None:
    needs_votes(release)
    make = in_lockstep_with(release.revision)
    recorder = open_market(release.artifacts, release.revision, 1, 1, make, before_tokens=deploy_mock_tokens)[1]
    voting = recorder.deploy("voting code", VOTING_TOKEN, token_arguments(recorder, VOTING_TOKEN))
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    before = chain.twin.digest()
    moment = chain.twin.snapshot()
    upgrade = "updateAToken((address,string,string,address,bytes))"
    data = calldata(upgrade, (recorder.address("WETH"), "voting", "vote", voting, b""))
    token = chain.twin.at(recorder.address("aWETH"))
    assert chain.twin.transact(ADMIN, recorder.address("configurator"), data).ok
    assert type(token).KIND == VOTING_TOKEN
    chain.twin.revert_to(moment)
    assert type(token).KIND == "ATokenInstance"
    assert chain.twin.digest() == before
