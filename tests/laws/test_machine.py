"""The state machines: they hold on the protocol, notice faults, and refuse to pass without having tested anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.amount import EXTREMES, Amount, Measure
from pooltwin.invariants.histories.ground import hunting_ground
from pooltwin.invariants.law import LawBroken
from pooltwin.invariants.machine import (
    DynamicMachine,
    PoolMachine,
    RuleNeverSucceededError,
    StaticMachine,
    Tally,
    check,
)
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.protocol.revisions import NEWEST

SHORT = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
SHRINKING = settings(SHORT, max_examples=200)
NO_SHRINKING = settings(SHORT, max_examples=200, phases=(Phase.generate,))


class Static(StaticMachine):
    config = hunting_ground()


class Dynamic(DynamicMachine):
    config = hunting_ground()
    hostile = ("WETH",)


def test_nobody_can_hurt_anybody_without_time_and_prices() -> None:
    tally = check(Static, settings(SHORT, max_examples=250))
    assert tally.attempts["liquidate"] > 0
    assert tally.successes["liquidate"] == 0
    assert set(tally.reverts["liquidate"]) >= {"HealthFactorNotBelowThreshold"}
    assert tally.idle(Static.expected) == []


def test_every_law_holds_in_a_moving_world_with_a_token_that_calls_back() -> None:
    tally = check(Dynamic, settings(SHORT, max_examples=160))
    assert tally.successes["ambush"] > 0
    assert tally.successes["pool.liquidationCall"] > 0


def test_a_market_that_begins_nearly_empty() -> None:
    class Empty(StaticMachine):
        config = hunting_ground()
        first_supply = 0
        expected = ("supply", "withdraw", "donate")

    assert check(Empty, SHORT).successes["supply"] > 0


def test_a_broken_law_ends_the_run_with_its_story() -> None:
    class Broken(Static):
        laws = (law_called("RND-1"),)

    with mutant_named("M03").engaged(), pytest.raises(LawBroken, match="RND-1 broken at step"):
        check(Broken, NO_SHRINKING)


def test_what_broke_a_law_is_shortened_to_the_least_that_breaks_it() -> None:
    class Broken(Static):
        laws = (law_called("RND-1"), law_called("SOL-1"))

    with mutant_named("M03").engaged(), pytest.raises(LawBroken, match="RND-1 broken at step 0, ") as caught:
        check(Broken, SHRINKING)
    said, *actions = caught.value.__notes__
    assert said == "Broken breaks RND-1 by no more than this:"
    assert len(actions) == 1
    assert "pool.supply(" in actions[0] or "pool.deposit(" in actions[0]


def test_a_run_that_does_more_than_actions_is_shrunk_by_hypothesis() -> None:
    class Besides(Static):
        laws = (law_called("SOL-5"),)
        expected = ()

        @rule()
        def take(self) -> None:
            """Tokens vanish from the aToken by no call of anybody."""
            token, a_token, _ = self.tokens["WETH"]
            self.stage.chain.begin_step()
            token.balances[a_token.address] = 0
            self.perform("supply", Action("alice", "pool", "supply", ("WETH", 10**18, "alice", 0)))

    with pytest.raises(LawBroken, match="SOL-5 broken at step") as caught:
        check(Besides, settings(SHRINKING, max_examples=30))
    assert "state = Besides()" in caught.value.__notes__


def steal_from_alice(pool: Any, assets: list[str]) -> None:
    """Minting to the treasury costs alice a share."""
    for asset in assets:
        shares = pool.chain.at(pool.reserves[asset].a_token).scaled_balances
        for who in [who for who, amount in shares.items() if amount > 10**15]:
            shares[who] -= 10**9


def test_the_static_machine_notices_a_loss_that_no_law_was_asked_about() -> None:
    class Robbed(Static):
        laws = ()
        revision = replace(NEWEST, execute_mint_to_treasury=steal_from_alice)

    with pytest.raises(AssertionError, match=r"mintToTreasury.* lost \d+ of"):
        check(Robbed, NO_SHRINKING)


def test_a_rule_that_never_succeeds_fails_the_run() -> None:
    class Vain(Static):
        laws = ()
        expected = ("supply", "liquidate")

    with pytest.raises(RuleNeverSucceededError, match=r"never succeeded: liquidate\n(.*\n)+liquidate +\d+ +0  Health"):
        check(Vain, settings(SHORT, max_examples=25))


def test_subclasses_count_apart() -> None:
    assert Static.tally is not Dynamic.tally
    assert Static.tally is not PoolMachine.tally


def test_the_tally_counts_attempts_successes_and_reverts() -> None:
    tally = Tally()
    tally.note("supply")
    tally.note("supply", "InvalidAmount")
    tally.note("borrow", "InvalidAmount")
    assert (tally.attempts["supply"], tally.successes["supply"]) == (2, 1)
    assert tally.idle(["supply", "borrow", "withdraw"]) == ["borrow", "withdraw"]
    assert "InvalidAmount 1" in str(tally)


@pytest.fixture
def machine() -> Any:
    """A static machine at its start."""
    made = Static()
    yield made
    made.teardown()


def test_amounts_mean_what_they_say(machine: StaticMachine) -> None:
    stage, market = machine.stage, machine.stage.market
    alice = stage.address_of("alice")
    supplied, wallet = market.a_token("WETH").balance_of(alice), market.erc20("WETH").balance_of(alice)
    assert Amount(Measure.SUPPLIED).of(stage, "WETH", "alice") == supplied > 0
    assert Amount(Measure.WALLET, nudge=1).of(stage, "WETH", "alice") == wallet + 1
    assert Amount(Measure.WALLET, nudge=-1).of(stage, "WETH", "nobody") == 0
    assert Amount(None, nudge=EXTREMES[-1]).of(stage, "WETH", "alice") == 2**256 - 1
    room = Amount(Measure.SUPPLY_ROOM).of(stage, "WETH", "alice")
    fill = Action("alice", "pool", "supply", ("WETH", room, "alice", 0))
    over = Action("alice", "pool", "supply", ("WETH", 10**9, "alice", 0))
    outcomes = [machine.perform("supply", action) for action in (fill, over)]
    assert [receipt is not None and receipt.ok for receipt in outcomes] == [True, False]


def test_credit_is_what_the_pool_grants(machine: StaticMachine) -> None:
    credit = Amount(Measure.CREDIT).of(machine.stage, "WETH", "bob")
    too_much = Action("bob", "pool", "borrow", ("WETH", credit + 10**10, 2, 0, "bob"))
    enough = Action("bob", "pool", "borrow", ("WETH", credit, 2, 0, "bob"))
    outcomes = [machine.perform("borrow", action) for action in (too_much, enough)]
    assert [receipt is not None and receipt.ok for receipt in outcomes] == [False, True]
