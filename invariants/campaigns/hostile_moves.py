"""Liquidations, squeezes, prices and flash loans whose receivers come back in."""

from __future__ import annotations

from ..histories.action import RECEIVER, Action
from ..reference import EVERYTHING, WAD
from .lending_moves import any_user_call, supply, to_the_limit
from .schemer import DAY, VARIABLE, Schemer, always


def liquidate(a: Schemer) -> Action | None:
    """Liquidate somebody who can be, now and then somebody who cannot."""
    unhealthy = a.unhealthy()
    if not unhealthy and a.chance(0.95):
        return None
    borrower = a.pick(unhealthy) if unhealthy else a.person()
    collateral, debts = a.flagged(borrower), a.held_by(borrower, debt=True)
    if a.chance(0.03):
        collateral = a.held_by(borrower)
    if not collateral or not debts:
        return None
    debt = a.pick(debts)
    both = [symbol for symbol in debts if symbol in collateral]
    seized = a.pick(both) if both and a.chance(0.4) else a.pick(collateral)
    if both and a.chance(0.3):
        debt = seized = a.pick(both)
    amount = EVERYTHING if a.chance(0.45) else a.near(a.owed(debt, borrower))
    who = a.pick([person for person in a.people if person != borrower]) if a.chance(0.98) else borrower
    call = Action(who, "pool", "liquidationCall", (seized, debt, borrower, amount, a.chance(0.45)))
    return a.with_tokens(who, debt, min(amount, a.owed(debt, borrower)), call)


def squeeze(a: Schemer) -> Action | None:
    """Somebody borrows to the limit; then a price moves until the position can be liquidated."""
    who = a.person()
    symbol = a.borrowable(who)
    if a.chance(0.4):
        worth = int(10 ** (9 + 5 * a.rng.random()))
        collateral = a.symbol()
        a.plot.append(lambda b: Action(who, "pool", "supply", (collateral, b.amount_for(collateral, worth), who, 0)))
        if a.chance(0.4):
            a.plot.append(lambda b: to_the_limit(b, who, collateral))
    a.plot.append(lambda b: to_the_limit(b, who, symbol))
    if a.chance(0.3):
        a.plot.append(lambda _: Action.wait(a.rng.randrange(1, 60 * DAY)))
    a.plot.append(lambda b: push_under(b, who, b.pick((0.999, 0.97, 0.94, 0.8, 0.5, 0.05))))
    a.plot.extend([liquidate] * a.rng.randrange(1, 5))
    if a.chance(0.5):
        a.plot.append(calm_down)
    return a.plot.popleft()(a)


def push_under(a: Schemer, who: str, target: float) -> Action | None:
    """Lower the price of one of somebody's collaterals so that the HF becomes about `target`."""
    health = a.account(who)[5]
    held = [symbol for symbol in a.held_by(who) if a.price(symbol) > 0]
    if not held or health >= 10 * WAD:
        return None
    owed = a.held_by(who, debt=True)
    only = [symbol for symbol in held if symbol not in owed]
    symbol = a.pick(only or held)
    price = a.price(symbol) * int(target * 10**6) * WAD // (10**6 * max(1, health))
    return Action.price(symbol, a.within_news(symbol, min(price, a.start_prices[symbol] * 20)))


