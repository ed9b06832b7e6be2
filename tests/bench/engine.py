"""The speed of the engine of scenarios, in processor time: `python -m tests.bench.engine [STEPS]`.

Once with the example of the documentation, whose people look in every block and do something now and then, and once
with people who each make a call in every act.
"""

from __future__ import annotations

import sys
from runpy import run_path
from time import process_time

from pooltwin.fixtures import load_market
from pooltwin.protocol import Market
from pooltwin.scenarios import Agent, Hand, Simulation, Wake, World

from ..unit.source import ROOT

PEOPLE = 100


class Busy(Agent):
    """Supplies in one block and withdraws in the next."""

    wakes_on = Wake.NOTHING
    _has_supplied: bool = False

    def act(self, world: World, me: Hand) -> int | None:
        """Make one call, and come back in the next block."""
        if not me.balance("WETH") and not self._has_supplied:
            me.fund("WETH", 10**18)
        done = me.withdraw("WETH") if self._has_supplied else me.supply("WETH", 10**18)
        self._has_supplied ^= bool(done)
        return world.block + 1


def play(blocks: int) -> World:
    """Let all be busy for so many blocks."""
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    world = World(market, agents=[Busy(name=f"busy {number}") for number in range(PEOPLE)], rows_every=300)
    Simulation(world, blocks).run()
    return world


def tell(name: str, world: World, acts: int, seconds: float) -> None:
    """Print the speed of one run."""
    blocks, calls = world.block - world.first_block, len(world.record.calls)
    print(
        f"{name}: {acts:,} acts in {blocks:,} blocks with {calls:,} calls, {seconds:.1f} s of processor time:"
        f" {acts / seconds:,.0f} acts, {blocks / seconds:,.0f} blocks, {calls / seconds:,.0f} calls a second"
    )


def main() -> None:
    """Measure both."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    example = run_path(str(ROOT / "examples" / "own_agent.py"))
    start = process_time()
    world = example["play"](steps // example["PEOPLE"])
    tell("examples/own_agent.py", world, steps, process_time() - start)
    start = process_time()
    world = play(steps // PEOPLE)
    tell("a call in every act", world, steps, process_time() - start)
    start = process_time()
    fork = world.fork()
    print(f"fork of that world: {1000 * (process_time() - start):.0f} ms, {len(fork.record.entries):,} entries")


if __name__ == "__main__":
    main()
