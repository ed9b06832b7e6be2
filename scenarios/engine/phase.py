"""Phases of a block, in the order in which they happen, and what wakes an agent."""

from __future__ import annotations

from enum import Flag, IntEnum, auto

SECONDS_A_BLOCK = 12
"""How long a block takes."""


class Phase(IntEnum):
    """Parts of a block: prices first, then those who act, then the measurements."""

    ORACLE = 0
    KEEPERS = 1
    LIQUIDATORS = 2
    BORROWERS = 3
    LENDERS = 4
    MEASURE = 5


class Wake(Flag):
    """Events that wake an agent besides its alarm."""

    NOTHING = 0
    PRINTS = auto()
    """The pool is told another price."""
    PRICES = auto()
    """A price outside has moved by a basis point or more since this was last said."""
    CALLS = auto()
    """Somebody else has changed the pool: in this block where they act before the agent, else in the block before."""
