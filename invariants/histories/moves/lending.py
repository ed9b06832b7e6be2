"""Moves of users: lend, borrow, switch, send, around every limit there is."""

from __future__ import annotations

from ...reference import EVERYTHING
from ..action import Action
from ..driver import STABLE, VARIABLE, Driver, Making, Plot
from ..receiver import RECEIVER

GUESSES = (0, 0, 1, 1, 2, 2, 3, 4, 4, 5)
"""Categories to enter, for who does not know which there are."""


def supply(d: Driver) -> Plot:
    """Supply, mostly for oneself, any amount or up to the cap."""
    who, symbol = d.person(), d.symbol()
    amount = d.some(symbol, 8, 7)
    if d.happens(0.15):
        amount = d.pick((0, 1, 2, 3, amount + 1, 10**6, 2**120))
    if d.edge(0.1):
        amount = d.pick((d.supply_room(symbol) + d.pick((0, 0, 1, -1)), d.share(symbol), d.wallet(symbol, who)))
    beneficiary = (
        who if d.happens(1 - 0.15 * d.temperament.trust) else d.pick((*d.people, "umbrella", f"a{symbol}", RECEIVER))
    )
    call = Action(who, "pool", d.pick(("supply", "supply", "deposit")), (symbol, max(0, amount), beneficiary, 0))
    if amount < 2**110:
        yield from d.with_tokens(who, symbol, amount, call)
    else:
        yield call


def withdraw(d: Driver) -> Plot:
    """Withdraw around the balance or the liquidity, or leave a unit or two."""
    who = d.supplier()
    held = d.supplies_of(who)
    symbol = d.one_of(held) if held and d.happens(0.95) else d.symbol()
    limit = d.supplied(symbol, who)
    if d.happens(0.3):
        limit = min(limit, d.liquidity(symbol))
    to = who if d.happens(0.9) else d.pick((*d.people, f"a{symbol}", RECEIVER, "nobody"))
    amount = EVERYTHING if d.happens(0.2) else d.near(limit)
    if d.edge(0.1):
        amount = max(0, limit - d.between(1, 4))
    yield Action(who, "pool", "withdraw", (symbol, amount, to))


def borrow(d: Driver) -> Plot:
    """Borrow around the limit, one's own or a delegator's."""
    debtor = d.borrower()
    available, symbol = d.account(debtor)[2], d.borrowable(debtor)
    if available == 0 and d.happens(0.8):
        yield from enough_collateral(d, debtor)
        return
    limit = min(d.amount_for(symbol, available), d.liquidity(symbol))
    amount = limit if d.happens(0.25) else d.near(limit) if d.happens(0.6) else int(limit * d.chance.share() * 0.5)
    if d.edge(0.1):
        amount = d.borrow_room(symbol) + d.pick((0, 1))
    who = debtor
    if d.happens(0.12 * d.temperament.trust):
        who = d.person()
        if d.edge(0.5):
            symbol = d.borrowable(who)  # which the debtor's category may forbid
            amount = min(d.credit(symbol, debtor), d.liquidity(symbol)) // d.between(1, 4)
        if who != debtor and d.happens(0.8):
            d.later(Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, debtor)))
            yield Action(debtor, f"debt{symbol}", "approveDelegation", (who, d.allowance(amount)))
            return
    mode = VARIABLE if d.happens(0.98) else d.pick((0, 1, 3))
    if d.lends_stable(symbol) and d.happens(0.4):
        mode, amount = STABLE, d.pick((amount, min(amount, d.liquidity(symbol) // 4), d.liquidity(symbol) // 4 + 1))
    yield Action(who, "pool", "borrow", (symbol, amount, mode, 0, debtor))


def enough_collateral(d: Driver, who: str) -> Plot:
    """Help somebody to credit who has none: supply, switch collateral on, or leave the category."""
    roll = d.chance.share()
    if roll < 0.15:
        yield Action(who, "pool", "setUserEMode", (0,))
        return
    held = d.supplies_of(who)
    if held and roll < 0.4:
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (d.pick(held), True))
        return
    symbol = d.symbol()
    yield Action(who, "pool", "supply", (symbol, d.some(symbol, 9, 5), who, 0))


def to_the_limit(d: Driver, who: str, symbol: str) -> Plot:
    """Borrow all that the account data say is available, or a base unit more or less."""
    available = d.account(who)[2]
    if available < 100:
        yield from enough_collateral(d, who)
        return
    base = available + d.pick((0, 0, -1, 1, -2))
    amount = max(1, min(d.amount_for(symbol, max(0, base)), d.liquidity(symbol)))
    yield Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, who))


def repay(d: Driver) -> Plot:
    """Repay around the debt, one's own or another's, or leave a unit or two."""
    debtor = d.debtor()
    owed = d.debts_of(debtor)
    symbol = d.one_of(owed) if owed and d.happens(0.95) else d.symbol()
    if d.stable_tokens and d.happens(0.35):
        yield from d.pick((swap_rate, swap_rate, rebalance))(d)
        return
    who = debtor if d.happens(1 - 0.2 * d.temperament.trust) else d.person()
    amount = d.near(d.owed(symbol, debtor))
    if d.edge(0.1):
        amount = max(0, d.owed(symbol, debtor) - d.between(1, 4))
    mode, stable = VARIABLE, d.stable_owed(symbol, debtor)
    if stable and (not d.owed(symbol, debtor) or d.happens(0.5)):
        mode, amount = STABLE, d.near(stable)
    yield Action(who, "pool", "repay", (symbol, amount, mode, debtor))


