"""What a probe repays before lenders try to leave is enough for them, and no more than that."""

from __future__ import annotations

from random import Random

import pytest
from pooltwin.invariants import CampaignOptions, Monitor
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.reading.probe import Probe
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import Address
from pooltwin.protocol.revisions import REVISIONS

STEPS = 150


def debts_of(probe: Probe) -> dict[tuple[Address, Address], int]:
    """List who owes what of which asset, at either rate."""
    found = {}
    for asset, home in probe.census.homes.items():
        for user, shares in home.debt_balances.items():
            found[asset, user] = shares
        for user, principal in home.stable_token.scaled_balances.items() if home.stable_token is not None else ():
            found[asset, user] = found.get((asset, user), 0) + principal
    return {key: owed for key, owed in found.items() if owed}


@pytest.mark.parametrize("revision", sorted(REVISIONS))
def test_lenders_whose_debts_are_repaid_can_leave_and_other_debts_stay(revision: str) -> None:
    options = CampaignOptions(standard_history(revision), steps=STEPS, episode_steps=STEPS, laws=("SOL-1",))
    run = EpisodeRun(options, 4)
    run.run()
    market = run.stage.market
    left = kept = 0
    with Monitor(market, [], names=run.stage.names) as monitor, monitor.looking_away():
        probe = Probe(monitor.census, Random(1))
        before, digest = debts_of(probe), market.chain.digest()
        for asset, home in probe.census.homes.items():
            in_full = revision >= "3.5" and not home.reserve.deficit  # rounding leaves a wei too little before
            for some in (probe.lenders(asset), probe.lenders(asset)[:2]):
                with probe.undone():
                    assert probe.settle_everything(asset, some)
                    after = debts_of(probe)
                    stay = {key: owed for key, owed in before.items() if asset != key[0] and key[1] not in some}
                    assert {key: after.get(key) for key in stay} == stay
                    assert after.keys() == stay.keys()
                    paid, stuck = probe.exits(asset, some)
                    assert stuck == [] or not in_full
                    left, kept = left + len(paid), kept + len(stay)
        assert market.chain.digest() == digest
    assert left
    assert kept
