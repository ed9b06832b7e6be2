"""RND: every rounding favours the pool. RND-6, of the treasury's share, stands with the treasury in `deficit`."""

from __future__ import annotations

from pooltwin.protocol.events import FlashLoan

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import Step
from ..reference import BPS, EVERYTHING, RAY, ceil, floor
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

TO_NEAREST = "amounts round to the nearest share and back, so a wei may be gained"


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
    "A supply of x mints floor(x / L) shares.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SUPPLY,
    source="D",
    alone=True,
    since="3.5",
    edges=amounts.RND_1,
)
def supply_mints_down(step: Step) -> Verdict:
    """Look at whom it is supplied for."""
    gained, index = _shares_gained(step)
    due = floor(step.arguments[1], RAY, index)
    return equal("shares minted, floor(x / L)", gained, due, Unit.SHARES, asset_of(step))


@law(
    "RND-2",
    "A withdrawal of x burns ceil(x / L) shares; of everything, all of them.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=WITHDRAW,
    source="D",
    alone=True,
    since="3.5",
    edges=amounts.RND_2,
)
def withdraw_burns_up(step: Step) -> Verdict:
    """Compare what is paid too: x, or the value of all shares rounded down."""
    gained, index = _shares_gained(step)
    asset, amount = asset_of(step), step.arguments[1]
    shares = step.before.shares(asset, step.sender)
    if is_everything(amount):
        paid = equal("paid, value of all shares", step.value, floor(shares, index, RAY), Unit.WEI, asset)
        return all_of((equal("shares burned, all", -gained, shares, Unit.SHARES, asset), paid))
    return all_of(
        (
            equal("shares burned, ceil(x / L)", -gained, ceil(amount, RAY, index), Unit.SHARES, asset),
            equal("paid, x", step.value, amount, Unit.WEI, asset),
        )
    )


@law(
    "RND-3",
    "A borrow of x mints ceil(x / B) debt shares.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="D",
    alone=True,
    since="3.5",
    edges=amounts.RND_3,
)
def borrow_mints_up(step: Step) -> Verdict:
    """Look at who owes."""
    gained, index = _debt_gained(step)
    due = ceil(step.arguments[1], RAY, index)
    return equal("debt minted, ceil(x / B)", gained, due, Unit.DEBT_SHARES, asset_of(step))


@law(
    "RND-4",
    "A repayment of x burns floor(x / B) debt shares.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*REPAY, *REPAY_WITH_ATOKENS),
    source="D",
    alone=True,
    since="3.5",
    edges=amounts.RND_4,
)
def repay_burns_down(step: Step) -> Verdict:
    """Take x as returned: no more than is owed, rounded up."""
    gained, index = _debt_gained(step)
    due = floor(step.value, RAY, index)
    return equal("debt burned, floor(x / B)", -gained, due, Unit.DEBT_SHARES, asset_of(step))


@law(
    "RND-5",
    "The premium of a flash loan is ceil(x * premium); for flash borrowers by role, none.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=FLASH,
    source="D",
    since="3.5",
    edges=amounts.RND_5,
)
def premiums_round_up(step: Step) -> Verdict:
    """Recompute each premium; flashLoanSimple knows no role, a loan in a callback is another borrower's."""
    bps = step.before.field(step.census.pool, "flash_loan_premium")
    checks: list[Verdict] = []
    for event in step.events_of(FlashLoan):
        if event.interest_rate_mode == 0 and event.initiator == step.sender:
            full = ceil(event.amount, bps, BPS)
            exempt = step.name == "pool.flashLoan" and event.premium == 0
            due = equal("premium, due", event.premium, full, Unit.WEI, event.asset)
            checks.append(True if exempt and _is_flash_borrower(step) else due)
    return all_of(checks)


def _is_flash_borrower(step: Step) -> bool:
    return bool(step.census.market.acl_manager.is_flash_borrower(step.sender))


