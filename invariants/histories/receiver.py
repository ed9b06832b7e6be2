"""The receiver of flash loans, which does what the action in progress says is done inside."""

from __future__ import annotations

from typing import Any, Protocol

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.machine.scripts import Part

RECEIVER = "receiver"


class Performer(Protocol):
    """As much of a stage as a receiver knows."""

    def act(self, action: Any) -> bool:
        """Make a call; a revert is swallowed."""

    def call(self, action: Any) -> bool:
        """Make a call; a revert is raised."""


class ScriptedReceiver(ForeignContract):
    """The receiver of flash loans: does what the action says is done inside, whatever comes of it, and agrees.

    It keeps the script of whoever else plays a part too: one is due at a time, and whoever takes it performs it.
    """

    KIND = "ScriptedReceiver"
    PART = Part.RECEIVER

    def __init__(self, chain: Any, at: Address, stage: Performer) -> None:
        super().__init__(chain, at)
        self.stage = stage
        self.script: tuple[Any, ...] = ()

    def on_flash_loan(self, *_: Any) -> bool:
        return self._act()

    def on_flash_loan_simple(self, *_: Any) -> bool:
        return self._act()

    def _act(self) -> bool:
        for action in self.take_script():
            self.stage.act(action)
        return True

    def take_script(self) -> tuple[Any, ...]:
        """Take what is to happen inside the call in progress; it happens once."""
        script, self.script = self.script, ()
        return script


def receiver_on(chain: Any) -> ScriptedReceiver:
    """Find the receiver of a chain, which knows the script that is due and the stage on which it is performed.

    A copy of the chain has a receiver of its own, so whoever plays a part asks for it when it comes to that.
    """
    found: ScriptedReceiver = chain.contracts[named_address(RECEIVER)]
    return found
