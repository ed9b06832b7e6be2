"""Work on several processes: forked where that is sound, else begun afresh, with what can be sent to them.

A forked process inherits what it works on. One that begins afresh, as on Windows and macOS, imports pooltwin again and
is sent the rest: laws of the catalogue and releases by name, those of one's own by import path, and everything else as
pickle does. What cannot be sent is refused in words, before anything starts. So are those that somebody else started,
as on a cluster: any executor will do.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from pooltwin.protocol.import_path import ImportPathError, import_path_of, imported
from pooltwin.protocol.revisions import REVISIONS, Revision
from pooltwin.protocol.source_digest import source_digest

from .catalogue import all_laws
from .law import Law

Job = TypeVar("Job")
Result = TypeVar("Result")
FORK = "fork"
NOT_SENT = (
    "the processes ended early. What starts them is imported by each of them again: a script has to start them below "
    'if __name__ == "__main__":'
)

AHEAD = 2
"""How many jobs a process of a cluster is given at a time, so that none waits for its next one to arrive."""
OTHER_PROGRAM = (
    "a process that was to do a part of the work has another pooltwin than this one: install the same one everywhere"
)


class WorkersError(ValueError):
    """Work that cannot be sent to other processes. Says what of it, and why."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of long work. `done` is what was done until then."""

    def __init__(self, done: Any) -> None:
        super().__init__()
        self.done = done


def start_method() -> str:
    """Tell how processes are started: as the program has set it, else by fork where that is there and sound."""
    chosen = multiprocessing.get_start_method(allow_none=True)
    if chosen is not None:
        return chosen
    sound = FORK in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return FORK if sound else "spawn"


@dataclass(frozen=True)
class Workers:
    """Processes that do work, behind any executor: local ones, or those of a cluster that somebody else started."""

    executor: Executor
    at_once: int
    """How many jobs they do at the same time."""
    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)
    """Exceptions that mean that processes ended before their work did, and say nothing about the work."""


PATIENCE_SECONDS = 5
"""How long processes are waited for that were told to end."""


@contextmanager
def local_workers(processes: int) -> Iterator[Workers]:
    """Have so many processes of this machine at hand, which begin afresh. Whoever leaves early ends them."""
    with _pool(processes, "spawn", None) as pool:
        yield Workers(pool, processes)


def spread(
    work: Callable[[Any, Job], Result],
    shared: Any,
    jobs: Iterable[Job],
    processes: int,
    workers: Workers | None = None,
) -> Generator[Result, None, None]:
    """Call `work(shared, job)` for each job on several processes. Yields the results in the order of the jobs.

    With `workers` they are those; each of them must have this very pooltwin. Of a sequence of jobs each process takes
    the next one as soon as it is free; of jobs that may be endless a few are under way at a time, so that stopping
    wastes little. Raises WorkersError for what cannot be sent to a process that begins afresh.
    """
    if workers is not None:
        yield from _spread_elsewhere(work, shared, jobs, workers)
        return
    method = start_method()
    given = (work, shared) if method == FORK else packed((work, shared))
    try:
        with _pool(processes, method, given) as pool:
            ahead = len(jobs) if isinstance(jobs, Sequence) else processes
            yield from _in_order((pool.submit(_do, job) for job in jobs), ahead)
    except BrokenProcessPool:
        raise WorkersError(NOT_SENT) from None


def _spread_elsewhere(
    work: Callable[[Any, Job], Result], shared: Any, jobs: Iterable[Job], workers: Workers
) -> Generator[Result, None, None]:
    given = packed((work, shared))
    waiting: deque[Future[Any]] = deque()
    try:
        begun = (workers.executor.submit(_do_elsewhere, source_digest(), given, job) for job in jobs)
        yield from _in_order(begun, AHEAD * workers.at_once, waiting)
    except workers.lost as error:
        told = str(error) or type(error).__name__
        raise WorkersError(f"the processes that did the work are lost: {told}") from None
    finally:
        for future in waiting:
            future.cancel()


def _in_order(
    futures: Iterable[Future[Result]], at_once: int, waiting: deque[Future[Result]] | None = None
) -> Generator[Result, None, None]:
    """Yield what comes of futures in their order; they are asked for, and so begun, a few ahead."""
    waiting = deque() if waiting is None else waiting
    for future in futures:
        waiting.append(future)
        if len(waiting) >= at_once:
            yield waiting[0].result()
            waiting.popleft()
    while waiting:
        yield waiting[0].result()
        waiting.popleft()


