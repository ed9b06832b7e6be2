"""Those who hold positions: the looper's turns, the deleverager's pieces, and lenders who stay or run."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.scenarios.agents.deleverager import Deleverager
from pooltwin.scenarios.agents.lenders import Lender, Runner
from pooltwin.scenarios.agents.looper import Looper
from pooltwin.scenarios.engine.record import Funding
from pooltwin.scenarios.engine.world import World
from pydantic import ValidationError

from ..unit.worlds import ALL_REVISIONS, USDC, WETH
from .liquidation_worlds import falling_world, liquidator

WAD = 10**18
STEADY = ((0, 2_000),)


def made(kind: type, name: str, **told: Any) -> Any:
    """An agent as a file would name it."""
    return kind.model_validate_json(json.dumps({"name": name, **told}))


def looper(**told: Any) -> Looper:
    return made(Looper, "looper", **{"collateral": "WETH", "own": "100", "debts": {"USDC": 1}, **told})


def deleverager(**told: Any) -> Deleverager:
    position = {"supplies": {"WETH": "100"}, "borrows": {"USDC": "150000"}}
    return made(Deleverager, "owner", **{"collateral": "WETH", "delay_blocks": 0, **position, **told})


def turns(world: World) -> list[dict[str, Any]]:
    return [{**note.figures, "block": note.block} for note in world.record.notes("turn")]


# --- the looper ------------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    leverage=st.integers(11, 35).map(lambda tenths: str(Fraction(tenths, 10).limit_denominator(10) * 1.0)),
    depth=st.sampled_from([None, 10**9, 10**7]),
    revision=st.sampled_from(ALL_REVISIONS),
)
def test_a_looper_reaches_the_leverage_that_it_wants(leverage: str, depth: int | None, revision: str) -> None:
    world = falling_world([looper(target_leverage=leverage)], STEADY, revision=revision, depth=depth)
    world.run_to(world.first_block)
    told = turns(world)
    reached, wanted = Fraction(told[-1]["leverage_bps"], 10_000), Fraction(leverage)
    assert world.record.refusals == []
    assert abs(reached - wanted) < Fraction(1, 100)
    assert [turn["turn"] for turn in told] == list(range(len(told)))
    triggers = [turn["trigger_price"] for turn in told[1:]]
    assert triggers == sorted(triggers), "each turn brings the liquidation nearer"


@pytest.mark.parametrize("health", ["1.05", "1.2", "2"])
def test_a_looper_reaches_the_health_factor_that_it_wants(health: str) -> None:
    world = falling_world([looper(target_health_factor=health, debts={"USDC": 4, "DAI": 1})], STEADY, depth=10**9)
    market = world.market
    lender = made(Lender, "dai lender", supplies={"DAI": "500000"})
    world = World(market, agents=[looper(target_health_factor=health, debts={"USDC": 4, "DAI": 1}), lender])
    world.run_to(world.first_block)
    hand = world.seats["looper"].hand
    assert abs(Fraction(hand.health_factor, WAD) - Fraction(health)) < Fraction(1, 1_000)
    assert hand.debt("USDC") * 10**12 == pytest.approx(4 * hand.debt("DAI"), rel=1e-4)


def test_a_target_beyond_what_the_pool_lends_ends_where_nothing_more_is_lent() -> None:
    world = falling_world([looper(target_leverage="9"), made(Lender, "more", supplies={"USDC": "1000000"})], STEADY)
    world.run_to(world.first_block)
    last = turns(world)[-1]
    assert 45_000 < last["leverage_bps"] < 50_000, "an LTV of 80% ends at five times"
    assert Fraction(last["health_factor"], WAD) > Fraction(103, 100)
    assert world.record.refusals == []


def test_the_trigger_of_a_turn_is_the_price_at_which_the_pool_lets_it_be_liquidated() -> None:
    world = falling_world([looper(target_leverage="3")], STEADY)
    world.run_to(world.first_block)
    trigger, who = turns(world)[-1]["trigger_price"], world.seats["looper"].hand.address
    health = []
    for price in (trigger + 1, trigger):
        world.market.set_price("WETH", price)
        health.append(world.health_factor(who) < WAD)
    assert health == [False, True]


def test_turns_can_take_their_time() -> None:
    world = falling_world([looper(target_leverage="2.5", blocks_a_turn=7)], STEADY)
    world.run_to(world.first_block + 30)
    blocks = [turn["block"] - world.first_block for turn in turns(world)[1:]]
    assert blocks == [7 * number for number in range(len(blocks))]


def test_buying_costs_what_the_venue_lacks_in_depth() -> None:
    own = {}
    for depth in (None, 10**6):
        world = falling_world([looper(target_leverage="3")], STEADY, depth=depth)
        world.run_to(world.first_block)
        last = turns(world)[-1]
        own[depth] = last["collateral_base"] - last["debt_base"]
    assert own[None] == pytest.approx(200_000 * 10**8, rel=1e-6)
    assert own[10**6] < own[None]


# --- the deleverager -------------------------------------------------------------------------------------------------


def fallen(price: int, agent: Deleverager, *, blocks: int = 12, **told: Any) -> World:
    world = falling_world([agent], ((0, 2_000), (10, price)), **told)
    world.run_to(world.first_block + blocks)
    return world


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_deleverager_sells_until_it_is_where_it_wants_to_be(revision: str) -> None:
    world = fallen(1_860, deleverager(), revision=revision, depth=10**9)
    hand = world.seats["owner"].hand
    assert Fraction(110, 100) <= Fraction(hand.health_factor, WAD) < Fraction(112, 100)
    sales = world.record.sales
    assert len(sales) > 2, "it sells in pieces, because the pool lets no more go at once"
    assert world.record.refusals == []
    assert hand.balance("USDC") == hand.balance("WETH") == 0


def test_what_is_sold_is_what_the_target_needs() -> None:
    world = fallen(1_860, deleverager())
    sold = Fraction(sum(sale.amount for sale in world.record.sales[1:]), WETH)
    # (100 - x) * 1860 * 0.825 = 1.1 * (150000 - 1860 x)
    needed = (Fraction(11, 10) * 150_000 - 100 * 1_860 * Fraction(825, 1_000)) / (
        1_860 * (Fraction(11, 10) - Fraction(825, 1_000))
    )
    assert sold == pytest.approx(float(needed), rel=1e-4)


def test_it_acts_after_its_delay_and_not_if_the_price_has_come_back() -> None:
    late = fallen(1_860, deleverager(delay_blocks=5), blocks=20)
    assert {call.block - late.first_block for call in late.record.calls if call.function == "withdraw"} == {15}
    world = falling_world([deleverager(delay_blocks=5)], ((0, 2_000), (10, 1_860), (12, 2_100)))
    world.run_to(world.first_block + 20)
    assert [call for call in world.record.calls if call.function == "withdraw"] == []


@pytest.mark.parametrize("asset", ["USDC", "WETH", "DAI"])
def test_the_top_up_is_spent_first_and_no_more_than_needed(asset: str) -> None:
    rich = fallen(1_860, deleverager(top_up={asset: "1000000"}))
    hand = rich.seats["owner"].hand
    assert len(rich.record.sales) == 1, "only what it borrowed at the start"
    assert Fraction(110, 100) <= Fraction(hand.health_factor, WAD) < Fraction(1101, 1_000)
    poor = fallen(1_860, deleverager(top_up={asset: "1"}))
    spent = [entry.amount for entry in poor.record.of(Funding) if entry.asset == asset][-1]
    assert spent == 10 ** poor.decimals(asset)
    assert len(poor.record.sales) > 1


def test_below_its_reserve_price_it_sells_nothing_and_says_so_once() -> None:
    world = fallen(1_860, deleverager(reserve_price_usd="1900"), blocks=40)
    assert len(world.record.sales) == 1
    assert [note.figures["why"] for note in world.record.notes("does not sell")] == ["below the reserve price"]


def test_it_sells_no_more_than_brings_the_reserve_price_on_average() -> None:
    world = fallen(1_860, deleverager(reserve_price_usd="1850"), depth=10**6, blocks=11, half_life_s=None)
    sales = [sale for sale in world.record.sales if sale.asset == "WETH"]
    assert sales
    assert all(Fraction(sale.proceeds_base + 1, sale.amount) * WETH / 10**8 >= 1_850 for sale in sales)


def test_where_selling_leads_away_from_the_target_it_does_not_sell() -> None:
    course = ((0, 2_000), (10, 1_860))
    world = falling_world([deleverager()], course, depth=10**5, half_life_s=None)
    world.run_to(world.first_block + 9)
    world.venue("WETH").sell(2_000 * WETH)
    world.market.set_price("WETH", 1_840 * 10**8)
    assert Fraction(world.raw_price("WETH")) < 1_840 * Fraction(8, 10)
    agent, hand = world.seats["owner"].agent, world.seats["owner"].hand
    assert agent.act(world, hand) == world.block + 5
    assert [note.figures["why"] for note in world.record.notes("does not sell")] == ["selling would not help"]


def test_a_pool_without_cash_lets_it_sell_only_what_is_there() -> None:
    world = falling_world([deleverager()], ((0, 2_000), (10, 1_860)))
    world.run_to(world.first_block + 5)
    drain(world, world.cash("WETH") - WETH)
    world.run_to(world.first_block + 12)
    assert sum(sale.amount for sale in world.record.sales if sale.asset == "WETH") == WETH
    assert world.seats["owner"].hand.health_factor < WAD * 105 // 100
    assert world.record.refusals == []


BORROWER_OF_WETH = "0x" + "77" * 20


def drain(world: World, amount: int) -> None:
    """Let somebody borrow WETH."""
    market = world.market
    market.fund("DAI", BORROWER_OF_WETH, 10**7 * WETH)
    market.pool.supply(market.asset("DAI"), 10**7 * WETH, sender=BORROWER_OF_WETH)
    market.pool.borrow(market.asset("WETH"), amount, sender=BORROWER_OF_WETH)


def test_it_can_work_on_the_account_of_a_looper() -> None:
    agents = [
        looper(target_leverage="3.4"),
        made(Deleverager, "manager", collateral="WETH", acts_for="looper", delay_blocks=0),
    ]
    world = falling_world(agents, ((0, 2_000), (10, 1_780)))
    world.run_to(world.first_block + 12)
    assert world.seats["manager"].hand.address == world.seats["looper"].hand.address
    assert world.seats["looper"].hand.health_factor >= 11 * WAD // 10


# --- lenders ---------------------------------------------------------------------------------------------------------


def test_a_lender_stays_whatever_happens() -> None:
    world = falling_world([made(Lender, "stays", supplies={"USDC": "1000"}), liquidator(funding="unlimited")])
    world.run_to(world.first_block + 30)
    assert world.seats["stays"].hand.supplied("USDC") >= 1_000 * USDC


def runner(**told: Any) -> Runner:
    return made(Runner, "runs", **{"supplies": {"WETH": "100"}, "delay_blocks": 3, "retry_blocks": 2, **told})


@pytest.mark.parametrize(("limit", "leaves"), [("0.05", False), ("2", True)])
def test_a_runner_leaves_when_little_can_be_withdrawn(limit: str, leaves: bool) -> None:
    world = falling_world([runner(leaves_below=limit)], STEADY, weth_lent=540)
    world.run_to(world.first_block + 10)
    notes = [note.figures["why"] for note in world.record.notes("run")]
    assert notes == (["too little to withdraw"] if leaves else [])
    assert (world.seats["runs"].hand.supplied("WETH") == 0) is leaves
    withdrawn = [call.block - world.first_block for call in world.record.calls if call.function == "withdraw"]
    assert withdrawn == ([3] if leaves else [])


def test_a_runner_takes_what_is_there_and_queues_for_the_rest() -> None:
    world = falling_world([runner(supplies={"WETH": "100"})], STEADY, weth_lent=500)
    world.run_to(world.first_block + 1)
    other, market = world.seats["runs"].hand, world.market
    drain(world, 120 * WETH)
    cash = world.cash("WETH")
    assert cash < 100 * WETH
    world.run_to(world.first_block + 3)
    assert other.balance("WETH") == cash
    market.fund("WETH", BORROWER_OF_WETH, 120 * WETH)
    market.pool.repay(market.asset("WETH"), 120 * WETH, sender=BORROWER_OF_WETH)
    world.run_to(world.first_block + 5)
    assert other.supplied("WETH") == 0
    assert world.record.refusals == []


def test_a_runner_flees_a_deficit() -> None:
    course = ((0, 2_000), (5, 900))
    for flees, why in ((True, ["a deficit"]), (False, [])):
        agents = [runner(supplies={"USDC": "1000"}, flees_deficits=flees), liquidator(funding="unlimited")]
        world = falling_world(agents, course)
        world.run_to(world.first_block + 20)
        assert [note.figures["why"] for note in world.record.notes("run")] == why


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        (Looper, {"collateral": "WETH", "own": "1", "debts": {"USDC": 1}}, "exactly one of target_leverage"),
        (Looper, {"collateral": "WETH", "own": "1", "debts": {}, "target_leverage": "2"}, "at least 1 item"),
        (Deleverager, {"collateral": "WETH", "floor": "1.2", "restore_to": "1.1"}, "lies below the floor 1.2"),
        (
            Deleverager,
            {"collateral": "WETH", "acts_for": "looper", "address": "0x" + "11" * 20},
            "give acts_for or address, not both",
        ),
        (Lender, {"supplies": {}}, "at least 1 item"),
        (Runner, {"leaves_below": "-1"}, "greater than or equal to 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(kind: type, told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        made(kind, "someone", **told)
