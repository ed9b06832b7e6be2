"""`python -m tests.bench.forge`: faults that Foundry's invariant runner finds, and those that `pooltwin fuzz` finds.

Both get the same bytecode, the same market and the same time, one after the other. Foundry is given a plain handler and
the invariants of a good suite (`Handler.sol`, `Invariants.t.sol`), pooltwin its laws. Seconds in the table are those of
the processor, the start of forge included. Compiling is not counted on either side, nor is making a finding short.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
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


def compared(
    faults: Sequence[Fault], seed: int, seconds: int, folder: Path
) -> list[tuple[Fault | None, Search, Search]]:
    """Search for every fault on both sides, and on the faithful code, where nothing should be found."""
    rows: list[tuple[Fault | None, Search, Search]] = []
    for fault in (None, *faults):
        artifacts = load_v3_6() if fault is None else faulty_artifacts([fault])[0]
        engine = bytecode_engine(artifacts, REVISION)
        theirs = search(folder, standard_history(REVISION).stage(engine), seed, seconds)
        rows.append((fault, theirs, fuzzed(engine, seed, seconds)))
        print(row(*rows[-1]), file=sys.stderr, flush=True)
    return rows


def row(fault: Fault | None, theirs: Search, ours: Search) -> str:
    """Write one line of the table."""
    named = "none" if fault is None else f"{fault.id}: {fault.change}"
    return f"| {named} | {_told(theirs)} | {_told(ours)} |"


def _told(search: Search) -> str:
    effort = f"{search.steps:,} steps, {search.seconds:.1f} s"
    return f"{search.found}; {effort}" if search.found else f"nothing in {effort}"


def table(rows: Sequence[tuple[Fault | None, Search, Search]], seed: int, seconds: int) -> str:
    """Write the table, and the counts below it."""
    faulty = [(theirs, ours) for fault, theirs, ours in rows if fault is not None]
    found = [sum(bool(pair[side].found) for pair in faulty) for side in (0, 1)]
    both = [pair for pair in faulty if pair[0].found and pair[1].found]
    sooner = sum(theirs.seconds < ours.seconds for theirs, ours in both)
    lines = ["| fault | forge, invariants | pooltwin, laws |", "|---|---|---|", *(row(*each) for each in rows)]
    counts = (
        f"Of {len(faulty)} faults forge finds {found[0]} within {seconds} s, pooltwin {found[1]}; of the {len(both)} "
        f"that both find, forge is the first with {sooner}. Seed {seed}."
    )
    return "\n".join([*lines, "", counts])


def main() -> None:
    """Make the table, and print it or put it into a page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.forge", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="time for each fault on each side")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default=SAMPLE, help="ids, or all")
    parser.add_argument("--output", type=Path, help="the page whose table is replaced")
    given = parser.parse_args()
    faults = list(FAULTS) if given.faults == "all" else [fault_named(name) for name in given.faults.split(",")]
    with TemporaryDirectory() as name:
        rows = compared(faults, given.seed, given.seconds, forge_folder(Path(name) / "forge"))
    told = table(rows, given.seed, given.seconds)
    if given.output is None:
        print(told)
        return
    page = given.output.read_text(encoding="utf-8")
    between = re.compile(f"(?<={BEGIN}\n).*?(?={END})", re.DOTALL)
    write_text(given.output, between.sub(lambda _: f"\n{told}\n\n", page, count=1))


if __name__ == "__main__":
    main()
