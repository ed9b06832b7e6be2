"""A contract between people and the market: it makes their calls for them, one or several in one transaction.

A routed action is an action like any other, so that it can be kept, told and shrunk: `alice: router.go(False) { alice:
pool.supply(WETH, 7, alice, 0) }`. The router keeps the caller's address as the sender, so that a history through it is
the history without it; a router of real life would be the sender itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.machine.function import external
from pooltwin.protocol.machine.scripts import Part

from .action import CLOCK, PRICE, RELISTING, Action, Stage
from .receiver import receiver_on

ROUTER = "router"


class Router(ForeignContract):
    """Makes the calls that the action in progress says are to happen inside."""

    KIND = "Router"
    PART = Part.ROUTER

    @external("go(bool)")
    def go(self, lenient: bool, *, sender: Address) -> None:  # noqa: ARG002 - callers keep their names
        """Make the calls in order. A revert undoes them all, or, if `lenient`, its own call alone."""
        receiver = receiver_on(self.chain)
        make = receiver.stage.act if lenient else receiver.stage.call
        for action in receiver.take_script():
            make(action)


def build_router(stage: Stage) -> Router:
    """Put a router on the market and name it, or find the one that is there."""
    where = stage.book[ROUTER] = named_address(ROUTER)
    present = stage.chain.contracts[where]
    router: Router = present if isinstance(present, Router) else stage.chain.deploy(Router, where)
    return router


def needs_router(action: Action) -> bool:
    """Does an action call the router, or anything that happens inside it?"""
    return action.target == ROUTER or any(needs_router(part) for part in action.inside)


def can_be_routed(action: Action) -> bool:
    """Is an action a call that changes no names? Listings do, and are known by their function."""
    return action.target not in (CLOCK, PRICE, ROUTER) and action.function not in RELISTING


def routed(action: Action, *, lenient: bool = False) -> Action:
    """Turn a call into the same call through the router; what cannot be routed stays as it is."""
    return batched((action,), lenient=lenient) if can_be_routed(action) else action


def batched(actions: Sequence[Action], *, lenient: bool = False) -> Action:
    """Turn calls into one transaction of the router. Raises ValueError for none, or one that cannot be routed."""
    for action in actions:
        if not can_be_routed(action):
            raise ValueError(f"{action}: this cannot be routed")
    if not actions:
        raise ValueError("no call is to be routed")
    return Action(actions[0].sender, ROUTER, "go", (lenient,), tuple(actions))


def multicalled(stage: Stage, actions: Sequence[Action]) -> Action:
    """Turn calls of the pool by one sender into one multicall. Raises ValueError for anything else."""
    senders = {action.sender for action in actions}
    if len(senders) != 1 or any(action.target != "pool" or action.inside for action in actions):
        raise ValueError("a multicall is made of calls of the pool by one sender, with nothing inside")
    return Action(senders.pop(), "pool", "multicall", (tuple(stage.calldata(action) for action in actions),))
