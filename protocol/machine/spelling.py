"""Misspelt names: what callers may have meant, and whether a name is known to any release."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import FrameType

_HOUSE = __name__.partition(".")[0]

RELEASED: dict[str, list[type]] = {}
"""The classes of each kind of contract, one for each release that has it. The index of releases fills it."""


def is_released(kind: str, name: str) -> bool:
    """Has a kind of contract the name in some release?"""
    return any(hasattr(cls, name) for cls in RELEASED.get(kind, ()))


def snake_case(name: str) -> str:
    """The Python spelling of a Solidity name: "on_behalf_of" for "onBehalfOf"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def did_you_mean(name: str, choices: Iterable[str], solidity: Mapping[str, str] | None = None) -> str:
    """The end of a message: the name that was probably meant, or nothing where none is like it.

    `solidity` gives the Python names of Solidity's, for those who write these.
    """
    names = {choice: choice for choice in choices}
    spelled = {**(solidity or {}), **names}
    snake = snake_case(name)
    if snake in names:
        return f"; did you mean {snake!r}?"
    close = get_close_matches(name, spelled, n=1) or get_close_matches(snake, spelled, n=1)
    return f"; did you mean {spelled[close[0]]!r}?" if close else ""


def asked_by_a_contract(name: str, depth: int) -> bool:
    """Was the name asked of the contract by another one, and not by a person who misspelt it?

    The rules ask whatever stands at an address, which may be of any kind, so all that they ask is a call. So is what
    somebody's contract asks in a transaction, if any kind of contract has the name.
    """
    reader: FrameType | None = sys._getframe(2)  # who reads the attribute: above us, and `__getattr__`
    while reader is not None and reader.f_code.co_name == "__setattr__":
        reader = reader.f_back  # the old value is read before a new one is set
    caller = reader.f_globals.get("__name__", "") if reader is not None else ""
    if str(caller).partition(".")[0] == _HOUSE:
        return True
    return depth > 0 and any(is_released(kind, name) for kind in RELEASED)
