"""HF: health factors say what positions are worth, and no operation of a user breaks a healthy one."""

from __future__ import annotations

from pooltwin.protocol.address import Address

from ..law import Kind, Subject, Verdict, all_of, at_least, equal, law
from ..reading.step import AccountSums, ReserveChange, Step, UserChange
from ..reference import BPS, NO_DEBT_HEALTH, ceil
from ..rules import Rounding
from ..worth import Unit
from .calls import (
    BORROW,
    COLLATERAL,
    E_MODE,
    FLASH,
    LIQUIDATE,
    REPAY,
    REPAY_WITH_ATOKENS,
    SUPPLY,
    TRANSFER,
    USER_CALLS,
    WITHDRAW,
    asset_of,
    credited,
    transfer_parties,
    user_of_flags,
)
from .deviations import entered_unchecked
from .edges import positions
from .grain import health_grain, step_grain

ENTERED = "who enters a category, having been in none, need not be healthy in it, whatever its price and thresholds"


@law(
    "HF-1",
    "A healthy user stays healthy whatever anybody does, as long as time and prices stand still and governance rests.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="E",
    bound="until v3.4, where all goes to the nearest, g (1 + HF) / debt: g is a base unit, and for each leg the step "
    "touched a share, a wei and a base unit; the HF is taken without its average in whole basis points",
    deviates={"3.0.2": ENTERED},
    excuse=entered_unchecked,
    edges=positions.HF_1,
)
def healthy_stays_healthy(change: UserChange) -> Verdict:
    """Compare the naive health factor, which counts every debt whatever the bits say."""
    least = change.step.census.rules.health_threshold
    if change.step.name not in USER_CALLS or change.step.restless or change.before.health < least:
        return None
    return at_least("HF after, 1", change.after.sums.fair_health, least - _grain(change), Unit.HEALTH)


MAY_NOT_WORSEN = USER_CALLS.difference(LIQUIDATE, FLASH)
"""Calls that leave nobody who is unhealthy worse off."""


def _grain(change: UserChange) -> int:
    return health_grain(change.step, change.after.user)


def _left_collateral(step: Step, user: Address, asset: Address) -> bool:
    """Was the asset collateral of a user who owes something?"""
    position = step.before.position(user)
    return any(h.asset == asset and h.collateral_bit for h in position.holdings) and position.indebted


@law(
    "HF-2",
    "After a borrow, a change of e-mode, a disabled collateral, and after collateral of a debtor is withdrawn, "
    "transferred or burned against debt, the user's HF is at least 1. Until v3.4 nothing is asked of what is burned "
    "against debt.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*BORROW, *WITHDRAW, *TRANSFER, *REPAY_WITH_ATOKENS, *COLLATERAL, *E_MODE),
    source="E",
    bound="until v3.4 as in HF-1",
    deviates={"3.0.2": ENTERED},
    excuse=entered_unchecked,
    edges=positions.HF_2,
)
def risky_operations_end_healthy(step: Step) -> Verdict:
    """Look at the user whose position the operation takes from."""
    name = step.name
    if name in REPAY_WITH_ATOKENS and not step.census.rules.debts_round_up:
        return None
    if name in E_MODE or name in COLLATERAL:
        user = user_of_flags(step)
        if name in COLLATERAL and (step.arguments[1] or step.before.flags(user) == step.after.flags(user)):
            return None
        if name in E_MODE and step.before.position(user).category_id == step.after.position(user).category_id:
            return None
    elif name in BORROW:
        user = credited(step)
    else:
        user = transfer_parties(step)[0] if name in TRANSFER else step.sender
        asset = asset_of(step)
        moved = name not in TRANSFER or step.before.shares(asset, user) != step.after.shares(asset, user)
        if not moved or not _left_collateral(step, user, asset) or not step.after.position(user).indebted:
            return None
    least = step.census.rules.health_threshold - health_grain(step, user)
    return at_least("HF after, 1", step.after.position(user).sums.fair_health, least, Unit.HEALTH, user)


