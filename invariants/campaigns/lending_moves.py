"""What users do: lend, borrow, switch, send, around every limit there is."""

from __future__ import annotations

from ..histories.action import RECEIVER, Action
from ..reference import EVERYTHING
from .schemer import VARIABLE, Maker, Schemer


def supply(a: Schemer) -> Action:
    """Supply, mostly for oneself."""
    who, symbol = a.person(), a.symbol()
    amount = a.amount_for(symbol, int(10 ** (8 + 7 * a.rng.random())))
    if a.chance(0.15):
        amount = a.pick((0, 1, 2, 3, amount + 1, 10**6, 2**120))
    beneficiary = who if a.chance(0.85) else a.pick((*a.people, "umbrella", f"a{symbol}", RECEIVER))
    call = Action(who, "pool", a.pick(("supply", "supply", "deposit")), (symbol, amount, beneficiary, 0))
    return a.with_tokens(who, symbol, amount, call) if amount < 2**110 else call


def withdraw(a: Schemer) -> Action | None:
    """Withdraw around the balance or the liquidity."""
    who = a.person()
    held = a.held_by(who)
    symbol = a.pick(held) if held and a.chance(0.95) else a.symbol()
    limit = a.supplied(symbol, who)
    if a.chance(0.3):
        limit = min(limit, a.reserves[symbol].virtual_underlying_balance)
    to = who if a.chance(0.9) else a.pick((*a.people, f"a{symbol}", RECEIVER, "nobody"))
    return Action(who, "pool", "withdraw", (symbol, EVERYTHING if a.chance(0.2) else a.near(limit), to))


def borrow(a: Schemer) -> Action | None:
    """Borrow around the limit, one's own or a delegator's."""
    debtor = a.person()
    available, symbol = a.account(debtor)[2], a.borrowable(debtor)
    if available == 0 and a.chance(0.8):
        return enough_collateral(a, debtor)
    limit = min(a.amount_for(symbol, available), a.reserves[symbol].virtual_underlying_balance)
    amount = limit if a.chance(0.25) else a.near(limit) if a.chance(0.6) else int(limit * a.rng.random() * 0.5)
    who = debtor
    if a.chance(0.12):
        who = a.person()
        if who != debtor and a.chance(0.8):
            target = f"debt{symbol}"
            a.plot.append(lambda _: Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, debtor)))
            return Action(debtor, target, "approveDelegation", (who, a.near(amount)))
    mode = VARIABLE if a.chance(0.98) else a.pick((0, 1, 3))
    return Action(who, "pool", "borrow", (symbol, amount, mode, 0, debtor))


def enough_collateral(a: Schemer, who: str) -> Action:
    """Somebody who cannot borrow supplies, switches collateral on, or leaves the category."""
    roll = a.rng.random()
    if roll < 0.15:
        return Action(who, "pool", "setUserEMode", (0,))
    held = a.held_by(who)
    if held and roll < 0.4:
        return Action(who, "pool", "setUserUseReserveAsCollateral", (a.pick(held), True))
    symbol = a.symbol()
    return Action(who, "pool", "supply", (symbol, a.amount_for(symbol, int(10 ** (9 + 5 * a.rng.random()))), who, 0))


def repay(a: Schemer) -> Action | None:
    """Repay around the debt, one's own or another's."""
    debtor = a.person()
    owed = a.held_by(debtor, debt=True)
    symbol = a.pick(owed) if owed and a.chance(0.95) else a.symbol()
    who = debtor if a.chance(0.8) else a.person()
    return Action(who, "pool", "repay", (symbol, a.near(a.owed(symbol, debtor)), VARIABLE, debtor))


def repay_with_a_tokens(a: Schemer) -> Action | None:
    """Burn aTokens against debt."""
    who = a.person()
    both = [symbol for symbol in a.held_by(who, debt=True) if a.supplied(symbol, who)]
    if not both and a.chance(0.9):
        return None
    symbol = a.pick(both) if both else a.symbol()
    limit = min(a.owed(symbol, who), a.supplied(symbol, who))
    return Action(who, "pool", "repayWithATokens", (symbol, a.near(limit), VARIABLE))


def use_as_collateral(a: Schemer) -> Action:
    """Enable or disable collateral, now and then as somebody's manager."""
    who = a.person()
    held = a.held_by(who)
    symbol = a.pick(held) if held and a.chance(0.95) else a.symbol()
    if a.chance(0.15):
        return Action(a.person(), "pool", "setUserUseReserveAsCollateralOnBehalfOf", (symbol, a.chance(0.5), who))
    return Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, a.chance(0.6)))


def set_e_mode(a: Schemer) -> Action:
    """Enter, change or leave a category, now and then as somebody's manager."""
    category = a.pick((0, 0, 1, 1, 2, 2, 3, 4, 4, 5))
    if a.chance(0.15):
        return Action(a.person(), "pool", "setUserEModeOnBehalfOf", (category, a.person()))
    return Action(a.person(), "pool", "setUserEMode", (category,))


def to_the_limit(a: Schemer, who: str, symbol: str) -> Action:
    """Borrow all that the account data say is available, or a base unit more or less."""
    available = a.account(who)[2]
    if available < 100:
        return enough_collateral(a, who)
    base = available + a.pick((0, 0, -1, 1, -2))
    amount = max(1, min(a.amount_for(symbol, max(0, base)), a.reserves[symbol].virtual_underlying_balance))
    return Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, who))


def transfer(a: Schemer) -> Action | None:
    """Send aTokens, to others, oneself, contracts."""
    who = a.person()
    held = a.held_by(who)
    if not held:
        return None
    symbol = a.pick(held)
    to = a.pick((*a.people, *a.people, who, "umbrella", f"a{symbol}", "treasury", "nobody"))
    amount = a.near(a.supplied(symbol, who))
    if a.chance(0.25):
        spender = a.person()
        if a.chance(0.7):
            call = Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))
            a.plot.append(lambda _: call)
            return Action(who, f"a{symbol}", "approve", (spender, a.near(amount)))
        return Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))
    return Action(who, f"a{symbol}", "transfer", (to, amount))


def manage(a: Schemer) -> Action:
    """Appoint, dismiss or renounce a position manager."""
    if a.chance(0.3):
        return Action(a.person(), "pool", "renouncePositionManagerRole", (a.person(),))
    return Action(a.person(), "pool", "approvePositionManager", (a.person(), a.chance(0.8)))


def donate(a: Schemer) -> Action:
    """Send underlying to the aToken, to the pool, or to somebody."""
    symbol = a.symbol()
    amount = a.amount_for(symbol, int(10 ** (14 * a.rng.random()))) + 1
    return Action(a.person(), symbol, "transfer", (a.pick((f"a{symbol}", f"a{symbol}", "pool", a.person())), amount))


USER_MAKERS: tuple[Maker, ...] = (
    supply,
    withdraw,
    withdraw,
    borrow,
    borrow,
    repay,
    repay_with_a_tokens,
    use_as_collateral,
    set_e_mode,
    transfer,
)


def any_user_call(a: Schemer) -> Action | None:
    """One of the above."""
    return a.pick(USER_MAKERS)(a)
