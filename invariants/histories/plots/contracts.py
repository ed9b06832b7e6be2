"""Plots of contracts: calls by way of a router, several in one transaction, and calls inside calls."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from ..action import Action
from ..driver import VARIABLE, Driver, Plot
from ..hostile_token import is_hostile
from ..moves.lending import any_user_call, donate
from ..receiver import RECEIVER
from ..router import batched, build_router, can_be_routed, multicalled

MOST = 4
"""How many plots of users are drawn for one transaction, at most."""


def _calls(d: Driver) -> list[Action]:
    """Draw calls of users, as if each saw the state before the first."""
    calls: list[Action] = []
    for _ in range(d.between(1, MOST + 1)):
        plot = donate(d) if d.happens(0.1) else any_user_call(d)
        calls += [action for action in islice(plot, 3) if can_be_routed(action)]
    return calls


def route(d: Driver) -> Plot:
    """Send calls through a router, in one transaction; if it is lenient, what reverts is left out."""
    build_router(d.stage)
    calls = _calls(d)
    if calls:
        yield batched(calls, lenient=d.happens(0.6))


def multicall(d: Driver) -> Plot:
    """Send calls of one person in a multicall, where the release has it."""
    calls = [call for call in _calls(d) if call.target == "pool" and d.stage.offers("pool", call.function)]
    calls = [call for call in calls if call.sender == calls[0].sender]
    if calls and d.stage.offers("pool", "multicall"):
        yield multicalled(d.stage, calls)


def reenter(d: Driver) -> Plot:
    """Make calls inside a call: by a token that calls back, or by a loan's receiver through the router."""
    build_router(d.stage)
    calls = tuple(_calls(d))
    if not calls:
        return
    hostile = [symbol for symbol in d.symbols if is_hostile(d.stage, symbol)]
    symbol = d.pick(hostile or d.symbols)
    if hostile:
        yield replace(_call_about(d, symbol), inside=calls)
        return
    through = batched(calls, lenient=d.happens(0.8))
    amount = d.near(d.liquidity(symbol)) if d.happens(0.5) else d.unit(symbol)
    yield Action(d.person(), "pool", "flashLoanSimple", (RECEIVER, symbol, amount, b"", 0), (through,))


def _call_about(d: Driver, symbol: str) -> Action:
    """Draw a call in which an asset's token moves."""
    who, amount = d.person(), d.between(1, 100 * d.unit(symbol))
    return d.pick(
        (
            Action(who, "pool", "supply", (symbol, amount, who, 0)),
            Action(who, "pool", "withdraw", (symbol, d.near(d.supplied(symbol, who)), who)),
            Action(who, "pool", "borrow", (symbol, d.near(d.credit(symbol, who)), VARIABLE, 0, who)),
            Action(who, "pool", "repay", (symbol, d.near(d.owed(symbol, who)), VARIABLE, who)),
            Action(who, "pool", "flashLoanSimple", (RECEIVER, symbol, amount, b"", 0)),
            Action(who, symbol, "transfer", (f"a{symbol}", amount)),
        )
    )
