"""Rewards paid in staked tokens: the standard market in lockstep, the real strategy, and a stub that it stakes with.

The staking contract is none of the packages'; a stub stands for it that takes any call and answers with one address.
"""

from pooltwin.protocol.contracts.foreign import SameAnswerReceiver
from pooltwin.protocol.machine.function import Function

from ..harness.artifacts import ArtifactSet
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


def open_staked(artifacts: ArtifactSet, revision: str) -> Recorder:
    """The standard market in lockstep, with rewards, the stub on both sides, and the strategy."""
    opened = open_market(artifacts, revision, 1, 1, in_lockstep_with(revision), before_tokens=deploy_rewards)[1]
    link = opened.address("LINK")
    chain = opened.chain
    assert isinstance(chain, LockstepChain)
    chain.put_code(STUB, bytes.fromhex(f"73{link[2:]}60005260206000f3"))
    chain.twin.deploy(stub_of(int(link, 16)), STUB)
    opened.deploy(STAKED, "StakedTokenTransferStrategy", [opened.address(REWARDS), ADMIN, STUB])
    return opened


def administer(recorder: Recorder) -> None:
    """Ask the strategy for everything, as somebody and as its admin."""
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


def claim(recorder: Recorder, reward: str) -> bool:
    """Earn a reward that the strategy pays, and claim it. Tells whether that was possible."""
    user, token, paid = ACCOUNTS[0], recorder.address("aWETH"), recorder.address(reward)
    must(recorder, ADMIN, EMISSIONS, "setEmissionAdmin(address,address)", paid, ADMIN)
    feed, end = recorder.address("agg_LINK"), recorder.chain.timestamp + 10**6
    configs = [(10**12, 0, end, token, paid, recorder.address(STAKED), feed)]
    must(recorder, ADMIN, EMISSIONS, f"configureAssets({CONFIG}[])", configs)
    must(recorder, user, "WETH", "approve(address,uint256)", recorder.address("pool"), 10**18)
    must(recorder, user, "pool", SUPPLY, recorder.address("WETH"), 10**18, user, 0)
    recorder.chain.set_time(recorder.chain.timestamp + 1000, recorder.chain.block_number + 1)
    return recorder.transact(user, REWARDS, "claimAllRewardsToSelf(address[])", [token]).ok
