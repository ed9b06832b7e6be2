"""The running of a sweep: chunks spread over an executor, each written as it ends, the rest done by whoever goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pooltwin.invariants.workers import Interrupted, Workers, local_workers

from ..cluster import ClusterError
from .chunk import Chunk, OtherProgramError, chunks_of, rows_of
from .columns import KEY, LENDERS_LOST, Cell
from .parts import Store, arrow, failed
from .plan import SweepPlan
from .study import SweepError

MOST_OF_A_CHUNK = 8
"""How many runs a process is given at a time, at most: so many are lost with it, and done again."""
CHUNKS_EACH = 4
"""Into how many chunks for each process a small sweep is cut."""
TIMES_LOST = 3
"""How often in a row processes may be lost, with nothing finished between, before a sweep gives up."""
KEPT = "What is finished is kept: the same command goes on from there"

Rows = Mapping[str, Mapping[str, Cell]]
OpenWorkers = Callable[[], AbstractContextManager[Workers]]
Progress = Callable[[int, int], None]
"""Told how many of how many runs are there."""


@dataclass(frozen=True)
class SweepResult:
    """A finished sweep."""

    plan: SweepPlan
    rows: tuple[Mapping[str, Cell], ...]
    """Sorted by key."""
    read: int
    """How many of them were there before."""
    files: tuple[Path, ...]

    @property
    def failures(self) -> list[Mapping[str, Cell]]:
        """List the rows of runs that failed."""
        return [row for row in self.rows if failed(row)]

    @property
    def losing(self) -> list[Mapping[str, Cell]]:
        """List the rows of runs in which lenders lost."""
        return [row for row in self.rows if row[LENDERS_LOST.name]]


def run_sweep(
    plan: SweepPlan,
    folder: Path,
    *,
    processes: int = 1,
    elsewhere: OpenWorkers | None = None,
    progress: Progress = lambda _done, _total: None,
) -> SweepResult:
    """Do the runs of a plan that the folder does not have yet, and write the table of all.

    `elsewhere` opens workers of another kind than local processes, as those of a cluster. Raises SweepError for what
    cannot be gone on with, OSError for what cannot be written, and Interrupted, with the number of runs that are kept,
    when somebody presses Ctrl-C.
    """
    arrow()
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder, plan.columns)
    rows = store.read_parts(run.key for run in plan.runs)
    read = len(rows)
    progress(read, len(plan.runs))
    try:
        with closing(_chunks_done(plan, rows, elsewhere or _here(processes))) as chunks:
            for done in chunks:
                store.write_part(done)
                rows.update({str(row[KEY.name]): dict(row) for row in done})
                progress(len(rows), len(plan.runs))
    except KeyboardInterrupt:
        raise Interrupted(len(rows)) from None
    rows = store.read_parts(run.key for run in plan.runs)  # whatever others have finished meanwhile must agree
    return SweepResult(plan, tuple(rows[run.key] for run in plan.runs), read, store.write_table(rows.values()))


def _here(processes: int) -> OpenWorkers:
    return (lambda: local_workers(processes)) if processes > 1 else _in_this_process


def _chunks_done(
    plan: SweepPlan, rows: Rows, open_workers: OpenWorkers
) -> Generator[list[dict[str, Cell]], None, None]:
    """Yield the rows of each chunk as it ends. Processes that are lost are replaced, and their chunks done again."""
    missing = [run for run in plan.runs if run.key not in rows]
    waiting: deque[Chunk] | None = None
    lost = 0
    while missing and (waiting is None or waiting):
        with _opened(open_workers, again=lost > 0) as workers:
            if waiting is None:
                most = -(-len(missing) // (CHUNKS_EACH * workers.at_once))
                waiting = deque(chunks_of(plan, missing, max(1, min(MOST_OF_A_CHUNK, most))))
            crew = _Crew(workers, waiting)
            try:
                for done in crew.work():
                    lost = 0
                    yield done
            except workers.lost as error:
                lost += 1
                waiting.extendleft(crew.under_way.values())
                if lost == TIMES_LOST:
                    raise SweepError(_told_lost(error, list(crew.under_way.values()))) from None


@contextmanager
def _opened(open_workers: OpenWorkers, *, again: bool) -> Iterator[Workers]:
    """Open workers. Raises SweepError, saying what is kept, where they were lost and there are none any more."""
    with ExitStack() as stack:
        try:
            workers = stack.enter_context(open_workers())
        except ClusterError as error:
            if again:
                raise SweepError(f"the workers are lost: {error}. {KEPT}") from None
            raise
        yield workers


def _told_lost(error: BaseException, chunks: list[Chunk]) -> str:
    keys = ", ".join(run.key[:12] for chunk in chunks for run in chunk.runs)
    return f"processes were lost {TIMES_LOST} times in a row ({type(error).__name__}); under way were {keys}. {KEPT}"


@dataclass
class _Crew:
    """Workers with the chunks that they have."""

    workers: Workers
    waiting: deque[Chunk]
    under_way: dict[Future[Any], Chunk] = field(default_factory=dict)

    def work(self) -> Iterator[list[dict[str, Cell]]]:
        """Hand out chunks, two for each worker, and yield what comes back as it comes."""
        while self.waiting or self.under_way:
            while self.waiting and len(self.under_way) < 2 * self.workers.at_once:
                future = self.workers.executor.submit(rows_of, self.waiting[0])
                self.under_way[future] = self.waiting.popleft()
            over = wait(self.under_way, return_when=FIRST_COMPLETED).done
            for future in sorted(over, key=_went_wrong):  # what came well is kept, whatever became of the rest
                rows = self._result_of(future)
                del self.under_way[future]
                yield rows

    def _result_of(self, future: Future[Any]) -> list[dict[str, Cell]]:
        try:
            return future.result()  # type: ignore[no-any-return]  # executors do not say what comes of work
        except Exception as error:
            if isinstance(error, (OtherProgramError, OSError, MemoryError, *self.workers.lost)):
                raise
            raise SweepError(
                f"a process could not do its part: {type(error).__name__}: {error}; is the same pooltwin there?"
            ) from error


def _went_wrong(future: Future[Any]) -> bool:
    return future.cancelled() or future.exception() is not None


class _AtOnce(Executor):
    """An executor that does everything at once, in this process."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _in_this_process() -> Iterator[Workers]:
    yield Workers(_AtOnce(), 1, ())
