"""Methods of contracts by the Solidity name that actions use."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.spelling import did_you_mean

from ..call_names import classes_and_forks

Method = tuple[Any, tuple[str, ...]]
"""A method and the types of its arguments."""

_METHODS: dict[tuple[type[Contract], str, int], Method | None] = {}


def method_called(contract: Contract, name: str, count: int) -> Method | None:
    """Find the method behind a Solidity name on the contract's release; None where only other releases have it.

    Raises ValueError for a name that no release has.
    """
    key = type(contract), name, count
    if key not in _METHODS:
        method = _method_of(type(contract), name, count)
        if method is None and not any(_method_of(cls, name, count) for cls in classes_and_forks(contract.KIND)):
            names = {member.name for member in contract.functions.values() if not member.view}
            meant = did_you_mean(name, names) if name not in names else ""
            raise ValueError(f"{contract.KIND} has no function {name!r} of {count} arguments{meant}")
        _METHODS[key] = method
    return _METHODS[key]


def writing_functions(cls: type[Contract]) -> list[tuple[Any, Any]]:
    """List the methods that change state, each with its function: twice where there is an overload."""
    members = (getattr(cls, attribute) for attribute in dir(cls) if not attribute.startswith("_"))
    return [
        (member, function)
        for member in members
        for function in getattr(member, "contract_functions", ())
        if not function.view
    ]


def _method_of(cls: type[Contract], name: str, count: int) -> Method | None:
    """The method and argument types of a function that changes state; None where a class has no such."""
    return next(
        (
            (member, tuple(function.kinds))
            for member, function in writing_functions(cls)
            if function.name == name and len(function.kinds) == count
        ),
        None,
    )