@law(
    "RND-7",
    "A transfer of x gives the recipient between x and x + ceil(L) more, and takes from the sender the same shares.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TRANSFER,
    source="A",
    alone=True,
    since="3.5",
    edges=amounts.RND_7,
)
def transfers_give_what_they_say(step: Step) -> Verdict:
    """Compare both sides, with L in units of one wei a share."""
    from_, to, amount = transfer_parties(step)
    asset = asset_of(step)
    if from_ == to or asset not in step.census.homes:
        return None
    index = step.after.reserve(asset).income
    before, after = step.before.shares(asset, to), step.after.shares(asset, to)
    gained = floor(after, index, RAY) - floor(before, index, RAY)
    sent = step.before.shares(asset, from_) - step.after.shares(asset, from_)
    return all_of(
        (
            equal("shares sent, received", sent, after - before, Unit.SHARES, asset),
            equal("shares sent, ceil(x / L)", sent, ceil(amount, RAY, index), Unit.SHARES, asset),
            at_least("received, x", gained, amount, Unit.WEI, asset),
            at_most("received, x and ceil(L)", gained, amount + ceil(index, 1, RAY), Unit.WEI, asset),
        )
    )


def round_trip_asset(probe: Probe) -> str | None:
    """Pick an asset that can be supplied and withdrawn without a limit; None if there is none."""
    now = probe.now
    views = [now.reserve(asset) for asset in probe.assets]
    return probe.pick([v.asset for v in views if v.active and not v.paused and not v.frozen and not v.supply_cap])


def amount_to_try(probe: Probe, asset: str) -> int:
    """Draw an amount: a few units, about one token, or up to a thousand tokens."""
    unit = probe.now.reserve(asset).unit
    return probe.rng.choice((1, 2, 3, unit, unit + 1, probe.rng.randrange(1, 1000 * unit)))


@law(
    "RND-8",
    "Supplying and withdrawing everything within a block pays back no more than was put in.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="X",
    deviates=dict.fromkeys(("3.2", "3.3", "3.4"), TO_NEAREST),
)
def no_profit_from_supplying(probe: Probe) -> Verdict:
    """Try it with a stranger who has nothing else there."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    amount, pool = amount_to_try(probe, asset), probe.pool
    with probe.undone():
        probe.give(asset, STRANGER, amount)
        if not probe.attempt(pool.supply, asset, amount, STRANGER, 0, sender=STRANGER).ok:
            return None
        back = probe.attempt(pool.withdraw, asset, EVERYTHING, STRANGER, sender=STRANGER)
    if not back.ok:
        return equal("can withdraw", back.ok, True)
    return at_most("paid back, put in", back.value, amount, Unit.WEI, asset)


@law(
    "RND-9",
    "Borrowing and repaying everything within a block costs no less than was borrowed.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="X",
    deviates=dict.fromkeys(("3.2", "3.3", "3.4"), TO_NEAREST),
)
def no_profit_from_borrowing(probe: Probe) -> Verdict:
    """Try it with a stranger who has ample collateral in another asset."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    amount, pool = amount_to_try(probe, asset), probe.pool
    with probe.undone():
        if not probe.give_credit(STRANGER):
            return None
        probe.give(asset, STRANGER, amount + ceil(probe.now.reserve(asset).debt_index, 2, RAY))
        if not probe.attempt(pool.borrow, asset, amount, 2, 0, STRANGER, sender=STRANGER).ok:
            return None
        repaid = probe.attempt(pool.repay, asset, EVERYTHING, 2, STRANGER, sender=STRANGER)
        left = probe.now.debt_shares(asset, STRANGER)
    if not repaid.ok:
        return equal("can repay", repaid.ok, True)
    return all_of(
        (
            at_least("repaid, borrowed", repaid.value, amount, Unit.WEI, asset),
            equal("debt left, 0", left, 0, Unit.DEBT_SHARES, asset),
        )
    )


