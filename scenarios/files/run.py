"""Runs a scenario from its file to its result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..engine.simulation import Simulation
from .build import built
from .result import ScenarioResult
from .scenario import Scenario


def run_scenario(
    scenario: Scenario, folder: Path = Path(), *, progress: Callable[[int], None] | None = None
) -> ScenarioResult:
    """Run a scenario. Paths in it are seen from `folder`; `progress` is told the number of each block that is played.

    Raises MalformedError with every fault of a scenario that cannot be built, AgentError where an agent fails.
    """
    made = built(scenario, folder)
    world = made.world
    simulation = Simulation(world, scenario.blocks, laws=scenario.laws)
    record = simulation.run(progress=None if progress is None else lambda block: progress(block - world.first_block))
    entries = {agent.name: number for number, cast in enumerate(scenario.agents) for agent in cast.agents()}
    assumes = [sentence for cast in scenario.agents for sentence in cast.agent.assumes()]
    return ScenarioResult(
        scenario=scenario,
        revision=world.market.chain.revision.name,
        market=made.config.name,
        decimals={asset: world.decimals(asset) for asset in world.market.assets},
        entries=entries,
        left_out=made.left_out,
        assumes=tuple(dict.fromkeys(assumes)),
        record=record,
        laws=simulation.laws,
        state_digest=world.market.chain.digest(),
    )
