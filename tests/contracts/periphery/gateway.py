"""The gateway for ether on a market with wrapped ether, and random calls with ether."""

from typing import Any

from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import MUTATIONS, encoded
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, RECEIVER, SIGNERS, TREASURY, Asset, list_token, must, open_market
from ..harness.recorder import Recorder
from ..harness.world import MAX_UINT, World
from ..histories.user_calls import token_permit

GATEWAY = "around WrappedTokenGatewayV3"
WRAPPED = Asset("WRAPPED", 18, 200000000000, (9000, 0, 270, 8000), (8050, 8300, 10500), 1500, 1000, True, 0)
ETHER = 10**18


def open_gateway(artifacts: ArtifactSet, revision: str) -> Recorder:
    """The standard market in lockstep, with wrapped ether as a reserve, and everybody with ether."""
    recorder = open_market(artifacts, revision, 1, 1, in_lockstep_with(revision))[1]
    weth = recorder.deploy("WRAPPED", "WETH9", [])
    list_token(recorder, WRAPPED)
    recorder.deploy(GATEWAY, "WrappedTokenGatewayV3", [weth, ADMIN, recorder.address("pool")])
    for account in (*ACCOUNTS, ADMIN, TREASURY):
        recorder.chain.give_ether(account, 10**6 * ETHER)
    return recorder


def permit_of(w: World, amount: int) -> tuple[Any, ...]:
    """A withdrawal with a permit of one of those who can sign: sender and arguments."""
    signer = w.pick(SIGNERS)
    deadline, signature = token_permit(w, "aWRAPPED", signer, w.recorder.address(GATEWAY), amount)
    return signer.address, (w.anyone(), amount, signer.address, deadline, *signature)


def drawn(w: World) -> tuple[str, str, bytes, int]:
    """A call with ether or without: sender, target, calldata, value."""
    rng, user, gateway = w.rng, w.user(), w.recorder.address(GATEWAY)
    value = rng.choice((0, 0, 1, ETHER, rng.randrange(100 * ETHER), 10**6 * ETHER))
    amount = rng.choice((MAX_UINT, 0, 1, value, value + 1, rng.randrange(50 * ETHER)))
    to = rng.choice((user, w.user(), RECEIVER, gateway, w.recorder.address("WRAPPED"), w.anyone()))
    choices: list[tuple[str, tuple[Any, ...], int]] = [
        ("depositETH(address,address,uint16)", (to, user, rng.randrange(9)), value),
        ("depositETH(address,address,uint16)", (to, user, rng.randrange(9)), value),
        ("withdrawETH(address,uint256,address)", (to, amount, to), 0),
        ("repayETH(address,uint256,address)", (to, amount, user), value),
        ("borrowETH(address,uint256,uint16)", (to, amount % (10 * ETHER), 0), 0),
        ("emergencyEtherTransfer(address,uint256)", (to, amount % 5), 0),
        ("emergencyTokenTransfer(address,address,uint256)", (w.recorder.address("WRAPPED"), to, amount % 5), 0),
    ]
    if rng.random() < 0.03:
        choices = [("transferOwnership(address)", (ADMIN,), 0), ("renounceOwnership()", (), 0)]
    signature, arguments, value = rng.choice(choices)
    if rng.random() < 0.12:
        signature = "withdrawETHWithPermit(address,uint256,address,uint256,uint8,bytes32,bytes32)"
        user, arguments = permit_of(w, amount)
        value = 0
    data = encoded(signature, arguments)
    if rng.random() < 0.15:
        data = rng.choice(MUTATIONS)(rng, bytearray(data))
    sender = ADMIN if signature.startswith(("emergency", "transfer")) and rng.random() < 0.7 else user
    return sender, gateway, b"" if rng.random() < 0.03 else data, 1 if rng.random() < 0.05 else value


def play(recorder: Recorder, seed: int, calls: int) -> int:
    """Random calls, whose outcome, ether and storage are compared. Returns how many took effect."""
    chain, w = recorder.chain, World(recorder, seed, ACCOUNTS, SIGNERS)
    assert isinstance(chain, LockstepChain)
    gateway, taken = recorder.address(GATEWAY), 0
    for user in ACCOUNTS:
        must(recorder, user, "aWRAPPED", "approve(address,uint256)", gateway, MAX_UINT)
        must(recorder, user, "vWRAPPED", "approveDelegation(address,uint256)", gateway, MAX_UINT)
        taken += chain.transact(
            user, gateway, encoded("depositETH(address,address,uint16)", (ADMIN, user, 0)), ETHER
        ).ok
    for number in range(calls):
        call = drawn(w)
        if number % 9 == 0:
            chain.set_time(chain.timestamp + w.rng.randrange(10**5), chain.block_number + 1)
        try:
            taken += chain.ether(call[0]) >= call[3] and chain.transact(*call).ok
        except NotModelledError:
            continue
    chain.compare_ether()
    chain.compare_storage()
    return taken
