"""What people do with their own money: supply, withdraw, borrow, repay, send, and arrange their positions."""

from __future__ import annotations

from collections.abc import Iterator

from ...histories.action import Action
from ...reference import EVERYTHING, RAY
from .walk import PEOPLE, VARIABLE, Walk, pool_call

# --- lending ----------------------------------------------------------------------------------------------------


def supply(walk: Walk) -> Iterator[Action]:
    """For onewalk or another; often to the cap's last unit."""
    who, symbol = walk.somebody(), walk.asset()
    some = walk.rng.randrange(1, 1_000) if walk.dust else walk.unit(symbol) * 100
    amount = walk.about(walk.rng.choice((some, some, walk.wallet(symbol, who), _share(walk, symbol))))
    if walk.rng.random() < 0.15:
        amount = _room_under_supply_cap(walk, symbol) + walk.rng.choice((0, 0, 1, -1))
    whom = who if walk.rng.random() < 0.8 else walk.somebody()
    yield pool_call(who, "supply", symbol, max(0, amount), whom, 0)


def _share(walk: Walk, symbol: str) -> int:
    return -(-int(walk.pool.income_of(walk.assets[symbol])) // RAY)


def _room_under_supply_cap(walk: Walk, symbol: str) -> int:
    reserve = walk.reserve(symbol)
    token = walk.stage.chain.at(reserve.a_token)
    cap = (reserve.configuration >> 116 & 0xFFFFFFFFF) * walk.unit(symbol)
    claims = (token.scaled_supply + reserve.accrued_to_treasury) * int(walk.pool.income_of(walk.assets[symbol]))
    return max(0, int(cap - claims // RAY))


def withdraw(walk: Walk) -> Iterator[Action]:
    """A part, all, or all the pool has."""
    who, symbol = walk.lender()
    have, there = walk.supplied(symbol, who), walk.reserve(symbol).virtual_underlying_balance
    amount = walk.rng.choice((walk.about(have), walk.about(have), walk.about(min(have, there)), EVERYTHING))
    yield pool_call(who, "withdraw", symbol, amount, walk.rng.choice((who, who, walk.somebody(), f"a{symbol}")))


def transfer(walk: Walk) -> Iterator[Action]:
    """aTokens, to another or to onewalk, with an allowance or without."""
    who, symbol = walk.lender()
    amount, to = walk.about(walk.supplied(symbol, who)), walk.somebody()
    if walk.rng.random() < 0.6:
        yield Action(who, f"a{symbol}", "transfer", (to, amount))
        return
    spender = walk.somebody_but(who)
    allowance = walk.rng.choice((amount, amount + 1, EVERYTHING, max(0, amount - 1), 2 * amount))
    yield Action(who, f"a{symbol}", "approve", (spender, min(EVERYTHING, allowance)))
    yield Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))


# --- borrowing --------------------------------------------------------------------------------------------------


def borrow(walk: Walk) -> Iterator[Action]:
    """Up to the credit, the liquidity or the cap."""
    who, symbol = walk.somebody(), walk.asset()
    there = walk.reserve(symbol).virtual_underlying_balance
    credit = walk.credit(symbol, who)
    amount = walk.rng.choice((walk.about(credit), walk.about(min(credit, there)), walk.about(there), credit // 2))
    if walk.rng.random() < 0.05:
        amount = _room_under_borrow_cap(walk, symbol) + walk.rng.choice((0, 1))
    yield pool_call(who, "borrow", symbol, amount, VARIABLE, 0, who)


def _room_under_borrow_cap(walk: Walk, symbol: str) -> int:
    reserve = walk.reserve(symbol)
    cap = (reserve.configuration >> 80 & 0xFFFFFFFFF) * walk.unit(symbol)
    shares = int(walk.stage.chain.at(reserve.variable_debt_token).scaled_supply)
    return max(0, int(cap) - -(-shares * int(walk.pool.debt_index_of(walk.assets[symbol])) // RAY))


def borrow_for(walk: Walk) -> Iterator[Action]:
    """In another's name, with a delegation of about the amount."""
    debtor, symbol = walk.somebody(), walk.asset()
    who, amount = walk.somebody_but(debtor), walk.about(walk.credit(symbol, debtor) // 2)
    callers = [name for name in PEOPLE if name != debtor and walk.owed(symbol, name)]
    if callers and walk.rng.random() < 0.5:
        who = walk.rng.choice(callers)
    if walk.rng.random() < 0.8:
        delegated = walk.rng.choice((amount, amount, amount + 1, 2 * amount, max(0, amount - 1)))
        yield Action(debtor, f"debt{symbol}", "approveDelegation", (who, min(EVERYTHING, delegated)))
    yield pool_call(who, "borrow", symbol, amount, VARIABLE, 0, debtor)


def repay(walk: Walk) -> Iterator[Action]:
    """One's own or another's debt, with tokens or aTokens."""
    debtor, symbol = walk.debtor()
    amount = walk.rng.choice((walk.about(walk.owed(symbol, debtor)), EVERYTHING))
    kind = walk.rng.random()
    if kind < 0.6:
        yield pool_call(debtor, "repay", symbol, amount, VARIABLE, debtor)
    elif kind < 0.75:
        yield pool_call(walk.somebody_but(debtor), "repay", symbol, amount, VARIABLE, debtor)
    else:
        if not walk.shares(symbol, debtor):
            yield pool_call(debtor, "supply", symbol, walk.wallet(symbol, debtor) // 4, debtor, 0)
        yield pool_call(debtor, "repayWithATokens", symbol, amount, VARIABLE)


def dust(walk: Walk) -> Iterator[Action]:
    """Leave a unit or two of a debt or a supply."""
    left = walk.rng.choice((1, 2, 3))
    if walk.rng.random() < 0.5:
        debtor, symbol = walk.debtor()
        yield pool_call(debtor, "repay", symbol, max(0, walk.owed(symbol, debtor) - left), VARIABLE, debtor)
    else:
        who, symbol = walk.lender()
        yield pool_call(who, "withdraw", symbol, max(0, walk.supplied(symbol, who) - left), who)


# --- positions --------------------------------------------------------------------------------------------------


def collateral(walk: Walk) -> Iterator[Action]:
    """Switch a supply on or off as collateral, as onewalk or as a manager."""
    who, symbol = walk.lender()
    if walk.rng.random() < 0.15:
        symbol = walk.asset()
    on = walk.rng.random() < 0.6
    if walk.rng.random() < 0.8:
        yield pool_call(who, "setUserUseReserveAsCollateral", symbol, on)
        return
    manager = walk.somebody_but(who)
    yield pool_call(who, "approvePositionManager", manager, walk.rng.random() < 0.6)
    yield pool_call(manager, "setUserUseReserveAsCollateralOnBehalfOf", symbol, on, who)


def e_mode(walk: Walk) -> Iterator[Action]:
    """Enter, change or leave a category; sometimes as a manager nobody appointed."""
    who, category = walk.somebody(), walk.rng.choice((*walk.categories, 0))
    if walk.rng.random() < 0.9:
        yield pool_call(who, "setUserEMode", category)
    else:
        yield pool_call(walk.somebody_but(who), "setUserEModeOnBehalfOf", category, who)


def change_mode_at_the_limit(walk: Walk) -> Iterator[Action]:
    """Enter a category, borrow all it lends, and try to leave it."""
    if not walk.categories:
        return
    who, number = walk.somebody(), walk.rng.choice(walk.categories)
    category = walk.pool.e_modes[number]
    inside = [symbol for symbol in walk.symbols if category.collateral_bitmap >> walk.reserve(symbol).id & 1]
    debts = [symbol for symbol in walk.symbols if category.borrowable_bitmap >> walk.reserve(symbol).id & 1]
    if not inside or not debts:
        return
    collateral, debt = walk.rng.choice(inside), walk.rng.choice(debts)
    yield pool_call(who, "setUserEMode", number)
    yield pool_call(who, "supply", collateral, walk.wallet(collateral, who) // walk.rng.choice((3, 100)), who, 0)
    yield pool_call(who, "setUserUseReserveAsCollateral", collateral, True)
    yield pool_call(who, "borrow", debt, walk.credit(debt, who), VARIABLE, 0, who)
    yield pool_call(who, "setUserEMode", walk.rng.choice((0, *walk.categories)))
    if walk.rng.random() < 0.4:
        yield pool_call(who, "repay", debt, EVERYTHING, VARIABLE, who)


def take_another_collateral(walk: Walk) -> Iterator[Action]:
    """Somebody with a debt and several collaterals takes one of them: by withdrawal, transfer or flag."""
    who, _ = walk.debtor()
    symbol = walk.collateral_of(who)
    amount = max(1, walk.supplied(symbol, who) // walk.rng.choice((1, 10, 1_000)))
    yield walk.rng.choice(
        (
            pool_call(who, "withdraw", symbol, amount, who),
            Action(who, f"a{symbol}", "transfer", (walk.somebody(), amount)),
            pool_call(who, "setUserUseReserveAsCollateral", symbol, False),
        )
    )
