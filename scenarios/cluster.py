"""Processes of a cluster that somebody else has started, by dask's own commands, behind an ordinary executor."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pooltwin.invariants.workers import Workers

SECONDS_TO_CONNECT = 10
SECONDS_FOR_A_WORKER = 15
ADDRESS_FORM = "a scheduler's address looks like tcp://127.0.0.1:8786"


class ClusterError(ValueError):
    """A cluster that cannot be reached, or has nobody who works. Names its address."""


@contextmanager
def cluster_workers(address: str) -> Iterator[Workers]:
    """Have the processes of the cluster whose scheduler is at an address. They go on living when the block ends.

    Raises ClusterError where nobody answers there, where no worker joins within some seconds, and without dask.
    """
    distributed = _distributed()
    with _quietly(), _client(distributed, address) as client:
        at_once = _count_of_workers(client, address)
        executor = client.get_executor(pure=False)
        try:
            yield Workers(executor, at_once, (distributed.KilledWorker, CancelledError))
        finally:
            executor.shutdown(wait=False)


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise ClusterError("--dask needs dask's cluster: pip install 'pooltwin[dask]'") from None


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # TimeoutError is an OSError
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ClusterError(f"no cluster answers at {address!r} ({reason}); {ADDRESS_FORM}") from None
    try:
        yield client
    finally:
        client.close(timeout=2)


def _count_of_workers(client: Any, address: str) -> int:
    until = time.monotonic() + SECONDS_FOR_A_WORKER
    while not (found := len(client.nthreads())):
        if time.monotonic() > until:
            raise ClusterError(f"the cluster at {address} has no workers: start some with `dask worker {address}`")
        time.sleep(0.1)
    return found


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep dask's log off the terminal: what matters comes back as an error, or is told by the scheduler itself."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    levels = {name: logging.getLogger(name).level for name in names}  # some have levels of their own
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(distributed|dask|tornado)\b")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
