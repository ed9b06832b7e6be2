"""Rewards paid in staked tokens, beside the real strategy: who may ask, what is approved, what a claim stakes.

The staking contract is none of the packages'; a stub stands for it that takes any call and answers with one address.
"""

from collections.abc import Iterator

import pytest
from pooltwin.protocol.contracts.foreign import SameAnswerReceiver
from pooltwin.protocol.machine.function import Function

from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, SUPPLY, must, open_market
from ..harness.recorder import Recorder
from ..harness.releases import REWARDS
from .reward_calls import CONFIG, EMISSIONS, deploy_rewards

STUB, STAKED = "0x" + "57" * 20, "around StakedTokenTransferStrategy"


def stub_of(answer: int) -> type[SameAnswerReceiver]:
    """A contract of the twin that answers everything with one word."""
    always = Function("anything()", "uint256", lambda _stub: answer, view=True, payable=True)
    members = {"KIND": "StakeStub", "__slots__": (), "ANSWER": always, "answer": answer}
    return type("StakeStub", (SameAnswerReceiver,), members)


@pytest.fixture
def recorder(release: Release) -> Iterator[Recorder]:
    """The standard market in lockstep, with rewards, the stub on both sides, and the strategy."""
    make = in_lockstep_with(release.revision)
    opened = open_market(release.artifacts, release.revision, 1, 1, make, before_tokens=deploy_rewards)[1]
    link = opened.address("LINK")
    chain = opened.chain
    assert isinstance(chain, LockstepChain)
    chain.put_code(STUB, bytes.fromhex(f"73{link[2:]}60005260206000f3"))
    chain.twin.deploy(stub_of(int(link, 16)), STUB)
    opened.deploy(STAKED, "StakedTokenTransferStrategy", [opened.address(REWARDS), ADMIN, STUB])
    yield opened
    chain.compare_storage()


def test_a_strategy_that_approves_is_made_and_asked(recorder: Recorder) -> None:
    for view in ("getStakeContract()", "getUnderlyingToken()", "getIncentivesController()", "getRewardsAdmin()"):
        assert recorder.transact(ACCOUNTS[0], STAKED, view).ok
    allowed = recorder.transact(ADMIN, "LINK", "allowance(address,address)", recorder.address(STAKED), STUB)
    assert int.from_bytes(allowed.ret, "big") == 2**256 - 1
    assert not recorder.transact(ACCOUNTS[0], STAKED, "dropApproval()").ok
    assert not recorder.transact(ACCOUNTS[0], STAKED, "renewApproval()").ok
    assert recorder.transact(ADMIN, STAKED, "dropApproval()").ok
    assert recorder.transact(ADMIN, STAKED, "renewApproval()").ok
    perform = "performTransfer(address,address,uint256)"
    assert not recorder.transact(ACCOUNTS[0], STAKED, perform, ACCOUNTS[0], STUB, 1).ok
    rescue = "emergencyWithdrawal(address,address,uint256)"
    assert not recorder.transact(ACCOUNTS[0], STAKED, rescue, recorder.address("LINK"), ACCOUNTS[0], 0).ok
    assert recorder.transact(ADMIN, STAKED, rescue, recorder.address("LINK"), ACCOUNTS[0], 0).ok


@pytest.mark.parametrize("reward", [STUB, "LINK"])
def test_a_claim_stakes_only_the_staking_contract_s_token(recorder: Recorder, reward: str) -> None:
    user, token, paid = ACCOUNTS[0], recorder.address("aWETH"), recorder.address(reward)
    must(recorder, ADMIN, EMISSIONS, "setEmissionAdmin(address,address)", paid, ADMIN)
    feed, end = recorder.address("agg_LINK"), recorder.chain.timestamp + 10**6
    configs = [(10**12, 0, end, token, paid, recorder.address(STAKED), feed)]
    must(recorder, ADMIN, EMISSIONS, f"configureAssets({CONFIG}[])", configs)
    must(recorder, user, "WETH", "approve(address,uint256)", recorder.address("pool"), 10**18)
    must(recorder, user, "pool", SUPPLY, recorder.address("WETH"), 10**18, user, 0)
    recorder.chain.set_time(recorder.chain.timestamp + 1000, recorder.chain.block_number + 1)
    claim = recorder.transact(user, REWARDS, "claimAllRewardsToSelf(address[])", [token])
    assert claim.ok == (reward == STUB)