@law(
    "RND-10",
    "Several supplies mint no more shares than one of their sum, and several withdrawals burn no fewer.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="C",
    since="3.5",
)
def splitting_supplies_gains_nothing(probe: Probe) -> Verdict:
    """Try two parts of a random amount."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    first, second = amount_to_try(probe, asset), amount_to_try(probe, asset)
    split, whole = (_shares_after(probe, asset, parts) for parts in ((first, second), (first + second,)))
    if split is None or whole is None:
        return None
    return all_of(
        (
            at_most("shares minted apart, together", split[0], whole[0], Unit.SHARES, asset),
            at_most("shares left apart, together", split[1], whole[1], Unit.SHARES, asset)
            if split[0] == whole[0]
            else None,
        )
    )


def _shares_after(probe: Probe, asset: str, parts: tuple[int, ...]) -> tuple[int, int] | None:
    """Count the shares after supplying each part, and after taking each part out of a larger supply."""
    pool = probe.pool
    with probe.undone():
        probe.give(asset, STRANGER, 3 * sum(parts) + 10)
        for part in parts:
            if not probe.attempt(pool.supply, asset, part, STRANGER, 0, sender=STRANGER).ok:
                return None
        minted = probe.now.shares(asset, STRANGER)
        if not probe.attempt(pool.supply, asset, sum(parts) + 10, STRANGER, 0, sender=STRANGER).ok:
            return None
        for part in parts:
            if not probe.attempt(pool.withdraw, asset, part, STRANGER, sender=STRANGER).ok:
                return None
        return minted, probe.now.shares(asset, STRANGER)


@law(
    "RND-11",
    "Several borrows owe no less than one of their sum.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="C",
    since="3.5",
)
def splitting_borrows_gains_nothing(probe: Probe) -> Verdict:
    """Try two parts of a random amount with a stranger who has ample collateral."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    first, second = amount_to_try(probe, asset), amount_to_try(probe, asset)
    split, whole = (_debt_after(probe, asset, parts) for parts in ((first, second), (first + second,)))
    if split is None or whole is None:
        return None
    return at_least("owed apart, together", split, whole, Unit.DEBT_SHARES, asset)


def _debt_after(probe: Probe, asset: str, parts: tuple[int, ...]) -> int | None:
    with probe.undone():
        if not probe.give_credit(STRANGER):
            return None
        for part in parts:
            if not probe.attempt(probe.pool.borrow, asset, part, 2, 0, STRANGER, sender=STRANGER).ok:
                return None
        return probe.now.debt_shares(asset, STRANGER)


@law(
    "RND-12",
    "A simple operation of x changes the balance or debt it is about by x, to ceil(index) wei.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SIMPLE,
    source="N",
    alone=True,
    since="3.5",
    bound="one share is worth index / RAY wei, and one share is the most that a rounding gives or takes; the balances "
    "themselves are rounded by less than one wei each",
    edges=amounts.RND_12,
)
def operations_are_exact_to_a_share(step: Step) -> Verdict:
    """Compare balances reckoned at the index of the step."""
    asset, user = asset_of(step), credited(step)
    amount = step.arguments[1] if step.value is None else step.value
    view = step.after.reserve(asset)
    on_debt = step.name in (*BORROW, *REPAY, *REPAY_WITH_ATOKENS)
    index = view.borrow_index if on_debt else view.liquidity_index
    read, round_to = (step.before.debt_shares, ceil) if on_debt else (step.before.shares, floor)
    now = (step.after.debt_shares if on_debt else step.after.shares)(asset, user)
    moved = round_to(now, index, RAY) - round_to(read(asset, user), index, RAY)
    wanted = amount if step.name in (*SUPPLY, *BORROW) else -amount
    return at_most("error, bound", abs(moved - wanted), ceil(index, 1, RAY), Unit.WEI, asset)


@law(
    "RND-13",
    "A supply, withdrawal or borrow too small to move a share reverts.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SUPPLY, *WITHDRAW, *BORROW),
    source="src",
    alone=True,
    since="3.5",
    reverted=True,
)
def nothing_for_nothing(step: Step) -> Verdict:
    """Look for zero shares of more than zero wei: only a supply rounds down to them."""
    asset, amount = step.arguments[0], step.arguments[1]
    if asset not in step.census.homes:
        return None
    index = step.before.reserve(asset).income
    zero = floor(amount, RAY, index) == 0 if step.name in SUPPLY else amount == 0
    return equal("succeeded, no", step.ok, False, Unit.WEI, asset, amount=amount) if zero else None


@law(
    "RND-14",
    "Withdrawing everything leaves no share, and repaying all that is owed leaves no debt share.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*WITHDRAW, *REPAY),
    source="src",
    alone=True,
    since="3.5",
    edges=amounts.RND_14,
)
def everything_leaves_nothing(step: Step) -> Verdict:
    """Look at what is left; all that is owed is the debt rounded up."""
    asset, amount, user = asset_of(step), step.arguments[1], credited(step)
    if step.name in WITHDRAW:
        left = step.after.shares(asset, user)
        return equal("shares left, 0", left, 0, Unit.SHARES, asset) if is_everything(amount) else None
    owed = ceil(step.before.debt_shares(asset, user), step.before.reserve(asset).debt_index, RAY)
    left = step.after.debt_shares(asset, user)
    return equal("debt left, 0", left, 0, Unit.DEBT_SHARES, asset) if amount >= owed else None
