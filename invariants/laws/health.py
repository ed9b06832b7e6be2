"""HF: health factors say what positions are worth, and no operation of a user breaks a healthy one."""

from __future__ import annotations

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.pool_storage import UserAccountData

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import AccountSums, Position, ReserveChange, Step, UserChange
from ..reference import BPS, NO_DEBT_HEALTH, RAY, ceil, floor
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
from .edges import positions


@law(
    "HF-1",
    "A healthy user stays healthy whatever anybody does, as long as time and prices stand still and governance rests.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="E",
    since="3.5",
    edges=positions.HF_1,
)
def healthy_stays_healthy(change: UserChange) -> Verdict:
    """Compare the naive health factor, which counts every debt whatever the bits say."""
    least = change.step.census.rules.health_threshold
    if change.step.name not in USER_CALLS or change.step.restless or change.before.health < least:
        return None
    return at_least("HF after, 1", change.after.health, least, Unit.HEALTH)


def _left_collateral(step: Step, user: Address, asset: Address) -> bool:
    """Was the asset collateral of a user who owes something?"""
    position = step.before.position(user)
    return any(h.asset == asset and h.collateral_bit for h in position.holdings) and position.indebted


@law(
    "HF-2",
    "After a borrow, a change of e-mode, a disabled collateral, and after collateral of a debtor is withdrawn, "
    "transferred or burned against debt, the user's HF is at least 1.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*BORROW, *WITHDRAW, *TRANSFER, *REPAY_WITH_ATOKENS, *COLLATERAL, *E_MODE),
    source="E",
    since="3.5",
    edges=positions.HF_2,
)
def risky_operations_end_healthy(step: Step) -> Verdict:
    """Look at the user whose position the operation takes from."""
    name = step.name
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
        moved = name not in TRANSFER or (transfer_parties(step)[1] != user and transfer_parties(step)[2] > 0)
        if not moved or not _left_collateral(step, user, asset_of(step)) or not step.after.position(user).indebted:
            return None
    least = step.census.rules.health_threshold
    return at_least("HF after, 1", step.after.position(user).health, least, Unit.HEALTH, user)


@law(
    "HF-3",
    "At fixed prices an unhealthy user is left no worse by any operation but a liquidation, or a flash loan, which may "
    "contain one: HF' >= HF, or HF' >= 1.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="E",
    alone=True,
    since="3.5",
    edges=positions.HF_3,
)
def unhealthy_users_get_no_worse(change: UserChange) -> Verdict:
    """Compare the HF: an unhealthy user may repay, supply, enable collateral and move what is no collateral."""
    if change.step.name not in USER_CALLS or change.step.name in (*LIQUIDATE, *FLASH) or change.step.restless:
        return None
    before, healthy = change.before.health, change.step.census.rules.health_threshold
    if before >= healthy:
        return None
    return at_least("HF after, HF before or 1", change.after.health, min(before, healthy), Unit.HEALTH)


def _reported(probe: Probe, user: Address) -> UserAccountData:
    account: UserAccountData = probe.pool.get_user_account_data(user)
    return account


@law(
    "HF-4",
    "A supply for a user, a repayment for a user and a gift of aTokens never lower the HF the pool reports for that "
    "user.",
    kind=Kind.STEP,
    subject=Subject.PROBE,
    source="C",
    since="3.5",
)
def gifts_never_hurt(probe: Probe) -> Verdict:
    """Try small and ordinary amounts on a random debtor."""
    user = probe.pick(probe.borrowers(1))
    asset = probe.rng.choice(probe.assets)
    if user is None or not probe.now.position(user).priced:
        return None
    probe.now.price(asset)  # without one the law says nothing: a gift of it, as collateral, leaves the user no HF
    before = _reported(probe, user).health_factor
    amount = probe.rng.choice((1, 2, probe.rng.randrange(1, 100 * probe.now.reserve(asset).unit)))
    stranger = probe.stranger
    with probe.undone():
        probe.give(asset, stranger, 2 * amount)
        if probe.now.debt_shares(asset, user) and probe.rng.random() < 0.5:
            receipt = probe.attempt(probe.pool.repay, asset, amount, 2, user, sender=stranger)
        elif probe.rng.random() < 0.5:
            receipt = probe.attempt(probe.pool.supply, asset, amount, user, 0, sender=stranger)
        else:
            probe.attempt(probe.pool.supply, asset, 2 * amount, stranger, 0, sender=stranger)
            receipt = probe.attempt(probe.census.homes[asset].a_token.transfer, user, amount, sender=stranger)
        after = _reported(probe, user).health_factor
    return at_least("HF after, before", after, before, Unit.HEALTH, user) if receipt.ok else None


@law(
    "HF-5",
    "A user whom an operation does not touch has the same HF afterwards, at fixed prices.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    source="E",
    since="3.5",
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
    return equal("HF after, before", step.after.position(user).health, before.health, Unit.HEALTH, user)


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
    since="3.5",
    edges=positions.HF_6,
)
def borrows_are_covered(step: Step) -> Verdict:
    """Compare by the average LTV, which is weighted by value and rounded down."""
    sums = step.after.position(credited(step)).sums
    ltv = sums.weighted_ltv // sums.collateral if sums.collateral else 0
    if ltv == 0:
        return equal("LTV is zero", ltv, "above 0")
    return at_least("collateral, debt / LTV", sums.collateral, ceil(sums.debt, BPS, ltv), Unit.BASE)


