"""`python -m tests.bench.forge`: faults that Foundry's invariant runner finds, and those that `pooltwin fuzz` finds.

Both get the same bytecode, the same market and the same time, one after the other. Foundry is given a plain handler and
the invariants of a good suite (`Handler.sol`, `Invariants.t.sol`), pooltwin its laws. Both search with several seeds;
steps and seconds in the table are medians. Seconds are those of the processor, the start of forge included. Compiling
is not counted on either side, nor is making a finding short.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants.campaigns.campaign import run_episode
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.files import write_text
from pooltwin.protocol.revisions import Revision

from tests.contracts.faults.building import faulty_artifacts
from tests.contracts.faults.catalogue import FAULTS, fault_named
from tests.contracts.faults.fault import REVISION, Fault
from tests.contracts.harness.artifacts import load_v3_6

from .runner import Search, forge_folder, search

SAMPLE = "M02,M04,M47,M48,M09,M86,M25,M91,M97,M67,M35,M102,F1,F3"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
EPISODE_STEPS = 500


def fuzzed(engine: Revision, seed: int, seconds: float) -> Search:
    """Attack the market as `pooltwin fuzz` does until a law breaks or time is up."""
    options = CampaignOptions(
        standard_history(REVISION), seed, seconds=seconds, episode_steps=EPISODE_STEPS, engine=engine
    )
    began, used, steps, number = perf_counter(), process_time(), 0, 0
    while perf_counter() - began < seconds:
        result = run_episode(options, number)
        steps, number = steps + result.tally.steps, number + 1
        if result.findings:
            laws = sorted({finding.law for finding in result.findings})
            return Search(", ".join(laws), steps, process_time() - used)
    return Search("", steps, process_time() - used)


@dataclass(frozen=True)
class Side:
    """The searches of one side for a fault, one for each seed."""

    searches: tuple[Search, ...]

    @property
    def successes(self) -> list[Search]:
        """Those that found something."""
        return [search for search in self.searches if search.found]

    @property
    def seconds(self) -> float:
        """The median of the processor's seconds until something was found, where most seeds found something."""
        return median(search.seconds if search.found else float("inf") for search in self.searches)

    @property
    def finds(self) -> bool:
        """Do most seeds find it?"""
        return self.seconds < float("inf")

    def __str__(self) -> str:
        found = self.successes
        counted = found or self.searches
        steps, seconds = (round(median(search[place] for search in counted), 1) for place in (1, 2))
        effort = f"{steps:,.0f} steps, {seconds:.1f} s"
        if not found:
            return f"nothing in {effort}"
        told = ", ".join(dict.fromkeys(law for search in found for law in search.found.split(", ")))
        how_often = "" if len(found) == len(self.searches) else f"{len(found)} of {len(self.searches)} seeds: "
        return f"{how_often}{told}; {effort}"


Row = tuple[Fault | None, Side, Side]
"""A fault, none for the faithful code; what forge finds, and what pooltwin does."""


def compared(faults: Sequence[Fault], seeds: Sequence[int], seconds: int, folder: Path) -> list[Row]:
    """Search for every fault on both sides, and on the faithful code, where nothing should be found."""
    rows: list[Row] = []
    for fault in (None, *faults):
        artifacts = load_v3_6() if fault is None else faulty_artifacts([fault])[0]
        engine = bytecode_engine(artifacts, REVISION)
        stage = standard_history(REVISION).stage(engine)
        pairs = [(search(folder, stage, seed, seconds), fuzzed(engine, seed, seconds)) for seed in seeds]
        theirs, ours = (Side(tuple(side)) for side in zip(*pairs, strict=True))
        rows.append((fault, theirs, ours))
        print(row(*rows[-1]), file=sys.stderr, flush=True)
    return rows


def row(fault: Fault | None, theirs: Side, ours: Side) -> str:
    """Write one line of the table."""
    named = "none" if fault is None else f"{fault.id}: {fault.change}"
    return f"| {named} | {theirs} | {ours} |"


def table(rows: Sequence[Row], seeds: Sequence[int], seconds: int) -> str:
    """Write the table, and the counts below it."""
    faulty = [(theirs, ours) for fault, theirs, ours in rows if fault is not None]
    found = [sum(pair[side].finds for pair in faulty) for side in (0, 1)]
    both = [pair for pair in faulty if pair[0].finds and pair[1].finds]
    sooner = sum(theirs.seconds < ours.seconds for theirs, ours in both)
    lines = ["| fault | forge, invariants | pooltwin, laws |", "|---|---|---|", *(row(*each) for each in rows)]
    how_many = f"with seed {seeds[0]}" if len(seeds) == 1 else f"with most of the seeds {', '.join(map(str, seeds))}"
    counts = (
        f"Of {len(faulty)} faults forge finds {found[0]} within {seconds} s {how_many}, pooltwin {found[1]}; of the "
        f"{len(both)} that both find, forge is the first with {sooner}."
    )
    return "\n".join([*lines, "", counts])


def main() -> None:
    """Make the table, and print it or put it into a page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.forge", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="time for each fault on each side, with each seed")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds are tried")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--faults", default=SAMPLE, help="ids, or all")
    parser.add_argument("--output", type=Path, help="the page whose table is replaced")
    given = parser.parse_args()
    faults = list(FAULTS) if given.faults == "all" else [fault_named(name) for name in given.faults.split(",")]
    if given.seeds < 1:
        parser.error(f"--seeds is {given.seeds}: at least one is needed")
    seeds = range(given.seed, given.seed + given.seeds)
    with TemporaryDirectory() as name:
        rows = compared(faults, seeds, given.seconds, forge_folder(Path(name) / "forge"))
    told = table(rows, seeds, given.seconds)
    if given.output is None:
        print(told)
        return
    page = given.output.read_text(encoding="utf-8")
    between = re.compile(f"(?<={BEGIN}\n).*?(?={END})", re.DOTALL)
    write_text(given.output, between.sub(lambda _: f"\n{told}\n\n", page, count=1))


if __name__ == "__main__":
    main()
