"""Sweeps: planned before anything runs, resumable, and one table to the byte whoever did which run when."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pooltwin.invariants.workers import Interrupted, Workers
from pooltwin.protocol import source_digest as digests
from pooltwin.scenarios.sweep.chunk import Chunk, OtherProgramError, chunks_of, rows_of
from pooltwin.scenarios.sweep.columns import CellError, Column, ColumnKind, checked_row
from pooltwin.scenarios.sweep.parts import Store
from pooltwin.scenarios.sweep.paths import value_at, with_value
from pooltwin.scenarios.sweep.plan import SweepPlan, key_of, plan_sweep
from pooltwin.scenarios.sweep.run import TIMES_LOST, SweepResult, run_sweep
from pooltwin.scenarios.sweep.study import SweepError

from ..unit.source import ROOT
from ..unit.stopping import nobody_is_left, stopped_by_ctrl_c

STUDY = "tests.scenarios.sweep_study"
GRID = [{"path": "rate", "values": [1, 2, 3, 4, 5]}, {"path": "agents.bot.fee", "values": [0, 7]}]


def sweep_file(folder: Path, **told: Any) -> Path:
    path = folder / "sweep.json"
    path.write_text(json.dumps({"format": "pooltwin sweep 1", "scenario": f"{STUDY}:FAKE", "grid": GRID} | told))
    return path


def bytes_of(result: SweepResult) -> list[bytes]:
    return [path.read_bytes() for path in result.files]


@pytest.fixture
def plan(tmp_path: Path) -> SweepPlan:
    return plan_sweep(sweep_file(tmp_path, seeds={"count": 3}))


@pytest.fixture
def whole(plan: SweepPlan, tmp_path: Path) -> list[bytes]:
    """The table of the plan, made at one go in this process."""
    return bytes_of(run_sweep(plan, tmp_path / "whole"))


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_a_grid_single_runs_and_seeds_make_runs(tmp_path: Path) -> None:
    told = {"runs": [{"depth.usd": "35"}, {"rate": 2, "agents.0.fee": 7}], "seeds": [4, 5]}
    plan = plan_sweep(sweep_file(tmp_path, **told))
    assert (len(plan.runs), plan.repeated) == (22, 2)  # the second of the single runs is in the grid
    assert [axis.name for axis in plan.axes] == ["rate", "agents.bot.fee", "depth.usd", "agents.0.fee", "seed"]
    assert [axis.kind.value for axis in plan.axes] == ["count", "count", "text", "count", "count"]
    assert [run.key for run in plan.runs] == sorted({run.key for run in plan.runs})
    assert {run.axes for run in plan.runs if run.axes[2] == "35"} == {(1, 3, "35", 3, 4), (1, 3, "35", 3, 5)}


def test_what_is_written_out_is_the_same_run_as_what_is_left_to_its_default(tmp_path: Path) -> None:
    bare = plan_sweep(sweep_file(tmp_path, grid=[]))
    told = plan_sweep(sweep_file(tmp_path, grid=[], parameters={"rate": 1, "depth": {"usd": "110"}}))
    assert [run.key for run in bare.runs] == [run.key for run in told.runs]
    assert [run.key for run in plan_sweep(sweep_file(tmp_path, grid=[], parameters={"rate": 2})).runs] != [
        run.key for run in bare.runs
    ]


@pytest.mark.parametrize("what", ["study", "parameters", "version", "source", "fixtures"])
def test_a_key_depends_on_everything_that_a_result_depends_on(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of("study", "{}")
    if what in ("source", "fixtures"):
        monkeypatch.setattr(f"pooltwin.scenarios.sweep.plan.{what}_digest", lambda: "another")
    elif what == "version":
        monkeypatch.setattr("pooltwin.scenarios.sweep.plan.__version__", "9.9.9")
    assert key_of("other" if what == "study" else "study", "[]" if what == "parameters" else "{}") != before


def test_one_byte_of_source_changes_its_digest_and_a_recording_does_not(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    for name in ("a.py", "b.py", "recordings/c.py"):
        (tmp_path / name).write_text("x = 1\n")
    of_all = digests.digest_of_files({"p": tmp_path}, ".py")
    of_some = digests.digest_of_files({"p": tmp_path}, ".py", ("recordings",))
    (tmp_path / "recordings" / "c.py").write_text("x = 2\n")
    assert digests.digest_of_files({"p": tmp_path}, ".py", ("recordings",)) == of_some
    assert digests.digest_of_files({"p": tmp_path}, ".py") != of_all
    (tmp_path / "b.py").rename(tmp_path / "d.py")
    assert digests.digest_of_files({"p": tmp_path}, ".py", ("recordings",)) != of_some
    assert len({digests.source_digest(), digests.fixtures_digest()}) == 2


WRONG = {
    "no JSON": ("{", "sweep.json is no sweep file: line 1"),
    "another format": ({"format": "pooltwin sweep 9"}, "format: .* 'pooltwin sweep 1'"),
    "a field too many": ({"girds": []}, "girds: there is no such field; did you mean grid"),
    "no values": ({"grid": [{"path": "rate", "values": []}]}, r"grid\[0\].values"),
    "an axis twice": ({"grid": [GRID[0], GRID[0]]}, "two axes of the grid have the path rate"),
    "a place that is not": ({"grid": [{"path": "rat", "values": [1]}]}, "rat: there is no 'rat'; did you mean 'rate'"),
    "a member that is not": ({"runs": [{"agents.bob.fee": 1}]}, "no 'bob'; did you mean 'bot'"),
    "inside a number": ({"runs": [{"rate.x": 1}]}, "rate.x: there is nothing inside 1"),
    "a value that the study refuses": ({"runs": [{"rate": "x"}]}, r'run 11 \(rate = "x"\): x: not of this study'),
    "parameters that are not": ({"parameters": {"rates": 1}}, "rates: there is no 'rates'"),
    "no such study": ({"scenario": f"{STUDY}:FAKED"}, "there is no study .* did you mean 'FAKE'"),
    "what is no study": ({"scenario": f"{STUDY}:NO_STUDY"}, "is no study: it needs seed_path"),
    "no such file": ({"scenario": "night.json"}, "'night.json' is neither trend-research nor a file that is there"),
    "seeds for nothing": ({"scenario": f"{STUDY}:UNSEEDED", "seeds": [1]}, "draws nothing, so that all seeds"),
    "too many": ({"seeds": {"count": 200_000}}, "these are 2,000,000 runs; a sweep has at most 1,000,000"),
    "silent about lenders": ({"scenario": f"{STUDY}:SILENT"}, "has no column lenders_lost"),
    "columns that change": ({"scenario": f"{STUDY}:CHANGING"}, "do not all have the same columns"),
}


@pytest.mark.parametrize(("told", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_run_is_refused_with_place_and_value(told: Any, message: str, tmp_path: Path) -> None:
    path = sweep_file(tmp_path, **(told if isinstance(told, dict) else {}))
    if isinstance(told, str):
        path.write_text(told)
    with pytest.raises(SweepError, match=message) as refused:
        plan_sweep(path)
    assert str(path) in str(refused.value)
    assert list(tmp_path.iterdir()) == [path]


def test_a_value_is_put_where_it_is_read() -> None:
    data = {"a": [{"name": "x", "b": 1}, {"name": "y", "b": 2}], "c": {"d": None}}
    for path in ("a.y.b", "a.1.b", "c.d", "c"):
        changed = with_value(data, path, 9)
        assert value_at(changed, path) == 9
        assert with_value(changed, path, value_at(data, path)) == data


def test_a_place_that_a_run_does_not_have_is_an_empty_cell(tmp_path: Path) -> None:
    plan = plan_sweep(sweep_file(tmp_path, grid=[], runs=[{"depth": None}, {"depth.usd": "35"}]))
    assert {run.axes for run in plan.runs} == {(None, None), ('{"usd":"35"}', "35")}


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_is_the_same_in_whatever_order_runs_are_done(
    plan: SweepPlan, whole: list[bytes], tmp_path: Path
) -> None:
    for seed in range(3):
        runs = list(plan.runs)
        Random(seed).shuffle(runs)
        shuffled = replace(plan, runs=tuple(runs))
        assert bytes_of(run_sweep(shuffled, tmp_path / str(seed))) == whole


def test_threads_do_too(plan: SweepPlan, whole: list[bytes], tmp_path: Path) -> None:
    @contextmanager
    def crew() -> Iterator[Workers]:
        with ThreadPoolExecutor(3) as pool:
            yield Workers(pool, 3)

    assert bytes_of(run_sweep(plan, tmp_path / "threads", elsewhere=crew)) == whole


@pytest.mark.parametrize("after", [1, 9, 17])
def test_a_sweep_that_was_stopped_goes_on_to_the_same_bytes(
    plan: SweepPlan, whole: list[bytes], tmp_path: Path, after: int
) -> None:
    notes = tmp_path / "notes"
    plan = plan_sweep(sweep_file(tmp_path, seeds={"count": 3}, parameters={"runs_noted_in": str(notes)}))
    uninterrupted = bytes_of(run_sweep(plan, tmp_path / "at one go"))
    notes.unlink()

    def stop(done: int, total: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    folder = tmp_path / "stopped"
    with pytest.raises(Interrupted) as stopped:
        run_sweep(plan, folder, progress=stop)
    kept = stopped.value.done
    assert after <= kept < 30
    assert not (folder / "table.parquet").exists()
    assert sum(pq.read_metadata(part).num_rows for part in (folder / "parts").iterdir()) == kept
    result = run_sweep(plan, folder)
    assert (result.read, bytes_of(result)) == (kept, uninterrupted)
    assert len(notes.read_text().splitlines()) <= 30 + 2 * 8  # what was under way is done twice, and nothing else
    again = run_sweep(plan, folder)
    assert (again.read, bytes_of(again)) == (30, uninterrupted)


def test_every_figure_comes_back_exactly(plan: SweepPlan, tmp_path: Path) -> None:
    result = run_sweep(plan, tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "table.parquet")
    assert table.schema.field("lost_usd_e8").type == pa.decimal128(38, 0)
    assert [int(cell) for cell in table.column("lost_usd_e8").to_pylist()] == [
        row["lost_usd_e8"] for row in result.rows
    ]
    assert max(int(cell) for cell in table.column("lost_usd_e8").to_pylist()) > 2**100
    with open(tmp_path / "out" / "table.csv", newline="", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert [row["lost_usd_e8"] for row in rows] == [str(row["lost_usd_e8"]) for row in result.rows]
    assert [row["lenders_lost"] for row in rows] == [str(row["lenders_lost"]).lower() for row in result.rows]
    assert rows[0]["error"] == ""


def test_a_long_table_is_not_written_as_csv(plan: SweepPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [path.name for path in run_sweep(plan, tmp_path / "out").files] == ["table.parquet", "table.csv"]
    monkeypatch.setattr("pooltwin.scenarios.sweep.parts.MOST_ROWS_OF_CSV", 30)
    assert [path.name for path in run_sweep(plan, tmp_path / "out").files] == ["table.parquet"]
    assert not (tmp_path / "out" / "table.csv").exists()


def test_a_run_that_fails_is_a_row_with_its_error(tmp_path: Path) -> None:
    plan = plan_sweep(sweep_file(tmp_path, parameters={"fails_at": 3}))
    result = run_sweep(plan, tmp_path / "out")
    assert (len(result.rows), len(result.failures)) == (10, 2)
    for row in result.failures:
        assert row["rate"] == 3
        assert row["error"] == "ArithmeticError: the rate 3 cannot be had by <object object at 0x...>"
        assert (row["lost_usd_e8"], row["lenders_lost"]) == (None, None)
    assert bytes_of(run_sweep(plan, tmp_path / "again")) == bytes_of(result)


def test_a_figure_that_its_column_cannot_hold_fails_its_run(tmp_path: Path) -> None:
    plan = plan_sweep(sweep_file(tmp_path, parameters={"grows_to": 1}, grid=[]))
    (row,) = run_sweep(plan, tmp_path / "out").rows
    assert str(row["error"]).startswith("CellError: lost_usd_e8: ")
    assert str(row["error"]).endswith(f"is beyond {10**38 - 1}, the most that its column holds")


@pytest.mark.parametrize(
    ("kind", "most"), [(ColumnKind.EXACT, 10**38 - 1), (ColumnKind.COUNT, 2**63 - 1)], ids=["exact", "count"]
)
def test_columns_hold_what_they_promise_and_refuse_one_more(kind: ColumnKind, most: int, tmp_path: Path) -> None:
    column = Column("x", kind)
    store = Store(tmp_path, (Column("key", ColumnKind.TEXT), column))
    for value in (most, -most, 0, None):
        store.write_part([{"key": "k", "x": column.checked(value)}])
        assert store.read_parts(["k"]) == {"k": {"key": "k", "x": value}}
    for value in (most + 1, -most - 1, True, "1"):
        with pytest.raises(CellError, match="x: "):
            column.checked(value)


@pytest.mark.parametrize("row", [{"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 2}])
def test_figures_that_are_not_the_columns_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(CellError, match="not its columns"):
        checked_row((Column("a", ColumnKind.COUNT), Column("b", ColumnKind.COUNT)), row)


# --- parts ------------------------------------------------------------------------------------------------------------


def test_one_run_with_two_results_stops_the_sweep_with_both_named(plan: SweepPlan, tmp_path: Path) -> None:
    result = run_sweep(plan, tmp_path / "out")
    store = Store(tmp_path / "out", plan.columns)
    twin = dict(result.rows[4])
    assert store.write_part([twin]) in (tmp_path / "out" / "parts").iterdir()
    assert bytes_of(run_sweep(plan, tmp_path / "out")) == bytes_of(result)  # two that agree are one
    wrong = store.write_part([twin | {"result_digest": "0" * 64}])
    with pytest.raises(SweepError, match=f"{twin['key']} has result_digest (.*) in (.*) and (.*) in ") as refused:
        run_sweep(plan, tmp_path / "out")
    assert all(name in str(refused.value) for name in ("0" * 64, str(twin["result_digest"]), str(wrong)))
    wrong.unlink()
    assert bytes_of(run_sweep(plan, tmp_path / "out")) == bytes_of(result)


def test_parts_of_other_sweeps_and_programs_are_left_alone(
    plan: SweepPlan, whole: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    with monkeypatch.context() as before:
        for module in ("plan", "chunk"):
            before.setattr(f"pooltwin.scenarios.sweep.{module}.source_digest", lambda: "older")
        old = run_sweep(plan_sweep(sweep_file(tmp_path, seeds={"count": 3})), folder)
    parts = set((folder / "parts").iterdir())
    result = run_sweep(plan, folder)
    assert (old.read, result.read) == (0, 0)
    assert parts < set((folder / "parts").iterdir())
    assert bytes_of(result) == whole
    wider = run_sweep(plan_sweep(sweep_file(tmp_path, seeds={"count": 5})), folder)
    assert (wider.read, len(wider.rows)) == (30, 50)


@pytest.mark.parametrize("content", [b"", b"torn", None], ids=["empty", "torn", "of other columns"])
def test_what_is_no_part_is_refused_by_name(plan: SweepPlan, tmp_path: Path, content: bytes | None) -> None:
    result = run_sweep(plan, tmp_path / "out")
    path = next((tmp_path / "out" / "parts").iterdir())
    if content is None:
        pq.write_table(pq.read_table(path).drop_columns("calls"), path)
    else:
        path.write_bytes(content)
    with pytest.raises(SweepError, match=r"parts/\w+.parquet .*remove it, and its runs are done again") as refused:
        run_sweep(plan, tmp_path / "out")
    assert str(path) in str(refused.value)
    path.unlink()
    assert bytes_of(run_sweep(plan, tmp_path / "out")) == bytes_of(result)


def test_without_pyarrow_it_says_what_to_install(
    plan: SweepPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(SweepError, match=r"pip install 'pooltwin\[sweep\]'"):
        run_sweep(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- processes --------------------------------------------------------------------------------------------------------


def test_a_process_that_dies_is_replaced_and_nothing_is_lost_or_there_twice(tmp_path: Path) -> None:
    """One of two processes of the pool is ended by SIGKILL in the middle of a run."""
    told = {"seeds": {"count": 3}, "parameters": {"dies_once": str(tmp_path / "died")}}
    plan = plan_sweep(sweep_file(tmp_path, **told))
    result = run_sweep(plan, tmp_path / "out", processes=2)
    assert (tmp_path / "died").exists()
    assert [row["key"] for row in result.rows] == [run.key for run in plan.runs]
    assert result.failures == []
    assert bytes_of(run_sweep(plan, tmp_path / "alone")) == bytes_of(result)  # nobody dies a second time


class LostError(RuntimeError):
    """Processes are gone."""


class Losing(Executor):
    """An executor that loses everything from some job on."""

    def __init__(self, good: int) -> None:
        self.good = good

    def submit(self, work: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.good:
            self.good -= 1
            future.set_result(work(*given, **named))
        else:
            future.set_exception(LostError("all gone"))
        return future


def test_processes_that_are_lost_again_and_again_end_the_sweep_which_keeps_what_it_has(
    plan: SweepPlan, whole: list[bytes], tmp_path: Path
) -> None:
    opened = []

    @contextmanager
    def crew() -> Iterator[Workers]:
        opened.append(1)
        yield Workers(Losing(2 if len(opened) == 1 else 0), 2, (LostError,))

    with pytest.raises(SweepError, match=rf"lost {TIMES_LOST} times in a row \(LostError\); under way were (\w{{12}})"):
        run_sweep(plan, tmp_path / "out", elsewhere=crew)
    assert len(opened) == TIMES_LOST
    result = run_sweep(plan, tmp_path / "out")
    assert result.read > 0
    assert bytes_of(result) == whole


def test_a_process_with_another_program_is_not_believed(plan: SweepPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    chunk: Chunk = chunks_of(plan, plan.runs, 3)[0]
    assert len(rows_of(chunk)) == 3
    monkeypatch.setattr("pooltwin.scenarios.sweep.chunk.source_digest", lambda: "another")
    with pytest.raises(OtherProgramError, match="install the same everywhere"):
        rows_of(chunk)


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_what_says_nothing_about_a_run_is_no_row(
    plan: SweepPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(self: object, parameters: str) -> None:
        raise error

    monkeypatch.setattr(f"{STUDY}.Fake.run", fail)
    with pytest.raises(type(error)):
        run_sweep(plan, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.parquet"))


# --- the replay as a study --------------------------------------------------------------------------------------------


def test_the_replay_is_swept_as_it_is_replayed(tmp_path: Path, sold: Any, unsold: Any) -> None:
    told = {"scenario": "trend-research", "grid": [{"path": "sell", "values": [True, False]}]}
    result = run_sweep(plan_sweep(sweep_file(tmp_path, **told)), tmp_path / "out")
    rows = {row["sell"]: row for row in result.rows}
    for sells, replayed in ((True, sold), (False, unsold)):
        row = rows[sells]
        assert row["result_digest"] == replayed.digest()
        assert row["state_digest"] == replayed.state_digest
        assert row["liquidation_calls"] == len(replayed.liquidations)
        assert row["withdrawable_weth_least_wei"] == min(step.reserve("WETH").cash for step in replayed.steps)
        assert row["error"] is None
    assert rows[True]["sold_weth_wei"] == sum(sale.weth for sale in sold.sales)


def test_lenders_lose_where_bad_debt_is_written_off(crashed: Any, sold: Any) -> None:
    from pooltwin.scenarios.sweep.replayed import COLUMNS, figures_of

    lost, kept = figures_of(crashed), figures_of(sold)
    assert (lost["lenders_lost"], kept["lenders_lost"]) == (True, False)
    assert lost["deficit_usd_e8"] > 10**8  # type: ignore[operator]  # an integer
    assert checked_row(COLUMNS, lost) == lost


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Call `pooltwin sweep` in a folder of its own."""
    from pooltwin.scenarios.commands.main import app
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    return lambda *given: CliRunner().invoke(app, ["sweep", *map(str, given)], env={"COLUMNS": "80"})


