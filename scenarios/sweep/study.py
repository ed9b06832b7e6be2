"""Studies: what a sweep runs many times over. Canonical JSON goes in, a flat row of named exact values comes out.

A shipped study is found by its name, one of one's own by its import path, so that a process elsewhere finds the same.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pooltwin.protocol.import_path import ImportPathError, imported

from .columns import Column, Row

SHIPPED = {"trend-research": f"{__package__}.replayed:TREND_RESEARCH", "scenario": f"{__package__}.played:SCENARIO"}

BESIDE = "beside"
"""Where parameters have what a run needs besides what a sweep file can name."""


class SweepError(ValueError):
    """A sweep that cannot be run as it is told. Names the place and the value, and what to do about it."""


@runtime_checkable
class Study(Protocol):
    """One kind of run."""

    seed_path: str
    """Where its parameters have the seed; empty where nothing is drawn."""

    def complete(self, parameters: str, folder: Path) -> str:
        """Check parameters in JSON and give them back with every default written out, whole: nothing else is sent.

        `folder` is where files that they name are looked for. It may be given what it gave. Raises ValueError.
        """

    def columns(self, parameters: str) -> tuple[Column, ...]:
        """List the columns of its rows; the same for all runs of a sweep. One is `lenders_lost`."""

    def run(self, parameters: str) -> tuple[Row, str]:
        """Run once. Returns the figures of its columns, and a digest of everything that came of it."""


def canonical(data: Any) -> str:
    """Write data as JSON in the one form in which equal data are equal text."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def study_named(name: str) -> Study:
    """Find a study by its name or import path. Raises SweepError."""
    try:
        found = imported(SHIPPED.get(name, name))
    except ImportPathError as error:
        raise SweepError(f"there is no study {name!r}: there are {', '.join(SHIPPED)}, or {error}") from None
    if not isinstance(found, Study):
        raise SweepError(f"{name} is no study: it needs seed_path, complete, columns and run")
    return found


def digest_of_module(path: str) -> str:
    """Digest the source of the module of a thing with an import path, as it is loaded. Raises SweepError."""
    try:
        found = imported(path)
        module = inspect.getmodule(found) or sys.modules[path.partition(":")[0]]
        return hashlib.sha256(inspect.getsource(module).encode()).hexdigest()
    except (ImportPathError, OSError, TypeError) as error:
        raise SweepError(f"{path}: its source cannot be read: {error}") from None
