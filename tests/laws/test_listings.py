"""The adversary lists assets on every release, each in its own struct, and no law breaks."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from pooltwin.invariants.campaigns.campaign import CampaignOptions, run_campaign
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.histories.action import Action, Stage
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.listing import Listing, listing
from pooltwin.invariants.histories.moves.governing import rate_data
from pooltwin.invariants.histories.outfit import BRIDGED, SPARE, SPARES, rates_of, strategy_with
from pooltwin.invariants.histories.plots import limits, tokens
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.revisions import REVISIONS

STEPS = 2_000
RATES = rate_data(8_000, 100, 400, 20_000)


def stage_on(revision: str) -> Stage:
    return standard_history(revision).stage()


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_campaign_lists_a_spare_asset_and_breaks_no_law(revision: str) -> None:
    history = standard_history(revision)
    stage = history.stage()
    driver, done = Driver(stage, Chance(Random("1")), ADVERSARY), Counter[str]()
    for _ in range(STEPS):
        action = driver.next()
        receipt = stage.perform(action)
        done[action.function] += receipt is not None and receipt.ok
    assert done["initReserves"]
    assert SPARE in stage.market.assets
    result = run_campaign(CampaignOptions(history, seed=1, steps=STEPS))
    assert result.ok, result.findings[0].story()
    assert result.tally.exercised["SYS-7"]
    assert result.tally.exercised["FLG-8"]


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_plot_that_lists_does_so_on_every_release(revision: str) -> None:
    stage = stage_on(revision)
    driver = Driver(stage, Chance(Random("1")), ADVERSARY)
    with Monitor(stage.market, all_laws()) as monitor:
        listed: Counter[str] = Counter()
        for plot in (limits.from_a_bridge, limits.fill_the_gaps, tokens.relist):
            for action in driver.play(plot):
                receipt = stage.perform(action)
                driver.learn()
                listed[plot.__name__] += action.function == "initReserves" and receipt is not None and receipt.ok
        assert monitor.exercised()["SYS-7"]
    assert {BRIDGED, SPARES[0]} <= stage.market.assets.keys()
    assert listed["from_a_bridge"] == 1
    assert listed["fill_the_gaps"] == (3 if stage.offers("configurator", "dropReserve") else 0)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_listing_is_what_it_says_on_every_release(revision: str) -> None:
    stage = stage_on(revision)
    struct = listing(stage, SPARE, RATES)
    assert Listing.read(struct) == Listing.of(SPARE, RATES)
    receipt = stage.perform(Action("admin", "configurator", "initReserves", ((struct,),)))
    assert receipt is not None
    assert receipt.ok, receipt.revert
    market = stage.market
    assert market.a_token(SPARE).token_symbol == "aSPARE"
    assert market.debt_token(SPARE).token_symbol == "debtSPARE"
    assert market.a_token(SPARE).treasury == stage.book["treasury"]
    strategy, ray_of_a_bps = market.rate_strategy_of(SPARE), 10**23
    if market.chain.revision.stable_rates:
        assert (strategy.optimal_usage_ratio, strategy.base_variable_borrow_rate) == (
            8_000 * ray_of_a_bps,
            100 * ray_of_a_bps,
        )
    else:
        assert tuple(strategy.get_interest_rate_data_bps(named_address(SPARE))) == (8_000, 100, 400, 20_000)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_contract_on_top_of_another_is_seen_on_every_release(revision: str) -> None:
    """M180 puts the contracts of a creator on top of its first ten."""
    stage = stage_on(revision)
    action = Action("admin", "configurator", "initReserves", ((listing(stage, SPARE, RATES),),))
    with mutant_named("M180").engaged(), Monitor(stage.market, [law_called("SYS-7")], stop=False) as monitor:
        assert stage.act(action)
    assert {violation.law.id for violation in monitor.violations} == {"SYS-7"}


def test_rates_are_told_in_the_name_of_their_strategy() -> None:
    assert strategy_with(RATES) == "rates of 8000 100 400 20000 bps"
    assert rates_of(strategy_with(RATES)) == RATES
    for nonsense in (b"", RATES[:-1], rate_data(10**9, 0, 0, 0)):
        with pytest.raises(ValueError, match="are no rates in bps that a strategy could have"):
            strategy_with(nonsense)
    with pytest.raises(ValueError, match="'nobody' does not tell its rates"):
        rates_of("nobody")
    with pytest.raises(ValueError, match="no release lists an asset by 2 settings"):
        Listing.read(("WETH", "aToken code"))
