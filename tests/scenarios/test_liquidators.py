"""Laws of liquidators: no call at a loss, none beyond the money there is, none before its time; what they choose."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.scenarios.agents import liquidators as module
from pooltwin.scenarios.agents.liquidation_plan import Planner
from pooltwin.scenarios.agents.liquidator_settings import LiquidatorSettings
from pooltwin.scenarios.engine.agent import Agent
from pooltwin.scenarios.engine.hand import Hand
from pooltwin.scenarios.engine.phase import Phase, Wake
from pooltwin.scenarios.engine.record import Funding
from pooltwin.scenarios.engine.world import World
from pydantic import ValidationError

from ..unit.worlds import ALL_REVISIONS, USDC, WETH
from .liquidation_worlds import BORROWERS, competitors, done, falling_world, liquidator, wallet_dollars

BLOCKS = 14
FREE = {"funding": "unlimited", "gas_usd": "0"}
DEEP, THIN = 10**8, 10**4

SETTINGS = st.fixed_dictionaries(
    {
        "latency_blocks": st.integers(0, 3),
        "gas_usd": st.sampled_from(["0", "30", "600"]),
        "minimum_profit_usd": st.sampled_from(["0", "500"]),
        "bid_bps": st.sampled_from([0, 2_000]),
        "pairs": st.sampled_from(["best", "largest"]),
    }
)
MONEY = st.one_of(
    st.fixed_dictionaries({"funding": st.just("flash loan")}),
    st.fixed_dictionaries(
        {
            "funding": st.sampled_from(["own", "either"]),
            "capital": st.builds(lambda tokens: {"USDC": str(tokens)}, st.sampled_from([100, 20_000, 10**6])),
        }
    ),
    st.fixed_dictionaries(
        {
            "strategy": st.just("two calls"),
            "capital": st.builds(lambda tokens: {"USDC": str(tokens)}, st.sampled_from([20_000, 10**6])),
        }
    ),
)
COURSES = st.lists(
    st.tuples(st.integers(1, BLOCKS - 2), st.integers(900, 2_100)), min_size=1, max_size=3, unique_by=lambda p: p[0]
).map(lambda points: ((0, 2_000), *sorted(points)))


def tokens(settings_: dict[str, Any]) -> int:
    return int(settings_.get("capital", {"USDC": "0"})["USDC"]) * USDC


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    settings_=SETTINGS,
    money=MONEY,
    course=COURSES,
    depth=st.sampled_from([None, DEEP, 10**6, 10**5, THIN]),
    weth_lent=st.sampled_from([0, 540]),
    revision=st.sampled_from(ALL_REVISIONS),
)
def test_a_liquidator_never_loses_and_never_spends_what_it_has_not(
    settings_: dict[str, Any], money: dict[str, Any], course: Any, depth: int | None, weth_lent: int, revision: str
) -> None:
    agent = liquidator(**settings_, **money)
    world = falling_world([agent], course, revision=revision, depth=depth, weth_lent=weth_lent)
    world.run_to(world.first_block + BLOCKS)
    assert who_lost(world, agent.minimum_profit_usd, tokens(money)) == []


def who_lost(world: World, minimum: Any, capital: int) -> list[str]:
    """What a liquidator did that it should not have, by the record and its wallet."""
    notes, sales = done(world), {sale.agent: sale for sale in world.record.sales}
    wrong = [f"a profit of {note['profit_base']}" for note in notes if note["profit_base"] < int(minimum * 10**8)]
    wrong += [f"refused: {call.words}" for call in world.record.refusals if call.agent in (*sales, "liquidator")]
    here = world.seats["liquidator"].hand
    funded = sum(entry.amount for entry in world.record.of(Funding) if entry.agent == "liquidator")
    if funded != capital:
        wrong.append(f"{funded} came from outside, not {capital}")
    gained = wallet_dollars(world, here.address) - Fraction(capital, USDC)
    noted = sum(note["profit_base"] + note["gas_base"] + note["bid_base"] for note in notes)
    if abs(gained - Fraction(noted, 10**8)) > Fraction(4 * len(notes) + 1, USDC):
        wrong.append(f"it gained {float(gained)} dollars and noted {noted}")
    balance = capital
    for note in notes:
        if note["funding"] == "own" and note["calls"] == 1 and note["repaid"] > balance:
            wrong.append(f"it repaid {note['repaid']} of {balance}")
        sold = [sale for sale in world.record.sales if sale.block == note["block"] and sale.amount == note["received"]]
        balance += sum(sale.received for sale in sold) - note["repaid"]
    return wrong


class _Reckless(Planner):
    """Takes the worst plan there is, whatever it brings."""

    def best(self, borrower: str) -> Any:
        return min(self.all(borrower), key=lambda plan: plan.profit, default=None)


class _Boastful(Planner):
    """Believes the venue to pay twice what it pays."""

    def best(self, borrower: str) -> Any:
        plans = [replace(plan, gross=plan.gross * 2 + 10**6) for plan in self.all(borrower)]
        return max(plans, key=lambda plan: plan.profit, default=None)


@pytest.mark.parametrize("fault", [_Reckless, _Boastful])
def test_the_law_notices_a_liquidator_that_loses(fault: type[Planner], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Planner", fault)
    monkeypatch.setattr(module, "MOST_CALLS", 2)
    world = falling_world([liquidator(capital={"USDC": "1000000"}, gas_usd="10000")], depth=10**5, half_life_s=None)
    world.run_to(world.first_block + BLOCKS)
    assert any("a profit of -" in told for told in who_lost(world, 0, 10**6 * USDC))


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_in_a_market_too_thin_to_pay_nobody_liquidates_and_the_measured_debt_says_so(revision: str) -> None:
    course = ((0, 2_000), (5, 1_500))
    agent = liquidator(capital={"USDC": "1000000"}, gas_usd="1000")
    world = falling_world([agent], course, revision=revision, depth=THIN, half_life_s=None)
    world.run_to(world.first_block + BLOCKS)
    row = world.observe()
    assert done(world) == []
    assert row.liquidatable == len(BORROWERS)
    assert row.reserves["USDC"].deficit == row.lenders_loss_base == 0
    assert row.uncovered_base > 20_000 * 10**8


@pytest.mark.parametrize("latency", [0, 1, 7])
def test_nobody_is_liquidated_before_the_latency_is_over(latency: int) -> None:
    world = falling_world([liquidator(**FREE, latency_blocks=latency)])
    world.run_to(world.first_block + 20)
    assert {note["block"] for note in done(world)} == {world.first_block + 10 + latency}


def test_who_recovers_in_time_is_not_liquidated() -> None:
    course = ((0, 2_000), (10, 1_850), (12, 2_000))
    late, quick = (falling_world([liquidator(**FREE, latency_blocks=latency)], course) for latency in (5, 1))
    for world in (late, quick):
        world.run_to(world.first_block + 30)
    assert done(late) == []
    assert len(done(quick)) == len(BORROWERS)


def test_the_amount_is_where_the_last_dollar_brings_what_it_costs() -> None:
    world = falling_world([liquidator(capital={"USDC": "1000000"}, gas_usd="0", latency_blocks=0)], depth=10**5)
    world.run_to(world.first_block + 10)
    first = done(world)[0]
    other = falling_world([], depth=10**5)
    other.run_to(other.first_block + 10)
    venue = other.venue("WETH")
    bonus = Fraction(10_450, 10_000)  # 5% less the protocol's tenth of it

    def profit(repaid: int) -> Fraction:
        return venue.quote(int(repaid * bonus * 10**12 / 1_850)) - Fraction(repaid, USDC)

    found = profit(first["repaid"])
    assert found > profit(first["repaid"] - 50 * USDC)
    assert found > profit(first["repaid"] + 50 * USDC)
    assert 0 < first["repaid"] < 310_000 * USDC


def test_a_flash_loan_needs_no_money_and_costs_its_premium() -> None:
    own = falling_world([liquidator(capital={"USDC": "1000000"}, gas_usd="0")], depth=DEEP)
    lent = falling_world([liquidator(funding="flash loan", gas_usd="0")], depth=DEEP)
    for world in (own, lent):
        world.run_to(world.first_block + BLOCKS)
    mine, theirs = done(own), done(lent)
    assert [note["repaid"] for note in mine] == [note["repaid"] for note in theirs]
    premium = lent.market.pool.flash_loan_premium
    for note, with_loan in zip(mine, theirs, strict=True):
        paid = -(-note["repaid"] * premium // 10_000)
        assert abs(note["profit_base"] - with_loan["profit_base"] - paid * 100) <= 100
    assert lent.record.fundings == []
    hand = lent.seats["liquidator"].hand
    assert hand.balance("USDC") * 100 == pytest.approx(sum(note["profit_base"] for note in theirs), abs=1_000)


def test_a_flash_loan_is_no_larger_than_the_pools_cash() -> None:
    world = falling_world([liquidator(funding="flash loan", latency_blocks=0)], depth=DEEP)
    world.run_to(world.first_block + 9)
    hand = world.seats["liquidator"].hand
    hand.fund("WETH", 10**4 * WETH)
    assert hand.supply("WETH", 10**4 * WETH)
    assert hand.borrow("USDC", world.cash("USDC") - 1_000 * USDC)
    world.run_to(world.first_block + 10)
    cash = 1_000 * USDC
    for note in done(world)[:3]:
        assert note["repaid"] == cash, "what one loan repays, and its premium, the next can borrow"
        cash += note["repaid"] + -(-note["repaid"] * 5 // 10_000)


@pytest.mark.parametrize("revision", ["3.2", "3.5", "3.7"])
@pytest.mark.parametrize("money", [{"funding": "flash loan"}, {"capital": {"USDC": "100000"}}])
def test_a_debt_in_the_collaterals_own_asset_is_liquidated_too(money: dict[str, Any], revision: str) -> None:
    world = falling_world([liquidator(gas_usd="0", latency_blocks=0, **money)], revision=revision)
    market, dan = world.market, "0x" + "44" * 20
    market.fund("USDC", dan, 100_000 * USDC)
    market.pool.supply(market.asset("USDC"), 100_000 * USDC, sender=dan)
    market.pool.borrow(market.asset("USDC"), 74_000 * USDC, sender=dan)
    configurator, usdc = market.configurator, market.asset("USDC")
    configurator.configure_reserve_as_collateral(usdc, 5_000, 7_000, 10_500, sender=market.admin)
    world.run_to(world.first_block + 12)
    taken = [note for note in done(world) if note["borrower"] == dan]
    assert taken
    assert {(note["collateral"], note["debt"]) for note in taken} == {("USDC", "USDC")}
    assert who_lost(world, 0, tokens(money)) == []


@pytest.mark.parametrize("short", ["part", "wait", "a tokens"])
def test_what_happens_when_the_pool_lacks_collateral(short: str) -> None:
    world = falling_world([liquidator(**FREE, short_of_cash=short)], weth_lent=540)
    world.run_to(world.first_block + BLOCKS)
    cash = 10 * WETH
    notes = done(world)
    if short == "wait":
        assert notes == []
    elif short == "part":
        assert {note["a_tokens"] for note in notes} == {False}
        assert sum(note["received"] for note in notes) <= cash
    else:
        assert {note["a_tokens"] for note in notes} == {True}
        assert world.seats["liquidator"].hand.supplied("WETH") > 100 * WETH


class Later(Agent):
    """Supplies WETH in a block."""

    phase = Phase.LENDERS
    wakes_on = Wake.NOTHING

    block: int

    def act(self, world: World, me: Hand) -> int | None:
        if world.block < self.block:
            return self.block
        me.fund("WETH", 1_000 * WETH)
        assert me.supply("WETH", 1_000 * WETH)
        return None


def test_a_tokens_are_redeemed_and_sold_when_cash_comes_back() -> None:
    agents = [liquidator(**FREE, short_of_cash="a tokens"), Later(name="later", block=30)]
    world = falling_world(agents, weth_lent=540)
    world.run_to(29)
    hand = world.seats["liquidator"].hand
    held = hand.supplied("WETH")
    assert held > 100 * WETH
    assert sum(sale.amount for sale in world.record.sales) == 10 * WETH, "all the cash there was"
    world.run_to(31)
    assert hand.supplied("WETH") == 0
    assert sum(sale.amount for sale in world.record.sales) >= held + 10 * WETH


def test_of_several_pairs_the_one_that_pays_most_is_taken() -> None:
    world = falling_world([liquidator(**FREE, latency_blocks=0)], ((0, 2_000), (10, 1_700)), depth=THIN)
    ann = BORROWERS["ann"]
    world.market.fund("WBTC", ann, 10**8)
    world.market.pool.supply(world.market.asset("WBTC"), 10**8, sender=ann)
    world.market.pool.borrow(world.market.asset("USDC"), 30_000 * USDC, sender=ann)
    world.run_to(world.first_block + 10)
    taken = [note["collateral"] for note in done(world) if note["borrower"] == ann]
    assert taken[0] == "WBTC"


def test_the_quicker_wins_and_the_higher_bid_wins_more_often() -> None:
    slow, quick = {"name": "slow", **FREE, "latency_blocks": 2}, {"name": "quick", **FREE}
    world = falling_world([competitors(slow, quick)])
    world.run_to(world.first_block + BLOCKS)
    assert {note["agent"] for note in done(world)} == {"quick"}
    firsts: Counter[str] = Counter()
    for seed in range(30):
        low, high = ({"name": f"bids {bps}", **FREE, "bid_bps": bps} for bps in (1_000, 4_000))
        world = falling_world([competitors(low, high)], seed=seed)
        world.run_to(world.first_block + 12)
        firsts.update(note["agent"] for note in done(world))
    assert firsts["bids 4000"] > 2 * firsts["bids 1000"] > 0


def test_who_has_no_money_left_leaves_the_rest_to_others() -> None:
    rich, poor = ({"name": name, "capital": {"USDC": usdc}} for name, usdc in (("rich", "500000"), ("poor", "1000")))
    world = falling_world([competitors(rich, poor, retry_blocks=None)])
    world.run_to(world.first_block + BLOCKS)
    assert world.liquidatable() == {}
    assert sum(note["repaid"] for note in done(world) if note["agent"] == "rich") > 400_000 * USDC


@pytest.mark.parametrize("funding", [{"funding": "flash loan"}, {"capital": {"USDC": "100000"}}])
def test_a_fork_has_the_same_future(funding: dict[str, Any]) -> None:
    course = ((0, 2_000), (5, 1_850), (10, 1_700))
    world = falling_world([competitors({"name": "one", **funding}, {"name": "two", **funding})], course, depth=10**6)
    world.run_to(world.first_block + 7)
    fork = world.fork()
    for each in (world, fork):
        each.run_to(each.first_block + BLOCKS)
    assert len(done(world)) > 2
    assert (fork.record.digest(), fork.market.chain.digest()) == (world.record.digest(), world.market.chain.digest())


def test_gas_follows_its_course() -> None:
    course = [{"after_seconds": 60, "usd": "5"}, {"after_seconds": 600, "usd": "100"}]
    agent = liquidator(gas_usd="30", gas_course=course)
    assert [agent.gas_at(seconds) for seconds in (0, 59, 60, 599, 600)] == [30, 30, 5, 5, 100]


@pytest.mark.parametrize(
    ("settings_", "told"),
    [
        ({"funding": "flash loan", "collateral": "keep"}, "the collateral cannot be kept"),
        ({"funding": "either", "strategy": "two calls"}, "two calls are made with money of one's own"),
        ({"funding": "unlimited", "capital": {"USDC": "1"}}, "capital is not used with funding 'unlimited'"),
        ({"gas_course": [{"after_seconds": 6, "usd": "1"}, {"after_seconds": 6, "usd": "2"}]}, "do not rise"),
        ({"bid_bps": 10_000}, "less than 10000"),
        ({"capital": {"USDC": "-1"}}, "greater than 0"),
        ({"latency": 3}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings_: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        liquidator(**settings_)


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two members have the same name"):
        competitors({"name": "one"}, {"name": "one"})


def test_every_setting_says_its_unit_and_its_reason() -> None:
    for name, field in LiquidatorSettings.model_fields.items():
        assert len(field.description or "") > 40, name
