"""How much faster or slower this checkout is than another: `python -m tests.bench.ratio --against PATH`.

PATH is a folder with another state of the project, for instance `git worktree add ../before v0.1.0`. Both are measured
in one run, in processes that take turns, so that what else the machine does meets both alike; the shortest times count.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from math import exp, log
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parents[2]
TIMING = Path(__file__).with_name("timing.py")

Times = dict[str, float]
"""Seconds by operation."""


def draw_walk(path: Path, steps: int) -> None:
    """Write a history of chance, so that both checkouts walk the same way; nothing in it happens in a callback."""
    from pooltwin.invariants.histories.chance import Chance
    from pooltwin.invariants.histories.driver import Driver
    from pooltwin.invariants.histories.temperaments import SOLITARY
    from pooltwin.invariants.standard import standard_history

    history = standard_history("3.7")
    stage = history.stage()
    driver = Driver(stage, Chance(Random(1)), SOLITARY)
    actions = []
    while len(actions) < steps:
        action = replace(driver.next(), inside=())
        stage.perform(action)
        actions.append(action)
    data = history.with_actions(actions).to_json()
    config = history.opening.config
    if config is not None:  # an older checkout knows no field that it lacks
        said = config.model_dump_json(exclude_unset=True, exclude_none=True, exclude_defaults=True)
        data["opening"]["config"] = json.loads(said)
    path.write_text(json.dumps(data), encoding="utf-8")


def times_in(checkout: Path, seconds: float, walk: Path) -> Times:
    """Time every operation in a checkout, in a process of its own. Raises RuntimeError with the end of what it said."""
    command = [sys.executable, str(TIMING), str(checkout), str(seconds), str(walk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{checkout} cannot be measured:\n{done.stderr[-2000:]}")
    times: Times = json.loads(done.stdout)
    return times


def shortest(one: Times, other: Times) -> Times:
    """Keep the shorter time of each operation; what only one of them knows is kept too."""
    return {name: min(times[name] for times in (one, other) if name in times) for name in one | other}


def measure_both(there: Path, here: Path, rounds: int, seconds: float, steps: int) -> tuple[Times, Times]:
    """Measure two checkouts, the one and the other first by turns."""
    found: dict[Path, Times] = {there: {}, here: {}}
    with tempfile.TemporaryDirectory() as folder:
        walk = Path(folder) / "walk.json"
        draw_walk(walk, steps)
        for number in range(rounds):
            for checkout in (there, here) if number % 2 == 0 else (here, there):
                found[checkout] = shortest(found[checkout], times_in(checkout, seconds, walk))
    return found[there], found[here]


def geometric_mean(ratios: list[float]) -> float:
    """The mean of ratios: twice as fast and half as fast make 1."""
    return exp(sum(map(log, ratios)) / len(ratios))


def table_of(there: Times, here: Times) -> Table:
    """A row an operation: microseconds there and here, and there divided by here, so that above 1 here is faster."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("operation")
    for heading in ("there, us", "here, us", "there / here"):
        table.add_column(heading, justify="right")
    ratios = {name: there[name] / here[name] for name in here if name in there}
    for name, ratio in ratios.items():
        table.add_row(name, f"{there[name] * 1e6:,.1f}", f"{here[name] * 1e6:,.1f}", f"{ratio:.3f}")
    table.add_section()
    table.add_row("geometric mean", "", "", f"{geometric_mean(list(ratios.values())):.3f}")
    return table


def main(
    against: Annotated[Path, typer.Option(help="Folder of the other checkout.", exists=True, file_okay=False)],
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Processes for each checkout.")] = 5,
    seconds: Annotated[float, typer.Option(min=0, help="Time for each operation in each process.")] = 0.3,
    steps: Annotated[int, typer.Option(min=1, help="Steps of the walk that is watched.")] = 1_000,
) -> None:
    """Compare the speed of this checkout with another one's. Above 1, this one is faster."""
    there = against.resolve()
    if there == HERE:
        raise typer.BadParameter("that is this checkout itself", param_hint="--against")
    try:
        times = measure_both(there, HERE, rounds, seconds, steps)
    except RuntimeError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    Console().print(table_of(*times))


if __name__ == "__main__":
    typer.run(main)