@law(
    "HF-3",
    "At fixed prices an unhealthy user is left no worse by any operation but a liquidation, or a flash loan, which may "
    "contain one: HF' >= HF, or HF' >= 1. Until v3.4 repaying with aTokens may take collateral too.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="E",
    alone=True,
    bound="until v3.4 as in HF-1",
    deviates={"3.0.2": ENTERED},
    excuse=entered_unchecked,
    edges=positions.HF_3,
)
def unhealthy_users_get_no_worse(change: UserChange) -> Verdict:
    """Compare the HF: an unhealthy user may repay, supply, enable collateral and move what is no collateral."""
    if change.step.name not in MAY_NOT_WORSEN or change.step.restless:
        return None
    rules, before = change.step.census.rules, change.before.sums.fair_health
    if before >= rules.health_threshold or (change.step.name in REPAY_WITH_ATOKENS and not rules.debts_round_up):
        return None
    least = min(before, rules.health_threshold) - _grain(change)
    return at_least("HF after, HF before or 1", change.after.sums.fair_health, least, Unit.HEALTH)


@law(
    "HF-5",
    "A user whom an operation does not touch has the same HF afterwards, at fixed prices; until v3.3 a premium that "
    "lenders are paid may raise it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    source="E",
)
def others_are_not_touched(step: Step) -> Verdict:
    """Look at one user in turn: whenever an index or a configuration moved, and at every eighth step."""
    if step.name not in USER_CALLS or not step.changes or step.restless:
        return None
    in_turn = step.number % 8 == 0 or step.census.thorough
    if not in_turn and not any(_is_worth_something_else(change) for change in step.reserves.values()):
        return None
    return all_of(_same_health(step, user) for user in step.census.bystanders(step.number) if user not in step.users)


def _same_health(step: Step, user: Address) -> Verdict:
    before = step.before.position(user)
    if not before.flags:
        return None
    after, was = step.after.position(user).sums.fair_health, before.sums.fair_health
    if step.census.rules.premiums_raise_the_index and step.name in FLASH:
        return at_least("HF after, before", after, was, Unit.HEALTH, user)
    return equal("HF after, before", after, was, Unit.HEALTH, user)


def _is_worth_something_else(change: ReserveChange) -> bool:
    """Did an index or the configuration of a reserve move? If not, a bystander's HF has nothing to move it."""
    before, after = change.before, change.after
    return (before.income, before.debt_index, before.configuration) != (
        after.income,
        after.debt_index if after.scaled_debt else before.debt_index,
        after.configuration,
    )


@law(
    "HF-6",
    "After a borrow, or a flash loan kept as debt, the collateral covers the debt at the average LTV: collateral >= "
    "ceil(debt / LTV).",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="src",
    bound="until v3.4 a base unit, and for the leg a share, a wei and a base unit more of debt. There the collateral "
    "is looked at before the asset is handed out: where the debtor, called by the token, gives some up or changes "
    "category inside the borrow, HF-1 is asked alone",
    edges=positions.HF_6,
)
def borrows_are_covered(step: Step) -> Verdict:
    """Compare by the average LTV, which is weighted by value and rounded down."""
    looked_before = step.reentered and step.census.own_rules.covers_before_lending
    if looked_before and _gave_up_collateral(step, credited(step)):
        return None
    sums = step.after.position(credited(step)).sums
    ltv = sums.weighted_ltv // sums.collateral if sums.collateral else 0
    if ltv == 0:
        return equal("LTV is zero", ltv, "above 0")
    debt = max(0, sums.debt - step_grain(step, credited(step)))
    return at_least("collateral, debt / LTV", sums.collateral, ceil(debt, BPS, ltv), Unit.BASE)


def _gave_up_collateral(step: Step, user: Address) -> bool:
    """Has a user less of some collateral than before the step, or another category?"""
    before, after = step.before.position(user), step.after.position(user)
    kept = {holding.asset: holding.scaled_supply for holding in after.holdings if holding.collateral_bit}
    held = (holding for holding in before.holdings if holding.collateral_bit)
    return before.category_id != after.category_id or any(kept.get(h.asset, 0) < h.scaled_supply for h in held)


ACCOUNT_DATA = (
    ("collateral", Unit.BASE),
    ("debt", Unit.BASE),
    ("available borrows", Unit.BASE),
    ("average threshold", None),
    ("average LTV", None),
    ("HF", Unit.HEALTH),
)
"""The figures of a user's account data, in the pool's order, and what they count."""


