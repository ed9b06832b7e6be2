"""Loans of what was given to an aToken: v3.0.2 makes shares dear by them, which its laws know, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.reference import EVERYTHING, RAY
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.revisions import revision_named

from tests.laws.exploits import ATTACKER, GiftAttack, market_of, watch

DOLLARS = 10**6
SUPPLIERS = ("alice", "bob", "carol", "dave")
MILLION = 10**6 * DOLLARS


def call(who, function, *arguments):
    return Action(who, "pool", function, arguments)


def loan(amount):
    return call("carol", "flashLoanSimple", "receiver", "USDC", amount, b"", 0)


def loan_of_several(amount):
    return call("carol", "flashLoan", "receiver", ("USDC", "LINK"), (amount, 10**18), (0, 0), "carol", b"", 0)


SENT = (Action("admin", "USDC", "mint", ("erin", MILLION)), Action("erin", "USDC", "transfer", ("aUSDC", MILLION)))
WITHDRAWN_TO_IT = (call("alice", "withdraw", "USDC", MILLION, "aUSDC"),)
WAYS = {"sent": SENT, "withdrawn to the aToken": WITHDRAWN_TO_IT}


def left_by_lenders(owned):
    """Let everybody leave the reserve, and somebody else own so little (wei)."""
    return (
        *(call(who, "withdraw", "USDC", EVERYTHING, who) for who in SUPPLIERS),
        Action("admin", "USDC", "mint", ("erin", owned)),
        call("erin", "supply", "USDC", owned, "erin", 0),
    )


SUPPLIES = (
    Action("admin", "USDC", "mint", ("frank", MILLION)),
    *(
        call("frank", *order)
        for amount in (12_345_678_901, 1_234_567_890, 7_777_777_777, 6_999_999_999)
        for order in (("supply", "USDC", amount, "frank", 0), ("withdraw", "USDC", amount * 2 // 3, "frank"))
    ),
)
"""Conversions, each to the nearest share."""


def played(actions, *, strict=False, record=None):
    """Play on v3.0.2 with every law watching. Returns the monitor and the worth of a share of USDC (wei)."""
    history = standard_history("3.0.2")
    stage = Stage(history.opening.market(record or revision_named("3.0.2")), history.actors)
    replay(stage, history.setting)
    with Monitor(stage.market, all_laws(), stop=False, strict=strict, names=stage.names) as monitor:
        for action in actions:
            receipt = stage.perform(action)
            assert receipt is None or receipt.ok, action
    reserve = stage.market.pool.reserves[stage.market.asset("USDC")]
    return monitor, reserve.liquidity_index // RAY


def broken(monitor):
    return {violation.law.id for violation in monitor.violations}


def known(monitor):
    return {law.id for law, count in zip(monitor.laws, monitor.deviated, strict=True) if count}


@pytest.mark.parametrize("gift", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("lent", [loan, loan_of_several], ids=["simple", "of several"])
@pytest.mark.parametrize("owned", [10, 1_000, 50_000_000])
def test_shares_dear_by_loans_of_gifts_are_a_known_deviation(gift, lent, owned):
    """However few own something, whatever is converted afterwards."""
    actions = (*gift, *left_by_lenders(owned), lent(MILLION), lent(MILLION // 3), *SUPPLIES)
    monitor, share = played(actions)
    assert share > 2
    assert broken(monitor) == set()
    assert known(monitor) >= {"IDX-15"}


def test_whoever_does_not_know_the_release_hears_of_them():
    actions = (*SENT, *left_by_lenders(1_000), loan(MILLION), *SUPPLIES)
    monitor, _ = played(actions, strict=True)
    assert broken(monitor) >= {"IDX-15", "INF-5"}
    assert {law for law in ("IDX-15", "INF-5") if law in known(played(actions)[0])} == {"IDX-15", "INF-5"}


def test_a_loan_that_is_partly_of_gifts_counts_by_that_part():
    """Nothing lay there but what lenders owned and a tenth more: the share rises by the premium of a tenth at most."""
    tenth = (Action("erin", "USDC", "transfer", ("aUSDC", MILLION // 10)),)
    actions = (*left_by_lenders(MILLION), Action("admin", "USDC", "mint", ("erin", MILLION)), *tenth)
    monitor, share = played((*actions, loan(MILLION + MILLION // 10)))
    assert (share, broken(monitor), known(monitor) & {"IDX-15"}) == (1, set(), set())


# --- what stays forbidden -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [0, 10**8])
def test_a_gift_made_inside_the_loan_excuses_nothing(given):
    """The theft's own loan is of what its maker owns; a tenth that was given before makes it no better."""
    attack = GiftAttack(market_of("3.0.2"))
    if given:
        attack.market.erc20("USDC").transfer(attack.market.a_token("USDC").address, given, sender=ATTACKER)
    with watch(attack.market, attack.receiver) as monitor:
        attack.inflate(60)
        attack.steal()
    assert (monitor.violations[0].law.id, monitor.violations[0].step) == ("IDX-15", 1)
    theft = {violation.law.id for violation in monitor.violations if violation.step == 62}
    assert theft >= {"INF-5", "TOK-9", "SOL-2"}


def test_a_monitor_that_saw_no_loan_excuses_no_dear_share():
    history = standard_history("3.0.2")
    stage = history.stage()
    replay(stage, (*SENT, *left_by_lenders(1_000), loan(MILLION)))
    with Monitor(stage.market, all_laws(), stop=False, names=stage.names) as monitor:
        replay(stage, SUPPLIES)
    assert broken(monitor) >= {"IDX-15", "INF-5", "TOK-9"}


@pytest.mark.parametrize("mutant", ["M212", "M214"])
def test_a_premium_that_raises_the_index_too_far_is_no_gift_lent(mutant):
    """Twice, and a thousandfold: what no formula explains excuses nothing, though the loan was of a gift."""
    with replace(mutant_named(mutant), revision="3.0.2").engaged() as record:
        monitor, _ = played((*SENT, *left_by_lenders(1_000), loan(MILLION)), record=record)
    assert broken(monitor) >= {"IDX-15", "IDX-2", "IDX-5"}


def test_from_v3_2_on_gifts_are_not_lent():
    stage = standard_history("3.2").stage()
    actions = (*SENT, *left_by_lenders(1_000), loan(MILLION))
    assert [receipt.ok for receipt in replay(stage, actions)][-1] is False
