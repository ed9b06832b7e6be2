"""EMD: e-mode categories lend more only for the assets and to the users that they name."""

from __future__ import annotations

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.census import MANY
from ..reading.probe import Probe
from ..reading.step import CategoryChange, ReserveChange, Step, UserChange
from ..reference import BPS, half_up
from ..worth import Unit
from .calls import BORROW, COLLATERAL, E_MODE, TRANSFER, WITHDRAW, asset_of, credited, transfer_parties, user_of_flags
from .deviations import pending_ltv_was_kept
from .edges import positions
from .liquidation_terms import WHOLE_UNIT
from .liquidation_trials import liquidation_outcomes, worth_once_unhealthy


@law(
    "EMD-1",
    "The assets without LTV in a category are among its collateral.",
    kind=Kind.STATE,
    subject=Subject.CATEGORY,
    source="E",
    since="3.6",
)
def ltvzero_is_collateral(change: CategoryChange) -> Verdict:
    """Compare the two bitmaps."""
    view = change.after
    if not view.ltvzero_bitmap:
        return None
    return equal("ltv-zero outside collateral, none", view.ltvzero_bitmap & ~view.collateral_bitmap, 0)


@law(
    "EMD-2",
    "A borrow is allowed by the debtor's category, or for a debtor in none by the reserve.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="D",
    since="3.6",
    edges=positions.EMD_2,
)
def borrows_are_permitted(step: Step) -> Verdict:
    """Ask the category of the debtor, not of the caller."""
    asset, amount = step.arguments[:2]
    reserve = step.before.reserve(asset)
    category_id = step.before.position(credited(step)).category_id
    if category_id:
        bit = step.before.category(category_id).borrowable_bitmap >> reserve.id & 1
        return equal("borrowable in the debtor's category", bit, 1, Unit.WEI, asset, amount=amount)
    return equal("borrowing enabled", reserve.borrowing, True, Unit.WEI, asset, amount=amount)


@law(
    "EMD-3",
    "Who changes category owes only what it may borrow there, has only collateral that lends there, and is healthy "
    "there.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=E_MODE,
    source="D",
    since="3.6",
    edges=positions.EMD_3,
)
def switching_is_sound(step: Step) -> Verdict:
    """Judge the position in the new category; leaving for category 0 is a change like any other."""
    before, after = step.before.position(user_of_flags(step)), step.after.position(user_of_flags(step))
    if before.category_id == after.category_id:
        return None
    category = step.after.category(after.category_id)
    checks: list[Verdict] = [
        at_least("HF after, 1", after.health, step.census.rules.health_threshold, Unit.HEALTH, after.user)
    ]
    for holding in after.holdings:
        reserve = step.after.reserve(holding.asset)
        if holding.owes:
            allowed = category.borrowable_bitmap >> reserve.id & 1 if after.category_id else reserve.borrowing
            checks.append(equal(f"{reserve.symbol} borrowable", bool(allowed), True))
        if holding.collateral_bit:
            checks.append(equal(f"{reserve.symbol} lends", after.ltv_of(holding.asset) > 0, True))
    return all_of(checks)


