"""Edges of RND, TOK, CAP, SOL and INF: remainders, a unit more or less than all, and the last unit below a cap."""

from __future__ import annotations

from pooltwin.protocol.errors import BorrowCapExceeded, SupplyCapExceeded

from ...law import edge
from ...reading.step import ReserveChange, Step
from ...reference import BPS, RAY, WAD, ceil, floor
from ..accrual import synced
from ..calls import (
    BORROW,
    REPAY,
    REPAY_WITH_ATOKENS,
    SUPPLY,
    WITHDRAW,
    asset_of,
    credited,
    is_everything,
    transfer_parties,
)


@edge("the division by the index leaves a remainder")
def with_remainder(step: Step) -> bool:
    """Does the direction of the rounding show?"""
    after = step.after.reserve(asset_of(step))
    on_debt = step.name in (*BORROW, *REPAY, *REPAY_WITH_ATOKENS)
    amount = step.value if step.name in (*REPAY, *REPAY_WITH_ATOKENS) else step.arguments[1]
    return not is_everything(amount) and amount * RAY % (after.borrow_index if on_debt else after.liquidity_index) != 0


@edge("everything, by name")
def everything(step: Step) -> bool:
    """Is all asked for, whatever it is?"""
    return is_everything(step.arguments[1])


@edge("the premium leaves a remainder")
def premium_with_remainder(step: Step) -> bool:
    """Does the rounding of a premium show?"""
    bps = step.before.field(step.census.pool, "flash_loan_premium")
    amounts = step.arguments[2] if step.name == "pool.flashLoan" else [step.arguments[2]]
    return any(amount * bps % BPS for amount in amounts)


@edge("the division by the index leaves a remainder")
def transfer_with_remainder(step: Step) -> bool:
    """Does the rounding of the shares sent show?"""
    return transfer_parties(step)[2] * RAY % step.after.reserve(asset_of(step)).income != 0


@edge("all that is owed, to the unit", on=REPAY)
def all_to_the_unit(step: Step) -> bool:
    """Is all named by its figure?"""
    asset, user = asset_of(step), credited(step)
    owed = ceil(step.before.debt_shares(asset, user), step.before.reserve(asset).debt_index, RAY)
    return bool(step.arguments[1] == owed)


RND_1 = RND_3 = RND_4 = RND_12 = TOK_9 = (with_remainder,)
RND_2 = (with_remainder, everything)
RND_5 = (premium_with_remainder,)
RND_7 = (transfer_with_remainder,)
RND_14 = (all_to_the_unit,)


# --- allowances and balances ----------------------------------------------------------------------------------------


@edge("an allowance that the amount uses up, to a unit")
def allowance_used_up(step: Step) -> bool:
    """Is the allowance the amount, or one more?"""
    owner, _, amount = step.arguments
    before = step.before.entry(step.census.homes[asset_of(step)].a_token.allowances, (owner, step.sender))
    return bool(0 <= before - amount <= 1)


@edge("a delegation that the amount uses up, to a unit")
def delegation_used_up(step: Step) -> bool:
    """Is the delegation the amount, or one more?"""
    asset, amount, _, _, delegator = step.arguments
    ledger = step.census.homes[asset].debt_token.borrow_allowances
    return bool(0 <= step.before.entry(ledger, (delegator, step.sender)) - amount <= 1)


@edge("a share more than the balance")
def share_too_many(step: Step) -> bool:
    """Is hardly too much sent?"""
    from_, _, amount = transfer_parties(step)
    asset = asset_of(step)
    return ceil(amount, RAY, step.before.reserve(asset).income) - step.before.shares(asset, from_) == 1


@edge("aTokens of a paused reserve")
def transfer_while_paused(step: Step) -> bool:
    """Is a transfer refused for the reserve's state alone?"""
    return step.before.reserve(asset_of(step)).paused


TOK_3 = (allowance_used_up,)
TOK_4 = (delegation_used_up,)
TOK_7 = (share_too_many, transfer_while_paused)


# --- caps -----------------------------------------------------------------------------------------------------------


@edge("within two units of the cap")
def supplied_to_the_cap(step: Step) -> bool:
    """Is the cap just reached?"""
    view = step.after.reserve(step.arguments[0])
    return view.supply_cap * view.unit - view.claims <= 2


@edge("within two units of the cap")
def borrowed_to_the_cap(step: Step) -> bool:
    """Is the cap just reached?"""
    view = step.after.reserve(step.arguments[0])
    return view.borrow_cap * view.unit - view.debt <= 2