def _as_reported(sums: AccountSums, down: Rounding) -> tuple[int, ...]:
    threshold = sums.weighted_threshold // sums.collateral if sums.collateral else 0
    ltv = sums.weighted_ltv // sums.collateral if sums.collateral else 0
    limit = down(sums.collateral, ltv, BPS)
    return sums.collateral, sums.debt, max(0, limit - sums.debt), threshold, ltv, sums.health


@law(
    "HF-7",
    "The pool's account data equal a naive recomputation over all reserves that counts every debt, whatever the borrow "
    "bits say; what may be borrowed is rounded down, until v3.4 to the nearest.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="I",
)
def account_data_are_true(change: UserChange) -> Verdict:
    """Compare all six figures: collateral, debt, available borrows, average threshold, average LTV, HF."""
    if not change.after.flags and not change.after.indebted:
        return None
    recomputed = _as_reported(change.after.sums, change.step.census.rules.down)
    reported = tuple(change.step.account_of(change.after.user))
    if reported == recomputed:
        return True
    return all_of(
        equal(f"{name}, reported and recomputed", told, true, unit)
        for (name, unit), told, true in zip(ACCOUNT_DATA, reported, recomputed, strict=True)
    )


@law(
    "HF-8",
    "The reported HF is 2**256 - 1 if and only if the reported debt is zero.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="src",
    edges=positions.HF_8,
)
def endless_health_means_no_debt(change: UserChange) -> Verdict:
    """Compare with the debt in base currency."""
    if not change.after.flags or not change.after.priced:
        return None
    account = change.step.account_of(change.after.user)
    return equal("HF is endless, debt is zero", account.health_factor == NO_DEBT_HEALTH, account.total_debt_base == 0)


@law(
    "HF-10",
    "Who is healthy when a block begins, at fixed prices and without governance, is healthy at its end and cannot have "
    "been liquidated in it.",
    kind=Kind.SEQUENCE,
    subject=Subject.USER,
    source="I",
    bound="until v3.4 as in HF-1, for each step of the block",
    deviates={"3.0.2": ENTERED},
    excuse=entered_unchecked,
    edges=positions.HF_10,
)
def no_block_breaks_the_healthy(change: UserChange) -> Verdict:
    """Remember the health at the first touch in each stretch of user calls, which is what is called a block here.

    A stretch ends where time, a price or a setting moves, in the midst of a transaction too.
    """
    step, user, memory = change.step, change.after.user, change.step.memory
    if step.name not in USER_CALLS or step.restless:
        return None
    least = step.census.rules.health_threshold
    known = memory["HF-10", user]
    if known is None or known[0] != step.calm_since:
        known = memory["HF-10", user] = (step.calm_since, change.before.health >= least, 0)
    if not known[1]:
        return None
    grain = _grain(change)
    if grain:
        known = memory["HF-10", user] = (*known[:2], known[2] + grain)
    if step.census.rules.entering_is_unchecked and entered_unchecked(change):
        memory["HF-10", user] = (step.calm_since, False, 0)
    liquidated = step.name in LIQUIDATE and step.arguments[2] == user and change.before.health >= least
    healthy = at_least("HF after, 1", change.after.sums.fair_health, least - known[2], Unit.HEALTH)
    return all_of((healthy, equal("liquidated, no", liquidated, False)))


@law(
    "HF-12",
    "A supply, a repayment and the receipt of aTokens never lower the receiver's true HF.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SUPPLY, *REPAY, *TRANSFER),
    source="C",
    alone=True,
    bound="until v3.4 as in HF-1",
    edges=positions.HF_12,
)
def receipts_never_hurt(step: Step) -> Verdict:
    """Compare the naive HF at every such call, where HF-4 tries now and then."""
    user = transfer_parties(step)[1] if step.name in TRANSFER else credited(step)
    if step.name in TRANSFER and transfer_parties(step)[0] == user:
        return None
    before = step.before.position(user)
    if not before.indebted:
        return None
    least = before.sums.fair_health - health_grain(step, user)
    return at_least("HF after, before", step.after.position(user).sums.fair_health, least, Unit.HEALTH, user)
