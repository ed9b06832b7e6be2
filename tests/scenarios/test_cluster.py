"""A real cluster of processes, begun by dask's own commands on this machine: it does what local processes do.

One of its three workers is ended by SIGKILL in the middle of a sweep.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from pooltwin.invariants import MUTANTS, all_laws, standard_history
from pooltwin.invariants.campaigns.campaign import run_campaign
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.mutants.catalogue import run_mutants
from pooltwin.invariants.workers import Workers, WorkersError, spread
from pooltwin.scenarios.cluster import ClusterError, cluster_workers
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.sweep.plan import plan_sweep
from pooltwin.scenarios.sweep.run import run_sweep
from pooltwin.scenarios.sweep.study import SweepError
from typer.testing import CliRunner

from ..unit.source import ROOT
from .test_sweep import bytes_of, sweep_file

WORKERS = 3


class Cluster(NamedTuple):
    """A scheduler with its address, and the processes of its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and three workers, each a process of its own, on ports that nobody has asked for."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet: dict[str, Any] = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    on = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0", "--no-dashboard", "--scheduler-file", str(file)]
    worker = ["worker", "--nthreads", "1", "--no-nanny", "--local-directory", str(folder), *on]
    begun = [subprocess.Popen([*dask, "scheduler", "--port", "0", *on], **quiet)]
    try:
        begun += [subprocess.Popen([*dask, *worker], **quiet) for _ in range(WORKERS)]
        until = time.monotonic() + 60
        while not file.exists() or not (content := file.read_text(encoding="utf-8")):
            assert time.monotonic() < until, "the scheduler did not begin"
            time.sleep(0.05)
        yield Cluster(json.loads(content)["address"], begun[0], begun[1:])
    finally:
        for process in reversed(begun):
            process.kill()
            process.wait(10)


@pytest.fixture
def workers(cluster: Cluster) -> Iterator[Workers]:
    """Whoever of the cluster works."""
    with cluster_workers(cluster.address) as found:
        yield found


def test_a_worker_killed_in_mid_sweep_loses_nothing_and_does_nothing_twice(cluster: Cluster, tmp_path: Path) -> None:
    plan = plan_sweep(sweep_file(tmp_path, seeds={"count": 6}, parameters={"waits_ms": 20}))
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if done >= total // 4 and not killed:
            killed.append(done)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)

    folder = tmp_path / "out"
    result = run_sweep(plan, folder, elsewhere=partial(cluster_workers, cluster.address), progress=kill)
    assert cluster.workers[0].wait(10) == -signal.SIGKILL
    assert killed[0] < len(plan.runs) == 60
    assert [row["key"] for row in result.rows] == [run.key for run in plan.runs]
    assert result.failures == []
    held = [pq.read_table(part).column("key").to_pylist() for part in (folder / "parts").iterdir()]
    assert sorted(key for keys in held for key in keys) == [run.key for run in plan.runs]
    assert bytes_of(run_sweep(plan, tmp_path / "pool", processes=2)) == bytes_of(result)


def test_a_campaign_is_the_same_there(workers: Workers) -> None:
    options = CampaignOptions(standard_history(), steps=90, episode_steps=30, laws=("SOL-1",))
    here, there = run_campaign(options), run_campaign(options, workers=workers)
    assert here.episodes == there.episodes == 3
    assert (here.tally.calls, here.tally.errors) == (there.tally.calls, there.tally.errors)


def test_mutants_are_the_same_there_and_come_in_their_order(workers: Workers) -> None:
    laws = [law for law in all_laws() if law.id in ("SOL-1", "RND-2", "LIQ-3")]
    few: dict[str, Any] = {"budget": 40, "mutants": MUTANTS[:3], "stories": False}
    here, there = run_mutants(laws, **few), run_mutants(laws, workers=workers, **few)
    assert [found.kills for found in there.hunts] == [found.kills for found in here.hunts]
    assert [found.mutant for found in there.hunts] == [*MUTANTS[:3]]


def _later(shared: int, job: int) -> int:
    time.sleep(0.03 * (job % 3))
    return shared + job


def test_results_come_in_the_order_of_the_jobs(workers: Workers) -> None:
    assert list(spread(_later, 100, range(12), 1, workers)) == [*range(100, 112)]


def test_what_cannot_be_sent_is_refused_in_words(workers: Workers) -> None:
    with pytest.raises(WorkersError, match="cannot be sent to them: Can't"):
        list(spread(max, lambda: 1, [1], 1, workers))


def test_a_worker_with_another_program_is_not_believed(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pooltwin.invariants.workers.source_digest", lambda: "another")
    with pytest.raises(WorkersError, match="install the same one everywhere"):
        list(spread(_later, 100, range(2), 1, workers))


def test_an_error_of_the_work_is_raised_here(workers: Workers) -> None:
    with pytest.raises(TypeError, match="can only concatenate"):
        list(spread(_later, "text", [1], 1, workers))  # type: ignore[arg-type]  # so that it fails


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Call `pooltwin` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda line: CliRunner().invoke(app, line.split(), env={"COLUMNS": "80"})


def test_commands_print_the_same_of_work_done_there(cluster: Cluster, run: Any) -> None:
    there = f" --dask {cluster.address}"
    for options in ("--budget 3 --no-router", "--by fuzz --budget 1 --seed 1"):
        line = f"mutants --only {MUTANTS[0].id} {options}"
        here = run(line)
        assert here.exit_code in (0, 1)
        assert run(line + there).stdout == here.stdout
    fuzzed = run("fuzz --laws SOL-1 --steps 60" + there)
    assert fuzzed.exit_code == 0, fuzzed.output
    assert "steps in 1 episode, seed 1" in fuzzed.stdout


@pytest.mark.parametrize("line", ["fuzz", "mutants", "mutants --by fuzz", "defects"])
def test_processes_here_and_a_cluster_exclude_each_other(run: Any, line: str) -> None:
    refused = run(f"{line} -p 2 --dask tcp://127.0.0.1:1")
    assert refused.exit_code == 2
    assert "--processes 2 and --dask tcp://127.0.0.1:1: the work is done here or there" in " ".join(
        refused.stderr.split()
    )


@pytest.mark.parametrize("address", ["nowhere", "tcp://127.0.0.1:x", "tcp://127.0.0.1:1"])
def test_where_nobody_answers_it_says_so(run: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pooltwin.scenarios.cluster.SECONDS_TO_CONNECT", 0.3)
    refused = run(f"fuzz --dask {address}")
    assert refused.exit_code == 2
    assert f"no cluster answers at '{address}' (" in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.output


def test_a_scheduler_that_dies_ends_a_sweep_in_words_and_what_is_done_is_kept(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The last test that asks for the cluster: there is none any more behind it."""
    monkeypatch.setattr("pooltwin.scenarios.cluster.SECONDS_TO_CONNECT", 1)
    path = sweep_file(tmp_path, seeds={"count": 6}, parameters={"waits_ms": 20})

    def kill(done: int, total: int) -> None:
        if done:
            cluster.scheduler.kill()

    with pytest.raises(SweepError, match=r"the workers are lost: no cluster answers at .* What is finished is kept"):
        run_sweep(
            plan_sweep(path), tmp_path / "out", elsewhere=partial(cluster_workers, cluster.address), progress=kill
        )
    assert capfd.readouterr() == ("", "")  # dask tells nothing of its own
    result = run_sweep(plan_sweep(path), tmp_path / "out")
    assert 0 < result.read < len(result.rows) == 60


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'pooltwin\[dask\]'"), cluster_workers("tcp://127.0.0.1:1"):
        pass
