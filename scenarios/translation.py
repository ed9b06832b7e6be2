"""Saying to one revision what was said to another: the few calls whose form has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pooltwin.protocol.contracts.base import Contract
from pooltwin.protocol.contracts.function import Function
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.revisions import Revision

Arguments = Sequence[Any]
Adapter = Callable[[Arguments], Arguments]
"""Arguments in the old form to arguments in the new one."""


def _isolation_flag(arguments: Arguments) -> Arguments:
    """`setEModeCategory` has said since v3.7 whether the category is isolated."""
    return [*arguments, False] if len(arguments) == 5 else arguments[:5]


ADAPTERS: dict[tuple[str, str], Adapter] = {
    ("setEModeCategory", "setEModeCategory"): _isolation_flag,
    ("updateFlashloanPremium", "updateFlashloanPremiumTotal"): list,
    ("updateFlashloanPremiumTotal", "updateFlashloanPremium"): list,
}


def is_in(feature: str, revision: Revision) -> bool:
    """Has the revision what a function depends on?"""
    return not feature or bool(getattr(revision, feature.lstrip("!"))) is not feature.startswith("!")


def functions_in(contract: Contract, revision: Revision) -> dict[bytes, Function]:
    """The functions a contract has in a revision, by selector."""
    return {
        selector: function
        for selector, candidates in contract.functions.items()
        for function, feature in candidates
        if is_in(feature, revision)
    }


def arguments_of(function: Function, data: bytes) -> Arguments:
    """The arguments in calldata, all of them read. Raises Revert for calldata that does not decode."""
    return Function(function.signature, "", function.body, view=function.view).decode(data[4:])


def translated_call(contract: Contract, new: Revision, data: bytes) -> bytes | None:
    """The calldata by which the new revision is asked the same; None when it cannot be asked.

    What no revision knows or nobody can decode is passed on as it is.
    """
    candidates = contract.functions.get(data[:4])
    known = functions_in(contract, new)
    if candidates is None or data[:4] in known:
        return data
    function = candidates[0][0]
    for candidate in known.values():
        adapter = ADAPTERS.get((function.name, candidate.name))
        if adapter is not None:
            try:
                return candidate.calldata(adapter(arguments_of(function, data)))
            except Revert:
                return data
    return None
