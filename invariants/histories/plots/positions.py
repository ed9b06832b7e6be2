"""Plots of positions made to measure: the sizes and prices at which a liquidation has to decide between its rules."""

from __future__ import annotations

from ...reference import EVERYTHING, WAD
from ..action import Action
from ..driver import DAY, VARIABLE, Driver, Plot
from ..moves.governing import by_admin
from ..moves.pressing import NO_DEBT, brink, cover, liquidate_one
from .squeezes import push_under


def crash(d: Driver) -> Plot:
    """Let a collateral lose most of its worth, often while the debt is frozen, and liquidate its owner to the end."""
    who = d.pick(d.debtors() or d.people)
    backing, debts = d.collaterals_of(who), d.debts_of(who)
    if not backing or not debts:
        return
    symbol, owed = d.pick(backing), d.pick(debts)
    frozen = d.happens(0.2)
    if frozen:
        yield by_admin("setReserveFreeze", owed, True)
    yield Action.price(symbol, d.within_news(symbol, d.price(symbol) // d.pick((2, 3, 10, 50))))
    for _ in range(d.between(1, 4)):
        seized, debt = d.pick(d.collaterals_of(who) or [symbol]), d.pick(d.debts_of(who) or [owed])
        arguments = (seized, debt, who, EVERYTHING, d.happens(0.35))
        yield Action(d.somebody_but(who), "pool", "liquidationCall", arguments)
    yield Action.price(symbol, d.within_news(symbol, d.start_prices[symbol]))
    if frozen:
        yield from _unfrozen(owed)
    if d.deficit(owed) or d.happens(0.3):
        yield from cover(d)


def hindered(d: Driver, symbol: str, how: str) -> Plot:
    """Freeze a reserve, pause it, or switch it off, as only a configurator of the future could while it is in use."""
    if how == "frozen":
        yield by_admin("setReserveFreeze", symbol, True)
    elif how == "paused":
        yield by_admin("setReservePause", symbol, True, 0)
    else:
        yield from _activated(d, symbol, False)


def released(d: Driver, symbol: str, how: str) -> Plot:
    """Take it back."""
    if how == "frozen":
        yield from _unfrozen(symbol)
    elif how == "paused":
        yield by_admin("setReservePause", symbol, False, 0)
    else:
        yield from _activated(d, symbol, True)


def _unfrozen(symbol: str) -> Plot:
    """Take a freeze back, with the zero LTV that it leaves."""
    yield by_admin("setReserveFreeze", symbol, False)
    yield by_admin("setReserveLtvzero", symbol, False)


def repay_while_sick(d: Driver) -> Plot:
    """Repay a little of an unhealthy position with aTokens."""
    sick = d.unhealthy()
    if not sick:
        yield from brink(d)
        return
    who = d.pick(sick)
    symbol = d.pick(d.debts_of(who))
    if not d.shares(symbol, who):
        yield Action(who, "pool", "supply", (symbol, max(1, d.owed(symbol, who) // 10), who, 0))
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, True))
    amount = max(1, d.owed(symbol, who) // d.pick((2, 20, 1_000)))
    yield Action(who, "pool", "repayWithATokens", (symbol, amount, VARIABLE))


def same_asset(d: Driver) -> Plot:
    """Borrow the very asset that is put up; after long silence liquidate the position."""
    who, symbol = d.person(), d.pick(d.lending_power())
    yield Action(who, "pool", "supply", (symbol, d.wallet(symbol, who) // 3, who, 0))
    yield Action(who, "pool", "borrow", (symbol, d.credit(symbol, who) * 99 // 100, VARIABLE, 0, who))
    yield Action.wait(d.pick((30 * DAY, 365 * DAY, 3 * 365 * DAY)))
    owed = d.owed(symbol, who)
    if owed:
        amount = EVERYTHING if d.happens(0.5) else d.near(owed)
        yield Action(d.somebody_but(who), "pool", "liquidationCall", (symbol, symbol, who, amount, d.happens(0.3)))


def start_anew(d: Driver, who: str) -> Plot:
    """Pay everything back, take everything out and leave e-mode."""
    for symbol in d.debts_of(who):
        yield Action(who, "pool", "repay", (symbol, EVERYTHING, VARIABLE, who))
    for symbol in d.supplies_of(who):
        yield Action(who, "pool", "withdraw", (symbol, EVERYTHING, who))
    yield Action(who, "pool", "setUserEMode", (0,))


def modest(d: Driver) -> Plot:
    """Owe 2,500 dollars or so against two collaterals, one of them just below 2,000, and become mildly unhealthy."""
    who = d.person()
    yield from start_anew(d, who)
    lending = d.lending_power()
    if len(lending) < 2 or d.flags(who):
        return
    first, second = d.chance.some(lending, 2)
    debt = d.pick(d.symbols)
    for symbol, dollars in ((first, 1_950), (second, d.pick((1_100, 1_300, 2_500)))):
        yield Action(who, "pool", "supply", (symbol, d.amount_for(symbol, dollars * 10**8), who, 0))
    yield Action(who, "pool", "borrow", (debt, d.credit(debt, who), VARIABLE, 0, who))
    health = d.health(who)
    if not 0 < health < NO_DEBT or debt in (first, second):
        return
    price = d.price(debt) * health // d.pick((97, 99)) * 100 // WAD
    yield Action.price(debt, d.within_news(debt, price))
    amount = d.pick((EVERYTHING, EVERYTHING, d.owed(debt, who) // 3))  # a third leaves enough of both
    yield Action(d.somebody_but(who), "pool", "liquidationCall", (first, debt, who, amount, False))


def flood(d: Driver) -> Plot:
    """Put up tokens out of nothing for all that can be borrowed of an asset; then they are worth nothing."""
    who = d.person()
    yield from start_anew(d, who)
    symbol, debt = d.pick(d.lending_power()), d.symbol()
    there = d.liquidity(debt)
    if symbol == debt or not d.price(symbol) or not there:
        return
    amount = 2 * there * max(1, d.price(debt)) * d.unit(symbol) // (d.unit(debt) * d.price(symbol)) + 1
    yield Action("admin", symbol, "mint", (who, amount))
    yield Action(who, "pool", "supply", (symbol, amount, who, 0))
    yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, True))
    yield Action(who, "pool", "borrow", (debt, there, VARIABLE, 0, who))
    lender = d.somebody_but(who)
    yield Action(lender, "pool", "withdraw", (debt, d.pick((EVERYTHING, 1, d.supplied(debt, lender))), lender))
    yield Action.price(symbol, d.within_news(symbol, 1))
    yield Action(lender, "pool", "liquidationCall", (symbol, debt, who, EVERYTHING, d.happens(0.5)))
    yield Action.price(symbol, d.within_news(symbol, d.start_prices[symbol]))
    for part in (2, 1):
        yield Action("umbrella", "pool", "supply", (debt, d.deficit(debt) // part, "umbrella", 0))
        yield Action("umbrella", "pool", "eliminateReserveDeficit", (debt, d.deficit(debt) // part))


def exhaust(d: Driver) -> Plot:
    """Bring one collateral to the worth of one of several small debts and its bonus, to the unit; then liquidate."""
    who = d.person()
    yield from start_anew(d, who)
    collateral = d.pick([symbol for symbol in d.symbols if d.unit(symbol) <= 10**8] or d.symbols)
    possible = [symbol for symbol in d.symbols if symbol != collateral]
    if not possible:
        return
    debts = d.chance.some(possible, d.between(1, min(4, len(possible) + 1)))
    yield Action(who, "pool", "supply", (collateral, d.pick((30, 300, 30_000)) * d.between(1, 50), who, 0))
    for symbol in debts:
        yield Action(who, "pool", "borrow", (symbol, d.credit(symbol, who) // len(debts), VARIABLE, 0, who))
    yield Action.wait(d.pick((12, DAY, 365 * DAY)))
    debt, *others = debts
    has, owed = d.supplied(collateral, who), d.owed(debt, who) * d.price(debt) * d.unit(collateral) // d.unit(debt)
    if not has or not owed:
        return
    price = owed * d.bonus(collateral) // 10_000 // has
    price += d.pick((0, 0, 1, -1, price // 100, -price // 100, -price // 2))
    yield Action.price(collateral, d.within_news(collateral, price))
    frozen = others[:1] if d.happens(0.3) else []
    for symbol in frozen:
        yield by_admin("setReserveFreeze", symbol, True)
    if len(others) > 1 and d.happens(0.4):  # as a configurator of the future might
        yield from _activated(d, min(others, key=lambda symbol: int(d.reserves[symbol].id)), False)
    arguments = (collateral, debt, who, EVERYTHING, d.happens(0.3))
    yield Action(d.somebody_but(who), "pool", "liquidationCall", arguments)
    for symbol in others:
        yield from _activated(d, symbol, True)
    for symbol in frozen:
        yield from _unfrozen(symbol)
    yield Action.price(collateral, d.within_news(collateral, d.start_prices[collateral]))


def _activated(d: Driver, symbol: str, on: bool) -> Plot:
    """Switch a reserve on or off where the configurator would refuse to, because it is in use."""
    word = d.reserves[symbol].configuration
    changed = word | 1 << 56 if on else word & ~(1 << 56)
    if changed != word:
        yield Action("configurator", "pool", "setConfiguration", (symbol, (changed,)))


def change_mode_at_the_limit(d: Driver) -> Plot:
    """Enter a category, borrow all it lends, and try to leave it; then repay, or be liquidated."""
    numbers = d.categories()
    if not numbers:
        return
    who, number = d.person(), d.pick(numbers)
    inside, debts = d.collateral_in(number), d.borrowable_in(number)
    if not inside or not debts:
        return
    backing, debt = d.chance.some(inside, d.between(1, len(inside) + 1)), d.pick(debts)
    yield Action(who, "pool", "setUserEMode", (number,))
    for collateral in backing:
        yield Action(who, "pool", "supply", (collateral, d.wallet(collateral, who) // d.pick((3, 100)), who, 0))
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (collateral, True))
    yield Action(who, "pool", "borrow", (debt, d.credit(debt, who), VARIABLE, 0, who))
    yield Action(who, "pool", "setUserEMode", (d.pick((0, *numbers)),))
    if d.happens(0.3):
        yield Action(who, "pool", "repay", (debt, EVERYTHING, VARIABLE, who))
    elif d.happens(0.7):
        yield from push_under(d, who, d.pick((0.999, 0.98, 0.9, 0.5)))
        yield from liquidate_one(d, who)
