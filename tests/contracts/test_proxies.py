"""Proxies that get code they were not made for: the twin answers as the contracts do, or says that it does not know."""

from __future__ import annotations

import pytest
from pooltwin.protocol.errors import NotModelledError

from .harness.artifacts import ArtifactSet
from .harness.calldata import encoded
from .harness.evm import Outcome
from .harness.given import Release
from .harness.lockstep import LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, SUPPLY, open_market
from .harness.recorder import Recorder
from .harness.releases import has, init_reserves, listing, token_upgrade

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


# --- proxies where contracts are expected -----------------------------------------------------------------------------


def opened(release: Release) -> Recorder:
    """The standard market of a release in lockstep."""
    return open_market(release.artifacts, release.revision, 1, 1, in_lockstep_with(release.revision))[1]


def test_no_token_is_made_of_a_token(any_release: Release) -> None:
    """A proxy behind a proxy calls itself, which is noticed before anything that is wrong further on."""
    market = opened(any_release)
    market.deploy("NEW", "TestnetERC20", ["NEW", "NEW", 6, ADMIN])
    entry = listing(market, "NEW", (9000, 0, 100, 1000))
    signature = init_reserves(market)
    for proxy in (market.address("aWETH"), market.address("vUSDC"), market.address("pool")):
        for place in range(len(entry)):
            if isinstance(entry[place], str) and entry[place].startswith("0x"):
                wrong = (*entry[:place], proxy, *entry[place + 1 :])
                with market.chain.undone():
                    market.transact(ADMIN, "configurator", signature, [wrong])
        for prefix in "av":
            signature_of_upgrade, upgrade = token_upgrade(market, prefix, "WETH", ("t", "t"), proxy)
            assert not market.transact(ADMIN, "configurator", signature_of_upgrade, upgrade).ok
        for upgraded in ("setPoolImpl(address)", "setPoolConfiguratorImpl(address)"):
            assert not of_provider(market, upgraded, proxy).ok
        assert not of_provider(market, AS_PROXY, NOVEL, proxy).ok
    assert isinstance(market.chain, LockstepChain)
    market.chain.compare_storage()


@pytest.mark.parametrize("label", ["aWETH", "vWETH", "pool", "configurator", "WETH", "receiver"])
def test_who_is_no_strategy_data_provider_or_keeper_of_roles(any_release: Release, label: str) -> None:
    """The tokens' proxies answer their admin, the configurator, with a reason of their own."""
    market = opened(any_release)
    gusd, where = market.address("GUSD"), market.address(label)
    for signature, *arguments in (
        ("setReserveInterestRateStrategyAddress(address,address,bytes)", gusd, where, b"123"),
        ("setReserveInterestRateStrategyAddress(address,address)", gusd, where),
    ):
        if has(market.chain.artifacts, "PoolConfiguratorInstance", signature):
            with market.chain.undone():
                market.transact(ADMIN, "configurator", signature, *arguments)
                market.transact(ACCOUNTS[0], "pool", SUPPLY, gusd, 10**6, ACCOUNTS[0], 0)
    of_provider(market, "setPoolDataProvider(address)", where)
    market.transact(ADMIN, "configurator", "setReserveActive(address,bool)", gusd, False)
    market.transact(ADMIN, "configurator", "setReserveBorrowing(address,bool)", gusd, False)
    if label != "receiver":  # a keeper that says yes to everybody is not modelled
        of_provider(market, "setACLManager(address)", where)
        market.transact(ADMIN, "configurator", "setReservePause(address,bool)", gusd, True)
        market.transact(ADMIN, "pool", "rescueTokens(address,address,uint256)", gusd, ADMIN, 0)
