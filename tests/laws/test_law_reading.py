"""What laws are shown of the state before and after a step is what is stored, however calls are nested."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.histories.temperaments import SOLITARY, weighed
from pooltwin.invariants.law import Kind, Subject, Verdict, law
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reading.moment import Moment
from pooltwin.invariants.reading.step import Step
from pooltwin.invariants.standard import standard_history

NESTED = replace(SOLITARY, weights={**SOLITARY.weights, **weighed(route=30, multicall=20, reenter=30)})
WORKED_OUT_LATER = ("synced", "usage")


def told(moment: Moment) -> list[object]:
    """All that a moment tells of reserves, and of those whom anything is stored of."""
    census = moment.census
    views = [moment.reserve(asset) for asset in census.homes]
    figures = [[getattr(view, name) for name in view.__slots__ if name not in WORKED_OUT_LATER] for view in views]
    users = [moment.position(user) for user in census.pool.users_config]
    return [*figures, *((position.flags, position.holdings) for position in users)]


def both_are_stored(step: Step) -> Verdict:
    before = Moment(step.census, step.changes, step.before.time)
    now = Moment(step.census, {}, step.census.chain.time)
    shown, stored = [told(step.before), told(step.after)], [told(before), told(now)]
    assert shown == stored, str(step)  # equal() would print all of it
    return True


OF_WRITES = law("MY-1", "So it was.", kind=Kind.STATE, subject=Subject.STEP, source="mine", reverted=True)
OF_CALLS = law(
    "MY-2",
    "So it was before the pieces of a call, too.",
    kind=Kind.STATE,
    subject=Subject.STEP,
    source="mine",
    on=("router.go", "Router.go", "pool.multicall", "pool.supply", "pool.withdraw", "pool.flashLoanSimple"),
    reverted=True,
)


@pytest.mark.parametrize("revision", ["3.0.2", "3.5", "3.7"])
def test_a_step_is_shown_what_was_stored_before_it_and_is_now(revision):
    stage = standard_history(revision).stage()
    build_router(stage)
    make_hostile(stage, "WETH")
    driver = Driver(stage, Chance(Random(f"shown {revision}")), NESTED)
    monitor = Monitor(stage.market, [OF_WRITES(both_are_stored), OF_CALLS(both_are_stored)], names=stage.names)
    with monitor:
        for number in range(250):
            stage.perform(driver.next())
            if number % 50 == 49:
                with monitor.looking_away():
                    mark = stage.chain.snapshot()
                    stage.perform(driver.next())
                    stage.chain.revert_to(mark)
    assert min(monitor.exercised().values()) > 50


def test_what_is_shown_wrongly_is_noticed():
    """The comparison itself, on a view that went stale behind the monitor's back."""
    stage = standard_history("3.7").stage()
    weth, alice = stage.market.asset("WETH"), stage.address_of("alice")
    with Monitor(stage.market, [OF_WRITES(both_are_stored)]) as monitor:
        stage.market.pool.supply(weth, 7, alice, 0, sender=alice)
        stale = monitor.seen.reserves[weth]
        assert stale is not None
        stale.claims += 1
        with pytest.raises(AssertionError, match=r"pool\.supply"):
            stage.market.pool.supply(weth, 7, alice, 0, sender=alice)
        monitor.seen.clear()