def test_the_command_prints_totals_and_extremes_with_keys(command: Any, tmp_path: Path) -> None:
    told = command(sweep_file(tmp_path, title="Rates and fees"), "--workers", 1)
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[:3] == ["Rates and fees", "10 runs: 10 done now, 0 read from parts", lines[2]]
    assert lines[2].startswith("0 failed; lenders lose in ")
    with open(tmp_path / "sweep.sweep" / "table.csv", newline="", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    most = max(rows, key=lambda row: int(row["lost_usd_e8"]))
    whole = f"{(int(most['lost_usd_e8']) + 5 * 10**7) // 10**8:,}"
    (line,) = [line for line in lines if line.startswith("most lost, USD")]
    assert line.split()[-2:] == [whole, most["key"][:12]]
    assert f"{most['key'][:12]}  rate {most['rate']}, agents.bot.fee {most['agents.bot.fee']}" in lines
    assert all(len(line) <= 80 for line in lines if not line.startswith("written: "))
    again = command("sweep.json")
    assert "10 runs: 0 done now, 10 read from parts" in again.stdout


def test_a_failed_run_gives_status_1_and_its_error(command: Any, tmp_path: Path) -> None:
    told = command(sweep_file(tmp_path, parameters={"fails_at": 2}), "-w", 1, "-o", "out")
    assert told.exit_code == 1
    assert "2 failed; lenders lose in" in told.stdout
    assert "rate 2, agents.bot.fee 7: ArithmeticError: the rate 2 cannot be had by" in " ".join(told.stdout.split())


def test_the_plan_is_told_and_nothing_is_run(command: Any, tmp_path: Path) -> None:
    told = command(sweep_file(tmp_path), "--plan")
    assert told.exit_code == 0
    assert told.stdout.startswith(f"10 runs of {STUDY}:FAKE, 0 of them done in sweep.sweep\n")
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.json"]


def test_the_parameters_of_a_run_are_shown_by_the_beginning_of_its_key(command: Any, tmp_path: Path) -> None:
    path = sweep_file(tmp_path)
    run = plan_sweep(path).runs[3]
    told = command(path, "--show", run.key[:12])
    assert json.loads(told.stdout) == json.loads(run.parameters)
    assert "no runs of this sweep have a key that begins with 'x'" in command(path, "--show", "x").stderr
    with pytest.raises(SweepError, match="10 runs of this sweep have a key that begins with ''"):
        plan_sweep(path).run_with("")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("missing.json",), "missing.json is no sweep file: "),
        (("--workers", 2, "--dask", "tcp://127.0.0.1:1"), "--workers 2 and --dask tcp://127.0.0.1:1: the work is done"),
        (("--output", "sweep.json/x"), "sweep.json/x: goes through something that is no folder"),
    ],
)
def test_bad_input_gets_status_2_in_words(command: Any, tmp_path: Path, given: Any, message: str) -> None:
    path = sweep_file(tmp_path)
    told = command(*(given if given[0] == "missing.json" else (path, *given)))
    assert told.exit_code == 2
    assert message in " ".join(told.stderr.split())
    assert "Traceback" not in told.output


