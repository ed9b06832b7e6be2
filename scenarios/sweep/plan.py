"""The plan of a sweep: every run with its key, before anything is run.

A run's key is the SHA-256 of whatever its result depends on: the study, its parameters with every default written out
(the seed among them), the version, and the digests of the source and of the data that ship.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from pooltwin.protocol.refusal import MalformedError
from pooltwin.protocol.source_digest import fixtures_digest, source_digest
from pooltwin.protocol.version import __version__
from pydantic import JsonValue

from .columns import ERROR, KEY, LENDERS_LOST, RESULT_DIGEST, Cell, Column, ColumnKind
from .file import SweepFile, read_sweep
from .paths import value_at, with_value
from .study import BESIDE, SHIPPED, Study, SweepError, canonical, digest_of_module, study_named

MOST_RUNS = 1_000_000


@dataclass(frozen=True)
class Run:
    """One run: where it is found again, what it is run with, and the values of what is varied."""

    key: str
    parameters: str
    axes: tuple[Cell, ...]

    def shown(self) -> dict[str, Any]:
        """Give its parameters as its study reads them from a file."""
        return {name: value for name, value in json.loads(self.parameters).items() if name != BESIDE}


@dataclass(frozen=True)
class SweepPlan:
    """All runs of a sweep, sorted by key, and the columns of its table."""

    title: str
    study: str
    runs: tuple[Run, ...]
    axes: tuple[Column, ...]
    outcomes: tuple[Column, ...]
    repeated: int = 0
    """How many points of the file are the same run as another."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns of the table."""
        return (KEY, *self.axes, ERROR, RESULT_DIGEST, *self.outcomes)

    def run_with(self, beginning: str) -> Run:
        """Find a run by the beginning of its key. Raises SweepError where none or several begin so."""
        found = [run for run in self.runs if run.key.startswith(beginning)]
        if len(found) != 1:
            raise SweepError(f"{len(found) or 'no'} runs of this sweep have a key that begins with {beginning!r}")
        return found[0]


def plan_sweep(path: Path) -> SweepPlan:
    """Read a sweep file and plan its runs. Raises SweepError for whatever cannot be run."""
    told = read_sweep(path)
    name, base = _study_and_base(told, path)
    try:
        return _planned(told, name, base, path.parent)
    except SweepError as error:
        raise SweepError(f"{path}: {error}") from None


def _study_and_base(told: SweepFile, path: Path) -> tuple[str, str]:
    """Find which study is meant, and the JSON that its parameters begin with."""
    if told.scenario in SHIPPED or ":" in told.scenario:
        return told.scenario, "{}"
    scenario = path.parent / told.scenario
    try:
        return "scenario", scenario.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(name for name in SHIPPED if name != "scenario")
        raise SweepError(f"{path}: scenario {told.scenario!r} is neither {known} nor a file that is there") from error


def _planned(told: SweepFile, name: str, base: str, folder: Path) -> SweepPlan:
    study = study_named(name)
    complete = json.loads(_complete(study, base, folder, "its parameters"))
    for place, value in told.parameters.items():
        complete = with_value(complete, place, value)
    paths = _varied(told, study)
    runs: dict[str, Run] = {}
    cells: list[list[JsonValue]] = []
    points = 0
    for number, changes in enumerate(_points(told, study), start=1):
        parameters = _complete(study, canonical(_changed(complete, changes)), folder, _named(changes, number))
        points += 1
        key = key_of(name, parameters)
        if key not in runs:
            runs[key] = Run(key, parameters, ())
            cells.append([_value_or_none(json.loads(parameters), path) for path in paths])
    axes = tuple(_axis(path, [row[place] for row in cells]) for place, path in enumerate(paths))
    whole = [
        Run(run.key, run.parameters, tuple(_cell(axis, value) for axis, value in zip(axes, row, strict=True)))
        for run, row in zip(runs.values(), cells, strict=True)
    ]
    outcomes = _outcomes(study, whole, axes)
    return SweepPlan(
        told.title, name, tuple(sorted(whole, key=lambda run: run.key)), axes, outcomes, repeated=points - len(runs)
    )


