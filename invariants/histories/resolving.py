"""Actions resolved: which contract, which of its functions, whose call, and the arguments as the ABI has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pooltwin.protocol.address import Address
from pooltwin.protocol.machine.abi import split_types
from pooltwin.protocol.machine.scripts import ScriptedCall

from .methods import method_called
from .unfit import ActionError


class Named(Protocol):
    """As much of a stage as names need."""

    def address_of(self, name: str) -> Address:
        """Give the address of a name. Raises ActionError for a name nobody has."""

    def contract(self, name: str) -> Any:
        """Give the contract that goes by a name. Raises ActionError where there is none."""


def call_of(stage: Named, action: Any) -> tuple[Any, Callable[..., Any], list[Any]] | None:
    """Find contract, method and arguments of an action; None for a function that the release does not have.

    Raises ActionError for what makes no sense on this market.
    """
    try:
        contract = stage.contract(action.target)
        found = method_called(contract, action.function, len(action.arguments))
        if found is None:
            return None
        method, kinds = found
        return contract, method, arguments_of(stage, kinds, action.arguments)
    except ValueError as error:
        raise ActionError(f"{action}: {error}") from None


def resolved_call(stage: Named, action: Any) -> ScriptedCall | None:
    """Resolve an action and all that happens inside it; None for a function that the release does not have.

    Such functions are left out where they are inside. Raises ActionError for what makes no sense on this market.
    """
    found = call_of(stage, action)
    if found is None:
        return None
    contract, method, arguments = found
    sender = stage.address_of(action.sender)
    inside = tuple(call for part in action.inside if (call := resolved_call(stage, part)) is not None)
    made: Any = method
    try:
        bound = made.bind(tuple(arguments), {}, sender)
    except (TypeError, ValueError) as error:
        raise ActionError(f"{action}: {error}") from error
    return ScriptedCall(sender, contract, made.contract_functions[0], tuple(bound), inside)


def arguments_of(stage: Named, kinds: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Put addresses for names, wherever the types of arguments have them. Raises ActionError for a name nobody has."""
    return [_resolved(stage, kind, value) for kind, value in zip(kinds, values, strict=True)]


def _resolved(stage: Named, kind: str, value: Any) -> Any:
    if kind == "address":
        return stage.address_of(value)
    if kind.endswith("]") and isinstance(value, tuple):
        inner = kind[: kind.rindex("[")]
        return [_resolved(stage, inner, member) for member in value]
    if kind.startswith("(") and isinstance(value, tuple):
        parts = split_types(kind)
        if len(parts) != len(value):
            raise ActionError(f"{shown(value)} has {len(value)} members; {kind} has {len(parts)}")
        return tuple(_resolved(stage, part, member) for part, member in zip(parts, value, strict=True))
    return value


def shown(value: Any) -> str:
    """Write an argument as stories and errors do."""
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(member) for member in value) + "]"
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return "everything" if value == 2**256 - 1 else str(value)
