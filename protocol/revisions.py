"""The releases of the protocol: an index of the records in `releases`, one folder each.

Each record is a frozen set of named decisions, and one engine runs them all: the rules ask for a decision, never for a
version. A record is built from its newer neighbour by naming what is different, so reading `releases/v3_6/release.py`
tells how v3.6 differs from v3.7. Whatever folder is there is a release; nothing else lists them.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from . import releases
from .bytecode_name import is_bytecode
from .logic.terms import Revision
from .machine.spelling import RELEASED

__all__ = [
    "NEWEST",
    "REVISIONS",
    "Revision",
    "classes_of_kind",
    "codes_of",
    "folder_of",
    "function_of_any_release",
    "revision_named",
]


def folder_of(name: str) -> str:
    """The folder of a release: "v3_0_2" for "3.0.2"."""
    return "v" + name.replace(".", "_")


def _record_in(folder: str) -> Revision:
    record: Revision = getattr(import_module(f"{releases.__name__}.{folder}.release"), folder.upper())
    return record


def _records() -> list[Revision]:
    """Every record there is, oldest first."""
    found = [_record_in(module.name) for module in pkgutil.iter_modules(releases.__path__) if module.ispkg]
    return sorted(found, key=lambda record: [int(number) for number in record.name.split(".")])


REVISIONS = {record.name: record for record in _records()}
"""Oldest first: the order in which a market is upgraded."""

NEWEST = [*REVISIONS.values()][-1]
"""The release that is meant where none is named."""


def revision_named(name: str) -> Revision:
    """Find a release's record by its name. Raises ValueError, naming the revisions there are, for any other."""
    if not isinstance(name, str):
        raise ValueError(f"{name!r} is not the name of a release; known are {', '.join(REVISIONS)}")
    if is_bytecode(name):
        raise ValueError(f"{name} names compiled contracts, which are an engine and no release: say which one, as 3.6")
    if name not in REVISIONS:
        raise ValueError(f"revision {name!r} is not known; known are {', '.join(REVISIONS)}")
    return REVISIONS[name]


def classes_of_kind(kind: str) -> list[type[Any]]:
    """List the classes of a kind of contract, one for each release that has it, newest first."""
    return [release.contracts[kind] for release in reversed(REVISIONS.values()) if kind in release.contracts]


RELEASED.update({kind: classes_of_kind(kind) for release in REVISIONS.values() for kind in release.contracts})


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
    releases = (*REVISIONS.values(), *revision.lineage)
    return {cls.code(): cls for release in releases for cls in release.contracts.values()}