@law(
    "EMD-4",
    "A category's threshold applies only to the collateral of its bitmap, and only to its own users: the reported "
    "average is that of the base thresholds elsewhere.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="E",
    since="3.6",
    edges=positions.EMD_4,
)
def thresholds_follow_the_bitmap(change: UserChange) -> Verdict:
    """Recompute the average threshold of users in a category; LIQ-5 looks at the bonus."""
    position = change.after
    if not position.category_id or not position.flags or not position.sums.collateral:
        return None
    reported = change.step.account_of(position.user).current_liquidation_threshold
    return equal("threshold, average", reported, position.sums.weighted_threshold // position.sums.collateral)


@law(
    "EMD-5",
    "In an isolated category collateral outside its bitmap lends nothing but keeps its liquidation threshold.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="D",
    since="3.7",
    edges=positions.EMD_5,
)
def isolated_categories_lend_alone(change: UserChange) -> Verdict:
    """Look at users of such a category who have collateral outside it."""
    position, moment = change.after, change.step.after
    category = moment.category(position.category_id)
    if not category.isolated:
        return None
    outside = [
        holding
        for holding in position.holdings
        if holding.collateral_bit and not category.collateral_bitmap >> holding.id & 1
    ]
    if not outside or not position.sums.collateral:
        return None
    account = change.step.account_of(position.user)
    inside = sum(
        h.scaled_supply
        * moment.reserve(h.asset).income
        // 10**27
        * moment.price(h.asset)
        // moment.reserve(h.asset).unit
        for h in position.holdings
        if h.collateral_bit and category.collateral_bitmap >> h.id & 1 and not category.ltvzero_bitmap >> h.id & 1
    )
    average = position.sums.weighted_threshold // position.sums.collateral
    return all_of(
        (
            equal(
                "LTV, category's on its own collateral", account.ltv, inside * category.ltv // position.sums.collateral
            ),
            equal("threshold, average", account.current_liquidation_threshold, average),
        )
    )


CATEGORY_SETTERS = (
    "configurator.setAssetCollateralInEMode",
    "configurator.setAssetBorrowableInEMode",
    "configurator.setAssetLtvzeroInEMode",
)
HARMLESS = (
    "configurator.setReserveFreeze",
    "configurator.setReserveLtvzero",
    "configurator.setAssetLtvzeroInEMode",
    "configurator.setEModeCategoryIsolated",
    "configurator.setAssetBorrowableInEMode",
    "configurator.setReserveBorrowing",
    "configurator.setReservePause",
    "configurator.setPoolPause",
)


@law(
    "EMD-6",
    "Freezing, pausing, taking LTV away, isolating a category and forbidding to borrow change no liquidation threshold "
    "and nobody's HF.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=HARMLESS,
    source="D",
    since="3.6",
    edges=positions.EMD_6,
)
def restrictions_liquidate_nobody(step: Step) -> Verdict:
    """Compare the thresholds of all touched reserves and categories, and the HF of one debtor in turn."""
    checks: list[Verdict] = []
    for reserve in step.reserves.values():
        checks.append(equal("threshold after, before", reserve.after.threshold, reserve.before.threshold))
    for category in step.categories.values():
        before, after = category.before, category.after
        checks.append(
            equal(
                "threshold and bitmap after, before",
                (after.threshold, after.collateral_bitmap),
                (before.threshold, before.collateral_bitmap),
            )
        )
    for user in step.census.bystanders(step.number):
        if step.before.position(user).priced:
            before_health, after_health = step.before.position(user).health, step.after.position(user).health
            checks.append(equal("HF after, before", after_health, before_health, Unit.HEALTH, user))
    return all_of(checks)


def _is_debtor(step: Step, user: str) -> bool:
    return any(holding.borrow_bit for holding in step.before.position(user).holdings)


@law(
    "EMD-7",
    "While a debtor has collateral that lends nothing, no collateral that lends can be withdrawn, transferred or "
    "disabled before it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*WITHDRAW, *TRANSFER, *COLLATERAL),
    source="D",
    since="3.6",
)
def worthless_collateral_leaves_first(step: Step) -> Verdict:
    """Look afterwards: where ltv-zero collateral is left, what left must lend nothing itself."""
    if step.name in COLLATERAL:
        user, asset = user_of_flags(step), step.arguments[0]
        if step.arguments[1] or step.before.flags(user) == step.after.flags(user):
            return None
    else:
        user = transfer_parties(step)[0] if step.name in TRANSFER else step.sender
        asset = asset_of(step)
        if not _is_debtor(step, user) or step.before.shares(asset, user) == step.after.shares(asset, user):
            return None
    was = next((h for h in step.before.position(user).holdings if h.asset == asset), None)
    if was is None or not was.collateral_bit or not step.after.position(user).sums.lends_nothing:
        return None
    return equal("LTV of what left, 0", step.after.position(user).ltv_of(asset), 0)


@law(
    "EMD-8",
    "What cannot be borrowed or lends nothing does not grow by choice: a borrow needs permission, enabling needs an "
    "LTV.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=COLLATERAL,
    source="E",
    since="3.6",
    edges=positions.EMD_8,
)
def enabling_needs_an_ltv(step: Step) -> Verdict:
    """Look at enabling; the borrow half is EMD-2."""
    user = user_of_flags(step)
    if not step.arguments[1] or step.before.flags(user) == step.after.flags(user):
        return None
    return at_least("LTV, 1", step.before.position(user).ltv_of(step.arguments[0]), 1)


@law(
    "EMD-9",
    "Collateral that counts only in the borrower's category, with a base threshold of zero, is liquidated like any "
    "other, if it is worth a unit of base currency.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="A",
    since="3.6",
)
def e_mode_collateral_is_liquidatable(probe: Probe) -> Verdict:
    """Try it on a borrower who has such collateral, once its price has fallen far enough."""
    for user in probe.borrowers(MANY):
        position = probe.now.position(user)
        if not position.category_id or not position.priced:
            continue
        for holding in position.holdings:
            if not holding.collateral_bit or probe.now.reserve(holding.asset).threshold:
                continue
            with probe.undone():
                worth = worth_once_unhealthy(probe, user, holding.asset)
                outcome = liquidation_outcomes(probe, user, holding.asset) if worth >= WHOLE_UNIT else {}
            if outcome:
                return equal("some amount succeeds", any(outcome.values()), True, Unit.BASE, amount=worth)
    return None


@law(
    "EMD-10",
    "Freezing takes an asset's LTV away everywhere; unfreezing gives none back.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("configurator.setReserveFreeze",),
    source="D",
    since="3.6",
    edges=positions.EMD_10,
)
def freezing_takes_ltv_everywhere(step: Step) -> Verdict:
    """Look at the reserve and at every category of which it is collateral."""
    asset, freeze = step.arguments
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    numbers = [number for number in step.census.pool.e_modes if number]
    lending = [
        number
        for number in numbers
        for category in (step.after.category(number),)
        if category.collateral_bitmap >> after.id & 1 and not category.ltvzero_bitmap >> after.id & 1
    ]
    if freeze:
        return all_of((equal("LTV, 0", after.ltv, 0), equal("categories where it lends, none", lending, [])))
    same = [step.before.category(n).ltvzero_bitmap == step.after.category(n).ltvzero_bitmap for n in numbers]
    return all_of((equal("LTV after, before", after.ltv, before.ltv), equal("bitmaps are kept", all(same), True)))


def _admissible(ltv: int, threshold: int, bonus: int) -> Verdict:
    return all_of(
        (
            at_most("LTV, threshold", ltv, threshold),
            at_least("bonus, 100% and a basis point", bonus, BPS + 1),
            at_most("threshold * bonus, 100%", half_up(threshold, bonus, BPS), BPS),
        )
    )


@law(
    "EMD-11",
    "A category's LTV is at most its threshold, its bonus above 100%, and threshold times bonus at most 100%.",
    kind=Kind.STATE,
    subject=Subject.CATEGORY,
    source="src",
    edges=positions.EMD_11,
)
def categories_are_admissible(change: CategoryChange) -> Verdict:
    """Look at each category once it has been defined."""
    view = change.after
    return _admissible(view.ltv, view.threshold, view.bonus) if view.threshold else None


@law(
    "EMD-12",
    "Freezing remembers the LTV that was in force, not one from before.",
    kind=Kind.SEQUENCE,
    subject=Subject.STEP,
    on=("configurator.setReserveFreeze",),
    source="A",
    since="3.1",
    deviates=dict.fromkeys(("3.6", "3.7"), "freezing an asset whose LTV is zero keeps an older pending LTV"),
    excuse=pending_ltv_was_kept,
    edges=positions.EMD_12,
)
def freezing_remembers_the_present(step: Step) -> Verdict:
    """Compare the pending LTV after a freeze with the LTV before it."""
    asset, freeze = step.arguments
    if not freeze:
        return None
    pending = step.census.market.configurator.pending_ltv[asset]
    return equal("pending LTV, LTV before", pending, step.before.reserve(asset).ltv)


@law(
    "EMD-13",
    "A reserve's LTV is at most its threshold, and where it is collateral its bonus is above 100% and threshold times "
    "bonus at most 100%.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="src",
    edges=positions.EMD_13,
)
def reserves_are_admissible(change: ReserveChange) -> Verdict:
    """Look when the configuration changes."""
    view = change.after
    if view.configuration == change.before.configuration:
        return None
    if view.threshold == 0:
        return equal("LTV without a threshold, 0", view.ltv, 0)
    return _admissible(view.ltv, view.threshold, view.bonus)


@law(
    "EMD-14",
    "Setting an asset's bit in one bitmap of a category sets that bit as asked and no other, there or elsewhere.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=CATEGORY_SETTERS,
    source="C",
    since="3.6",
    edges=positions.EMD_14,
)
def bits_of_categories_are_independent(step: Step) -> Verdict:
    """Compare all bitmaps; taking an asset from the collateral takes its ltv-zero bit too."""
    asset, number, on = step.arguments
    bit = 1 << step.after.reserve(asset).id
    before, after = step.before.category(number), step.after.category(number)
    old = [before.collateral_bitmap, before.borrowable_bitmap, before.ltvzero_bitmap]
    which = CATEGORY_SETTERS.index(step.name)
    old[which] = old[which] | bit if on else old[which] & ~bit
    if which == 0 and not on:
        old[2] &= ~bit
    new = [after.collateral_bitmap, after.borrowable_bitmap, after.ltvzero_bitmap]
    others = sorted(set(step.census.touched_categories(step.changed_places)) - {number})
    return all_of((equal("bitmaps, as asked", new, old), equal("other categories changed, none", others, [])))
