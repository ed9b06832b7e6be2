"""Work on several processes: forked or begun afresh, the same comes of it; what cannot be sent is refused in words."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from pooltwin.invariants import MUTANTS, Kind, Law, Subject, all_laws, law, standard_history
from pooltwin.invariants.campaigns.campaign import Progress, run_campaign
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.defects.hunt import hunt_each
from pooltwin.invariants.defects.results import read_results
from pooltwin.invariants.mutants.catalogue import control, mutants_of, run_mutants
from pooltwin.invariants.workers import (
    Interrupted,
    Workers,
    WorkersError,
    local_workers,
    packed,
    spread,
    start_method,
    unpacked,
)
from pooltwin.protocol.revisions import NEWEST, REVISIONS

from tests.unit.stopping import nobody_is_left, stopped_by_ctrl_c

FORK_OF_OURS = NEWEST.forked("ours", close_factor=6_000)
NAMELESS = [NEWEST.forked("nameless", close_factor=6_000)].pop


@law("OWN-1", "Nothing is asked.", kind=Kind.STEP, subject=Subject.STEP, source="mine")
def own_law(step: Any) -> None:
    return None


LISTED = [own_law, Law("OWN-2", "Nothing either.", Kind.STEP, Subject.STEP, "mine", len)]


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes begin afresh, as where there is no fork."""
    monkeypatch.setattr("pooltwin.invariants.workers.start_method", lambda: "spawn")


def options(**other: Any) -> CampaignOptions:
    return CampaignOptions(standard_history(), **({"steps": 60, "episode_steps": 30, "laws": ("SOL-1",)} | other))


def test_laws_releases_and_mutants_are_found_again_by_name() -> None:
    forked = mutants_of(FORK_OF_OURS)[:2]
    sent = [*all_laws(), *REVISIONS.values(), FORK_OF_OURS, *LISTED, *MUTANTS, *forked]
    sent += [control("3.5"), control(NEWEST.name, FORK_OF_OURS)]
    again = unpacked(packed(sent))
    assert len(again) == len(sent)
    for one, other in zip(sent, again, strict=True):
        assert one == other if isinstance(one, type(MUTANTS[0])) else one is other


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        (lambda: 1, "cannot be sent to them: Can't pickle"),
        (NEWEST.forked("unnamed", close_factor=6_000), "each imports it anew: .* has no import path"),
        (replace(own_law, id="OWN-3"), "each imports it anew: .* has no import path"),
        (replace(MUTANTS[0], change="something else"), f"mutant {MUTANTS[0].id} is not one of the catalogue"),
    ],
    ids=["function", "engine", "law", "mutant"],
)
def test_what_cannot_be_sent_is_refused_before_anything_starts(afresh: None, thing: Any, told: str) -> None:
    with pytest.raises(WorkersError, match=told):
        next(spread(max, thing, [1], 2))
    assert multiprocessing.active_children() == []


def _plus(shared: int, job: int) -> int:
    time.sleep(0.02 * (job % 3))
    return shared + job


def test_results_come_in_the_order_of_the_jobs_which_may_be_endless() -> None:
    assert list(spread(_plus, 100, range(7), 2)) == [*range(100, 107)]
    assert list(islice(spread(_plus, 0, count(), 2), 5)) == [0, 1, 2, 3, 4]
    assert multiprocessing.active_children() == []


def _first_waits_for_the_last(folder: Path, job: int) -> bool:
    """Do the first job until the last of eight has begun, which another process has to come to meanwhile."""
    (folder / str(job)).touch()
    begun = time.monotonic()
    while job == 0 and not (folder / "7").exists() and time.monotonic() < begun + 20:
        time.sleep(0.01)
    return (folder / "7").exists()


def test_no_process_waits_for_a_long_job_of_another(tmp_path: Path) -> None:
    assert next(spread(_first_waits_for_the_last, tmp_path, range(8), 2))


class LostError(RuntimeError):
    """Processes are gone."""


