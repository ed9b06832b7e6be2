"""Moves that press on the pool: liquidations, prices, time, bad debt, flash loans whose receivers come back in."""

from __future__ import annotations

from ...reference import EVERYTHING, WAD
from ..action import Action
from ..driver import DAY, VARIABLE, Driver, Plot
from ..receiver import RECEIVER
from .lending import any_user_call, busy

NO_DEBT = 2**200
"""A health factor above this is that of somebody who owes next to nothing."""


def liquidate(d: Driver) -> Plot:
    """Liquidate somebody who can be, now and then somebody who cannot."""
    unhealthy = d.unhealthy()
    if not unhealthy and d.waits(0.95):
        return
    borrower = d.pick(unhealthy) if unhealthy else d.person()
    yield from liquidate_one(d, borrower)


def liquidate_one(d: Driver, borrower: str) -> Plot:
    """Liquidate this borrower: often the same asset on both sides, sometimes a supply that is no collateral."""
    collateral, debts = d.collaterals_of(borrower), d.debts_of(borrower)
    if d.happens(0.03):
        collateral = d.supplies_of(borrower)
    if d.edge(0.25):
        collateral = [symbol for symbol in d.supplies_of(borrower) if symbol not in collateral] or collateral
    if not collateral or not debts:
        return
    debt = d.pick(debts)
    both = [symbol for symbol in debts if symbol in collateral]
    seized = d.pick(both) if both and d.happens(0.4) else d.pick(collateral)
    if both and d.happens(0.3):
        debt = seized = d.pick(both)
    amount = EVERYTHING if d.happens(0.45) else d.near(d.owed(debt, borrower))
    who = d.somebody_but(borrower) if d.happens(1 - 0.02 * d.temperament.daring) else borrower
    call = Action(who, "pool", "liquidationCall", (seized, debt, borrower, amount, d.happens(0.45)))
    yield from d.with_tokens(who, debt, min(amount, d.owed(debt, borrower)), call)


def brink(d: Driver) -> Plot:
    """Bring a position's health to a limit by the price of its collateral or of its debt, and liquidate it."""
    who = d.pick(d.debtors() or d.people)
    health, backing, debts = d.health(who), d.collaterals_of(who), d.debts_of(who)
    if not backing or not debts or not 0 < health < NO_DEBT:
        return
    symbol = d.pick(backing)
    used_up = d.account(who)[3] * d.bonus(symbol) * 10**10  # the collateral is worth the debt and the bonus
    target = d.pick((WAD, 995 * 10**15, 96 * 10**16, 95 * 10**16, 80 * 10**16, used_up)) or WAD
    if d.happens(0.5):
        price = d.price(symbol) * target // health
    else:
        symbol = d.pick(debts)
        price = d.price(symbol) * health // target
    yield Action.price(symbol, d.within_news(symbol, price + d.pick((0, 1, -1))))
    if d.happens(0.7):
        yield from liquidate_one(d, who)


def calm_down(d: Driver) -> Plot:
    """Return a price to where it began."""
    away = [symbol for symbol in d.symbols if d.price(symbol) != d.start_prices[symbol]]
    if away:
        symbol = d.pick(away)
        yield Action.price(symbol, d.within_news(symbol, d.start_prices[symbol]))


