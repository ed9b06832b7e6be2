"""RND: every rounding is the release's. From v3.5 on it favours the pool, until v3.4 it goes to the nearest.

RND-6, of the treasury's share, stands with the treasury in `deficit`; RND-8 to RND-11 in `round_trips`.
"""

from __future__ import annotations

from pooltwin.protocol.events import FlashLoan

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.step import Step
from ..reference import BPS, RAY, ceil, floor, half_up
from ..worth import Unit
from .calls import (
    BORROW,
    FLASH,
    REPAY,
    REPAY_WITH_ATOKENS,
    SIMPLE,
    SUPPLY,
    TRANSFER,
    WITHDRAW,
    asset_of,
    credited,
    is_everything,
    transfer_parties,
)
from .edges import amounts
from .stable_debts import STABLE


def _shares_gained(step: Step) -> tuple[int, int]:
    """Count the shares gained by whom the call is about; with the index (ray) they were reckoned with."""
    asset, user = asset_of(step), credited(step)
    gained = step.after.shares(asset, user) - step.before.shares(asset, user)
    return gained, step.after.reserve(asset).liquidity_index


def _debt_gained(step: Step) -> tuple[int, int]:
    asset, user = asset_of(step), credited(step)
    gained = step.after.debt_shares(asset, user) - step.before.debt_shares(asset, user)
    return gained, step.after.reserve(asset).borrow_index


@law(
    "RND-1",
    "A supply of x mints x / L shares, rounded down; until v3.4 to the nearest.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SUPPLY,
    source="D",
    alone=True,
    edges=amounts.RND_1,
)
def supply_mints_down(step: Step) -> Verdict:
    """Look at whom it is supplied for."""
    gained, index = _shares_gained(step)
    due = step.census.rules.down(step.arguments[1], RAY, index)
    return equal("shares minted, x / L", gained, due, Unit.SHARES, asset_of(step))


@law(
    "RND-2",
    "A withdrawal of x burns x / L shares, rounded up, until v3.4 to the nearest; of everything, all of them, and pays "
    "their value rounded down, until v3.4 to the nearest.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=WITHDRAW,
    source="D",
    alone=True,
    edges=amounts.RND_2,
)
def withdraw_burns_up(step: Step) -> Verdict:
    """Compare what is paid too: x, or the value of all shares."""
    rules, (gained, index) = step.census.rules, _shares_gained(step)
    asset, amount = asset_of(step), step.arguments[1]
    shares = step.before.shares(asset, step.sender)
    if is_everything(amount):
        paid = equal("paid, value of all shares", step.value, rules.down(shares, index, RAY), Unit.WEI, asset)
        return all_of((equal("shares burned, all", -gained, shares, Unit.SHARES, asset), paid))
    return all_of(
        (
            equal("shares burned, x / L", -gained, rules.up(amount, RAY, index), Unit.SHARES, asset),
            equal("paid, x", step.value, amount, Unit.WEI, asset),
        )
    )


@law(
    "RND-3",
    "A borrow of x mints x / B debt shares, rounded up; until v3.4 to the nearest.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="D",
    alone=True,
    edges=amounts.RND_3,
)
def borrow_mints_up(step: Step) -> Verdict:
    """Look at who owes; a debt at a stable rate has no shares."""
    if step.arguments[2] == STABLE:
        return None
    gained, index = _debt_gained(step)
    due = step.census.rules.up(step.arguments[1], RAY, index)
    return equal("debt minted, x / B", gained, due, Unit.DEBT_SHARES, asset_of(step))


@law(
    "RND-4",
    "A repayment of x burns x / B debt shares, rounded down; until v3.4 to the nearest.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*REPAY, *REPAY_WITH_ATOKENS),
    source="D",
    alone=True,
    edges=amounts.RND_4,
)
def repay_burns_down(step: Step) -> Verdict:
    """Take x as returned: no more than is owed; a debt at a stable rate has no shares."""
    if step.arguments[2] == STABLE:
        return None
    gained, index = _debt_gained(step)
    due = step.census.rules.down(step.value, RAY, index)
    return equal("debt burned, x / B", -gained, due, Unit.DEBT_SHARES, asset_of(step))


@law(
    "RND-5",
    "The premium of a flash loan is x * premium, rounded up, until v3.4 to the nearest; for flash borrowers by role, "
    "none.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=FLASH,
    source="D",
    edges=amounts.RND_5,
)
def premiums_round_up(step: Step) -> Verdict:
    """Recompute each premium; flashLoanSimple knows no role, a loan in a callback is another borrower's."""
    bps = step.before.field(step.census.pool, "flash_loan_premium")
    checks: list[Verdict] = []
    for event in step.events_of(FlashLoan):
        if event.interest_rate_mode == 0 and event.initiator == step.sender:
            full = step.census.rules.up(event.amount, bps, BPS)
            exempt = step.name == "pool.flashLoan" and event.premium == 0
            due = equal("premium, due", event.premium, full, Unit.WEI, event.asset)
            checks.append(True if exempt and _is_flash_borrower(step) else due)
    return all_of(checks)


def _is_flash_borrower(step: Step) -> bool:
    return bool(step.census.market.acl_manager.is_flash_borrower(step.sender))


