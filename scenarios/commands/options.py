"""Read what several commands take in the same form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pooltwin.invariants.workers import Workers

Dask = Annotated[
    str,
    typer.Option(
        "--dask", metavar="ADDRESS", help="The scheduler of a cluster to do the work, as tcp://127.0.0.1:8786."
    ),
]


Processes = Annotated[
    int | None, typer.Option("--processes", "-p", min=0, help="How many at once; 0 for one a core; 1 by default.")
]


@dataclass(frozen=True)
class Where:
    """Processes that do the work: so many of this machine, or those of a cluster."""

    processes: int = 1
    workers: Workers | None = None


def names_in(text: str) -> tuple[str, ...]:
    """Split a comma-separated list of names, leaving out what is empty."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def processes_for(number: int) -> int:
    """Give the number of processes that is meant; 0 stands for one a core."""
    return number or os.cpu_count() or 1


def processes_given(number: int | None) -> int:
    """Give the number of processes that a command is told: one where it is told none."""
    return 1 if number is None else processes_for(number)


def refuse_both(option: str, processes: int | None, dask: str) -> None:
    """Refuse processes of this machine and those of a cluster at once. Raises ValueError."""
    if dask and processes is not None:
        raise ValueError(f"{option} {processes} and --dask {dask}: the work is done here or there, not both")


@contextmanager
def work_done(processes: int | None, dask: str) -> Iterator[Where]:
    """Tell where the work of a command is done: on processes of this machine, or by a cluster, while the block lasts.

    Raises ValueError for both at once, and ClusterError for a cluster that does not answer.
    """
    from ..cluster import cluster_workers

    refuse_both("--processes", processes, dask)
    if not dask:
        yield Where(processes_given(processes))
        return
    with cluster_workers(dask) as workers:
        yield Where(1, workers)
