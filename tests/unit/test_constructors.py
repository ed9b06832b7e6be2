"""Constructors: the events of a contract's first moment, and the owners it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert, ErrorString, OwnableInvalidOwner, Revert
from pooltwin.protocol.events import MarketIdSet, OwnershipTransferred, RoleGranted
from pooltwin.protocol.revisions import REVISIONS, revision_named

from .worlds import ALICE, BOB, CAROL, NOBODY, ZERO

EVERY = [*REVISIONS]
MODERN = "3.7"
TOKEN = ["T", "T", 6, ALICE]


def emitted(chain: Chain, kind: str, *arguments: Any, at: str = NOBODY) -> list[Any]:
    """What the constructor emits when Bob deploys it."""
    construct(kind, chain, at, list(arguments), deployer=BOB)
    assert {where for where, _ in chain.logs} <= {at}
    return [event for _, event in chain.logs]


@pytest.mark.parametrize("revision", EVERY)
def test_a_test_token_has_an_owner_from_its_first_event_on(revision: str) -> None:
    """Until v3.6 it belongs to its deployer first."""
    chain = Chain(revision_named(revision), time=1)
    at_once = [OwnershipTransferred(ZERO, ALICE)]
    in_turn = [OwnershipTransferred(ZERO, BOB), OwnershipTransferred(BOB, ALICE)]
    assert emitted(chain, "TestnetERC20", *TOKEN) == (at_once if revision == MODERN else in_turn)
    assert chain.at(NOBODY).owner() == ALICE


@pytest.mark.parametrize("revision", EVERY)
def test_registry_and_roles_name_their_deployer(revision: str) -> None:
    chain = Chain(revision_named(revision), time=1)
    events = emitted(chain, "PoolAddressesProvider", "Lab", ALICE)
    assert events == [
        OwnershipTransferred(ZERO, BOB),
        MarketIdSet("", "Lab"),
        OwnershipTransferred(BOB, ALICE),
    ]
    chain.at(NOBODY).set_acl_admin(CAROL, sender=ALICE)
    assert emitted(chain, "ACLManager", NOBODY, at=CAROL) == [RoleGranted(bytes(32), CAROL, BOB)]


@pytest.mark.parametrize("revision", EVERY)
def test_nobody_is_no_owner(revision: str) -> None:
    chain = Chain(revision_named(revision), time=1)
    refused: type[Revert] = OwnableInvalidOwner if revision == MODERN else EmptyRevert
    with pytest.raises(refused):
        construct("TestnetERC20", chain, NOBODY, [*TOKEN[:3], ZERO])
    for kind, arguments in (("PoolAddressesProvider", ["Lab", ZERO]), ("SequencerOracle", [ZERO])):
        if kind in chain.revision.contracts:
            with pytest.raises(ErrorString, match="new owner is the zero address"):
                construct(kind, chain, NOBODY, arguments)
    assert chain.contracts[NOBODY] is None


def test_what_a_constructor_emits_belongs_to_no_receipt() -> None:
    chain = Chain(revision_named(MODERN), time=1)
    assert emitted(chain, "TestnetERC20", *TOKEN)
    assert chain.receipt is None
    chain.at(NOBODY).mint(ALICE, 5, sender=ALICE)
    assert OwnershipTransferred not in {type(event) for _, event in chain.logs}