def swap_rate(d: Driver) -> Plot:
    """Turn a debt into one at the other kind of rate. v3.0.2."""
    who = d.debtor()
    symbol = d.one_of(d.debts_of(who) or d.symbols)
    mode = STABLE if d.stable_owed(symbol, who) and d.happens(0.5) else VARIABLE
    yield Action(who, "pool", "swapBorrowRateMode", (symbol, mode if d.happens(0.95) else d.pick((0, 1, 3))))


def rebalance(d: Driver) -> Plot:
    """Let a debt at a stable rate cost what a new one does. v3.0.2."""
    owing = [(symbol, who) for who in d.people for symbol in d.symbols if d.stable_owed(symbol, who)]
    symbol, who = d.pick(owing) if owing and d.happens(0.9) else (d.symbol(), d.person())
    yield Action(d.person(), "pool", "rebalanceStableBorrowRate", (symbol, who))


def repay_with_a_tokens(d: Driver) -> Plot:
    """Burn aTokens against debt."""
    who = d.debtor()
    both = [symbol for symbol in d.debts_of(who) if d.supplied(symbol, who)]
    if not both and d.waits(0.9):
        return
    symbol = d.pick(both) if both else d.pick(d.debts_of(who) or d.symbols) if d.temperament.seeks else d.symbol()
    if not both and d.temperament.seeks:
        yield Action(who, "pool", "supply", (symbol, d.owed(symbol, who) // d.between(1, 4), who, 0))
    mode, owed = VARIABLE, d.owed(symbol, who)
    if d.stable_owed(symbol, who) and not owed:
        mode, owed = STABLE, d.stable_owed(symbol, who)
    limit = min(owed, d.supplied(symbol, who))
    yield Action(who, "pool", "repayWithATokens", (symbol, d.near(limit), mode))


def use_as_collateral(d: Driver) -> Plot:
    """Enable or disable collateral, now and then as somebody's manager."""
    who = d.supplier()
    held = d.supplies_of(who)
    symbol = d.one_of(held) if held and d.happens(0.95) else d.symbol()
    if d.happens(0.15):
        function = "setUserUseReserveAsCollateralOnBehalfOf"
        yield Action(d.person(), "pool", function, (symbol, d.happens(0.5), who))
    else:
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, d.happens(0.6)))


def set_e_mode(d: Driver) -> Plot:
    """Enter, change or leave a category, now and then as somebody's manager."""
    category = d.category(GUESSES)
    if d.happens(0.15):
        yield Action(d.person(), "pool", "setUserEModeOnBehalfOf", (category, d.person()))
    else:
        yield Action(d.person(), "pool", "setUserEMode", (category,))


def transfer(d: Driver) -> Plot:
    """Send aTokens, to others, oneself, contracts, with an allowance or without."""
    who = d.supplier()
    held = d.supplies_of(who)
    if not held:
        return
    symbol = d.one_of(held)
    to = d.pick((*d.people, *d.people, who, "umbrella", f"a{symbol}", "treasury", "nobody"))
    amount = d.near(d.supplied(symbol, who))
    if not d.happens(0.25 * d.temperament.trust):
        yield Action(who, f"a{symbol}", "transfer", (to, amount))
        return
    spender = d.person()
    call = Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))
    if d.happens(0.7):
        d.later(call)
        call = Action(who, f"a{symbol}", "approve", (spender, d.allowance(amount)))
    yield call


def take_another_collateral(d: Driver) -> Plot:
    """Take one of a debtor's collaterals away: by withdrawal, transfer or flag."""
    debtors = d.debtors() or d.people
    who = d.pick([who for who in debtors if d.focus in d.collaterals_of(who)] or debtors)
    symbol = d.one_of(d.collaterals_of(who) or d.symbols)
    amount = max(1, d.supplied(symbol, who) // d.pick((1, 10, 1_000)))
    yield d.pick(
        (
            Action(who, "pool", "withdraw", (symbol, amount, who)),
            Action(who, f"a{symbol}", "transfer", (d.person(), amount)),
            Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, False)),
        )
    )


def manage(d: Driver) -> Plot:
    """Appoint, dismiss or renounce a position manager."""
    if d.happens(0.3):
        yield Action(d.person(), "pool", "renouncePositionManagerRole", (d.person(),))
    else:
        yield Action(d.person(), "pool", "approvePositionManager", (d.person(), d.happens(0.8)))


def donate(d: Driver) -> Plot:
    """Send underlying to the aToken, to the pool, or to somebody."""
    symbol = d.symbol()
    amount = d.some(symbol, 0, 14) + 1
    yield Action(d.person(), symbol, "transfer", (d.pick((f"a{symbol}", f"a{symbol}", "pool", d.person())), amount))


USER_MOVES: tuple[Making, ...] = (
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


def any_user_call(d: Driver) -> Plot:
    """Make one of the calls that users make."""
    yield from d.pick(USER_MOVES)(d)


def busy(d: Driver, rounds: int) -> Plot:
    """Let users go on for some rounds, whatever the state of the market."""
    for _ in range(rounds):
        yield from any_user_call(d)
