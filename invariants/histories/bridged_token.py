"""An underlying token that stands for something locked elsewhere, and tells how much of it."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.erc20 import TestnetERC20
from pooltwin.protocol.machine.scripts import Part
from pooltwin.protocol.releases.v3_6.test_token import TestnetERC20V36

from .hostile_token import Scene


class Bridged:
    """Token of a bridge: whatever is minted here is locked there first."""

    PART = Part.BRIDGE
    locked: int
    """What is held elsewhere for the tokens that exist here, in their units."""

    def lock(self, amount: int) -> None:
        """The other end of the bridge takes an amount into custody."""
        self.locked += amount


def make_bridged(stage: Scene, symbol: str) -> None:
    """Put a bridged copy in the place of an underlying token; what exists so far is locked."""
    where = stage.address_of(symbol)
    token: TestnetERC20 = stage.chain.at(where)
    copy = _bridged_class(TestnetERC20V36 if isinstance(token, TestnetERC20V36) else TestnetERC20)
    bridged = copy.blank(stage.chain, where)
    bridged.initialise(**{name: getattr(token, name) for name in token.stored_names()}, locked=token.supply)
    stage.chain.replace(where, bridged)


def _bridged_class(base: type[TestnetERC20]) -> Any:
    def create(self: Any, account: Address, amount: int) -> None:
        self.lock(amount)
        base._create(self, account, amount)

    storage = {**base.STORAGE, "locked": 0}
    return type("BridgedERC20", (Bridged, base), {"__slots__": ("locked",), "_create": create, "STORAGE": storage})