def cornered(a: Schemer) -> Action:
    """Somebody backs two debts with one collateral; then its price comes to the edge of one of them."""
    who, collateral = a.person(), a.pick(_with_dear_wei(a, a.symbols))
    worth = int(10 ** (9 + 3 * a.rng.random()))
    for symbol in a.held_by(who):
        if symbol != collateral:
            a.plot.append(always(Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, False))))
    a.plot.append(lambda b: Action(who, "pool", "supply", (collateral, b.amount_for(collateral, worth), who, 0)))
    for part in (2, 4):
        debt = a.borrowable(who)
        amount = a.amount_for(debt, worth // part)
        a.plot.append(always(Action(who, "pool", "borrow", (debt, amount, VARIABLE, 0, who))))
    a.plot.append(lambda b: edge_of_collateral(b, who))
    return Action.wait(a.pick((1, 3600, DAY)))


def _with_dear_wei(a: Schemer, symbols: list[str]) -> list[str]:
    """The assets of which a wei is worth a unit of base currency: prices reach every wei of them. All if none is."""
    return [symbol for symbol in symbols if a.price(symbol) >= a.unit(symbol)] or symbols


def edge_of_collateral(a: Schemer, who: str = "") -> Action | None:
    """A price at which the whole of a debt takes all of a collateral, bonus included, to a few wei; then a liquidation.

    Between this edge and the next wei lies whether collateral is left, a bit is cleared and bad debt is written off.
    """
    who = who or a.pick(a.debtors() or a.people)
    backing, debts = _with_dear_wei(a, a.flagged(who)), a.held_by(who, debt=True)
    pairs = [(seized, debt) for seized in backing for debt in debts if seized != debt]
    if not pairs:
        return None
    seized, debt = a.pick(pairs)
    config = a.reserves[seized].configuration
    worth = a.price(debt) * a.owed(debt, who) * a.unit(seized) * (config >> 32 & 0xFFFF)
    wanted = max(1, a.supplied(seized, who) - a.pick((0, 1, 1, 2, 3)))
    price = worth // (a.unit(debt) * 10_000 * wanted)
    if not 0 < price <= a.start_prices[seized] * 20 or a.within_news(seized, price) != price:
        return None
    liquidator = a.pick([person for person in a.people if person != who])
    call = Action(liquidator, "pool", "liquidationCall", (seized, debt, who, EVERYTHING, a.chance(0.3)))
    a.plot.append(lambda b: b.with_tokens(liquidator, debt, 2 * b.owed(debt, who), call))
    a.plot.append(calm_down)
    return Action.price(seized, price)


def calm_down(a: Schemer) -> Action | None:
    """A price returns to where it began."""
    away = [symbol for symbol in a.symbols if a.price(symbol) != a.start_prices[symbol]]
    if not away:
        return None
    symbol = a.pick(away)
    return Action.price(symbol, a.within_news(symbol, a.start_prices[symbol]))


def e_mode_position(a: Schemer) -> Action:
    """Somebody empties their position, enters a category and borrows to its limit against its collateral."""
    who = a.person()
    number, collateral, debt = a.pick(
        (
            (1, "WETH", "WSTETH"),
            (1, "WSTETH", "WETH"),
            (2, "USDC", "GUSD"),
            (3, "WSTETH", "USDC"),
            (4, "GUSD", "WETH"),
            (4, "GUSD", "LINK"),
        )
    )
    if collateral not in a.symbols or debt not in a.symbols:
        return supply(a)
    for symbol in a.held_by(who, debt=True):
        a.plot.append(always(Action(who, "pool", "repay", (symbol, EVERYTHING, VARIABLE, who))))
    for symbol in a.held_by(who):
        a.plot.append(always(Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, False))))
    a.plot.append(lambda _: Action(who, "pool", "setUserEMode", (number,)))
    worth = int(10 ** (10 + 4 * a.rng.random()))
    a.plot.append(lambda b: Action(who, "pool", "supply", (collateral, b.amount_for(collateral, worth), who, 0)))
    a.plot.append(lambda _: Action(who, "pool", "setUserUseReserveAsCollateral", (collateral, True)))
    a.plot.append(lambda b: to_the_limit(b, who, debt))
    if a.chance(0.6):
        a.plot.append(lambda b: push_under(b, who, a.pick((0.999, 0.98, 0.9, 0.5))))
        a.plot.extend([liquidate] * a.rng.randrange(1, 4))
    return Action.wait(a.pick((1, 12, 3600)))


