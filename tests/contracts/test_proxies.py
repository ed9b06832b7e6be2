"""Proxies that get code they were not made for: the twin answers as the contracts do, or says that it does not know."""

from __future__ import annotations

import pytest
from pooltwin.protocol.errors import NotModelledError

from .harness.artifacts import ArtifactSet
from .harness.calldata import encoded
from .harness.evm import Outcome
from .harness.lockstep import LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, open_market
from .harness.recorder import Recorder

NOVEL = b"SOMETHING_NEW".ljust(32, b"\0")
AS_PROXY = "setAddressAsProxy(bytes32,address)"


@pytest.fixture
def market(artifacts_v3_6: ArtifactSet) -> Recorder:
    """The standard market in lockstep."""
    return open_market(artifacts_v3_6, "3.6", 1, 1, in_lockstep_with("3.6"))[1]


def send(market: Recorder, sender: str, to: str, signature: str, *arguments: object) -> Outcome:
    """One call on both sides. Raises DifferenceError."""
    return market.chain.transact(sender, to, encoded(signature, arguments))


def of_provider(market: Recorder, signature: str, *arguments: object) -> Outcome:
    """One call of the registry by its owner."""
    return send(market, ADMIN, market.address("provider"), signature, *arguments)


def test_a_proxy_of_code_that_answers_everything(market: Recorder) -> None:
    chain, receiver = market.chain, market.address("receiver")
    assert isinstance(chain, LockstepChain)
    assert of_provider(market, AS_PROXY, NOVEL, receiver).ok
    proxy = "0x" + of_provider(market, "getAddress(bytes32)", NOVEL).ret[12:].hex()
    assert chain.twin.at(proxy).implementation == receiver
    send(market, ACCOUNTS[0], proxy, "balanceOf(address)", ADMIN)
    send(market, ACCOUNTS[0], proxy, "implementation()")
    assert of_provider(market, AS_PROXY, NOVEL, receiver).ok
    chain.compare_storage()
    assert chain.twin.fork().digest() == chain.twin.digest()


@pytest.mark.parametrize("implementation", ["WETH", "agg_WETH", "irs", "acl", "oracle", "provider"])
def test_code_without_an_initializer_is_refused(market: Recorder, implementation: str) -> None:
    code = market.address(implementation)
    assert not of_provider(market, AS_PROXY, NOVEL, code).ok
    assert not of_provider(market, "setPoolImpl(address)", code).ok


def test_code_with_an_older_revision_number_is_refused(market: Recorder) -> None:
    assert not of_provider(market, "setPoolImpl(address)", market.address("conf_impl")).ok


@pytest.mark.parametrize("implementation", ["pool_impl", "receiver"])
def test_what_the_twin_does_not_model_it_says(market: Recorder, implementation: str) -> None:
    assert isinstance(market.chain, LockstepChain)
    twin = market.chain.twin
    before = twin.digest()
    with pytest.raises(NotModelledError, match="goes from PoolConfiguratorInstance to"):
        of_provider(market, "setPoolConfiguratorImpl(address)", market.address(implementation))
    assert twin.digest() == before
    market.chain.compare_storage()
