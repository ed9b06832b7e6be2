"""IDX-4, IDX-14 and CAP-4 hold back to v3.0.2: updates, and flash loans that are kept as debt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pooltwin.invariants.campaigns.campaign import run_episode
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.errors import CollateralCannotCoverNewBorrow
from pooltwin.protocol.revisions import REVISIONS, revision_named

LAWS = ("IDX-4", "IDX-14", "CAP-4")


def attacked(revision):
    """Attack a release with these laws watching. Returns what broke, and how often each was asked."""
    options = CampaignOptions(
        history=standard_history(revision), seed=31, steps=300, episode_steps=300, laws=LAWS, probe_every=20
    )
    result = run_episode(options, 0)
    return {finding.violation.law.id for finding in result.findings}, result.tally.exercised


@pytest.mark.parametrize("revision", REVISIONS)
def test_they_are_asked_of_every_release_and_silent(revision):
    assert all(law_called(law).claimed_for(revision) for law in LAWS)
    broken, asked = attacked(revision)
    assert broken == set()
    assert min(asked[law] for law in LAWS) > 5


def crediting_each_borrow(record):
    """Let a borrow credit the treasury with a share, whether time has passed or not."""

    def check(pool, reserve, configuration, category_id):
        record.check_borrowable(pool, reserve, configuration, category_id)
        reserve.accrued_to_treasury += 1

    return replace(record, check_borrowable=check)


def forgetting_the_update(record):
    """Let a borrow take the time of the update back."""

    def check(pool, reserve, configuration, category_id):
        record.check_borrowable(pool, reserve, configuration, category_id)
        reserve.last_update_timestamp -= 1

    return replace(record, check_borrowable=check)


def refusing_debt_of_loans(record):
    """Let nobody keep a flash loan as debt."""

    def known_borrower(_pool, _user):
        raise CollateralCannotCoverNewBorrow()

    return replace(record, known_borrower=known_borrower)


FAULTS = {"IDX-4": crediting_each_borrow, "IDX-14": forgetting_the_update, "CAP-4": refusing_debt_of_loans}
BORROWS = (
    Action("heidi", "pool", "supply", ("WETH", 10 * 10**18, "heidi", 0)),
    *(Action("heidi", "pool", "borrow", ("USDC", 1_000 * 10**6, 2, 0, "heidi")) for _ in range(2)),
)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("law", LAWS)
def test_each_hears_its_fault_on_every_release(revision, law):
    history, record = standard_history(revision), FAULTS[law](revision_named(revision))
    stage = Stage(history.opening.market(record), history.actors)
    replay(stage, history.setting)
    with Monitor(stage.market, [law_called(law)], stop=False, names=stage.names) as monitor:
        assert all(receipt.ok for receipt in replay(stage, BORROWS))
    for number in range(10):
        run_probes(monitor, f"loans/{number}")
    assert {violation.law.id for violation in monitor.violations} == {law}