def move_price(d: Driver) -> Plot:
    """Move a price by some percent, now and then to nothing."""
    symbol = d.symbol()
    if d.happens(0.02 * d.temperament.daring):
        yield Action.price(symbol, d.pick((0, 0, -1)))
        yield from busy(d, 3)
        yield Action.price(symbol, d.start_prices[symbol])
        return
    if d.happens(0.4):
        away = [other for other in d.symbols if d.price(other) != d.start_prices[other]]
        if away:
            yield from calm_down(d)
        else:
            yield Action.wait(1)
        return
    if d.price(symbol) == 0:
        yield Action.wait(1)
        return
    factor = d.between(600, 1500)
    wanted = max(1, d.price(symbol) * factor // 1000)
    start = d.start_prices[symbol]
    yield Action.price(symbol, d.within_news(symbol, min(max(wanted, start // 20), start * 20)))


def wait(d: Driver) -> Plot:
    """Let time pass: a block, an hour, a day, rarely a year."""
    roll = d.chance.share()
    if roll < 0.6:
        yield Action.wait(d.pick((1, 2, 12, 12, 12, 24)))
    elif roll < 0.9:
        yield Action.wait(d.between(1, DAY))
    elif roll < 0.99:
        yield Action.wait(d.between(DAY, 20 * DAY))
    else:
        yield Action.wait(d.between(20 * DAY, 365 * DAY))


def cover(d: Driver) -> Plot:
    """Cover a deficit, as the umbrella or as somebody who may not."""
    short = [symbol for symbol in d.symbols if d.deficit(symbol)]
    if not short and d.waits(0.9):
        return
    symbol = d.pick(short) if short else d.symbol()
    amount = d.near(d.deficit(symbol))
    who = "umbrella" if d.happens(1 - 0.05 * d.temperament.daring) else d.person()
    if who != "umbrella" and d.edge(0.7):
        who = d.pick([person for person in d.people if not d.debts_of(person)] or d.people)
        yield Action(who, "pool", "supply", (symbol, amount, who, 0))
    if d.edge(0.1):
        yield Action(
            "umbrella", "pool", "borrow", (symbol, d.credit(symbol, "umbrella") // 100, VARIABLE, 0, "umbrella")
        )
    if d.edge(0.3):
        yield from _cover_with_all(d, symbol)
        return
    if d.supplied(symbol, "umbrella") < amount < 2**100 and d.happens(0.8):
        yield Action("umbrella", "pool", "supply", (symbol, amount + d.pick((0, 1, 2)), "umbrella", 0))
    yield Action(who, "pool", "eliminateReserveDeficit", (symbol, amount))


def _cover_with_all(d: Driver, symbol: str) -> Plot:
    """Cover half of a deficit with all that the umbrella has, to the last unit."""
    yield Action("umbrella", "pool", "withdraw", (symbol, EVERYTHING, "umbrella"))
    yield Action("umbrella", "pool", "supply", (symbol, d.deficit(symbol) // 2, "umbrella", 0))
    yield Action("umbrella", "pool", "eliminateReserveDeficit", (symbol, d.supplied(symbol, "umbrella")))


def mint_to_treasury(d: Driver) -> Plot:
    """Mint what has accrued, for some assets, now and then twice."""
    some = [d.symbol() for _ in range(d.between(1, 4))]
    yield Action(d.person(), "pool", "mintToTreasury", (tuple(some),))


def flash_loan_simple(d: Driver) -> Plot:
    """Lend an asset for an instant, in which the receiver may do anything."""
    symbol = d.symbol()
    amount = d.near(d.liquidity(symbol)) if d.happens(0.5) else d.unit(symbol)
    inside = _inside(d, symbol) if d.happens(0.6) else ()
    yield Action(d.person(), "pool", "flashLoanSimple", (RECEIVER, symbol, amount, b"", 0), inside)


def flash_loan(d: Driver) -> Plot:
    """Lend several assets, some kept as debt."""
    symbols = d.chance.some(d.symbols, d.between(1, min(4, len(d.symbols) + 1)))
    if d.happens(0.05 * d.temperament.daring):
        symbols.append(symbols[0])
    who = d.person()
    modes = tuple(0 if d.happens(0.75) else VARIABLE for _ in symbols)
    limit = d.account(who)[2] // (2 * len(symbols))
    amounts = tuple(
        int(d.liquidity(symbol) * d.chance.share())
        if mode == 0
        else min(d.near(d.amount_for(symbol, limit)), d.liquidity(symbol))
        for symbol, mode in zip(symbols, modes, strict=True)
    )
    inside = _inside(d, symbols[0]) if d.happens(0.5) else ()
    yield Action(who, "pool", "flashLoan", (RECEIVER, tuple(symbols), amounts, modes, who, b"", 0), inside)


def _inside(d: Driver, symbol: str) -> tuple[Action, ...]:
    """What a receiver does before it pays back: use the same reserve, the pool at large, or the tokens."""
    amount = d.between(1, 100 * d.unit(symbol))
    own = (
        Action(RECEIVER, "pool", "supply", (symbol, amount, RECEIVER, 0)),
        Action(RECEIVER, "pool", "withdraw", (symbol, d.pick((amount, EVERYTHING, 1)), RECEIVER)),
        Action(RECEIVER, "pool", "borrow", (symbol, amount // 4, VARIABLE, 0, RECEIVER)),
        Action(RECEIVER, "pool", "repay", (symbol, EVERYTHING, VARIABLE, RECEIVER)),
        Action(RECEIVER, symbol, "transfer", (f"a{symbol}", amount)),
        Action(RECEIVER, "pool", "mintToTreasury", ((symbol,),)),
        Action(RECEIVER, "pool", "flashLoanSimple", (RECEIVER, d.symbol(), amount, b"", 0)),
        Action(RECEIVER, f"a{symbol}", "transfer", (d.person(), 1)),
    )
    actions: list[Action] = []
    for _ in range(d.between(1, 4)):
        other = d.aside(any_user_call) if d.happens(0.3) else None
        actions.append(other if other is not None and other.target == "pool" else d.pick(own))
    return tuple(actions)
