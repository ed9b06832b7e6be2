"""Laws about feeds, on faults that real feeds have had."""

from __future__ import annotations

from random import Random

import pytest
from pooltwin.invariants.law import Broken, LawBroken
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.oracle import caps_follow_growth, prices_are_answered, prices_do_not_jump
from pooltwin.invariants.probe import Probe, probed
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.foreign import ForeignContract

YEAR = 365 * 86_400
RATIO = 12 * 10**17
GROWTH_BPS = 968
"""What the cap lets the ratio grow in a year."""


class CappedFeed(ForeignContract):
    """A feed of a growing ratio, capped to a yearly growth since a snapshot, as adapters for staked ether are."""

    def __init__(self, chain, at, snapshot_time):
        super().__init__(chain, at)
        self.snapshot_ratio, self.snapshot_time = RATIO, snapshot_time
        self.started = chain.time

    def ratio(self):
        return RATIO + RATIO * 300 * (self.chain.time - self.started) // (10_000 * YEAR)

    def ratio_cap(self):
        elapsed = self.chain.time - self.snapshot_time
        return self.snapshot_ratio + self.snapshot_ratio * GROWTH_BPS * elapsed // (10_000 * YEAR)

    def grows_as_configured(self):
        return True

    @property
    def answer(self):
        return 2000 * 10**8 * min(self.ratio(), self.ratio_cap()) // 10**18


@pytest.fixture
def stage():
    return standard_history("3.7").stage()


def with_capped_feed(stage, snapshot_time):
    market, where = stage.market, named_address("capped feed")
    market.chain.deploy(lambda chain, at: CappedFeed(chain, at, snapshot_time), where)
    market.oracle.set_asset_sources([market.asset("WSTETH")], [where], sender=market.admin)
    return Probe(Monitor(market, [caps_follow_growth]).census, Random(1))


def test_a_cap_that_follows_its_growth_is_above_the_ratio(stage):
    probe = with_capped_feed(stage, stage.market.chain.time)
    stage.market.chain.advance(90 * 86_400)
    assert probed(caps_follow_growth.check, probe) is True


def test_a_snapshot_time_ahead_of_its_ratio_caps_below_the_truth(stage):
    """The timestamp was advanced in full while the ratio was not: the asset is priced too low."""
    probe = with_capped_feed(stage, stage.market.chain.time + 30 * 86_400)
    stage.market.chain.advance(7 * 86_400)
    verdict = probed(caps_follow_growth.check, probe)
    assert isinstance(verdict, Broken)
    assert verdict.left > verdict.right


def test_feeds_without_a_cap_exercise_nothing(stage):
    monitor = Monitor(stage.market, [caps_follow_growth])
    assert probed(caps_follow_growth.check, Probe(monitor.census, Random(1))) is None


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
