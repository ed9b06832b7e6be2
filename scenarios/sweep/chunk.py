"""A chunk: some runs that one process does, and the rows that come of them. A failed run is a row with its error."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pooltwin.protocol.source_digest import fixtures_digest, source_digest

from .columns import ERROR, KEY, RESULT_DIGEST, Cell, Column, checked_row
from .plan import Run, SweepPlan
from .study import Study, study_named

MOST_OF_AN_ERROR = 500
"""How many characters of an error a row keeps."""
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")


class OtherProgramError(ValueError):
    """A process that was to do a part of the work runs another program. Nothing that it computed counts."""


@dataclass(frozen=True)
class Chunk:
    """Some runs of a sweep, with all that another process needs to do them."""

    study: str
    runs: tuple[Run, ...]
    axes: tuple[str, ...]
    outcomes: tuple[Column, ...]
    program: tuple[str, str]
    """Digests of source and fixtures, as whoever planned the sweep has them."""


def chunks_of(plan: SweepPlan, runs: Sequence[Run], size: int) -> list[Chunk]:
    """Cut runs into chunks of a size."""
    program = (source_digest(), fixtures_digest())
    axes = tuple(axis.name for axis in plan.axes)
    return [
        Chunk(plan.study, tuple(runs[first : first + size]), axes, plan.outcomes, program)
        for first in range(0, len(runs), size)
    ]


def rows_of(chunk: Chunk) -> list[dict[str, Cell]]:
    """Do the runs of a chunk. Raises OtherProgramError where this process runs another program.

    Want of memory and errors of the system are raised: they say nothing about a run.
    """
    if (source_digest(), fixtures_digest()) != chunk.program:
        raise OtherProgramError(
            "a process has another version of pooltwin than the one that planned the work: install the same everywhere"
        )
    study = study_named(chunk.study)
    return [_row_of(study, chunk, run) for run in chunk.runs]


def _row_of(study: Study, chunk: Chunk, run: Run) -> dict[str, Cell]:
    error: str | None = None
    try:
        figures, digest = study.run(run.parameters)
        outcomes = checked_row(chunk.outcomes, figures)
    except (MemoryError, OSError):
        raise
    except Exception as problem:
        error = _ADDRESS.sub("at 0x...", f"{type(problem).__name__}: {problem}")[:MOST_OF_AN_ERROR]
        digest = hashlib.sha256(error.encode()).hexdigest()
        outcomes = dict.fromkeys((column.name for column in chunk.outcomes), None)
    return {
        KEY.name: run.key,
        **dict(zip(chunk.axes, run.axes, strict=True)),
        ERROR.name: error,
        RESULT_DIGEST.name: digest,
        **outcomes,
    }
