"""The releases of the protocol: an index of the records in `releases`.

Each record is a frozen set of named decisions, and one engine runs them all: the rules ask for a decision, never for a
version. A record is built from its newer neighbour by naming what is different, so reading `V3_6` tells how it differs
from `V3_7`.
"""

from __future__ import annotations

from typing import Any

from .logic.terms import Revision
from .releases.v3_0_2.release import V3_0_2
from .releases.v3_2.release import V3_2
from .releases.v3_3.release import V3_3
from .releases.v3_4.release import V3_4
from .releases.v3_5.release import V3_5
from .releases.v3_6.release import V3_6
from .releases.v3_7.release import V3_7

__all__ = [
    "NEWEST",
    "REPLAYED",
    "REVISIONS",
    "V3_0_2",
    "V3_2",
    "V3_3",
    "V3_4",
    "V3_5",
    "V3_6",
    "V3_7",
    "Revision",
    "revision_named",
]

REVISIONS = {revision.name: revision for revision in (V3_2, V3_3, V3_4, V3_5, V3_6, V3_7)}
"""The releases that a market can be built on, by name; oldest first, in the order in which a market is upgraded."""

REPLAYED = {V3_0_2.name: V3_0_2}
"""Revisions on which histories run, but in which `Market` builds nothing."""

NEWEST = [*REVISIONS.values()][-1]
"""The release that is meant where none is named."""


def revision_named(name: str) -> Revision:
    """Raises ValueError, naming the revisions there are, for any other."""
    known = {**REPLAYED, **REVISIONS}
    if name not in known:
        raise ValueError(f"revision {name!r} is not known; known are {', '.join(known)}")
    return known[name]


def classes_of_kind(kind: str) -> list[type[Any]]:
    """List the classes of a kind of contract, one for each release that has it, newest first."""
    releases = (*reversed(REVISIONS.values()), *REPLAYED.values())
    return [release.contracts[kind] for release in releases if kind in release.contracts]


def function_of_any_release(kind: str, selector: bytes) -> Any:
    """Find what a selector means to a kind of contract, in the newest release that has it; None if none has.

    The answer is a `machine.function.Function`.
    """
    found = (cls.functions.get(selector) for cls in classes_of_kind(kind))
    return next((function for function in found if function is not None), None)


def codes_of(revision: Revision) -> dict[str, type[Any]]:
    """Collect every class that a chain of the revision may hold, by the name of its code.

    Those of other releases are what an upgraded chain has left behind.
    """
    releases = (*REPLAYED.values(), *REVISIONS.values(), revision)
    return {cls.code(): cls for release in releases for cls in release.contracts.values()}