def test_ctrl_c_tells_what_is_kept_and_how_to_go_on(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_the_seventh(self: Any, parameters: str) -> Any:
        if json.loads(parameters)["rate"] == 4:
            raise KeyboardInterrupt
        return run(self, parameters)

    from . import sweep_study

    run = sweep_study.Fake.run
    with monkeypatch.context() as stopping:
        stopping.setattr(sweep_study.Fake, "run", at_the_seventh)
        told = command(sweep_file(tmp_path), "--workers", 1)
    assert told.exit_code == 130
    assert "of 10 runs are kept in sweep.sweep; the same command goes on from there" in told.stderr
    assert command("sweep.json").exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of a group of processes is another thing there")
def test_ctrl_c_leaves_whole_parts_of_several_processes_and_nobody_behind(tmp_path: Path) -> None:
    """As in a terminal, where Ctrl-C reaches every process: one line, status 130, and the parts are whole."""
    path, parts = sweep_file(tmp_path, seeds={"count": 30}, parameters={"waits_ms": 100}), tmp_path / "out" / "parts"
    asked = ("sweep", str(path), "--workers", "2", "--output", str(tmp_path / "out"))
    stopped = stopped_by_ctrl_c(asked, when=lambda: parts.is_dir() and any(parts.glob("*.parquet")), cwd=ROOT)
    assert (stopped.status, stopped.printed.strip()) == (130, "")
    kept = sum(pq.read_metadata(part).num_rows for part in parts.glob("*.parquet"))
    assert 0 < kept < 300
    line = f"stopped by Ctrl-C; {kept} of 300 runs are kept in {tmp_path / 'out'}; the same command goes on from there"
    assert stopped.told == [line]
    assert nobody_is_left(stopped.group)
