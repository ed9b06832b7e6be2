"""LIQ-2 and LIQ-13: liquidations that probes try, in parts and of debts at stable rates."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from types import SimpleNamespace

import pytest
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.laws.liquidation_effects import most_found_by_parts, tried_in_parts
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reading.probe import Probe
from pooltwin.invariants.reference import RAY
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.errors import MustNotLeaveDust
from pooltwin.protocol.logic.liquidation import calculate_available_collateral
from pooltwin.protocol.revisions import REVISIONS, revision_named
from pooltwin.protocol.state import bitmaps

# --- in parts -------------------------------------------------------------------------------------------------------


def seized(record, terms, debt):
    """Tell what a liquidator gets for a debt where the collateral is ample, as the release reckons."""
    price, debt_price, bonus, fee = terms
    run = SimpleNamespace(
        debt_price=debt_price,
        collateral_price=price,
        collateral_unit=10**6,
        debt_unit=10**6,
        debt_to_liquidate=debt,
        borrower_collateral=10**30,
        collateral_configuration=bitmaps.with_liquidation_protocol_fee(0, fee),
    )
    calculate_available_collateral(SimpleNamespace(revision=record), run, bonus)
    return run.collateral_to_liquidate


@pytest.mark.parametrize("revision", REVISIONS)
def test_parts_seize_two_wei_more_at_most_where_there_is_enough(revision):
    record, rng, most = revision_named(revision), Random(13), 0
    for _ in range(6_000):
        terms = rng.randrange(10**7, 10**9), rng.randrange(10**7, 10**9), rng.randrange(10_001, 12_000)
        terms = (*terms, rng.choice((0, 1_000, 5_000, 9_999)))
        parts = rng.randrange(1, 10**6), rng.randrange(1, 10**6)
        apart = sum(seized(record, terms, part) for part in parts)
        most = max(most, apart - seized(record, terms, sum(parts)))
    assert most == (2 if revision != "3.7" else most) <= 2


PARTS = range(2 * 10**6, 4 * 10**6, 234_567)
"""Of WBTC: what is repaid first, which leaves enough of both legs."""


@pytest.mark.parametrize("revision", REVISIONS)
def test_where_all_is_taken_the_shares_of_the_first_part_leave_a_share_at_most(revision):
    """Whatever a share of the collateral is worth; until v3.4 more than two wei are found."""
    found = max(found_by_parts(revision, index, part) for index in (3, 7, 40) for part in PARTS)
    assert (found > 2) == (revision in ("3.0.2", "3.2", "3.3", "3.4"))


def found_by_parts(revision, index, part):
    """Liquidate all of Heidi's USDC in one or two parts. Returns what two seize more (wei), as LIQ-13 allows."""
    history = standard_history(revision)
    stage = history.stage()
    market, heidi = stage.market, stage.book["heidi"]
    usdc, wbtc = market.asset("USDC"), market.asset("WBTC")
    market.pool.reserves[usdc].liquidity_index = market.pool.reserves[usdc].variable_borrow_index = index * RAY
    actions = (
        Action("admin", "USDC", "mint", ("heidi", 10_000 * DOLLARS)),
        Action("heidi", "pool", "supply", ("USDC", 10_000 * DOLLARS, "heidi", 0)),
        Action("heidi", "pool", "borrow", ("WBTC", 10**7, 2, 0, "heidi")),
        Action.price("WBTC", 120_000 * 10**8),
    )
    assert all(receipt is None or receipt.ok for receipt in replay(stage, actions))
    monitor = Monitor(market, [law_called("LIQ-13")], stop=False, names=stage.names)
    probe = Probe(monitor.census, Random(1))
    with monitor.looking_away():
        whole = tried_in_parts(probe, usdc, wbtc, heidi, (9 * 10**6,))
        parts = tried_in_parts(probe, usdc, wbtc, heidi, (part, 9 * 10**6 - part))
        assert whole.all_taken
        assert parts.all_taken
        if parts.repaid != whole.repaid:
            return 0
        assert parts.seized <= whole.seized + most_found_by_parts(probe, usdc, parts)
    return parts.seized - whole.seized


# --- debts at stable rates ------------------------------------------------------------------------------------------

DOLLARS = 10**6
OWED = {
    "a wei beside it": ((1, 2), (1_000 * DOLLARS, 1)),
    "as much beside it": ((500 * DOLLARS, 2), (500 * DOLLARS, 1)),
    "nothing beside it": ((1_000 * DOLLARS, 1),),
}


def unhealthy(record, debts):
    """Give Heidi debts of USDC, each at its mode, and make them too large. Returns the stage."""
    history = standard_history(record.release)
    stage = Stage(history.opening.market(record), history.actors)
    actions = (
        Action("heidi", "pool", "supply", ("WETH", 10**18, "heidi", 0)),
        *(Action("heidi", "pool", "borrow", ("USDC", amount, mode, 0, "heidi")) for amount, mode in debts),
        Action.wait(3_600),
        Action.price("WETH", 1_100 * 10**8),
    )
    assert all(receipt is None or receipt.ok for receipt in replay(stage, (*history.setting, *actions)))
    return stage


def tried(record, debts):
    """Ask LIQ-2 of her. Returns what broke, and how often it was asked."""
    stage = unhealthy(record, debts)
    monitor = Monitor(stage.market, [law_called("LIQ-2")], stop=False, names=stage.names)
    return [violation for number in range(3) for violation in run_probes(monitor, f"stable/{number}")], (
        monitor.exercised()["LIQ-2"]
    )


@pytest.mark.parametrize("debts", OWED.values(), ids=OWED)
def test_a_debt_at_a_stable_rate_can_be_liquidated_with_all_that_is_owed(debts):
    assert tried(revision_named("3.0.2"), debts) == ([], 3)


@pytest.mark.parametrize("debts", OWED.values(), ids=OWED)
def test_a_pool_that_refuses_to_liquidate_it_is_caught(debts):
    def refuse(_pool, _run):
        raise MustNotLeaveDust()

    broken, asked = tried(replace(revision_named("3.0.2"), refuse_dust=refuse), debts)
    assert {violation.law.id for violation in broken} == {"LIQ-2"}
    assert asked == len(broken) == 3
