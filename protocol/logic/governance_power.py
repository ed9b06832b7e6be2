"""Arithmetic of votes that aTokens carry: kinds of power, who has given which away, and how much arrives.

Solidity: `BaseDelegation`. A delegated balance is kept in 72 bits, in units of ten billion shares.
"""

from __future__ import annotations

from ..errors import PANIC_OVERFLOW, Panic
from ..math.uint import sub, to_uint

VOTING, PROPOSITION = 0, 1
KINDS = (VOTING, PROPOSITION)
BOTH_DELEGATED = 3
POWER_SCALE_FACTOR = 10**10
MAX_UINT72 = 2**72 - 1


def is_delegated(mode: int, kind: int) -> bool:
    """Has a user with this mode given this kind of power away?"""
    return mode & kind + 1 != 0


def changed_mode(mode: int, kind: int, delegates: bool) -> int:
    """The mode of a user who gives a kind of power away, or takes it back."""
    return mode | kind + 1 if delegates else mode & (kind + 1 ^ BOTH_DELEGATED)


def moved_power(delegated: int, before: int, after: int) -> int:
    """A delegatee's power after the shares behind it changed; each figure is cut to units on its own.

    Raises SafeCastOverflowedUintDowncast and Panic(0x11).
    """
    cut_before = to_uint(72, before // POWER_SCALE_FACTOR)
    cut_after = to_uint(72, after // POWER_SCALE_FACTOR)
    power = sub(delegated, cut_before) + cut_after
    if power > MAX_UINT72:
        raise Panic(PANIC_OVERFLOW)
    return power
