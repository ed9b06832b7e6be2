"""Positions made to measure: the sizes and prices at which a liquidation has to decide between its rules."""

from __future__ import annotations

from collections.abc import Iterator

from ...histories.action import Action
from ...reference import EVERYTHING
from .walk import VARIABLE, Walk, pool_call


def start_anew(walk: Walk, who: str) -> Iterator[Action]:
    """Somebody pays everything back, takes everything out and leaves e-mode."""
    for symbol in walk.symbols:
        if walk.owed(symbol, who):
            yield pool_call(who, "repay", symbol, EVERYTHING, VARIABLE, who)
    for symbol in walk.symbols:
        if walk.shares(symbol, who):
            yield pool_call(who, "withdraw", symbol, EVERYTHING, who)
    yield pool_call(who, "setUserEMode", 0)


def modest(walk: Walk) -> Iterator[Action]:
    """A debt of some 2,500 dollars against two collaterals, one of them just below 2,000, and mildly unhealthy."""
    who = walk.somebody()
    yield from start_anew(walk, who)
    lending = [symbol for symbol in walk.symbols if walk.reserve(symbol).configuration & 0xFFFF]
    if len(lending) < 2 or walk.flags(who):
        return
    first, second = walk.rng.sample(lending, 2)
    debt = walk.rng.choice(walk.symbols)
    for symbol, dollars in ((first, 1_950), (second, walk.rng.choice((1_100, 1_300, 2_500)))):
        amount = dollars * 10**8 * walk.unit(symbol) // max(1, walk.price(symbol))
        yield pool_call(who, "supply", symbol, amount, who, 0)
    yield pool_call(who, "borrow", debt, walk.credit(debt, who), VARIABLE, 0, who)
    account = walk.account(who)
    if not account or not 0 < account.health_factor < 2**200 or debt in (first, second):
        return
    yield walk.price_move(debt, walk.price(debt) * account.health_factor // walk.rng.choice((97, 99)) * 100 // 10**18)
    amount = walk.rng.choice((EVERYTHING, EVERYTHING, walk.owed(debt, who) // 3))  # a third leaves enough of both
    yield pool_call(walk.somebody_but(who), "liquidationCall", first, debt, who, amount, False)


def flood(walk: Walk) -> Iterator[Action]:
    """Tokens out of nothing are put up for all that can be borrowed of an asset, and turn out to be worth nothing."""
    who = walk.somebody()
    yield from start_anew(walk, who)
    lending = [s for s in walk.symbols if walk.reserve(s).configuration & 0xFFFF]
    symbol, debt = walk.rng.sample(walk.symbols, 2) if not lending else (walk.rng.choice(lending), walk.asset())
    there = walk.reserve(debt).virtual_underlying_balance
    if symbol == debt or walk.price(symbol) <= 0 or not there:
        return
    amount = 2 * there * max(1, walk.price(debt)) * walk.unit(symbol) // (walk.unit(debt) * walk.price(symbol)) + 1
    yield Action(walk.token(symbol).owner_address, symbol, "mint", (who, amount))
    yield pool_call(who, "supply", symbol, amount, who, 0)
    yield pool_call(who, "setUserUseReserveAsCollateral", symbol, True)
    yield pool_call(who, "borrow", debt, there, VARIABLE, 0, who)
    lender = walk.somebody_but(who)
    yield pool_call(lender, "withdraw", debt, walk.rng.choice((EVERYTHING, 1, walk.supplied(debt, lender))), lender)
    yield walk.price_move(symbol, 1)
    yield pool_call(lender, "liquidationCall", symbol, debt, who, EVERYTHING, walk.rng.random() < 0.5)
    yield walk.price_move(symbol, walk.listed_price[symbol])
    for part in (2, 1):
        yield pool_call("umbrella", "supply", debt, walk.reserve(debt).deficit // part, "umbrella", 0)
        yield pool_call("umbrella", "eliminateReserveDeficit", debt, walk.reserve(debt).deficit // part)


def exhaust(walk: Walk) -> Iterator[Action]:
    """One collateral worth one of several small debts and its bonus, to the unit: what is left is nothing, or dust."""
    who = walk.somebody()
    yield from start_anew(walk, who)
    collateral = walk.rng.choice([symbol for symbol in walk.symbols if walk.unit(symbol) <= 10**8] or walk.symbols)
    debts = walk.rng.sample([symbol for symbol in walk.symbols if symbol != collateral], walk.rng.choice((1, 2, 3)))
    yield pool_call(who, "supply", collateral, walk.rng.choice((30, 300, 30_000)) * walk.rng.randrange(1, 50), who, 0)
    for symbol in debts:
        yield pool_call(who, "borrow", symbol, walk.credit(symbol, who) // len(debts), VARIABLE, 0, who)
    yield Action.wait(walk.rng.choice((12, 86_400, 365 * 86_400)))
    debt, has = debts[0], walk.supplied(collateral, who)
    owed = walk.owed(debt, who) * max(0, walk.price(debt)) * walk.unit(collateral) // walk.unit(debt)
    if not has or not owed:
        return
    price = owed * (walk.reserve(collateral).configuration >> 32 & 0xFFFF) // 10_000 // has
    yield walk.price_move(collateral, price + walk.rng.choice((0, 0, 1, -1, price // 100, -price // 100, -price // 2)))
    frozen = debts[1] if len(debts) > 1 and walk.rng.random() < 0.3 else None
    if frozen:
        yield Action("admin", "configurator", "setReserveFreeze", (frozen, True))
    yield from _deactivated(walk, debts[1:])
    a_tokens = walk.rng.random() < 0.3
    yield pool_call(walk.somebody_but(who), "liquidationCall", collateral, debt, who, EVERYTHING, a_tokens)
    for symbol in debts[1:]:
        yield from _with_active_bit(walk, symbol, True)
    if frozen:
        yield Action("admin", "configurator", "setReserveFreeze", (frozen, False))
        yield Action("admin", "configurator", "setReserveLtvzero", (frozen, False))
    yield walk.price_move(collateral, walk.listed_price[collateral])


def _deactivated(walk: Walk, symbols: list[str]) -> Iterator[Action]:
    """Sometimes the first of several assets is switched off, as a configurator of the future might."""
    if len(symbols) > 1 and walk.rng.random() < 0.4:
        yield from _with_active_bit(walk, min(symbols, key=lambda symbol: int(walk.reserve(symbol).id)), False)


def _with_active_bit(walk: Walk, symbol: str, on: bool) -> Iterator[Action]:
    word = walk.reserve(symbol).configuration
    changed = word | 1 << 56 if on else word & ~(1 << 56)
    if changed != word:
        yield Action("configurator", "pool", "setConfiguration", (symbol, (changed,)))
