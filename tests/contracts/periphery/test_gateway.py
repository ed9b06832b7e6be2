"""The gateway for ether beside the real one: random calls with ether, refusals, recipients that take it and do not."""

import random
from typing import Any

import pytest
from pooltwin.protocol.errors import NotModelledError

from ..harness.calldata import MUTATIONS, encoded
from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, RECEIVER, SIGNERS, TREASURY, Asset, list_token, must, open_market
from ..harness.recorder import Recorder
from ..harness.world import MAX_UINT, World
from ..histories.user_calls import token_permit

GATEWAY = "around WrappedTokenGatewayV3"
WRAPPED = Asset("WRAPPED", 18, 200000000000, (9000, 0, 270, 8000), (8050, 8300, 10500), 1500, 1000, True, 0)
ETHER = 10**18


@pytest.fixture
def market(release: Release) -> Recorder:
    """The standard market in lockstep, with wrapped ether as a reserve, and everybody with ether."""
    recorder = open_market(release.artifacts, release.revision, 1, 1, in_lockstep_with(release.revision))[1]
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
    signature, arguments, value = rng.choice(choices)
    if rng.random() < 0.12:
        signature = "withdrawETHWithPermit(address,uint256,address,uint256,uint8,bytes32,bytes32)"
        user, arguments = permit_of(w, amount)
        value = 0
    data = encoded(signature, arguments)
    if rng.random() < 0.15:
        data = rng.choice(MUTATIONS)(rng, bytearray(data))
    sender = ADMIN if signature.startswith("emergency") and rng.random() < 0.7 else user
    return sender, gateway, b"" if rng.random() < 0.03 else data, 1 if rng.random() < 0.05 else value


def test_random_calls_with_ether(market: Recorder) -> None:
    chain = market.chain
    assert isinstance(chain, LockstepChain)
    w = World(market, 81, ACCOUNTS, SIGNERS)
    gateway = market.address(GATEWAY)
    for user in ACCOUNTS:
        must(market, user, "aWRAPPED", "approve(address,uint256)", gateway, MAX_UINT)
        must(market, user, "vWRAPPED", "approveDelegation(address,uint256)", gateway, MAX_UINT)
        assert chain.transact(user, gateway, encoded("depositETH(address,address,uint16)", (ADMIN, user, 0)), ETHER).ok
    taken = 0
    for number in range(700):
        call = drawn(w)
        if chain.ether(call[0]) < call[3]:
            continue
        if number % 9 == 0:
            chain.set_time(chain.timestamp + w.rng.randrange(10**5), chain.block_number + 1)
        try:
            taken += chain.transact(*call).ok
        except NotModelledError:
            continue
    assert taken > 150
    chain.compare_ether()
    chain.compare_storage()


def test_wrapping_refuses_who_does_not_take_ether(market: Recorder) -> None:
    chain, rng = market.chain, random.Random(82)
    assert isinstance(chain, LockstepChain)
    weth = market.address("WRAPPED")
    user = ACCOUNTS[0]
    assert chain.transact(user, weth, encoded("deposit()", ()), 5 * ETHER).ok
    assert chain.transact(user, weth, b"", ETHER).ok
    assert chain.transact(user, weth, encoded("withdraw(uint256)", (rng.randrange(ETHER),))).ok
    assert not chain.transact(user, market.address(GATEWAY), b"", 1).ok
    assert not chain.transact(user, market.address("pool"), encoded("getReservesList()", ()), 1).ok
    chain.compare_ether()
