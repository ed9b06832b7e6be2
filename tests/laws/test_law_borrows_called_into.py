"""HF-6 where a token calls its debtor back: what the debtor gives up inside a borrow is judged by its own laws."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.releases.v3_4 import validation
from pooltwin.protocol.revisions import REVISIONS, revision_named

ETHER = 10**18
DOLLARS = 10**6


def borrowed(record, amount, *inside):
    """Let Heidi, who has 10,000 dollars and 100 LINK (1,512 dollars), borrow WETH, which calls. Returns
    whether that went through, and what broke.
    """
    history = standard_history(record.release)
    stage = Stage(history.opening.market(record), history.actors)
    replay(stage, history.setting)
    make_hostile(stage, "WETH")
    actions = (
        Action("admin", "USDC", "mint", ("heidi", 10_000 * DOLLARS)),
        Action("heidi", "pool", "supply", ("USDC", 10_000 * DOLLARS, "heidi", 0)),
        Action("heidi", "pool", "supply", ("LINK", 100 * ETHER, "heidi", 0)),
    )
    assert all(receipt.ok for receipt in replay(stage, actions))
    with Monitor(stage.market, all_laws(), stop=False, names=stage.names) as monitor:
        receipt = stage.perform(Action("heidi", "pool", "borrow", ("WETH", amount, 2, 0, "heidi"), inside))
    return receipt.ok, {violation.law.id for violation in monitor.violations}


GIVEN_UP = {
    "sent": Action("heidi", "aLINK", "transfer", ("bob", 100 * ETHER)),
    "withdrawn": Action("heidi", "pool", "withdraw", ("LINK", EVERYTHING, "heidi")),
    "switched off": Action("heidi", "pool", "setUserUseReserveAsCollateral", ("LINK", False)),
}
LARGE = 7_700 * ETHER // 2_000
"""A debt of 7,700 dollars: covered with the LINK, healthy without it, and not covered."""
LOOKS_BEFORE = ("3.0.2", "3.2", "3.3", "3.4")


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("inside", GIVEN_UP.values(), ids=GIVEN_UP)
def test_collateral_given_up_inside_a_borrow_breaks_no_law(revision, inside):
    """Until v3.4 the borrow goes through all the same; since then it is refused."""
    assert borrowed(revision_named(revision), LARGE, inside) == (revision in LOOKS_BEFORE, set())


ELSEWHERE = Action("bob", "pool", "supply", ("USDT", 7, "bob", 0))
UNCOVERED = 8_700 * ETHER // 2_000


@pytest.mark.parametrize("revision", LOOKS_BEFORE)
def test_a_borrow_that_is_not_covered_is_heard_though_others_were_called_inside(revision, monkeypatch):
    assert borrowed(revision_named(revision), UNCOVERED, ELSEWHERE) == (False, set())
    monkeypatch.setattr(validation, "_validate_cover", lambda *_: None)
    went_through, broken = borrowed(revision_named(revision), UNCOVERED, ELSEWHERE)
    assert went_through
    assert "HF-6" in broken


@pytest.mark.parametrize("inside", [ELSEWHERE, *GIVEN_UP.values()], ids=["elsewhere", *GIVEN_UP])
def test_giving_up_collateral_is_no_excuse_where_the_cover_is_looked_at_afterwards(inside):
    """M48: a borrow checks the threshold and not the LTV."""
    with mutant_named("M48").engaged() as record:
        went_through, broken = borrowed(record, UNCOVERED if inside is ELSEWHERE else LARGE, inside)
    assert went_through
    assert "HF-6" in broken
