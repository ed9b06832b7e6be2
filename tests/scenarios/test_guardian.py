"""The guardian: what triggers it, how late it is, and what the pool's roles let it do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pooltwin.protocol.errors import Revert
from pooltwin.scenarios.agents.guardian import Guardian
from pooltwin.scenarios.agents.kinds import KINDS
from pooltwin.scenarios.engine.agent import Agent
from pooltwin.scenarios.engine.world import World
from pooltwin.scenarios.oracles.config import OracleConfig, open_chain
from pydantic import TypeAdapter, ValidationError

from ..unit.worlds import ALL_REVISIONS, USDC, WETH
from .liquidation_worlds import BORROWERS, falling_world, liquidator

CRASH = ((0, 2_000), (10, 1_500))
ACTS = {"freeze": "ReserveFrozen", "pause": "ReservePaused", "ltv zero": "LtvValidationFailed"}


def guardian(**told: Any) -> Guardian:
    settings = {"name": "guardian", "assets": ["WETH"], "delay_minutes": 1, **told}
    return Guardian.model_validate_json(json.dumps(settings))


def acts(world: World) -> list[tuple[int, bool]]:
    """In which blocks after the first it acted, and whether it could."""
    return [(note.block - world.first_block, note.figures["done"]) for note in world.record.notes("guardian")]


def refused(world: World) -> str:
    """The error's name when somebody supplies WETH and borrows against nothing else."""
    newcomer, market = "0x" + "55" * 20, world.market
    market.fund("WETH", newcomer, 10 * WETH)
    try:
        market.pool.supply(market.asset("WETH"), 10 * WETH, sender=newcomer)
        market.pool.borrow(market.asset("USDC"), 100 * USDC, sender=newcomer)
    except Revert as revert:
        return revert.name
    return ""


@pytest.mark.parametrize("does", ACTS)
@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_it_does_what_its_role_allows_so_many_minutes_after_the_trigger(does: str, revision: str) -> None:
    world = falling_world([guardian(does=does, uncovered_usd="1000")], CRASH, revision=revision)
    world.run_to(world.first_block + 14)
    assert acts(world) == []
    assert refused(world) == ""
    world = falling_world([guardian(does=does, uncovered_usd="1000")], CRASH, revision=revision)
    world.run_to(world.first_block + 15)
    assert acts(world) == [(15, True)]
    assert refused(world) in (ACTS[does], "CollateralBalanceIsZero")
    assert world.record.refusals == []


def test_a_paused_reserve_is_not_liquidated() -> None:
    agents = [guardian(does="pause", delay_minutes=0, uncovered_usd="1000"), liquidator(funding="unlimited")]
    world = falling_world(agents, CRASH)
    world.run_to(world.first_block + 30)
    assert world.record.notes("liquidation") == []
    refusals = [call.words for call in world.record.refusals]
    assert refusals == ["the reserve of WETH is paused"] * len(BORROWERS), "one try is enough for five minutes"
    assert world.liquidatable().keys() == set(BORROWERS.values())


def test_without_a_trigger_it_does_nothing() -> None:
    world = falling_world(
        [guardian(uncovered_usd="1000000", deficit_usd="0", deviation_bps=100)], ((0, 2_000), (9, 1_900))
    )
    world.run_to(world.first_block + 30)
    assert world.record.notes("trigger") == acts(world) == []


def test_a_price_that_deviates_triggers_it() -> None:
    world = falling_world([guardian(deviation_bps=300)], CRASH)
    path = world.paths["WETH"]
    stages = TypeAdapter(OracleConfig).validate_python([{"kind": "delay", "blocks": 100}])
    oracle = open_chain(stages, path.price(0))
    deaf = World(world.market, agents=[guardian(deviation_bps=300)], prices={"WETH": path}, oracles={"WETH": oracle})
    deaf.run_to(deaf.first_block + 20)
    assert [note.figures["why"] for note in deaf.record.notes("trigger")] == ["the price deviates"]
    assert acts(deaf) == [(15, True)]


def test_a_deficit_triggers_it() -> None:
    agents = [guardian(deficit_usd="1000", assets=["USDC"]), liquidator(funding="unlimited")]
    world = falling_world(agents, ((0, 2_000), (10, 1_000)))
    world.run_to(world.first_block + 30)
    trigger = world.record.notes("trigger")[0]
    assert trigger.figures["why"] == "a deficit"
    assert trigger.figures["deficits_base"] > 1_000 * 10**8
    assert len(acts(world)) == 1


def test_without_its_role_it_is_refused_in_words() -> None:
    world = falling_world([guardian(uncovered_usd="1000")], CRASH)
    world.run_to(world.first_block)
    manager = world.market.acl_manager
    manager.remove_risk_admin(world.seats["guardian"].hand.address, sender=world.market.admin)
    world.run_to(world.first_block + 20)
    assert acts(world) == [(15, False)]
    assert [call.words for call in world.record.refusals] == [
        "only the pool's, the risk or the emergency admin may do that"
    ]


def test_a_guardian_without_a_trigger_is_refused() -> None:
    with pytest.raises(ValidationError, match="give at least one of uncovered_usd"):
        guardian()


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_every_kind_is_described(kind: str) -> None:
    for name, field in KINDS[kind].model_fields.items():
        if name not in Agent.model_fields:
            assert field.description, name
            has_default = not field.is_required() and field.default not in (None, (), {})
            assert len(field.description) > (50 if has_default else 20), f"{name}: {field.description}"
    assert json.dumps(KINDS[kind].model_json_schema())
