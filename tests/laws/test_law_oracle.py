"""Laws about feeds, on faults that real feeds have had."""

from __future__ import annotations

from random import Random

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.bridged_token import make_bridged
from pooltwin.invariants.histories.capped_feed import FIRST_RATIO
from pooltwin.invariants.law import Broken, LawBroken
from pooltwin.invariants.laws.oracle import (
    bridged_tokens_are_backed,
    caps_follow_growth,
    prices_are_answered,
    prices_do_not_jump,
)
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.mutants.hunt import hunt
from pooltwin.invariants.reading.probe import Probe, probed
from pooltwin.invariants.standard import standard_config, standard_history
from pooltwin.protocol.market import Market

DAY = 86_400


@pytest.fixture
def stage():
    return standard_history("3.7").stage()


def price_after(stage, seconds):
    """WSTETH is told to be worth 2400 after some time. Returns what its feed answers then."""
    stage.market.chain.advance(seconds)
    stage.market.set_price("WSTETH", 2400_00000000)
    return stage.market.oracle.price_of(stage.market.asset("WSTETH"))


def verdict_on_caps(stage):
    monitor = Monitor(stage.market, [caps_follow_growth])
    return probed(caps_follow_growth.check, Probe(monitor.census, Random(1)))


@pytest.mark.parametrize("days", [1, 4, 90, 400, 4_000])
def test_a_cap_that_follows_its_growth_is_above_the_ratio(stage, days):
    for _ in range(4):
        assert price_after(stage, days * DAY) == 2400_00000000
        assert verdict_on_caps(stage) is True


def test_a_snapshot_time_ahead_of_its_ratio_caps_below_the_truth(stage):
    """The timestamp was advanced in full while the ratio was not: the asset is priced too low."""
    with mutant_named("E1").engaged():
        assert price_after(stage, 100 * DAY) == 2400_00000000
        assert verdict_on_caps(stage) is True
        assert price_after(stage, 300 * DAY) < 2330_00000000
        verdict = verdict_on_caps(stage)
    assert isinstance(verdict, Broken)
    assert verdict.left > verdict.right


def test_a_snapshot_is_moved_on_by_three_percent_at_most_and_not_within_three_days(stage):
    feed = stage.market.price_feed("WSTETH")
    price_after(stage, 2 * DAY)
    assert (feed.snapshot_ratio, feed.snapshot_time) == (FIRST_RATIO, feed.started)
    price_after(stage, 398 * DAY)
    assert (feed.snapshot_ratio, feed.snapshot_time) == (1236 * 10**15, feed.started + 365 * DAY * 3 // 8)


def test_feeds_without_a_cap_exercise_nothing(stage):
    plain = Market.deploy(standard_config())
    monitor = Monitor(plain, [caps_follow_growth])
    assert probed(caps_follow_growth.check, Probe(monitor.census, Random(1))) is None
    assert not caps_follow_growth.met(plain)
    assert caps_follow_growth.met(stage.market)


def test_a_missing_multiplication_is_a_jump(stage):
    monitor = Monitor(stage.market, [prices_do_not_jump]).attach()
    stage.market.set_price("WSTETH", 1_12000000)
    with pytest.raises(LawBroken, match="ORA-5 broken"):
        monitor.settle()


def test_news_is_no_jump(stage):
    with Monitor(stage.market, [prices_do_not_jump, prices_are_answered]) as monitor:
        stage.market.set_price("WSTETH", 1700_00000000)
        stage.market.set_price("WETH", 0)
        stage.market.chain.advance(1)
    assert monitor.exercised() == {"ORA-1": 2, "ORA-5": 2}


def test_a_bridged_token_is_backed_until_the_bridge_is_deceived(stage):
    market, alice = stage.market, stage.book["alice"]
    make_bridged(stage, "USDC")
    assert bridged_tokens_are_backed.met(market)
    monitor = Monitor(market, [bridged_tokens_are_backed]).attach()
    market.fund("USDC", alice, 10**12)
    assert monitor.exercised() == {"ORA-6": 1}
    with mutant_named("E3").engaged(), pytest.raises(LawBroken, match=r"ORA-6 broken .* USDC that exists, locked"):
        market.fund("USDC", alice, 1)


MONITORS = {"E1": "ORA-3", "E2": "ORA-5", "E3": "ORA-6", "E4": "ORA-1", "E5": "ORA-5"}


@pytest.mark.parametrize("identifier", MONITORS)
def test_where_the_environment_lies_the_monitors_speak_and_the_laws_of_the_pool_hold(identifier):
    found = hunt(mutant_named(identifier), all_laws(), 1_000)
    assert not found.crash
    assert list(found.kills) == [MONITORS[identifier]]
    assert sum(count > 0 for count in found.exercised.values()) > 100