def move_price(a: Schemer) -> Action:
    """A price moves by some percent, now and then to nothing."""
    symbol = a.symbol()
    if a.chance(0.02):
        a.plot.extend([any_user_call] * 3)
        a.plot.append(lambda b: Action.price(symbol, b.start_prices[symbol]))
        return Action.price(symbol, a.pick((0, 0, -1)))
    if a.chance(0.4):
        return calm_down(a) or Action.wait(1)
    if a.price(symbol) == 0:
        return Action.wait(1)
    factor = a.rng.randrange(600, 1500)
    wanted = max(1, a.price(symbol) * factor // 1000)
    start = a.start_prices[symbol]
    return Action.price(symbol, a.within_news(symbol, min(max(wanted, start // 20), start * 20)))


def cover(a: Schemer) -> Action | None:
    """The umbrella, or somebody else, covers a deficit."""
    short = [symbol for symbol, reserve in a.reserves.items() if reserve.deficit]
    if not short and a.chance(0.9):
        return None
    symbol = a.pick(short) if short else a.symbol()
    amount = a.near(a.reserves[symbol].deficit)
    who = "umbrella" if a.chance(0.95) else a.person()
    if a.supplied(symbol, "umbrella") < amount < 2**100 and a.chance(0.8):
        call = Action(who, "pool", "eliminateReserveDeficit", (symbol, amount))
        a.plot.append(lambda _: call)
        return Action("umbrella", "pool", "supply", (symbol, amount + a.pick((0, 1, 2)), "umbrella", 0))
    return Action(who, "pool", "eliminateReserveDeficit", (symbol, amount))


def mint_to_treasury(a: Schemer) -> Action:
    """Mint what has accrued, for some assets, now and then twice."""
    some = [a.symbol() for _ in range(a.rng.randrange(1, 4))]
    return Action(a.person(), "pool", "mintToTreasury", (tuple(some),))


def flash_loan_simple(a: Schemer) -> Action:
    """Lend an asset for an instant, in which the receiver may do anything."""
    symbol = a.symbol()
    amount = a.near(a.reserves[symbol].virtual_underlying_balance) if a.chance(0.5) else a.unit(symbol)
    inside = _inside(a, symbol) if a.chance(0.6) else ()
    return Action(a.person(), "pool", "flashLoanSimple", (RECEIVER, symbol, amount, b"", 0), inside)


def flash_loan(a: Schemer) -> Action:
    """Lend several assets, some kept as debt."""
    symbols = a.rng.sample(a.symbols, a.rng.randrange(1, min(4, len(a.symbols) + 1)))
    if a.chance(0.05):
        symbols.append(symbols[0])
    who = a.person()
    modes = tuple(0 if a.chance(0.75) else VARIABLE for _ in symbols)
    limit = a.account(who)[2] // (2 * len(symbols))
    amounts = tuple(
        int(a.reserves[symbol].virtual_underlying_balance * a.rng.random())
        if mode == 0
        else min(a.near(a.amount_for(symbol, limit)), a.reserves[symbol].virtual_underlying_balance)
        for symbol, mode in zip(symbols, modes, strict=True)
    )
    inside = _inside(a, symbols[0]) if a.chance(0.5) else ()
    return Action(who, "pool", "flashLoan", (RECEIVER, tuple(symbols), amounts, modes, who, b"", 0), inside)


def _inside(a: Schemer, symbol: str) -> tuple[Action, ...]:
    """What a receiver does before it pays back: use the same reserve, the pool at large, or the tokens."""
    unit = a.unit(symbol)
    amount = a.rng.randrange(1, 100 * unit)
    own = (
        Action(RECEIVER, "pool", "supply", (symbol, amount, RECEIVER, 0)),
        Action(RECEIVER, "pool", "withdraw", (symbol, a.pick((amount, EVERYTHING, 1)), RECEIVER)),
        Action(RECEIVER, "pool", "borrow", (symbol, amount // 4, VARIABLE, 0, RECEIVER)),
        Action(RECEIVER, "pool", "repay", (symbol, EVERYTHING, VARIABLE, RECEIVER)),
        Action(RECEIVER, symbol, "transfer", (f"a{symbol}", amount)),
        Action(RECEIVER, "pool", "mintToTreasury", ((symbol,),)),
        Action(RECEIVER, "pool", "flashLoanSimple", (RECEIVER, a.symbol(), amount, b"", 0)),
        Action(RECEIVER, f"a{symbol}", "transfer", (a.person(), 1)),
    )
    actions: list[Action] = []
    for _ in range(a.rng.randrange(1, 4)):
        other = any_user_call(a) if a.chance(0.3) else None
        actions.append(other if other is not None and other.target == "pool" else a.pick(own))
    return tuple(actions)
