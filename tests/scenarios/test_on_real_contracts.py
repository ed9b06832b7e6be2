"""The main job, proven: every call of the replay does on the real v3.6 contracts what it does on the twin."""

import os
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pooltwin.fixtures import load_market
from pooltwin.protocol.recordings.readout import read_out
from pooltwin.scenarios.trend_research import run as trend_research
from pooltwin.scenarios.trend_research.parameters import PriceShock, ReplayParameters
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.trend_research.world import block_at, build_world
from pooltwin.scenarios.units import timestamp

from ..contracts.harness.artifacts import ArtifactsMissingError, load_v3_6
from .real_market import RealMarket
from .replay_trace import Call, Look, Quote, Tick, traced

CRASH = PriceShock(time=datetime(2026, 2, 3, 17, 0, tzinfo=UTC), weth_usd=Decimal(1200))

LOOK_EVERY = 8
"""Prints between comparisons of the whole state."""


@pytest.fixture(scope="module")
def artifacts():
    """The compiled contracts. Skipped where they cannot be compiled, except in CI."""
    try:
        return load_v3_6()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def _everyone(world):
    named = [*world.borrowers, world.lender, world.returning_lender, world.liquidator]
    return [account.address for account in named] + [world.config.addresses.treasury]


def _trace(parameters, monkeypatch):
    """Run a replay. Returns the world and what was done in it, with looks at the whole state in between."""
    worlds = []
    with traced(monkeypatch) as trace, monkeypatch.context() as patch:

        def remember(*arguments):
            worlds.append(build_world(*arguments))
            return worlds[0]

        def look(done, total):
            if done % LOOK_EVERY == 0 or done == total:
                world = worlds[0]
                provider = world.market.provider.address
                trace.append(Look(read_out(world.market.chain, provider, world.assets, _everyone(world))))

        patch.setattr(trend_research, "build_world", remember)
        trend_research.replay(parameters, look)
    return worlds[0], trace


def _real_market(artifacts, world):
    start = timestamp(load_timeline().start)
    return RealMarket(artifacts, load_market(trend_research.MARKET), world.market, start, block_at(start))


def _repeat(real, entry):
    """Do on the real contracts what was done on the twin. Returns what came of a call."""
    if isinstance(entry, Tick):
        return real.set_time(entry.time, entry.number)
    if isinstance(entry, Quote):
        return real.set_price(entry.feed, entry.answer)
    return real.call(entry.sender, entry.to, entry.signature, entry.arguments)


@pytest.mark.parametrize(
    "parameters",
    [
        ReplayParameters(),
        ReplayParameters(sell=False),
        ReplayParameters(sell=False, shock=CRASH),
        ReplayParameters(weth_returns=False),
    ],
    ids=["sold", "unsold", "crashed", "stranded"],
)
def test_the_replay_is_the_same_on_the_real_contracts(parameters, artifacts, monkeypatch):
    world, trace = _trace(parameters, monkeypatch)
    real = _real_market(artifacts, world)
    counted = dict.fromkeys((Call, Look, Quote, Tick), 0)
    for number, entry in enumerate(trace):
        counted[type(entry)] += 1
        if isinstance(entry, Look):
            assert real.state(list(entry.state["users"])) == entry.state, f"entry {number}"
            continue
        outcome = _repeat(real, entry)
        if isinstance(entry, Call):
            said = f"entry {number}: {entry.signature}{entry.arguments} from {entry.sender}"
            assert (outcome.ok, outcome.ret) == (entry.ok, entry.return_data), said
            assert real.twin_logs(outcome) == entry.logs, said
    assert counted[Call] > 100
    prints = counted[Tick] + 1  # the first print needs no tick
    assert counted[Look] == -(-prints // LOOK_EVERY)
    assert counted[Quote] > prints


def test_the_comparison_would_notice_a_price_that_is_a_dollar_off(artifacts, monkeypatch):
    world, trace = _trace(ReplayParameters(), monkeypatch)
    real = _real_market(artifacts, world)
    feed = world.market.price_feed("WETH").address
    first = next(index for index, entry in enumerate(trace) if isinstance(entry, Look))
    for entry in trace[:first]:
        wrong = isinstance(entry, Quote) and entry.feed == feed
        _repeat(real, entry._replace(answer=entry.answer + 10**8) if wrong else entry)
    expected = trace[first].state
    actual = real.state(list(expected["users"]))
    assert actual["reserves"] == expected["reserves"]  # no price is in these
    assert actual["users"] != expected["users"]
