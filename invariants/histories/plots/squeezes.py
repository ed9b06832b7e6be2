"""Plots of positions at their limit, and of prices that move against them."""

from __future__ import annotations

from ...reference import EVERYTHING, WAD
from ..action import Action
from ..driver import DAY, VARIABLE, Driver, Plot
from ..moves.lending import supply, to_the_limit
from ..moves.pressing import calm_down, liquidate


def squeeze(d: Driver) -> Plot:
    """Borrow to the limit; then move a price until the position can be liquidated."""
    who = d.person()
    symbol, collateral, worth, same = d.borrowable(who), "", 0, False
    if d.happens(0.4):
        worth, collateral, same = d.worth(9, 5), d.symbol(), d.happens(0.4)
    waits, times, calms = d.happens(0.3), d.between(1, 5), d.happens(0.5)
    if collateral:
        yield Action(who, "pool", "supply", (collateral, d.amount_for(collateral, worth), who, 0))
    if same:
        yield from to_the_limit(d, who, collateral)
    yield from to_the_limit(d, who, symbol)
    if waits:
        yield Action.wait(d.between(1, 60 * DAY))
    yield from push_under(d, who, d.pick((0.999, 0.97, 0.94, 0.8, 0.5, 0.05)))
    for _ in range(times):
        yield from liquidate(d)
    if calms:
        yield from calm_down(d)


def push_under(d: Driver, who: str, target: float) -> Plot:
    """Lower the price of one of somebody's collaterals so that the HF becomes about `target`."""
    health = d.health(who)
    held = [symbol for symbol in d.supplies_of(who) if d.price(symbol) > 0]
    if not held or health >= 10 * WAD:
        return
    owed = d.debts_of(who)
    only = [symbol for symbol in held if symbol not in owed]
    symbol = d.pick(only or held)
    price = d.price(symbol) * int(target * 10**6) * WAD // (10**6 * max(1, health))
    yield Action.price(symbol, d.within_news(symbol, min(price, d.start_prices[symbol] * 20)))


def cornered(d: Driver) -> Plot:
    """Back two debts with one collateral; then bring its price to the edge of one of them."""
    who, collateral = d.person(), d.pick(_with_dear_wei(d, d.symbols))
    worth = d.worth(9, 3)
    others = [symbol for symbol in d.supplies_of(who) if symbol != collateral]
    debts = [
        (debt, d.amount_for(debt, worth // part)) for part, debt in ((2, d.borrowable(who)), (4, d.borrowable(who)))
    ]
    yield Action.wait(d.pick((1, 3600, DAY)))
    for symbol in others:
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, False))
    yield Action(who, "pool", "supply", (collateral, d.amount_for(collateral, worth), who, 0))
    for debt, amount in debts:
        yield Action(who, "pool", "borrow", (debt, amount, VARIABLE, 0, who))
    yield from edge_of_collateral(d, who)


def _with_dear_wei(d: Driver, symbols: list[str]) -> list[str]:
    """The assets of which a wei is worth a unit of base currency: prices reach every wei of them. All if none is."""
    return [symbol for symbol in symbols if d.price(symbol) >= d.unit(symbol)] or symbols


def edge_of_collateral(d: Driver, who: str = "") -> Plot:
    """Set the price at which all of a debt takes all of a collateral, bonus included, to a few wei; then liquidate.

    Between this edge and the next wei lies whether collateral is left, a bit is cleared and bad debt is written off.
    """
    who = who or d.pick(d.debtors() or d.people)
    backing, debts = _with_dear_wei(d, d.collaterals_of(who)), d.debts_of(who)
    pairs = [(seized, debt) for seized in backing for debt in debts if seized != debt]
    if not pairs:
        return
    seized, debt = d.pick(pairs)
    worth = d.price(debt) * d.owed(debt, who) * d.unit(seized) * d.bonus(seized)
    wanted = max(1, d.supplied(seized, who) - d.pick((0, 1, 1, 2, 3)))
    price = worth // (d.unit(debt) * 10_000 * wanted)
    if not 0 < price <= d.start_prices[seized] * 20 or d.within_news(seized, price) != price:
        return
    liquidator = d.somebody_but(who)
    call = Action(liquidator, "pool", "liquidationCall", (seized, debt, who, EVERYTHING, d.happens(0.3)))
    yield Action.price(seized, price)
    yield from d.with_tokens(liquidator, debt, 2 * d.owed(debt, who), call)
    yield from calm_down(d)


POSITIONS = (
    (1, "WETH", "WSTETH"),
    (1, "WSTETH", "WETH"),
    (2, "USDC", "GUSD"),
    (3, "WSTETH", "USDC"),
    (4, "GUSD", "WETH"),
    (4, "GUSD", "LINK"),
)
"""Category, collateral and debt on the standard market."""
POSITIONS_OF_ONE_EACH = (
    (1, "WETH", "WSTETH"),
    (1, "WSTETH", "WETH"),
    (2, "USDC", "GUSD"),
    (2, "USDT", "USDC"),
    (3, "WBTC", "LINK"),
    (3, "LINK", "WBTC"),
)
"""The same where an asset is in one category only."""


def e_mode_position(d: Driver) -> Plot:
    """Empty a position, enter a category and borrow to its limit against its collateral."""
    who = d.person()
    number, collateral, debt = d.pick(POSITIONS_OF_ONE_EACH if d.one_category_each else POSITIONS)
    if collateral not in d.symbols or debt not in d.symbols:
        yield from supply(d)
        return
    owed, held = d.debts_of(who), d.supplies_of(who)
    worth, sinks = d.worth(10, 4), d.happens(0.6)
    times = d.between(1, 4) if sinks else 0
    yield Action.wait(d.pick((1, 12, 3600)))
    for symbol in owed:
        yield Action(who, "pool", "repay", (symbol, EVERYTHING, VARIABLE, who))
    for symbol in held:
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, False))
    yield Action(who, "pool", "setUserEMode", (number,))
    yield Action(who, "pool", "supply", (collateral, d.amount_for(collateral, worth), who, 0))
    yield Action(who, "pool", "setUserUseReserveAsCollateral", (collateral, True))
    yield from to_the_limit(d, who, debt)
    if sinks:
        yield from push_under(d, who, d.pick((0.999, 0.98, 0.9, 0.5)))
    for _ in range(times):
        yield from liquidate(d)
