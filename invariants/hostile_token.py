"""An underlying token that calls back whenever it moves, as ERC-677 and ERC-777 tokens do."""

from __future__ import annotations

from typing import Any, ClassVar

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.erc20 import LegacyTestnetERC20, TestnetERC20

from .action import Action, Stage


class _Hostile:
    """Acts out its script after the balances have moved, once; what the script's calls answer does not matter."""

    stage: ClassVar[Stage]
    script: ClassVar[tuple[Action, ...]] = ()

    def act_out(self) -> None:
        """Run the script, which is forgotten first so that its own transfers do not run it again."""
        cls = type(self)
        script, cls.script = cls.script, ()
        for action in script:
            self.stage.act(action)


def make_hostile(stage: Stage, symbol: str) -> None:
    """Put a hostile copy in the place of an underlying token."""
    where = stage.address_of(symbol)
    token: TestnetERC20 = stage.chain.at(where)
    base = LegacyTestnetERC20 if isinstance(token, LegacyTestnetERC20) else TestnetERC20
    copy = _hostile_class(base, stage).blank(stage.chain, where)
    copy.initialise(**{name: getattr(token, name) for name in token.stored_names()})
    stage.chain.contracts[where] = copy


def arm(stage: Stage, symbol: str, *script: Action) -> None:
    """Tell a hostile token what to do the next time it moves."""
    type(stage.chain.at(stage.address_of(symbol))).script = script


def _hostile_class(base: type[TestnetERC20], stage: Stage) -> Any:
    def move(self: Any, sender: Address, to: Address, amount: int) -> bool:
        moved: bool = base.move(self, sender, to, amount)
        self.act_out()
        return moved

    return type("HostileERC20", (_Hostile, base), {"__slots__": (), "move": move, "stage": stage, "script": ()})
