"""Receipts: what one transaction did, and a call as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .address import Address
from .errors import Revert
from .events import Log
from .machine.contract import Contract
from .machine.function import Function
from .machine.portable import refuse_unknown_class

if TYPE_CHECKING:
    from .logic.terms import Revision


class Receipt:
    """The record of one transaction. Everything that has to be ABI-encoded is encoded when asked for."""

    __slots__ = (
        "arguments",
        "calls_unwatched",
        "contract",
        "emitted",
        "function",
        "revert",
        "revision",
        "sender",
        "value",
    )

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
        self.calls_unwatched = False
        """Were calls of the market made inside that no watcher was told of, as on a chain of bytecode?"""

    def __reduce__(self) -> tuple[Any, ...]:
        """A receipt leaves its chain behind: instead of the contract it then has the kind and the address."""
        contract, function = self.contract, self.function
        where = Callee.of(contract) if contract is not None and not isinstance(contract, Callee) else contract
        declared = None if function is None or where is None else (where.code, function.selector)
        state = where, declared, self.sender, self.arguments, self.revision, self.value, self.revert, self.emitted
        return _receipt, state

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


class Callee(NamedTuple):
    """The contract of a receipt that has come from elsewhere."""

    KIND: str
    address: Address
    code: type[Contract]

    @classmethod
    def of(cls, contract: Contract) -> Callee:
        """Name a contract. Raises TypeError where its class cannot be imported by others."""
        refuse_unknown_class(contract)
        return cls(contract.KIND, contract.address, type(contract))


def _receipt(where: Any, declared: Any, sender: Address, arguments: Any, revision: Any, *outcome: Any) -> Receipt:
    function = None if declared is None else declared[0].functions[declared[1]]
    receipt = Receipt(where, function, sender, arguments, revision)
    receipt.value, receipt.revert, receipt.emitted = outcome
    return receipt


def describe_call(contract: Contract, function: Function, sender: Address, arguments: Sequence[Any]) -> str:
    """Write a call as a person would, with long arguments cut short."""
    shown = ", ".join(_short(argument) for argument in arguments)
    return f"{contract.KIND}.{function.name}({shown}) from {sender}"


def _short(value: Any) -> str:
    text = "0x" + value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