def _room(step: Step) -> int:
    """Reckon what the call leaves below its cap, or how much too much it asked for."""
    view, amount = step.before.reserve(step.arguments[0]), step.arguments[1]
    brought = synced(view)
    if step.name in SUPPLY:
        shares = view.scaled_supply + brought.accrued + floor(amount, RAY, brought.income)
        return view.supply_cap * view.unit - floor(shares, brought.income, RAY)
    shares = view.scaled_debt + ceil(amount, RAY, brought.debt_index)
    return view.borrow_cap * view.unit - ceil(shares, brought.debt_index, RAY)


@edge("a supply that ends on the cap, to the unit", on=SUPPLY)
def supply_on_the_cap(step: Step) -> bool:
    """Is the supply cap reached exactly?"""
    return _room(step) == 0


@edge("a borrow that ends on the cap, to the unit", on=BORROW)
def borrow_on_the_cap(step: Step) -> bool:
    """Is the borrow cap reached exactly?"""
    return _room(step) == 0


@edge("refused for two units above the cap, or one")
def just_above_the_cap(step: Step) -> bool:
    """Is the call refused for hardly anything?"""
    revert = step.receipt.revert if step.receipt is not None else None
    return isinstance(revert, (SupplyCapExceeded, BorrowCapExceeded)) and -2 <= _room(step) < 0


@edge("leaves a reserve above its supply cap", on=WITHDRAW)
def leaves_above_a_supply_cap(step: Step) -> bool:
    """Is a reserve fuller than its cap when somebody leaves?"""
    view = step.before.reserve(asset_of(step))
    return 0 < view.supply_cap * view.unit < view.claims


CAP_1 = (supplied_to_the_cap,)
CAP_2 = (borrowed_to_the_cap,)
CAP_3 = (supply_on_the_cap, borrow_on_the_cap, just_above_the_cap)
CAP_5 = (leaves_above_a_supply_cap,)


# --- solvency -------------------------------------------------------------------------------------------------------


@edge("a slack of at most three units")
def hardly_solvent(change: ReserveChange) -> bool:
    """Is there hardly more than is owed?"""
    return change.after.slack <= 3


@edge("the same slack as before, to the unit")
def slack_stands(change: ReserveChange) -> bool:
    """Would a unit less be too little?"""
    before = change.before
    moved = before.last_update != change.after.last_update
    return change.after.slack == (synced(before).slack if moved else before.slack)


@edge("half a year or more at once")
def long_time(change: ReserveChange) -> bool:
    """Do the roundings have time to show?"""
    return change.after.time - change.before.time >= 180 * 86_400


@edge("no more is held than is booked")
def nothing_donated(change: ReserveChange) -> bool:
    """Would a unit less be too little?"""
    return change.after.underlying == change.after.virtual


@edge("a wei more than the balance")
def withdraws_too_much(step: Step) -> bool:
    """Is hardly too much asked for?"""
    asset, amount, _ = step.arguments
    if asset not in step.census.homes:
        return False
    balance = floor(step.before.shares(asset, step.sender), step.before.reserve(asset).income, RAY)
    return bool(amount == balance + 1)


@edge("all the liquidity there is, to two units")
def withdraws_the_last(step: Step) -> bool:
    """Is the pool just able to pay, or just not?"""
    asset, amount, _ = step.arguments
    return asset in step.census.homes and abs(amount - step.before.reserve(asset).virtual) <= 2


@edge("HF after from 1 to 1.01")
def withdraws_to_the_limit(step: Step) -> bool:
    """Is the position left hardly healthy?"""
    return step.ok and WAD <= step.after.position(step.sender).health <= 101 * WAD // 100


@edge("a balance of at least half of what fits", on=SUPPLY)
def wide_balance(step: Step) -> bool:
    """Is a user's balance about as wide as its place?"""
    return step.after.shares(asset_of(step), credited(step)) >= 2**119


@edge("all that is supplied, to two units")
def borrows_the_supply(step: Step) -> bool:
    """Is as much taken as there is?"""
    asset, amount = (step.arguments[1], step.arguments[2]) if "flash" in step.name else step.arguments[:2]
    return type(asset) is str and step.before.reserve(asset).supply - amount <= 2


@edge("an index that is no whole number")
def crooked_index(change: ReserveChange) -> bool:
    """Do roundings show in what users have?"""
    return change.after.income % RAY != 0


SOL_1 = (hardly_solvent,)
SOL_2 = (slack_stands,)
SOL_3 = (long_time,)
SOL_5 = (nothing_donated,)
SOL_10 = (withdraws_too_much, withdraws_the_last, withdraws_to_the_limit)
SOL_14 = (wide_balance,)
INF_1 = (crooked_index,)
INF_3 = (borrows_the_supply,)
