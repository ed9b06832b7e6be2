"""CAP: supply and borrow caps hold, and never stand in the way of leaving."""

from __future__ import annotations

from pooltwin.protocol.errors import BorrowCapExceeded, SupplyCapExceeded

from ..law import Kind, Subject, Verdict, all_of, at_most, equal, implies, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import ReserveView, Step
from ..reference import RAY, ceil, floor
from ..worth import Unit
from .accrual import synced
from .calls import (
    BORROW,
    LIQUIDATE,
    REPAY,
    REPAY_WITH_ATOKENS,
    SUPPLY,
    WITHDRAW,
)
from .edges import amounts


@law(
    "CAP-1",
    "After a supply, what is owed to lenders and treasury is within the supply cap.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SUPPLY,
    source="E",
    alone=True,
    since="3.5",
    edges=amounts.CAP_1,
)
def supplies_respect_the_cap(step: Step) -> Verdict:
    """Compare what is owed with the cap; a cap of zero is none."""
    view = step.after.reserve(step.arguments[0])
    if not view.supply_cap:
        return None
    return at_most("claims, cap", view.claims, view.supply_cap * view.unit, Unit.WEI, view.asset)


@law(
    "CAP-2",
    "After a borrow, what is owed is within the borrow cap.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="E",
    alone=True,
    since="3.5",
    edges=amounts.CAP_2,
)
def borrows_respect_the_cap(step: Step) -> Verdict:
    """Compare what is owed with the cap; a cap of zero is none."""
    view = step.after.reserve(step.arguments[0])
    if not view.borrow_cap:
        return None
    return at_most("debt, cap", view.debt, view.borrow_cap * view.unit, Unit.WEI, view.asset)


@law(
    "CAP-3",
    "Caps are inclusive: a supply or borrow is refused for its cap only where it would end above it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SUPPLY, *BORROW),
    source="A",
    alone=True,
    since="3.5",
    reverted=True,
    edges=amounts.CAP_3,
)
def caps_are_inclusive(step: Step) -> Verdict:
    """Predict the total; refusals, and calls that end on the cap exactly, exercise the law."""
    asset, amount = step.arguments[0], step.arguments[1]
    if asset not in step.census.homes:
        return None
    view = step.before.reserve(asset)
    if step.ok and not (view.supply_cap if step.name in SUPPLY else view.borrow_cap):
        return None
    brought = synced(view)
    if step.name in SUPPLY:
        shares = view.scaled_supply + brought.accrued + floor(amount, RAY, brought.income)
        cap, reached, error = view.supply_cap, floor(shares, brought.income, RAY), SupplyCapExceeded
    else:
        shares = view.scaled_debt + ceil(amount, RAY, brought.debt_index)
        cap, reached, error = view.borrow_cap, ceil(shares, brought.debt_index, RAY), BorrowCapExceeded
    beyond = reached - cap * view.unit
    above = bool(cap) and beyond > 0
    if step.ok:
        return equal("ended above the cap, no", above, False, Unit.WEI, asset, amount=beyond)
    refused = step.receipt is not None and isinstance(step.receipt.revert, error)
    return implies("refused for the cap, would end above it", refused, above)


@law(
    "CAP-4",
    "Keeping a flash loan as debt is a borrow: allowed where the borrow is, and the same debt.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="A",
)
def flash_debt_is_a_borrow(probe: Probe) -> Verdict:
    """Try both with a stranger who has collateral, in an asset that may be flash-loaned."""
    now = probe.now
    views = [now.reserve(asset) for asset in probe.assets]
    view = probe.pick([view for view in views if view.flash_loans and view.active and view.virtual])
    receiver = probe.receiver
    if view is None or receiver is None:
        return None
    amount = probe.rng.randrange(1, view.virtual + 1)
    with probe.undone():
        if not probe.give_credit(STRANGER):
            return None
        with probe.undone():
            plain = probe.attempt(probe.pool.borrow, view.asset, amount, 2, 0, STRANGER, sender=STRANGER).ok
            owed = probe.now.debt_shares(view.asset, STRANGER)
        call = probe.pool.flash_loan
        arguments = (receiver, [view.asset], [amount], [2], STRANGER, b"", 0)
        flash = probe.attempt(call, *arguments, sender=STRANGER).ok
        owed_by_flash = probe.now.debt_shares(view.asset, STRANGER)
    allowed = equal("allowed as flash, as borrow", flash, plain, Unit.WEI, view.asset, amount=amount)
    return all_of((allowed, equal("owed", owed_by_flash, owed, Unit.DEBT_SHARES, view.asset)))


@law(
    "CAP-5",
    "Interest that has carried a reserve above a cap never stands in the way of an exit, a repayment or a liquidation.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*WITHDRAW, *REPAY, *REPAY_WITH_ATOKENS, *LIQUIDATE),
    source="N",
    reverted=True,
    edges=amounts.CAP_5,
)
def caps_never_lock_in(step: Step) -> Verdict:
    """Look at calls on reserves that are above a cap."""
    assets = step.arguments[:2] if step.name in LIQUIDATE else step.arguments[:1]
    views = [step.before.reserve(asset) for asset in assets if asset in step.census.homes]
    if not any(_above_a_cap(view) for view in views):
        return None
    revert = step.receipt.revert if step.receipt is not None else None
    return equal("refused for a cap, no", isinstance(revert, (SupplyCapExceeded, BorrowCapExceeded)), False)


def _above_a_cap(view: ReserveView) -> bool:
    over_supply = view.supply_cap and view.claims > view.supply_cap * view.unit
    return bool(over_supply or (view.borrow_cap and view.debt > view.borrow_cap * view.unit))