@law(
    "RND-7",
    "A transfer of x moves x / L shares, rounded up, until v3.4 to the nearest, and as many arrive as leave: so the "
    "recipient has between x and x + ceil(L) more, until v3.4 x to half a share.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TRANSFER,
    source="A",
    alone=True,
    edges=amounts.RND_7,
)
def transfers_give_what_they_say(step: Step) -> Verdict:
    """Compare both sides. The balances that are compared are rounded too, each by less than a wei."""
    from_, to, amount = transfer_parties(step)
    asset = asset_of(step)
    if from_ == to or asset not in step.census.homes:
        return None
    index = step.after.reserve(asset).income
    before, after = step.before.shares(asset, to), step.after.shares(asset, to)
    sent = step.before.shares(asset, from_) - step.after.shares(asset, from_)
    rules, gained = step.census.rules, floor(after, index, RAY) - floor(before, index, RAY)
    least, most = (amount, amount + ceil(index, 1, RAY)) if rules.debts_round_up else _to_half_a_share(amount, index)
    return all_of(
        (
            equal("shares sent, received", sent, after - before, Unit.SHARES, asset),
            equal("shares sent, x / L", sent, rules.up(amount, RAY, index), Unit.SHARES, asset),
            at_least("received, x", gained, least, Unit.WEI, asset),
            at_most("received, x and a share", gained, most, Unit.WEI, asset),
        )
    )


def _to_half_a_share(amount: int, index: int) -> tuple[int, int]:
    """Give the least and the most that shares for an amount may be worth, to the nearest, counted in whole wei."""
    half = ceil(index, 1, 2 * RAY) + 1
    return amount - half, amount + half


@law(
    "RND-12",
    "A simple operation of x changes the balance or debt it is about by x, to ceil(index) wei; until v3.4 to half a "
    "share and a wei.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SIMPLE,
    source="N",
    alone=True,
    bound="one share is worth index / RAY wei, and one share is the most that a rounding gives or takes; the balances "
    "themselves are rounded by less than one wei each. To the nearest it is half a share, and half a wei each",
    edges=amounts.RND_12,
)
def operations_are_exact_to_a_share(step: Step) -> Verdict:
    """Compare balances reckoned at the index of the step."""
    asset, user = asset_of(step), credited(step)
    amount = step.arguments[1] if step.value is None else step.value
    view = step.after.reserve(asset)
    on_debt = step.name in (*BORROW, *REPAY, *REPAY_WITH_ATOKENS)
    if on_debt and step.arguments[2] == STABLE:
        return None  # RND-15's business
    exact = step.census.rules.debts_round_up
    index = view.borrow_index if on_debt else view.liquidity_index
    rules, read = step.census.rules, step.before.debt_shares if on_debt else step.before.shares
    round_to = rules.up if on_debt else rules.down
    now = (step.after.debt_shares if on_debt else step.after.shares)(asset, user)
    moved = round_to(now, index, RAY) - round_to(read(asset, user), index, RAY)
    wanted = amount if step.name in (*SUPPLY, *BORROW) else -amount
    most = ceil(index, 1, RAY) if exact else (index + 2 * RAY) // (2 * RAY)
    return at_most("error, bound", abs(moved - wanted), most, Unit.WEI, asset)


@law(
    "RND-13",
    "A supply, withdrawal or borrow too small to move a share reverts; until v3.4 that is less than half a share.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SUPPLY, *WITHDRAW, *BORROW),
    source="src",
    alone=True,
    reverted=True,
)
def nothing_for_nothing(step: Step) -> Verdict:
    """Look for zero shares of more than zero wei: only a supply rounds down to them, any to the nearest."""
    asset, amount = step.arguments[0], step.arguments[1]
    if asset not in step.census.homes:
        return None
    view, rules = step.before.reserve(asset), step.census.rules
    if rules.debts_round_up:
        zero = floor(amount, RAY, view.income) == 0 if step.name in SUPPLY else amount == 0
    elif step.name in BORROW:
        zero = amount == 0 if step.arguments[2] == STABLE else half_up(amount, RAY, view.debt_index) == 0
    else:
        zero = half_up(amount, RAY, view.income) == 0
    return equal("succeeded, no", step.ok, False, Unit.WEI, asset, amount=amount) if zero else None


@law(
    "RND-14",
    "Withdrawing everything leaves no share, and repaying all that is owed leaves no debt share.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*WITHDRAW, *REPAY),
    source="src",
    alone=True,
    edges=amounts.RND_14,
)
def everything_leaves_nothing(step: Step) -> Verdict:
    """Look at what is left; all that is owed is the debt rounded up, until v3.4 to the nearest.

    The nearest amount is less than half a wei from the worth of the shares, and half a wei is at most half a share.
    """
    asset, amount, user = asset_of(step), step.arguments[1], credited(step)
    if step.name in WITHDRAW:
        left = step.after.shares(asset, user)
        return equal("shares left, 0", left, 0, Unit.SHARES, asset) if is_everything(amount) else None
    if step.arguments[2] == STABLE:
        owed, left = step.before.stable_debt(asset, user), step.after.stable_debt(asset, user)
        return equal("debt left, 0", left, 0, Unit.WEI, asset) if amount >= owed else None
    owed = step.census.rules.up(step.before.debt_shares(asset, user), step.before.reserve(asset).debt_index, RAY)
    left = step.after.debt_shares(asset, user)
    return equal("debt left, 0", left, 0, Unit.DEBT_SHARES, asset) if amount >= owed else None
