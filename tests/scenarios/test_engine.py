"""The engine: equal futures, draws that nobody moves, blocks that are passed over, refusals that change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol import named_address
from pooltwin.scenarios.engine.agent import Agent
from pooltwin.scenarios.engine.hand import Hand
from pooltwin.scenarios.engine.phase import Phase, Wake
from pooltwin.scenarios.engine.seats import AgentError
from pooltwin.scenarios.engine.simulation import Simulation
from pooltwin.scenarios.engine.world import World

from .engine_worlds import Borrower, Gambler, Lender, prices_of, small_world

BLOCKS = 120
COURSES = st.lists(
    st.tuples(st.integers(1, BLOCKS), st.integers(50_000, 260_000)), max_size=5, unique_by=lambda point: point[0]
).map(lambda points: ((0, 200_000), *sorted(points)))
SEEDS = st.integers(0, 2**64)
DEPTHS = st.none() | st.integers(10**4, 10**8)


def told(world: World) -> tuple[str, str]:
    """Everything that a world has done and is."""
    return world.record.digest(), world.market.chain.digest()


@settings(max_examples=15, deadline=None)
@given(SEEDS, COURSES, st.none() | st.integers(1, 50))
def test_a_world_played_again_is_the_same(seed: int, course: Any, rows_every: int | None) -> None:
    worlds = [small_world(course, seed=seed, rows_every=rows_every) for _ in range(2)]
    for world in worlds:
        Simulation(world, BLOCKS).run()
    assert told(worlds[0]) == told(worlds[1])
    assert worlds[0].block == worlds[0].first_block + BLOCKS


@settings(max_examples=15, deadline=None)
@given(SEEDS, COURSES, st.integers(0, BLOCKS), DEPTHS)
def test_a_fork_has_the_same_future_and_leaves_its_world_alone(
    seed: int, course: Any, moment: int, depth: int | None
) -> None:
    plain, forked = (small_world(course, seed=seed, depth=depth) for _ in range(2))
    plain.run_to(BLOCKS)
    forked.run_to(moment)
    before = told(forked)
    fork = forked.fork()
    fork.run_to(BLOCKS)
    assert told(forked) == before
    forked.run_to(BLOCKS)
    assert told(fork) == told(forked) == told(plain)


def test_a_fork_goes_its_own_way() -> None:
    world = small_world()
    world.run_to(20)
    fork = world.fork()
    before = told(world)
    hand = fork.seats["ann"].hand
    hand.fund("WETH", 10**20)
    assert hand.supply("WETH", 10**20)
    assert told(world) == before
    assert fork.market.chain.digest() != world.market.chain.digest()
    assert fork.seats["ann"].agent is not world.seats["ann"].agent
    assert hand.world is fork


@settings(max_examples=15, deadline=None)
@given(SEEDS, COURSES, st.sampled_from(["aaa", "zoe", "cleo"]))
def test_a_further_agent_moves_nobody_elses_draws(seed: int, course: Any, further: str) -> None:
    alone, joined = small_world(course, seed=seed), small_world(course, seed=seed, gamblers=("ann", "bob", further))
    for world in (alone, joined):
        world.run_to(BLOCKS)
    for name in ("ann", "bob"):
        attempts = [
            [(call.block, call.function, call.arguments) for call in world.record.calls if call.agent == name]
            for world in (alone, joined)
        ]
        assert attempts[0] == attempts[1] != []


@settings(max_examples=8, deadline=None)
@given(SEEDS, COURSES, DEPTHS)
def test_blocks_that_are_passed_over_change_nothing(seed: int, course: Any, depth: int | None) -> None:
    skipping, visiting = (small_world(course, seed=seed, depth=depth) for _ in range(2))
    skipping.run_to(BLOCKS)
    for block in range(visiting.first_block, BLOCKS + 1):
        visiting.run_to(block)
        assert visiting.block == block
    assert told(visiting) == told(skipping)


class Greedy(Agent):
    """Tries what must be refused, and looks whether anything has changed."""

    def act(self, world: World, me: Hand) -> int | None:
        me.fund("WETH", 10**18)
        before = world.market.chain.digest()
        attempts = [
            me.supply("USDC", 10**6),
            me.supply("WETH", 2 * 10**18),
            me.borrow("USDC", 10**30),
            me.borrow("USDC", 10**6),
            me.withdraw("WETH", 1),
            me.repay("USDC", 10**6),
            me.repay("USDC"),
            me.set_e_mode(99),
            me.set_collateral("WETH", True),
            me.liquidate(world.seats["lender"].hand.address, "USDC", "WETH"),
            me.sell("WETH", 10**19),
            me.buy("WETH", 10**18),
            me.buy("WETH", 10**18, paying="USDC"),
            me.call(world.market.configurator.set_supply_cap, world.market.asset("WETH"), 1),
        ]
        assert not any(attempts)
        assert all(attempt.refusal and attempt.refusal.words and attempt.refusal.reason for attempt in attempts)
        assert world.market.chain.digest() == before
        return None


@pytest.mark.parametrize("revision", ["3.0.2", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7"])
def test_what_is_refused_changes_nothing_and_is_told(revision: str) -> None:
    world = small_world(gamblers=(), revision=revision)
    greedy = World(world.market, agents=[Lender(name="lender", asset="USDC", amount=10**12), Greedy(name="greedy")])
    Simulation(greedy, 0).run()
    words = [call.words for call in greedy.record.refusals]
    assert len(words) == 14
    assert words[:3] == [
        "not enough USDC in the wallet: 0 are there",
        "not enough WETH in the wallet: 1 are there",
        "not enough USDC in the pool: 1,000,000 are there" if revision != "3.0.2" else "there is no collateral",
    ]
    assert words[10:13] == [
        "not enough WETH in the wallet: 1 are there",
        "not enough dollars: 0 are there, 2,000 are asked",
        "not enough USDC in the wallet: 0 are there",
    ]


class Recorder(Agent):
    """Notes when it acts."""

    _acts: list[int]

    def model_post_init(self, context: Any) -> None:
        self._acts = []

    def act(self, world: World, me: Hand) -> int | None:
        self._acts.append(world.block)
        world.seats["ledger"].agent.noted.append((world.block, self.name))  # type: ignore[attr-defined]  # a Ledger
        return None


class Ledger(Agent):
    """Holds what the others note."""

    wakes_on = Wake.NOTHING
    noted: list[Any]

    def act(self, world: World, me: Hand) -> int | None:
        return None


class Keeper(Recorder):
    """Acts among the keepers."""

    phase = Phase.KEEPERS


class Watcher(Recorder):
    """Wakes when others change the pool."""

    wakes_on = Wake.CALLS


class Sleeper(Recorder):
    """Wakes by its alarm only."""

    wakes_on = Wake.NOTHING

    def act(self, world: World, me: Hand) -> int | None:
        super().act(world, me)
        return world.block + 30


class Payer(Agent):
    """Supplies in its second act."""

    wakes_on = Wake.PRINTS
    _acts: int = 0

    def act(self, world: World, me: Hand) -> int | None:
        self._acts += 1
        if self._acts == 2:
            me.fund("WETH", 10)
            me.supply("WETH", 10)
        return None


def test_agents_act_by_phase_and_name_when_something_wakes_them() -> None:
    market = small_world(gamblers=()).market
    ledger = Ledger(name="ledger", noted=[])
    agents = [
        Sleeper(name="sleeper"),
        Watcher(name="zed"),
        Watcher(name="ada"),
        Payer(name="mia"),
        Recorder(name="bert"),
        Keeper(name="zoe"),
        ledger,
    ]
    world = World(market, agents=agents, prices={"WETH": prices_of([(0, 1), (40, 2)])})
    world.run_to(70)
    assert ledger.noted == [
        *[(1, name) for name in ("zoe", "ada", "bert", "sleeper", "zed")],
        (31, "sleeper"),
        *[(41, name) for name in ("zoe", "bert", "zed")],
        (42, "ada"),
        (61, "sleeper"),
    ]


class Failing(Agent):
    """Fails in its act."""

    answer: Any = None

    def act(self, world: World, me: Hand) -> int | None:
        if self.answer is None:
            raise KeyError("what")
        return self.answer  # type: ignore[no-any-return]  # whatever a test wants


@pytest.mark.parametrize(
    ("answer", "words"), [(None, "KeyError: what"), (1, "answers 1: expected a later block"), ("x", "answers 'x'")]
)
def test_an_agent_that_fails_is_named(answer: Any, words: str) -> None:
    world = World(small_world(gamblers=()).market, agents=[Failing(name="fay", answer=answer)])
    with pytest.raises(AgentError, match=f"agent 'fay' failed in block 1: .*{words}"):
        world.run_to(5)


def test_two_agents_of_one_name_are_refused() -> None:
    agents = [Gambler(name="ann", collateral="WETH", debt=debt) for debt in ("USDC", "USDT")]
    with pytest.raises(ValueError, match="two agents are called 'ann'"):
        World(small_world().market, agents=agents)


def test_a_row_tells_what_stood_before_anyone_acted_and_after() -> None:
    """A fall beyond the collateral: uncovered at the print, written off afterwards, and lost."""
    world = small_world([(0, 200_000), (10, 40_000)], gamblers=(), others=[Borrower(name="eve")])
    record = Simulation(world, 20).run()
    at_start, after, end = record.rows
    assert (at_start.block, after.block, end.block) == (1, 11, 21)
    assert at_start.uncovered_at_print_base == at_start.lenders_loss_base == 0
    assert after.liquidatable_at_print == 1
    assert after.lenders_loss_base > after.uncovered_at_print_base > 12_000 * 10**8  # a bonus went to the liquidator
    assert after.uncovered_base == after.liquidatable == 0
    assert after.reserves["USDC"].deficit * 100 == after.lenders_loss_base
    assert end.liquidatable_at_print == 0
    assert after.prices == {"WETH": (40_000_000_000, 40_000_000_000)}


def test_what_an_agent_notes_is_in_the_record_and_in_its_lines() -> None:
    world = small_world()
    hand = world.seats["ann"].hand
    hand.note("plan", sold=3, debts={"USDC": 10**20}, sure=True)
    note = world.record.notes("plan")[0]
    assert (note.agent, note.block, note.figures["sold"]) == ("ann", world.block, 3)
    assert world.record.notes("plans") == []
    expected = '{"sold":"3","debts":{"USDC":"100000000000000000000"},"sure":true}'
    assert next(iter(world.record.lines())).endswith(f'"what":"plan","figures":{expected}}}')


def test_liquidations_are_kept_whoever_makes_them_and_dropped_where_they_are_undone() -> None:
    world = small_world([(0, 200_000), (10, 40_000)], gamblers=(), others=[Borrower(name="eve")])
    world.run_to(10)
    fork = world.fork()
    for each in (fork, world):
        each.run_to(15)
        assert [(one.liquidator, one.borrower) for one in each.record.liquidations] == [("liquidator", "eve")]
        (off,) = each.record.written_off
        assert (off.borrower, off.asset) == ("eve", "USDC")
        assert off.amount_base == each.record.rows[-1].lenders_loss_base
    world = small_world([(0, 200_000)], gamblers=(), others=[Borrower(name="eve")])
    world.run_to(10)
    chain, pool, somebody = world.market.chain, world.market.pool, named_address("somebody")
    world.market.set_price("WETH", 40_000_000_000)
    before = world.record.digest()
    mark = chain.snapshot()
    world.market.fund("USDC", somebody, 10**12)
    eve = world.seats["eve"].hand.address
    assets = world.market.asset("WETH"), world.market.asset("USDC")
    pool.liquidation_call(*assets, eve, 10**12, sender=somebody)
    assert [one.liquidator for one in world.record.liquidations] == [somebody]
    chain.revert_to(mark)
    assert world.record.digest() == before
