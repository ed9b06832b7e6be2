"""Debts at stable rates, which v3.0.2 has: laws count them, campaigns take them up, and faults in them are noticed."""

from __future__ import annotations

from random import Random

import pytest
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.temperaments import SOLITARY
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import control, mutant_named
from pooltwin.invariants.mutants.hunt import hunt
from pooltwin.invariants.reference import EVERYTHING, NO_DEBT_HEALTH, RAY
from pooltwin.invariants.standard import standard_history

STABLE, VARIABLE = 1, 2
YEAR = 365 * 86_400
NOTICED = {"M222": "SOL-17", "M223": "RND-15", "M224": "SOL-17", "M225": "RND-15", "M226": "RND-15"}


def lend(who, amount, mode=STABLE, symbol="USDC", decimals=6):
    return Action(who, "pool", "borrow", (symbol, amount * 10**decimals, mode, 0, who))


def repay(who, amount, mode=STABLE, symbol="USDC"):
    return Action(who, "pool", "repay", (symbol, amount, mode, who))


def watched(actions, laws=None, *, strict=False):
    """Perform actions on the standard market of v3.0.2. Returns stage and monitor."""
    stage = standard_history("3.0.2").stage()
    laws = all_laws() if laws is None else [law for law in all_laws() if law.id in laws or law.remembers]
    with Monitor(stage.market, laws, stop=False, strict=strict, names=stage.names) as monitor:
        for action in actions:
            stage.perform(action)
            assert stage.chain.receipt.revert is None, str(action)
    return stage, monitor


LIFE = [
    Action("erin", "pool", "supply", ("WETH", 10**23, "erin", 0)),
    Action("frank", "pool", "supply", ("WETH", 10**23, "frank", 0)),
    lend("erin", 2_000_000),
    Action.wait(30 * 86_400),
    lend("frank", 5_000_000, VARIABLE),
    lend("erin", 1_000_000),
    Action.wait(200 * 86_400),
    Action("erin", "pool", "swapBorrowRateMode", ("USDC", STABLE)),
    Action("frank", "pool", "swapBorrowRateMode", ("USDC", VARIABLE)),
    Action.wait(YEAR),
    repay("frank", 10**12),
    lend("grace", 1, VARIABLE, "DUST", 0),
    repay("frank", EVERYTHING),
]


def test_a_life_at_both_rates_breaks_no_law():
    actions = [Action("grace", "pool", "supply", ("WETH", 10**23, "grace", 0)), *LIFE]
    _, monitor = watched(actions, strict=True)
    assert monitor.violations == []
    assert {"SOL-17", "RND-15", "SOL-1", "INF-1", "DEF-8"} <= {
        law for law, times in monitor.exercised().items() if times
    }


def test_a_position_counts_what_is_owed_at_either_rate():
    stage, monitor = watched(LIFE[:6])
    erin = stage.address_of("erin")
    moment = monitor.last.after
    position, account = moment.position(erin), stage.market.pool.get_user_account_data(erin)
    assert position.indebted
    assert position.holdings[1].stable is not None
    assert abs(position.sums.debt - account.total_debt_base) <= 2
    assert account.total_debt_base > 3_000_000 * 10**8
    assert position.health < NO_DEBT_HEALTH
    usdc = stage.market.asset("USDC")
    assert moment.stable_debt(usdc, erin) == stage.market.stable_debt_token("USDC").balance_of(erin)
    view = moment.reserve(usdc)
    assert view.stable == stage.market.stable_debt_token("USDC").total_supply()
    assert view.debt >= view.stable + 5_000_000 * 10**6
    assert 0 <= view.slack < 10**8


FORGOTTEN = [
    *LIFE[:2],
    Action("grace", "pool", "supply", ("WETH", 10**23, "grace", 0)),
    lend("erin", 1_000_000),
    lend("frank", 37_000_000, VARIABLE),
    lend("grace", 490_000),
]
"""One debt is cheap and the other dear."""


@pytest.mark.parametrize("law", ["SOL-1", "SOL-2"])
def test_stable_debt_may_be_forgotten_in_the_total(law):
    """The dear one grows faster than the average says; when it is repaid, less than nothing is left of the average."""
    months = [Action.wait(30 * 86_400), Action("erin", "pool", "supply", ("USDC", 1, "erin", 0))] * 36
    raised = [repay("frank", EVERYTHING, VARIABLE), *months, repay("grace", EVERYTHING)]
    stage, strictly = watched([*FORGOTTEN, *raised], (law,), strict=True)
    token = stage.market.stable_debt_token("USDC")
    assert token.total_supply() == 0 < token.balance_of(stage.address_of("erin"))
    assert {violation.law.id for violation in strictly.violations if violation.known} >= {law}
    _, monitor = watched([*FORGOTTEN, *raised], (law,))
    assert monitor.violations == []
    assert monitor.deviated[[each.id for each in monitor.laws].index(law)] > 0


def test_a_share_may_be_worth_what_stable_debts_paid_for_it():
    """Nobody owes at a variable rate, so B stands still, and L grows to many times of it."""
    decades = [action for _ in range(12) for action in (Action.wait(10 * YEAR), repay("erin", 10**6))]
    actions = [*LIFE[:3], *decades]
    stage, monitor = watched(actions, ("IDX-15", "INF-5", "TOK-9"), strict=True)
    reserve = stage.market.pool.reserves[stage.market.asset("USDC")]
    assert reserve.liquidity_index > 2 * reserve.variable_borrow_index == 2 * RAY
    assert monitor.violations == []


def test_the_standard_driver_borrows_stable_swaps_and_rebalances():
    stage = standard_history("3.0.2").stage()
    driver = Driver(stage, Chance(Random("stable")), SOLITARY)
    done = set()
    with Monitor(stage.market, all_laws(), names=stage.names) as monitor:
        for _ in range(1_200):
            action = driver.next()
            stage.perform(action)
            if monitor.last is not None and monitor.last.ok:
                at = action.arguments[2:3] if action.function in ("borrow", "repay") else ()
                done.add((action.function, *at))
    assert {("borrow", STABLE), ("repay", STABLE), ("swapBorrowRateMode",)} <= done
    assert monitor.exercised()["SOL-17"] > 50


@pytest.mark.parametrize(("mutant", "law"), NOTICED.items())
def test_a_fault_in_stable_debts_is_noticed(mutant, law):
    faulty = mutant_named(mutant)
    assert law in faulty.expected
    laws = [law_called(law), law_called("SOL-1")]
    assert law in hunt(faulty, laws, 4_250).kills


def test_without_a_fault_nothing_is_noticed():
    laws = [law_called(law) for law in ("SOL-1", "SOL-17", "RND-15")]
    assert hunt(control("3.0.2"), laws, 4_250).kills == {}