def _value_or_none(parameters: Any, path: str) -> JsonValue:
    """Give the value at a place; None where a run has put something else around it."""
    try:
        return value_at(parameters, path)  # type: ignore[no-any-return]  # parameters are JSON
    except SweepError:
        return None


def key_of(study: str, parameters: str) -> str:
    """Give the key of a run of these complete parameters by this very program."""
    own = [digest_of_module(study)] if ":" in study else []
    everything = [study, parameters, __version__, fixtures_digest(), source_digest(), *own]
    return hashlib.sha256(canonical(everything).encode()).hexdigest()


def _complete(study: Study, parameters: str, folder: Path, which: str) -> str:
    try:
        return canonical(json.loads(study.complete(parameters, folder)))
    except MalformedError as error:
        raise SweepError(f"{which}: {'; '.join(error.faults)}") from None
    except ValueError as error:
        raise SweepError(f"{which}: {error}") from None


def _changed(complete: Any, changes: dict[str, JsonValue]) -> Any:
    for path, value in changes.items():
        complete = with_value(complete, path, value)
    return complete


def _named(changes: dict[str, JsonValue], number: int) -> str:
    told = ", ".join(f"{path} = {json.dumps(value)}" for path, value in changes.items())
    return f"run {number} ({told})" if told else "its parameters"


def _varied(told: SweepFile, study: Study) -> list[str]:
    """List the places that are varied, in the order in which the file names them."""
    paths = [axis.path for axis in told.grid] + [path for run in told.runs for path in run]
    if told.all_seeds():
        if not study.seed_path:
            raise SweepError(f"seeds: {told.scenario} draws nothing, so that all seeds would give the same")
        paths.append(study.seed_path)
    return list(dict.fromkeys(paths))


def _points(told: SweepFile, study: Study) -> Iterator[dict[str, JsonValue]]:
    seeds = told.all_seeds()
    size = (prod(len(axis.values) for axis in told.grid) * bool(told.grid) + len(told.runs) or 1) * (len(seeds) or 1)
    if size > MOST_RUNS:
        raise SweepError(f"these are {size:,} runs; a sweep has at most {MOST_RUNS:,}")
    points: list[dict[str, JsonValue]] = []
    if told.grid:
        paths = [axis.path for axis in told.grid]
        values = product(*(axis.values for axis in told.grid))
        points += [dict(zip(paths, each, strict=True)) for each in values]
    points += told.runs
    for point in points or [{}]:
        if seeds:
            yield from ({**point, study.seed_path: seed} for seed in seeds)
        else:
            yield point


def _axis(path: str, values: list[JsonValue]) -> Column:
    """Make the column of a varied place: of the type of its values where all are of one, else of text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return Column(path, ColumnKind.FLAG)
    if kinds == {int} and all(abs(value) < 2**63 for value in values if isinstance(value, int)):
        return Column(path, ColumnKind.COUNT)
    return Column(path, ColumnKind.TEXT)


def _cell(axis: Column, value: JsonValue) -> Cell:
    if value is None or isinstance(value, str) or axis.kind is not ColumnKind.TEXT:
        return value  # type: ignore[return-value]  # the column was made for the types of its values
    return canonical(value)


def _outcomes(study: Study, runs: list[Run], axes: tuple[Column, ...]) -> tuple[Column, ...]:
    """List the columns of the results, which all runs must share. Raises SweepError where they do not."""
    outcomes = study.columns(runs[0].parameters)
    for run in runs:
        if study.columns(run.parameters) != outcomes:
            raise SweepError("its runs do not all have the same columns, so they make no table: sweep them apart")
    names = [column.name for column in (KEY, *axes, ERROR, RESULT_DIGEST, *outcomes)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SweepError(f"two columns would be called {', '.join(twice)}")
    if LENDERS_LOST not in outcomes:
        raise SweepError(f"the study has no column {LENDERS_LOST.name}")
    return outcomes