ACCOUNT_DATA = (
    ("collateral", Unit.BASE),
    ("debt", Unit.BASE),
    ("available borrows", Unit.BASE),
    ("average threshold", None),
    ("average LTV", None),
    ("HF", Unit.HEALTH),
)
"""The figures of a user's account data, in the pool's order, and what they count."""


def _as_reported(sums: AccountSums) -> tuple[int, ...]:
    threshold = sums.weighted_threshold // sums.collateral if sums.collateral else 0
    ltv = sums.weighted_ltv // sums.collateral if sums.collateral else 0
    limit = floor(sums.collateral, ltv, BPS)
    return sums.collateral, sums.debt, max(0, limit - sums.debt), threshold, ltv, sums.health


@law(
    "HF-7",
    "The pool's account data equal a naive recomputation over all reserves that counts every debt, whatever the borrow "
    "bits say.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="I",
    since="3.6",
)
def account_data_are_true(change: UserChange) -> Verdict:
    """Compare all six figures: collateral, debt, available borrows, average threshold, average LTV, HF."""
    if not change.after.flags and not change.after.indebted:
        return None
    recomputed = _as_reported(change.after.sums)
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
    "HF-9",
    "What the pool reports as available to borrow can be borrowed, and more cannot.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="A",
    since="3.6",
    bound="two base units, a wei and a share: debt is rounded up to a share, to a wei and to a base unit",
)
def available_borrows_are_tight(probe: Probe) -> Verdict:
    """Try an asset that the user may borrow and that has the liquidity."""
    user = probe.pick(probe.borrowers(1))
    if user is None or not probe.now.position(user).priced:
        return None
    available = _reported(probe, user).available_borrows_base
    asset = _borrowable(probe, probe.now.position(user), available)
    if asset is None or available < 10:
        return None
    price, unit = probe.now.price(asset), probe.now.reserve(asset).unit
    share = ceil(probe.now.reserve(asset).debt_index, 1, RAY)
    less = (available - 2) * unit // price - 1 - share
    more = ceil(available + 2, unit, price) + 1 + share
    with probe.undone():
        sound = less <= 0 or probe.attempt(probe.pool.borrow, asset, less, 2, 0, user, sender=user).ok
    with probe.undone():
        tight = not probe.attempt(probe.pool.borrow, asset, more, 2, 0, user, sender=user).ok
    return all_of((equal("available can be borrowed", sound, True), equal("more cannot", tight, True)))


def _borrowable(probe: Probe, position: Position, base: int) -> Address | None:
    found = []
    category = probe.now.category(position.category_id)
    for asset in probe.assets:
        view = probe.now.reserve(asset)
        allowed = category.borrowable_bitmap >> view.id & 1 if position.category_id else view.borrowing
        usable = view.active and not (view.paused or view.frozen or view.borrow_cap)
        price = probe.now.price(asset)
        if allowed and usable and price and (base + 3) * view.unit // price + 3 <= min(view.virtual, view.supply):
            found.append(asset)
    isolated = any(probe.now.reserve(holding.asset).debt_ceiling for holding in position.holdings)
    return None if isolated else probe.pick(found)


@law(
    "HF-10",
    "Who is healthy when a block begins, at fixed prices and without governance, is healthy at its end and cannot have "
    "been liquidated in it.",
    kind=Kind.SEQUENCE,
    subject=Subject.USER,
    source="I",
    since="3.5",
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
        known = memory["HF-10", user] = (step.calm_since, change.before.health >= least)
    if not known[1]:
        return None
    liquidated = step.name in LIQUIDATE and step.arguments[2] == user
    healthy = at_least("HF after, 1", change.after.health, least, Unit.HEALTH)
    return all_of((healthy, equal("liquidated, no", liquidated, False)))


@law(
    "HF-11",
    "The reported HF does not fall when the price of a collateral rises, nor rise when the price of a debt does.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
    since="3.5",
)
def health_is_monotone_in_prices(probe: Probe) -> Verdict:
    """Move prices of assets that are only collateral, or only debt."""
    user = probe.pick(probe.borrowers(1))
    if user is None or not probe.now.position(user).priced:
        return None
    held = [
        h
        for h in probe.now.position(user).holdings
        if (h.collateral_bit and h.scaled_supply > 0) != (h.scaled_debt > 0)
    ]
    holding = probe.pick(held)
    if holding is None or not probe.has_feed(holding.asset):
        return None
    before = _reported(probe, user).health_factor
    with probe.undone():
        price = probe.now.price(holding.asset)
        probe.set_price(holding.asset, price + max(1, price * probe.rng.randrange(1, 100) // 100))
        after = _reported(probe, user).health_factor
    if holding.collateral_bit:
        return at_least("HF at a higher collateral price, before", after, before, Unit.HEALTH, user)
    return at_most("HF at a higher debt price, before", after, before, Unit.HEALTH, user)


@law(
    "HF-12",
    "A supply, a repayment and the receipt of aTokens never lower the receiver's true HF.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SUPPLY, *REPAY, *TRANSFER),
    source="C",
    alone=True,
    since="3.5",
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
    return at_least("HF after, before", step.after.position(user).health, before.health, Unit.HEALTH, user)
