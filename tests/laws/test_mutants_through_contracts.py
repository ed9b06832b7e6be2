"""Faults are noticed through contracts as in calls made directly: hand-made histories, one for each of some mutants."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.histories.router import batched, build_router, multicalled, routed
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history

ETHER = 10**18
DOLLARS = 10**6


class Case(NamedTuple):
    """A mutant, what prepares its market, the call in which it shows, and the laws that notice."""

    mutant: str
    setting: tuple[Action, ...]
    action: Action
    laws: frozenset[str]
    hostile: bool = False


def call(who, function, *arguments, inside=()):
    return Action(who, "pool", function, arguments, inside)


def position(wether, dollars):
    """Heidi's position: so many thousandths of a WETH, so many dollars owed."""
    return (
        call("heidi", "supply", "WETH", wether * ETHER // 1_000, "heidi", 0),
        call("heidi", "borrow", "USDC", dollars * DOLLARS, 2, 0, "heidi"),
    )


def interest(symbol):
    """What makes an index awkward."""
    return (call("alice", "borrow", symbol, 1_000 * ETHER, 2, 0, "alice"), Action.wait(10**6 + 7))


def liquidation(amount):
    return call("grace", "liquidationCall", "WETH", "USDC", "heidi", amount, False)


def at(price):
    return Action.price("WETH", price * 10**8)


LOAN = ("receiver", ("WETH", "WETH"), (ETHER, ETHER), (0, 0), "alice", b"", 0)
CASES = (
    Case("M01", (), call("alice", "flashLoanSimple", "receiver", "WETH", 1_000 * ETHER, b"", 0), frozenset({"RAT-9"})),
    Case(
        "M02", interest("WETH"), call("bob", "withdraw", "WETH", 12_345, "bob"), frozenset({"RND-2", "TOK-9", "INF-1"})
    ),
    Case(
        "M08",
        position(10_000, 0)[:1],
        call(
            "heidi",
            "withdraw",
            "WETH",
            9 * ETHER,
            "heidi",
            inside=(call("heidi", "borrow", "USDC", 10**10, 2, 0, "heidi"),),
        ),
        frozenset({"HF-1"}),
        True,
    ),
    Case("M12", (*position(1_000, 1_500), at(1_780)), liquidation(EVERYTHING), frozenset({"FLG-1"})),
    Case("M22", (*position(1_000, 1_500), at(1_780)), liquidation(EVERYTHING), frozenset({"LIQ-7"})),
    Case("M24", (*position(1_300, 1_900), at(1_700)), liquidation(1_500 * DOLLARS), frozenset({"LIQ-4"})),
    Case("M26", (*position(1_000, 1_500), at(1_000)), liquidation(EVERYTHING), frozenset({"LIQ-14"})),
    Case(
        "M27",
        (call("bob", "borrow", "USDC", 10**12, 2, 0, "bob"), *position(1_000, 1_500), at(1_000)),
        liquidation(EVERYTHING),
        frozenset({"RAT-1"}),
    ),
    Case("M32", interest("WETH"), call("alice", "repayWithATokens", "WETH", ETHER, 2), frozenset({"SOL-6", "RAT-7"})),
    Case("M156", (Action.wait(10**6),), call("alice", "withdraw", "WETH", 10**30, "alice"), frozenset({"ACT-11"})),
    Case("M38", (), call("alice", "flashLoan", *LOAN), frozenset({"INF-3"})),
    Case("M43", (), Action("alice", "aWETH", "transfer", ("alice", 5)), frozenset({"TOK-2", "SOL-8"})),
    Case(
        "M47",
        position(10_000, 10_000),
        call("heidi", "withdraw", "WETH", 9 * ETHER, "heidi"),
        frozenset({"HF-1", "HF-2"}),
    ),
    Case("M163", (), call("heidi", "supply", "WETH", ETHER, "heidi", 0), frozenset({"FLG-11"})),
)


def broken(case, through):
    """Perform a case on its mutant, its call sent by `through`. Returns the laws that broke."""
    mutant = mutant_named(case.mutant)
    with mutant.engaged() as revision:
        history = standard_history(mutant.revision)
        stage = Stage(history.opening.market(revision), history.actors)
        replay(stage, history.setting)
        build_router(stage)
        if case.hostile:
            make_hostile(stage, "WETH")
        monitor = Monitor(stage.market, all_laws(), stop=False, names=stage.names)
        with monitor:
            replay(stage, (*case.setting, *through(stage, case.action)))
    return {violation.law.id for violation in monitor.violations}


def directly(stage, action):
    return [action]


def by_a_router(stage, action):
    return [routed(action)]


def by_a_router_that_goes_on(stage, action):
    return [batched((action, call("bob", "supply", "LINK", 10**9, "bob", 0)), lenient=True)]


def by_a_multicall(stage, action):
    return [multicalled(stage, [action])]


def in_a_callback(stage, action):
    return [call("bob", "flashLoanSimple", "receiver", "USDT", 10**9, b"", 0, inside=(action,))]


@pytest.mark.parametrize("through", [by_a_router, by_a_router_that_goes_on], ids=lambda each: each.__name__)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.mutant)
def test_a_router_hides_no_fault(case, through):
    found = broken(case, directly)
    assert case.laws <= found
    assert broken(case, through) == found


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.action.target == "pool" and not case.action.inside],
    ids=lambda case: case.mutant,
)
def test_a_multicall_hides_no_fault(case):
    assert broken(case, by_a_multicall) == broken(case, directly)


SEEN_INSIDE = {"M02": {"RND-2", "TOK-9"}, "M24": {"LIQ-4"}, "M38": {"INF-3"}, "M43": {"TOK-2"}, "M47": {"HF-2"}}
"""Mutants that show in a callback, and the laws of calls that notice them there."""


@pytest.mark.parametrize("case", [case for case in CASES if case.mutant in SEEN_INSIDE], ids=lambda case: case.mutant)
def test_a_callback_hides_no_fault_from_laws_of_calls(case):
    assert broken(case, in_a_callback) >= SEEN_INSIDE[case.mutant]
