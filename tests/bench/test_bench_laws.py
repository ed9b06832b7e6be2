"""How fast histories run with every law watching, and what each law costs.

Nothing here asserts a time. `pytest tests/bench/test_bench_laws.py -m bench -s` prints the cost of each law.
"""

from __future__ import annotations

from random import Random
from time import process_time

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.router import build_router, routed
from pooltwin.invariants.histories.temperaments import SOLITARY
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history

STEPS = 2_000
pytestmark = [
    pytest.mark.bench,
    pytest.mark.benchmark(timer=process_time),  # what others do on the machine is not ours
]


@pytest.fixture(scope="module")
def actions():
    """A history drawn beforehand, so that only its replay is measured."""
    stage = standard_history("3.7").stage()
    driver = Driver(stage, Chance(Random(1)), SOLITARY)
    drawn = []
    for _ in range(STEPS):
        action = driver.next()
        stage.perform(action)
        drawn.append(action)
    return drawn


def fresh():
    return (standard_history("3.7").stage(),), {}


def test_replay_without_laws(benchmark, actions):
    def replay(stage):
        for action in actions:
            stage.perform(action)

    benchmark.pedantic(replay, setup=fresh, rounds=3)


def test_replay_with_every_law(benchmark, actions):
    def replay(stage):
        monitor = Monitor(stage.market, all_laws(), stop=False)
        with monitor:
            for action in actions:
                stage.perform(action)
        return monitor

    monitor = benchmark.pedantic(replay, setup=fresh, rounds=3)
    assert monitor.steps >= STEPS - 50  # calls of functions that a release lacks are no steps
    assert not monitor.violations


def test_replay_through_a_router_with_every_law(benchmark, actions):
    through = [routed(action, lenient=True) for action in actions]

    def replay(stage):
        build_router(stage)
        monitor = Monitor(stage.market, all_laws(), stop=False)
        with monitor:
            for action in through:
                stage.perform(action)
        return monitor

    monitor = benchmark.pedantic(replay, setup=fresh, rounds=3)
    assert monitor.steps == STEPS
    assert not monitor.violations


def test_cost_of_each_law(benchmark, actions):
    def replay(stage):
        monitor = Monitor(stage.market, all_laws(), stop=False, profile=True)
        with monitor:
            for action in actions:
                stage.perform(action)
        return monitor

    monitor = benchmark.pedantic(replay, setup=fresh, rounds=1)
    costs = sorted(zip(monitor.seconds, monitor.laws, strict=True), key=lambda pair: -pair[0])
    for seconds, law in costs[:25]:
        print(f"{law.id:7} {1e6 * seconds / STEPS:7.1f} us a step")
    assert len(costs) == len(monitor.laws)
