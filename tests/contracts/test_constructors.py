"""Constructors: what they emit, and what they refuse, in the order in which a market is built."""

from typing import Any

import pytest
from eth_utils.crypto import keccak
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.revisions import revision_named

from .harness.evm import ZERO_ADDRESS, DeployError
from .harness.given import Release
from .harness.lockstep import DifferenceError, LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, open_market
from .histories.assault import deploy_the_rest

ALICE, BOB = ACCOUNTS[:2]
OWNERSHIP = "0x" + keccak(text="OwnershipTransferred(address,address)").hex()


@pytest.fixture
def chain(any_release: Release) -> LockstepChain:
    """Both sides, with nothing on them."""
    return LockstepChain(any_release.artifacts, 1_770_000_000, 1, revision=any_release.revision)


def test_every_contract_of_a_market_emits_the_same(any_release: Release) -> None:
    _, recorder = open_market(any_release.artifacts, any_release.revision, 1, 1, in_lockstep_with(any_release.revision))
    deploy_the_rest(recorder)
    assert isinstance(recorder.chain, LockstepChain)
    assert recorder.chain.constructed > 30


@pytest.mark.parametrize("owner", [ALICE, BOB])
def test_a_test_token_has_an_owner_from_its_first_event_on(chain: LockstepChain, owner: str) -> None:
    where = chain.deploy(ALICE, "TestnetERC20", ["T", "T", 6, owner])
    logs = [(log.topics[0], log.topics[-1][-40:]) for log in chain.constructor_logs]
    assert {event for event, _ in logs} == {OWNERSHIP}
    assert logs[-1] == (OWNERSHIP, owner[2:])
    assert chain.twin.at(where).owner_address == owner


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("PoolAddressesProvider", ["Lab", BOB]),
        ("PoolAddressesProvider", ["a name of more than thirty-two bytes, which takes two words", ALICE]),
        ("SequencerOracle", [BOB]),
        ("MockAggregator", [5]),
        ("PriceOracle", []),
        ("WETH9", []),
    ],
)
def test_contracts_that_name_their_deployer(chain: LockstepChain, kind: str, arguments: list[Any]) -> None:
    if kind in chain.artifacts:
        chain.deploy(ALICE, kind, arguments)
    assert chain.constructed == (kind in chain.artifacts)


def test_what_is_granted_names_who_deployed(chain: LockstepChain) -> None:
    provider = chain.deploy(ALICE, "PoolAddressesProvider", ["Lab", ADMIN])
    chain.transact(ADMIN, provider, bytes.fromhex("76d84ffc") + bytes(12) + bytes.fromhex(BOB[2:]))  # setACLAdmin
    chain.deploy(ALICE, "ACLManager", [provider])
    (log,) = chain.constructor_logs
    assert [topic[-40:] for topic in log.topics[2:]] == [BOB[2:], ALICE[2:]]
    feeds = [[ALICE, BOB], [BOB, ALICE]]
    chain.deploy(BOB, "AaveOracle", [provider, *feeds, ALICE, ZERO_ADDRESS, 10**8])
    assert len(chain.constructor_logs) == 4


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("TestnetERC20", ["T", "T", 6, ZERO_ADDRESS]),
        ("PoolAddressesProvider", ["Lab", ZERO_ADDRESS]),
        ("SequencerOracle", [ZERO_ADDRESS]),
    ],
)
def test_nobody_is_no_owner(any_release: Release, chain: LockstepChain, kind: str, arguments: list[Any]) -> None:
    if kind not in any_release.artifacts:
        return
    revision = revision_named(any_release.revision)
    with pytest.raises(DeployError) as real:
        chain.deploy(ALICE, kind, arguments)
    with pytest.raises(Revert) as ours:
        construct(kind, Chain(revision, time=0), BOB, arguments)
    assert str(real.value).endswith(f": 0x{ours.value.data(revision.error_style).hex()}")


def test_a_constructor_that_emits_something_else_is_caught(
    chain: LockstepChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = chain.twin.revision.contracts["MockAggregator"]
    monkeypatch.setattr(cls, "emit", lambda self, event: None)
    with pytest.raises(DifferenceError, match="what the constructor of MockAggregator emits"):
        chain.deploy(ALICE, "MockAggregator", [5])