class Losing(Executor):
    """An executor that does some jobs at once and loses all others."""

    def __init__(self, good: int) -> None:
        self.good = good

    def submit(self, work: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.good -= 1
        if self.good >= 0:
            future.set_result(work(*given, **named))
        else:
            future.set_exception(LostError("gone"))
        return future


def test_any_executor_will_do() -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(spread(_plus, 100, range(7), 1, Workers(pool, 3))) == [*range(100, 107)]
        assert list(islice(spread(_plus, 0, count(), 1, Workers(pool, 3)), 5)) == [0, 1, 2, 3, 4]
    with local_workers(2) as workers:
        assert list(spread(_plus, 100, range(4), 1, workers)) == [*range(100, 104)]
    assert multiprocessing.active_children() == []


def test_processes_that_are_lost_elsewhere_are_told() -> None:
    jobs = spread(_plus, 100, range(7), 1, Workers(Losing(2), 1, (LostError,)))
    assert [next(jobs), next(jobs)] == [100, 101]
    with pytest.raises(WorkersError, match="the processes that did the work are lost: gone"):
        next(jobs)


def test_releases_are_hunted_on_elsewhere_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {each.revision: each for each in read_results().hunts}
    monkeypatch.setattr(
        "pooltwin.invariants.defects.hunt.hunt", lambda name, **told: replace(found[name], steps=told["budget"])
    )
    names = sorted(found)
    with ThreadPoolExecutor(2) as pool:
        there = hunt_each(names, budget=7, workers=Workers(pool, 2))
    assert there == hunt_each(names, budget=7) == [replace(found[name], steps=7) for name in names]
    assert pickle.loads(pickle.dumps(there)) == there  # as they come from another process
    with pytest.raises(ValueError, match=r"'3\.7' is no old release"):
        hunt_each(["3.6", "3.7"], processes=2)


def test_an_error_of_the_work_is_raised_here() -> None:
    with pytest.raises(TypeError):
        list(spread(_plus, "text", [1], 2))  # type: ignore[arg-type]  # so that it fails


def test_a_campaign_is_the_same_on_processes_that_begin_afresh(afresh: None) -> None:
    alone, spawned = run_campaign(options()), run_campaign(options(processes=2, own_laws=(own_law,)))
    assert spawned.episodes == alone.episodes == 2
    assert (spawned.tally.calls, spawned.tally.errors) == (alone.tally.calls, alone.tally.errors)


def test_mutants_are_the_same_on_processes_that_begin_afresh(afresh: None) -> None:
    laws = [law for law in all_laws() if law.id in ("SOL-1", "RND-2", "LIQ-3")]
    few: dict[str, Any] = {"budget": 40, "mutants": MUTANTS[:2], "stories": False}
    alone, spawned = run_mutants(laws, **few), run_mutants(laws, processes=2, **few)
    assert [found.kills for found in spawned.hunts] == [found.kills for found in alone.hunts]
    assert [found.mutant for found in spawned.hunts] == [*MUTANTS[:2]]
    with pytest.raises(WorkersError, match="local object"):
        run_mutants(laws, processes=2, driver=lambda *_: None, **few)  # type: ignore[arg-type, return-value]  # no hunter


@pytest.mark.parametrize("processes", [1, 2])
def test_what_a_campaign_had_done_comes_with_ctrl_c(processes: int) -> None:
    def at_the_second(now: Progress) -> None:
        if now.episodes == 2:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        run_campaign(options(steps=6_000, processes=processes), at_the_second)
    assert (stopped.value.done.tally.steps, stopped.value.done.episodes) == (60, 2)
    assert multiprocessing.active_children() == []


def test_an_episode_that_was_begun_is_counted_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from pooltwin.invariants.campaigns.campaign import EpisodeRun

    step = EpisodeRun._step

    def until_the_tenth(self: EpisodeRun, number: int) -> None:
        if (self.number, number) == (1, 10):
            raise KeyboardInterrupt
        step(self, number)

    monkeypatch.setattr(EpisodeRun, "_step", until_the_tenth)
    with pytest.raises(Interrupted) as stopped:
        run_campaign(options(steps=6_000))
    assert (stopped.value.done.tally.steps, stopped.value.done.episodes) == (40, 1)


def test_the_mutants_hunted_until_then_come_with_ctrl_c() -> None:
    def at_once(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        run_mutants(all_laws()[:1], budget=10, mutants=MUTANTS[:1], progress=at_once)
    assert len(stopped.value.done.controls) == 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_whoever_leaves_early_leaves_no_thread_behind(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that still ends while the program does would print a traceback below what the program says."""
    monkeypatch.setattr("pooltwin.invariants.workers.start_method", lambda: method)
    for _ in range(10 if method == "fork" else 2):
        before = set(threading.enumerate())
        jobs = spread(_plus, 3, range(50), 2)
        assert next(jobs) == _plus(3, 0)
        jobs.close()
        assert set(threading.enumerate()) <= before


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be held back there")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_ctrl_c_is_heard_while_a_process_is_given_its_job(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes at any moment, this one included, and is never lost; processes that begin just then do not see it."""
    heard: list[str] = []

    def interrupted(pool: ProcessPoolExecutor, /, *given: Any, **named: Any) -> Future[Any]:
        signal.raise_signal(signal.SIGINT)
        future = submit(pool, *given, **named)
        heard.append("the job is given")
        return future

    submit = ProcessPoolExecutor.submit
    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted)
    monkeypatch.setattr("pooltwin.invariants.workers.start_method", lambda: method)
    with pytest.raises(KeyboardInterrupt):
        list(spread(_plus, 3, range(4), 2))
    assert heard == ["the job is given"]
    assert multiprocessing.active_children() == []
    monkeypatch.undo()
    assert list(spread(_plus, 3, range(4), 2)) == [_plus(3, job) for job in range(4)]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of a group of processes is another thing there")
def test_ctrl_c_prints_no_traceback_of_any_process(tmp_path: Path) -> None:
    """As in a terminal, where Ctrl-C reaches every process: one line, status 130, and nobody is left."""
    progress = tmp_path / "progress.json"
    asked = ("fuzz", "--laws", "SOL-1", "--steps", "1000000", "--processes", "2", "--resume", str(progress))
    stopped = stopped_by_ctrl_c(asked, when=progress.exists)
    assert stopped.status == 130
    assert "steps in" in stopped.printed
    (line,) = stopped.told
    assert line.startswith("stopped by Ctrl-C; what the processes had under way is not counted; --resume ")
    assert nobody_is_left(stopped.group)


def test_processes_start_as_the_program_has_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none: "forkserver")
    assert start_method() == "forkserver"
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert start_method() == "spawn"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert start_method() == "spawn"
