"""Receipts: what one transaction did, and a call as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .address import Address
from .errors import Revert
from .events import Log
from .machine.contract import Contract
from .machine.function import Function

if TYPE_CHECKING:
    from .logic.terms import Revision


class Receipt:
    """The record of one transaction. Everything that has to be ABI-encoded is encoded when asked for."""

    __slots__ = ("arguments", "contract", "emitted", "function", "revert", "revision", "sender", "value")

    def __init__(
        self,
        contract: Contract | None,
        function: Function | None,
        sender: Address,
        arguments: Sequence[Any],
        revision: Revision,
    ) -> None:
        self.contract = contract
        self.function = function
        self.sender = sender
        self.arguments = arguments
        self.revision = revision
        self.value: Any = None
        self.revert: Revert | None = None
        self.emitted: list[tuple[Address, Any]] = []
        """The events in order, each with the address that emitted it; none when the transaction reverted."""

    @property
    def ok(self) -> bool:
        """Did the transaction take effect?"""
        return self.revert is None

    @property
    def logs(self) -> list[Log]:
        """The events in order; none when the transaction reverted."""
        return [Log(*entry) for entry in self.emitted]

    @property
    def events(self) -> list[Any]:
        """The events in order, without their addresses."""
        return [entry for _, entry in self.emitted]

    @property
    def return_data(self) -> bytes:
        """ABI-encoded return value, or the revert data."""
        if self.revert is not None:
            return self.revert.data(self.revision.error_style)
        return self.function.encode_result(self.value) if self.function else self.value or b""

    def __repr__(self) -> str:
        name = self.function.name if self.function else "call"
        return f"<Receipt of {name}: {self.revert or 'ok'}>"


def describe_call(contract: Contract, function: Function, sender: Address, arguments: Sequence[Any]) -> str:
    """Write a call as a person would, with long arguments cut short."""
    shown = ", ".join(_short(argument) for argument in arguments)
    return f"{contract.KIND}.{function.name}({shown}) from {sender}"


def _short(value: Any) -> str:
    text = "0x" + value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
