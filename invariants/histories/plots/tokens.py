"""Plots of tokens that come in masses, that call back, or that are listed and dropped again."""

from __future__ import annotations

from ...reference import EVERYTHING
from ..action import Action
from ..driver import VARIABLE, Driver, Plot
from ..hostile_token import is_hostile
from ..listing import listing
from ..moves.governing import by_admin, rate_data
from ..outfit import SPARES


def enrich(d: Driver) -> Plot:
    """Mint new money; where people deal in dust, sometimes absurdly much."""
    who, symbol = d.person(), d.symbol()
    amount = d.pick((2**121, 2**129)) if d.temperament.dust and d.happens(0.6) else d.unit(symbol) * 1_000
    yield Action("admin", symbol, "mint", (who, amount))
    if amount > 2**120:
        yield Action(who, "pool", "supply", (symbol, amount, who, 0))


def ambush(d: Driver) -> Plot:
    """Withdraw a token that calls back, and borrow it in between.

    Only that: many laws say what exactly one call does, and presume that no other is made inside it.
    """
    hostile = [symbol for symbol in d.symbols if is_hostile(d.stage, symbol)]
    if not hostile:
        return
    who, symbol = d.person(), d.pick(hostile)
    if not d.shares(symbol, who):
        yield Action(who, "pool", "supply", (symbol, d.wallet(symbol, who) // 10, who, 0))
    yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, True))
    loan = d.credit(symbol, who) * d.pick((10, 5)) // 10
    inside = (Action(who, "pool", "borrow", (symbol, loan, VARIABLE, 0, who)),)
    part = d.supplied(symbol, who) * d.pick((9, 5)) // 10
    yield Action(who, "pool", "withdraw", (symbol, d.pick((part, part, EVERYTHING)), who), inside)


def relist(d: Driver) -> Plot:
    """List assets that nobody uses; where the release can drop them again, drop all and list one."""
    rates = rate_data(d.pick((4_500, 8_000, 9_000)), d.pick((0, 100)), d.pick((0, 400)), d.pick((400, 6_000)))
    for symbol in SPARES:
        yield by_admin("initReserves", (listing(d.stage, symbol, rates),))
    if d.stage.offers("configurator", "dropReserve"):
        for symbol in SPARES:
            yield by_admin("dropReserve", symbol)
        for symbol in SPARES[:1]:
            yield by_admin("initReserves", (listing(d.stage, symbol, rates),))
