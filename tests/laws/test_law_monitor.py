"""The monitor: what it sees, what it costs, what it says."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.law import Kind, LawBroken, Subject, Verdict, at_most, equal, law
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reading.step import ReserveChange, Step
from pooltwin.invariants.reference import EVERYTHING, RAY
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.errors import Revert


@pytest.fixture
def stage():
    return standard_history("3.7").stage()


@law("MY-1", "At most half of a reserve is lent.", kind=Kind.STATE, subject=Subject.RESERVE, source="mine")
def half_is_kept(change: ReserveChange) -> Verdict:
    return at_most("lent, half of what there is", 2 * change.after.debt, change.after.debt + change.after.virtual)


@law("MY-2", "Nobody is called.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("pool.supply",))
def nobody_supplies(step: Step) -> Verdict:
    return equal("sender, nobody", step.sender, "nobody")


def test_a_law_of_ones_own_is_checked_at_every_transaction(stage):
    market, alice = stage.market, stage.book["alice"]
    with Monitor(market, [half_is_kept]) as monitor:
        market.pool.borrow(market.asset("WETH"), 10**18, sender=alice)
        market.pool.repay(market.asset("WETH"), EVERYTHING, sender=alice)
    assert monitor.exercised() == {"MY-1": 2}


def test_a_broken_law_stops_the_test_and_tells_who_did_what(stage):
    market, alice = stage.market, stage.book["alice"]
    with pytest.raises(LawBroken) as caught, Monitor(market, [nobody_supplies], names=stage.names):
        market.pool.supply(market.asset("WETH"), 7, sender=alice)
    text = str(caught.value)
    assert text.startswith("MY-2 broken at step 0, alice: pool.supply(WETH, 7, alice, 0)")
    assert "Nobody is called." in text


def test_watching_ends_with_the_context_and_changes_nothing(stage):
    chain = stage.market.chain
    with Monitor(stage.market, all_laws()) as monitor:
        assert chain.watcher is monitor
        chain.advance(3600)
    assert chain.watcher is None
    assert monitor.steps == 1
    twin = standard_history("3.7").stage().market.chain
    twin.advance(3600)
    assert chain.digest() == twin.digest()


def test_a_second_watcher_gives_the_chain_back_to_the_first(stage):
    chain = stage.market.chain
    with Monitor(stage.market, all_laws()) as first:
        chain.advance(1)
        with Monitor(stage.market, all_laws()) as second:
            chain.advance(1)
        assert chain.watcher is first
        chain.advance(1)
    assert (first.steps, second.steps) == (2, 1)


def test_what_is_asked_without_effect_is_no_step(stage):
    market, alice = stage.market, stage.book["alice"]
    supply = next(function for function in market.pool.functions.values() if function.name == "supply")
    data = supply.calldata([market.asset("WETH"), 7, alice, 0])
    with Monitor(market, all_laws()) as monitor:
        assert market.chain.call(alice, market.pool.address, data).ok
        assert (monitor.steps, monitor.start) == (0, market.chain.journal.position())
        assert market.chain.transact(alice, market.pool.address, data).ok
    assert monitor.steps == 1


def test_before_is_what_was_and_after_what_is(stage):
    market, alice, weth = stage.market, stage.book["alice"], stage.market.asset("WETH")
    shares = market.a_token("WETH").scaled_balances[alice]
    virtual = market.pool.reserves[weth].virtual_underlying_balance
    with Monitor(market, all_laws()) as monitor:
        market.pool.supply(weth, 10**18, sender=alice)
        step = monitor.last
    assert step is not None
    assert step.before.shares(weth, alice) == shares
    assert step.after.shares(weth, alice) == shares + 10**18
    change = step.reserves[weth]
    assert (change.before.virtual, change.after.virtual) == (virtual, virtual + 10**18)
    assert list(step.reserves) == [weth]
    assert list(step.users) == [alice]


def test_a_first_balance_was_nothing_before(stage):
    market, heidi, weth = stage.market, stage.book["heidi"], stage.market.asset("WETH")
    with Monitor(market, all_laws()) as monitor:
        market.pool.supply(weth, 10**18, sender=heidi)
        assert monitor.last is not None
        before = monitor.last.before.position(heidi)
    assert (before.flags, before.holdings, before.health) == (0, [], 2**256 - 1)


def test_reverts_are_seen_and_leave_nothing(stage):
    market, heidi = stage.market, stage.book["heidi"]
    with Monitor(market, all_laws()) as monitor:
        with pytest.raises(Revert):
            market.pool.borrow(market.asset("WETH"), 10**18, sender=heidi)
        assert monitor.last is not None
        assert not monitor.last.ok
        assert monitor.last.changes == {}
    assert monitor.exercised()["ACT-11"] == 1


def test_raw_calls_prices_and_time_are_steps_too(stage):
    market, alice = stage.market, stage.book["alice"]
    data = bytes.fromhex("095ea7b3") + bytes(12) + bytes.fromhex(alice[2:]) + (5).to_bytes(32, "big")
    with Monitor(market, all_laws()) as monitor:
        market.chain.transact(alice, market.a_token("WETH").address, data)
        assert monitor.last is not None
        assert monitor.last.name == "aToken.approve"
        market.set_price("WETH", 2001 * 10**8)
        market.chain.advance(12)
        assert monitor.last.name == "time"
    assert monitor.steps == 3
    assert monitor.exercised()["ORA-1"] == 1


def test_what_is_only_tried_is_not_a_step(stage):
    market, alice = stage.market, stage.book["alice"]
    with Monitor(market, all_laws()) as monitor:
        market.chain.call(alice, market.pool.address, b"\0\0\0\0")
        assert monitor.steps == 0
        snapshot = market.chain.snapshot()
        market.pool.supply(market.asset("WETH"), 10**18, sender=alice)
        market.chain.revert_to(snapshot)
        market.pool.supply(market.asset("WETH"), 10**18, sender=alice)
        assert monitor.last is not None
        assert monitor.last.reserves[market.asset("WETH")].before.scaled_supply == 4 * 5000 * 10**18
    assert monitor.steps == 2


def test_a_write_behind_the_journal_is_found_by_the_count(stage):
    """SOL-15 counts everybody; SOL-8 sees only what the journal tells."""
    from random import Random

    from pooltwin.invariants.law import Broken
    from pooltwin.invariants.laws.bookkeeping import balances_add_up_counted
    from pooltwin.invariants.reading.probe import Probe

    monitor = Monitor(stage.market, all_laws())
    assert balances_add_up_counted(Probe(monitor.census, Random(1))) is True
    dict.__setitem__(stage.market.a_token("WETH").scaled_balances, named_address("thief"), RAY)
    assert isinstance(balances_add_up_counted(Probe(monitor.census, Random(1))), Broken)


def test_the_cost_of_a_step_does_not_grow_with_the_number_of_users(stage):
    """Counted in places read: a supply touches one user and one reserve however many there are."""
    market, alice, weth = stage.market, stage.book["alice"], stage.market.asset("WETH")
    for number in range(200):
        user = named_address(f"user {number}")
        market.fund("WETH", user, 10**18)
        market.pool.supply(weth, 10**18, sender=user)
    with Monitor(market, all_laws()) as monitor:
        market.pool.supply(weth, 10**18, sender=alice)
        assert monitor.last is not None
        assert list(monitor.last.users) == [alice]
        assert set(monitor.last.before._positions) <= {alice, *monitor.census.bystanders(0)}


def test_actions_that_make_no_sense_are_refused_by_name(stage):
    from pooltwin.invariants.histories.unfit import ActionError

    for action, words in (
        (Action("mallory", "pool", "supply", ("WETH", 1, "alice", 0)), "nobody is called 'mallory'"),
        (Action("alice", "pool", "fly", ()), "has no function 'fly' of 0 arguments"),
        (Action("alice", "pool", "supply", ("WETH", -1, "alice", 0)), "argument 'amount': -1"),
        (Action.price("NOPE", 1), "'NOPE' is not listed"),
    ):
        with pytest.raises(ActionError, match=words):
            stage.perform(action)
