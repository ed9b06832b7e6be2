"""The laws are silent where nothing is wrong: on every release, in a campaign of the standard adversary."""

from __future__ import annotations

import pytest
from pooltwin.invariants.campaigns.campaign import run_episode
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.law import not_asked_of
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.revisions import REVISIONS

RESTATED = ("RND-1", "RND-2", "RND-3", "RND-6", "SOL-1", "SOL-2", "SOL-3", "SOL-10", "INF-1", "TOK-9", "IDX-15")
"""Laws whose bound is the rounding of the release."""


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_campaign_breaks_nothing_on_any_release(revision):
    options = CampaignOptions(
        history=standard_history(revision), seed=29, steps=800, episode_steps=800, probe_every=200
    )
    result = run_episode(options, 0)
    assert [finding.violation for finding in result.findings] == []
    assert [law for law in RESTATED if not result.tally.exercised[law]] == []


def test_a_report_says_which_laws_are_not_asked_of_a_release():
    laws = [law for law in all_laws() if law.id in ("SOL-1", "SOL-5", "SOL-11", "DEF-2")]
    told = not_asked_of("3.0.2", laws)
    reason = "because they speak of what it lacks or of how others round"
    assert told == f"3 of 4 laws are not asked of v3.0.2, {reason}: SOL-5, 11; DEF-2"
    assert not_asked_of("3.7", laws) == ""


@pytest.mark.parametrize("revision", [name for name in REVISIONS if law_called("SOL-4").claimed_for(name)])
def test_a_reserve_that_outgrows_its_storage_is_no_break_of_what_is_tried_on_it(revision):
    """Once its figures overflow, nobody can update it: laws that update on the way have nothing to say of it."""
    stage = outgrown(revision)
    market = stage.market
    with pytest.raises(Revert):
        market.configurator.set_reserve_factor(market.asset("WETH"), 9_999, sender=market.admin)
    monitor = Monitor(market, all_laws(), stop=False, names=stage.names)
    for number in range(40):
        assert run_probes(monitor, f"outgrown/{number}") == []
    assert {"SOL-4", "IDX-11", "SYS-5"} & {law.id for law in monitor.laws}


def outgrown(revision):
    """Lend and borrow WETH beside the width of a balance, all interest for the treasury, until nothing fits."""
    stage = standard_history(revision).stage()
    market, (alice, bob) = stage.market, [stage.address_of(name) for name in ("alice", "bob")]
    configurator, weth, amount = market.configurator, market.asset("WETH"), 2**118
    for who, symbol, supplied in ((alice, "WETH", amount), (bob, "USDC", 2**100)):
        for cap in (configurator.set_supply_cap, configurator.set_borrow_cap):
            cap(market.asset(symbol), 0, sender=market.admin)
        market.fund(symbol, who, supplied)
        market.pool.supply(market.asset(symbol), supplied, who, 0, sender=who)
    market.pool.borrow(weth, amount * 19 // 20, 2, 0, bob, sender=bob)
    configurator.set_reserve_factor(weth, 9_999, sender=market.admin)
    for _ in range(400):
        market.chain.advance(90 * 86_400)
        try:
            configurator.set_reserve_factor(weth, 9_999, sender=market.admin)
        except Revert:
            return stage
    raise AssertionError("nothing overflowed in a century")


@pytest.mark.parametrize("revision", REVISIONS)
def test_reserves_that_are_switched_off_while_in_use_break_nothing_that_is_tried_on_them(revision):
    """Nobody can leave such a reserve; governance may switch it on, and then everybody can."""
    stage = standard_history(revision).stage()
    market, alice = stage.market, stage.address_of("alice")
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    market.pool.supply(usdc, 10**9, alice, 0, sender=alice)
    market.pool.borrow(weth, 10**15, 2, 0, alice, sender=alice)
    market.chain.advance(86_400)
    for asset in market.assets.values():
        word = market.pool.reserves[asset].configuration & ~(1 << 56)
        market.pool.set_configuration(asset, (word,), sender=market.configurator.address)
    monitor = Monitor(market, all_laws(), stop=False, names=stage.names)
    for number in range(40):
        assert run_probes(monitor, f"off/{number}") == []
    law = "SOL-11" if law_called("SOL-11").claimed_for(revision) else "SOL-15"
    assert monitor.exercised()[law] > 0


@pytest.mark.parametrize("revision", ["3.0.2", "3.2", "3.3"])
def test_a_premium_that_moves_no_index_counts_at_the_index_of_its_own_loan(revision):
    """A loan inside a loan of the same asset: its premium comes before that of the outer, which raises the index."""
    stage = standard_history(revision).stage()
    tiny = Action("receiver", "pool", "flashLoanSimple", ("receiver", "DUST", 67_495_653, b"", 0))
    most = 1_222_242_271_862_101_150_014_673_948_508_160
    actions = (
        Action("admin", "DUST", "mint", ("bob", 10**36)),
        Action("admin", "configurator", "updateFlashloanPremiumToProtocol", (400,)),
        Action("admin", "configurator", "updateFlashloanPremiumTotal", (9,)),
        Action("bob", "pool", "supply", ("DUST", 10**33, "bob", 0)),
        Action("bob", "pool", "flashLoan", ("receiver", ("DUST",), (most,), (0,), "bob", b"", 0), (tiny,)),
    )
    with Monitor(stage.market, all_laws(), stop=False, names=stage.names) as monitor:
        assert all(stage.perform(action).ok for action in actions)
    assert monitor.violations == []
    assert monitor.exercised()["DEF-8"] > 0
