"""Reserves that lack something when they are first seen: every release is judged alike, and a further loss is heard."""

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.laws.deviations import OVERPROMISED
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.revisions import REVISIONS

LACKING = 100_000 * 10**18
LENT = Action("alice", "pool", "borrow", ("LINK", 600_000 * 10**18, 2, 0, "alice"))
LIFE = [
    Action("heidi", "pool", "supply", ("LINK", 10**18, "heidi", 0)),
    Action.wait(30 * 86_400),
    Action("bob", "pool", "withdraw", ("LINK", 10**18, "bob")),
    Action.wait(3_600),
    Action.wait(300 * 86_400),
    Action("alice", "pool", "repay", ("LINK", 10**20, 2, "alice")),
]


def lacking(revision, lent):
    """A market whose LINK is lent in part, and of whose cash some is gone."""
    stage = standard_history(revision).stage()
    if lent:
        stage.perform(LENT)
    lose(stage.market, LACKING)
    return stage


def lose(market, amount):
    """Take LINK out of the reserve without anybody's call."""
    reserve = market.pool.reserves[market.asset("LINK")]
    if market.chain.revision.virtual_balances:
        reserve.virtual_underlying_balance -= amount
    market.erc20("LINK").balances[market.a_token("LINK").address] -= amount


def judged(stage, actions):
    """Perform actions under every law, deviations counted as violations. Returns the monitor."""
    with Monitor(stage.market, all_laws(), stop=False, strict=True) as monitor:
        for action in actions:
            stage.perform(action)
    return monitor


@pytest.mark.parametrize("lent", [False, True])
@pytest.mark.parametrize("revision", REVISIONS)
def test_what_lacks_from_the_start_is_no_break_and_nor_is_what_it_earns(revision, lent):
    stage = lacking(revision, lent)
    monitor = judged(stage, [*LIFE[: None if lent else -1]] * 2)
    assert monitor.exercised()["SOL-1"] > 5
    # Of v3.0.2 it is known that rates promise too much to those who are owed more than is there.
    assert {violation.law.id for violation in monitor.violations} <= ({"SOL-3"} if revision == "3.0.2" else set())


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_few_units_more_that_go_are_heard(revision):
    """At once, and after years of interest on what lacked."""
    for before, leeway in (([], 0), (LIFE * 2, LACKING // 100)):  # debts compound, and so fill up some of what lacks
        stage = lacking(revision, lent=True)
        with Monitor(stage.market, all_laws(), stop=False) as monitor:
            for action in [*before, LIFE[0]]:
                stage.perform(action)
            allowed = monitor.memory["SOL-1", stage.market.asset("LINK")] // 10**27
            lacks = -monitor.last.after.reserve(stage.market.asset("LINK")).slack
            assert 0 <= allowed + 2 - lacks <= 10 + leeway
            known = monitor.memory[OVERPROMISED, stage.market.asset("LINK")] or 0  # of v3.0.2 alone
            assert known <= leeway * 10**27
            lose(stage.market, allowed + 4 - lacks + known // 10**27)
        assert [violation.law.id for violation in monitor.violations if violation.law.id == "SOL-1"] == ["SOL-1"]
