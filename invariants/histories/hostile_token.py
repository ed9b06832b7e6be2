"""An underlying token that calls back whenever it moves, as ERC-677 and ERC-777 tokens do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.erc20 import TestnetERC20
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.scripts import Part
from pooltwin.protocol.releases.v3_6.test_token import TestnetERC20V36

from .receiver import ScriptedReceiver, receiver_on


class Scene(Protocol):
    """As much of a stage as is needed to make a token hostile."""

    chain: Any

    def address_of(self, name: str) -> Address:
        """Look an address up."""


class _Hostile:
    """Does what the action in progress says is to happen inside, at the end of a transfer that succeeds."""

    PART = Part.HOOK

    def call_back(self, receiver: ScriptedReceiver, script: Iterable[Any]) -> None:
        """Run a script, which was taken before, so that its own transfers do not run it again."""
        for action in script:
            receiver.stage.act(action)


def make_hostile(stage: Scene, symbol: str) -> None:
    """Put a hostile copy in the place of an underlying token: `inside` of any action happens when it first moves."""
    where = stage.address_of(symbol)
    token: TestnetERC20 = stage.chain.at(where)
    base = TestnetERC20V36 if isinstance(token, TestnetERC20V36) else TestnetERC20
    copy = _hostile_class(base).blank(stage.chain, where)
    copy.initialise(**{name: getattr(token, name) for name in token.stored_names()})
    stage.chain.replace(where, copy)


def is_hostile(stage: Scene, symbol: str) -> bool:
    """Has the token been replaced by a hostile one?"""
    return isinstance(stage.chain.at(stage.address_of(symbol)), _Hostile)


def _hostile_class(base: type[TestnetERC20]) -> Any:
    def move(self: Any, sender: Address, to: Address, amount: int) -> bool:
        moved: bool = base.move(self, sender, to, amount)
        receiver = receiver_on(self.chain)
        self.call_back(receiver, receiver.take_script())
        return moved

    def move_from(self: Any, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        receiver = receiver_on(self.chain)
        script = receiver.take_script()  # not before the allowance is spent, whenever a release spends it
        try:
            moved: bool = base.move_from(self, spender, owner, to, amount)
        except Revert:
            receiver.script = script
            raise
        self.call_back(receiver, script)
        return moved

    return type("HostileERC20", (_Hostile, base), {"__slots__": (), "move": move, "move_from": move_from})