class _Pool(ProcessPoolExecutor):
    """A pool whose processes leave Ctrl-C to whoever started them."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        with _interrupts_wait():  # those who start now inherit it: only whoever started them answers Ctrl-C
            return super().submit(work, *given, **named)

    def own_thread(self) -> threading.Thread | None:
        """The thread that hands out the work, where there is one. A pool that was shut down knows it no longer."""
        return getattr(self, "_executor_manager_thread", None)


@contextmanager
def _pool(processes: int, method: str, given: Any) -> Iterator[Executor]:
    before = set(multiprocessing.active_children())
    pool = _Pool(processes, multiprocessing.get_context(method), _begin, (given,))
    whole = False
    try:
        yield pool
        whole = True
    finally:
        thread = pool.own_thread()
        pool.shutdown(wait=whole, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
            child.join(PATIENCE_SECONDS)
        until = time.monotonic() + PATIENCE_SECONDS
        while set(multiprocessing.active_children()) - before and time.monotonic() < until:
            time.sleep(0.001)  # the pool's own thread may have seen it end, and be about to note it
        if thread is not None:
            thread.join(PATIENCE_SECONDS)  # a program that ends meanwhile would write to a pipe that it just closes


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Hold Ctrl-C back from this thread, and from those and the processes that it starts; it arrives afterwards.

    Windows cannot hold it back, and there processes that begin inherit nothing of the kind either.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # else the first process would start it, and that lets Ctrl-C through again
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)


_GIVEN: list[Any] = []


def _begin(given: Any) -> None:
    """Begin a process: take the work, and leave Ctrl-C to whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # ignored now, what came before included
    if given is not None:
        _GIVEN[:] = unpacked(given) if isinstance(given, bytes) else given


def _do(job: Any) -> Any:
    work, shared = _GIVEN
    return work(shared, job)


_ONE_AT_A_TIME = threading.Lock()
"""Faults are put into modules, and a cluster may run several threads in a process."""


def _do_elsewhere(source: str, given: bytes, job: Any) -> Any:
    """Do a job in a process that somebody else started. Raises WorkersError where it runs another program."""
    if source != source_digest():
        raise WorkersError(OTHER_PROGRAM)
    with _ONE_AT_A_TIME:
        work, shared = _unpacked_once(given)
        return work(shared, job)


@lru_cache(maxsize=2)
def _unpacked_once(given: bytes) -> Any:
    return unpacked(given)


# --- what is sent -----------------------------------------------------------------------------------------------------


Mark = tuple[str, str, str]
"""Kind, place and name of a thing that is not sent, but found again."""


@cache
def _laws() -> dict[str, Law]:
    return {law.id: law for law in all_laws()}


class _Packer(pickle.Pickler):
    """Pickles laws and releases by name or import path, for they hold functions that go by the laws' own names."""

    def persistent_id(self, thing: Any) -> Mark | None:
        if isinstance(thing, Law):
            known = _laws().get(thing.id) is thing
            return ("law", "", thing.id) if known else ("import", import_path_of(thing), thing.id)
        if isinstance(thing, Revision):
            known = REVISIONS.get(thing.name) is thing
            return ("release", "", thing.name) if known else ("import", import_path_of(thing), "")
        return None


class _Unpacker(pickle.Unpickler):
    """Reads what `_Packer` wrote."""

    def persistent_load(self, mark: Mark) -> Any:
        kind, path, name = mark
        if kind == "import":
            found = imported(path)
            return next(law for law in found if law.id == name) if isinstance(found, list | tuple) else found
        return _laws()[name] if kind == "law" else REVISIONS[name]


def packed(thing: Any) -> bytes:
    """Pack work for a process that begins afresh. Raises WorkersError for what cannot be sent, in words."""
    content = BytesIO()
    try:
        _Packer(content).dump(thing)
    except ImportPathError as error:
        raise WorkersError(f"several processes cannot share this, each imports it anew: {error}") from None
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise WorkersError(f"several processes cannot share this, it cannot be sent to them: {error}") from None
    return content.getvalue()


def unpacked(content: bytes) -> Any:
    """Unpack what `packed` packed."""
    return _Unpacker(BytesIO(content)).load()
