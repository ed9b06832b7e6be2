"""Sweeps, timed: `python -m tests.bench.sweep` prints how many replays a minute there are with one and two workers.

The same grid of replays is swept into an empty folder with each number of workers, and the tables are compared. Time is
that of the clock, processes begin within it, so a machine that does other work gives smaller figures.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from pooltwin.scenarios import plan_sweep, run_sweep

RUNS = 60


def main(runs: int = RUNS, most: int = 2) -> None:
    """Sweep so many replays with each number of workers up to the most."""
    tables = set()
    with TemporaryDirectory() as name:
        folder = Path(name)
        slippages = [10 * number for number in range(runs)]
        grid = [{"path": "liquidator_slippage_bps", "values": slippages}]
        told = {"format": "pooltwin sweep 1", "scenario": "trend-research", "grid": grid}
        (folder / "sweep.json").write_text(json.dumps(told), encoding="utf-8")
        plan = plan_sweep(folder / "sweep.json")
        for workers in range(1, most + 1):
            begun = perf_counter()
            result = run_sweep(plan, folder / str(workers), processes=workers)
            seconds = perf_counter() - begun
            tables.add(result.files[0].read_bytes())
            print(
                f"{workers} at a time: {len(result.rows)} runs in {seconds:.1f} s, {60 * runs / seconds:,.0f} a minute"
            )
    print(f"the tables are the same to the byte: {'yes' if len(tables) == 1 else 'NO'}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
