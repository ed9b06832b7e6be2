"""The gateway for ether beside the real one: random calls with ether, refusals, recipients that take it and do not."""

import random

import pytest

from ..harness.calldata import encoded
from ..harness.given import Release
from ..harness.lockstep import LockstepChain
from ..harness.market import ACCOUNTS
from ..harness.recorder import Recorder
from .gateway import ETHER, GATEWAY, open_gateway, play


@pytest.fixture
def market(release: Release) -> Recorder:
    """The standard market in lockstep, with the gateway."""
    return open_gateway(release.artifacts, release.revision)


def test_random_calls_with_ether(market: Recorder) -> None:
    assert play(market, seed=81, calls=700) > 150


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
