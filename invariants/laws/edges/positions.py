"""Edges of HF, FLG and EMD: healths about one, last shares, and categories that decide otherwise than the reserve."""

from __future__ import annotations

from pooltwin.protocol.address import ZERO_ADDRESS

from ...law import Edge, edge
from ...reading.step import CategoryChange, ReserveChange, Step, UserChange
from ...reference import BPS, WAD, ceil, half_up
from ..calls import (
    BORROW,
    COLLATERAL,
    E_MODE,
    REPAY_WITH_ATOKENS,
    SUPPLY,
    TRANSFER,
    WITHDRAW,
    asset_of,
    credited,
    taken_from,
    user_of_flags,
)


def _hardly_healthy(health: int) -> bool:
    return WAD <= health <= 101 * WAD // 100


@edge("HF after from 1 to 1.01")
def hardly_healthy(change: UserChange) -> bool:
    """Is the user only just healthy afterwards?"""
    return _hardly_healthy(change.after.health)


@edge("HF before from 0.99 to 1")
def hardly_unhealthy(change: UserChange) -> bool:
    """Was the user only just unhealthy?"""
    return 99 * WAD <= 100 * change.before.health < 100 * WAD


@edge("repays with aTokens", on=REPAY_WITH_ATOKENS)
def repays_with_a_tokens(change: UserChange) -> bool:
    """Does an unhealthy user give up collateral?"""
    return change.step.name in REPAY_WITH_ATOKENS


def _ends_hardly_healthy(step: Step) -> bool:
    return _hardly_healthy(step.after.position(taken_from(step)).health)


RISKS: dict[str, tuple[str, ...]] = {
    "a borrow": BORROW,
    "a withdrawal": WITHDRAW,
    "a transfer": TRANSFER,
    "a repayment with aTokens": REPAY_WITH_ATOKENS,
    "a disabled collateral": COLLATERAL,
    "a change of category": E_MODE,
}


@edge("a withdrawal inside which other calls were made", on=WITHDRAW)
def withdrawal_called_into(step: Step) -> bool:
    """Did the token call back while collateral was on its way out?"""
    return step.reentered


@edge("collateral at most 0.1% above the debt over the LTV")
def hardly_covered(step: Step) -> bool:
    """Is the debt about all that the collateral lends?"""
    sums = step.after.position(credited(step)).sums
    ltv = sums.weighted_ltv // sums.collateral if sums.collateral else 0
    return ltv > 0 and 1_000 * sums.collateral <= 1_001 * ceil(sums.debt, BPS, ltv)


@edge("a category's LTV decides")
def credit_of_a_category(step: Step) -> bool:
    """Is the debtor in a category?"""
    return step.after.position(credited(step)).category_id != 0


@edge("a debt of at most ten base units")
def tiny_debt(change: UserChange) -> bool:
    """Is the debt about nothing?"""
    return 0 < change.after.sums.debt <= 10


@edge("too little to move the HF")
def health_stands(step: Step) -> bool:
    """Does only a rounding tell before from after?"""
    user = str(step.arguments[0 if step.name == "aToken.transfer" else 1]) if step.name in TRANSFER else credited(step)
    return step.before.position(user).health == step.after.position(user).health


HF_1 = (hardly_healthy,)
HF_2 = (
    *(Edge(f"HF after {what} from 1 to 1.01", _ends_hardly_healthy, on=calls) for what, calls in RISKS.items()),
    withdrawal_called_into,
)
HF_3 = (hardly_unhealthy, repays_with_a_tokens)
HF_6 = (hardly_covered, credit_of_a_category)
HF_8 = (tiny_debt,)
HF_10 = (hardly_healthy,)
HF_12 = (health_stands,)


# --- flags ----------------------------------------------------------------------------------------------------------


@edge("the last share of a debt goes")
def last_debt_goes(change: UserChange) -> bool:
    """Is one of several debts, or the only one, paid to the last share?"""
    owed = {h.asset for h in change.after.holdings if h.owes}
    return any(h.owes and h.asset not in owed for h in change.before.holdings)


@edge("the last share of a collateral goes")
def last_collateral_goes(change: UserChange) -> bool:
    """Does a collateral go to the last share while another is left?"""
    held = {h.asset for h in change.after.holdings if h.scaled_supply}
    return any(h.collateral_bit and h.asset not in held for h in change.before.holdings)


@edge("an asset to which only the category gives an LTV")
def flagged_by_category(change: UserChange) -> bool:
    """Does the category alone allow the collateral?"""
    return change.after.category_id != 0 and any(
        h.collateral_bit and not change.step.after.reserve(h.asset).ltv and change.after.ltv_of(h.asset)
        for h in change.after.holdings
    )


@edge("a first supply for somebody else", on=SUPPLY)
def supplied_for_another(change: UserChange) -> bool:
    """Is it a gift?"""
    return change.step.sender != change.after.user


@edge("two empty places in the list", until="3.6")
def two_gaps(step: Step) -> bool:
    """Could a listing fill more than one place?"""
    pool = step.census.pool
    written = step.changes.get(id(pool.reserves_list))
    if written is None:
        return False
    before = [step.before.entry(pool.reserves_list, number) for number, _ in list(pool.reserves_list.items())]
    return before.count(ZERO_ADDRESS) > 1


@edge("a category's LTV decides")
def supplied_in_a_category(step: Step) -> bool:
    """Is the recipient in a category?"""
    return step.after.position(credited(step)).category_id != 0


FLG_1 = (last_debt_goes,)
FLG_2 = (last_collateral_goes,)
FLG_3 = (flagged_by_category, supplied_for_another)
FLG_8 = (two_gaps,)
FLG_11 = (supplied_in_a_category,)


# --- e-mode ---------------------------------------------------------------------------------------------------------


def _allowed(step: Step, asset: str, category_id: int) -> bool:
    reserve = step.before.reserve(asset)
    if not category_id:
        return reserve.borrowing
    return bool(step.before.category(category_id).borrowable_bitmap >> reserve.id & 1)


@edge("debtor and caller in different categories")
def in_another_category(step: Step) -> bool:
    """Would the caller's category decide otherwise than the debtor's?"""
    caller, debtor = (step.before.position(who).category_id for who in (step.sender, credited(step)))
    return caller != debtor and not _allowed(step, asset_of(step), caller)


@edge("the category allows what the reserve forbids")
def allowed_by_category(step: Step) -> bool:
    """Does the category alone allow it?"""
    return not step.before.reserve(asset_of(step)).borrowing


@edge("into a category, with a debt")
def enters_in_debt(step: Step) -> bool:
    """Is a debtor judged by a new category?"""
    after = step.after.position(user_of_flags(step))
    return after.category_id != 0 and after.indebted


@edge("out of all categories, with a debt")
def leaves_in_debt(step: Step) -> bool:
    """Is a debtor judged without the category?"""
    after = step.after.position(user_of_flags(step))
    return after.category_id == 0 and after.indebted


@edge("HF after from 1 to 1.01")
def switches_hardly_healthy(step: Step) -> bool:
    """Does the new category make only just healthy?"""
    return _hardly_healthy(step.after.position(user_of_flags(step)).health)


def _collateral_bitmap(change: UserChange) -> int:
    return change.step.after.category(change.after.category_id).collateral_bitmap


@edge("collateral inside the category and outside")
def mixed_collateral(change: UserChange) -> bool:
    """Do two kinds of thresholds count?"""
    bitmap = _collateral_bitmap(change)
    return len({bitmap >> h.id & 1 for h in change.after.holdings if h.collateral_bit}) == 2


@edge("no collateral inside the category")
def nothing_inside(change: UserChange) -> bool:
    """Must nothing be lent?"""
    bitmap = _collateral_bitmap(change)
    return not any(bitmap >> h.id & 1 for h in change.after.holdings if h.collateral_bit)


@edge("collateral of the debtor looked at")
def hits_the_bystander(step: Step) -> bool:
    """Does the restriction concern an asset that the debtor has as collateral?"""
    positions = [step.before.position(user) for user in step.census.bystanders(step.number)]
    return any(
        position.indebted and any(h.collateral_bit and h.asset in step.reserves for h in position.holdings)
        for position in positions
    )


@edge("only the category gives an LTV")
def enabled_by_category(step: Step) -> bool:
    """Has the reserve itself no LTV?"""
    return not step.before.reserve(step.arguments[0]).ltv


def _in_categories(step: Step) -> bool:
    bit = step.after.reserve(step.arguments[0]).id
    numbers = [number for number in step.census.pool.e_modes if number]
    return any(step.before.category(number).collateral_bitmap >> bit & 1 for number in numbers)


@edge("freezes what a category lends")
def freezes_in_a_category(step: Step) -> bool:
    """Must an LTV of a category go too?"""
    return bool(step.arguments[1]) and _in_categories(step)


@edge("unfreezes what a category lent")
def unfreezes_in_a_category(step: Step) -> bool:
    """Could an LTV of a category come back?"""
    return not step.arguments[1] and _in_categories(step)


@edge("LTV zero before")
def freezes_without_ltv(step: Step) -> bool:
    """Is there an older LTV to confuse it with?"""
    return not step.before.reserve(step.arguments[0]).ltv


def _is_dear(threshold: int, bonus: int) -> bool:
    return 99 * BPS < 100 * half_up(threshold, bonus, BPS) <= 100 * BPS


@edge("threshold times bonus from 99% to 100%")
def category_at_the_limit(change: CategoryChange) -> bool:
    """Does a liquidation hardly leave anything?"""
    return _is_dear(change.after.threshold, change.after.bonus)


@edge("LTV equal to the threshold")
def category_lends_to_the_threshold(change: CategoryChange) -> bool:
    """Is there nothing between borrowing and liquidation?"""
    return change.after.ltv == change.after.threshold


@edge("threshold times bonus from 99% to 100%")
def reserve_at_the_limit(change: ReserveChange) -> bool:
    """Does a liquidation hardly leave anything?"""
    return _is_dear(change.after.threshold, change.after.bonus)


@edge("LTV equal to the threshold")
def reserve_lends_to_the_threshold(change: ReserveChange) -> bool:
    """Is there nothing between borrowing and liquidation?"""
    return change.after.ltv == change.after.threshold > 0


@edge("takes away collateral that lends nothing")
def takes_ltvzero_collateral(step: Step) -> bool:
    """Must a second bit go?"""
    asset, number, on = step.arguments
    before = step.before.category(number)
    takes = step.name == "configurator.setAssetCollateralInEMode" and not on
    return takes and bool(before.ltvzero_bitmap >> step.after.reserve(asset).id & 1)


EMD_2 = (in_another_category, allowed_by_category)
EMD_3 = (enters_in_debt, leaves_in_debt, switches_hardly_healthy)
EMD_4 = (mixed_collateral, nothing_inside)
EMD_5 = (mixed_collateral, nothing_inside)
EMD_6 = (hits_the_bystander,)
EMD_8 = (enabled_by_category,)
EMD_10 = (freezes_in_a_category, unfreezes_in_a_category)
EMD_11 = (category_at_the_limit, category_lends_to_the_threshold)
EMD_12 = (freezes_without_ltv,)
EMD_13 = (reserve_at_the_limit, reserve_lends_to_the_threshold)
EMD_14 = (takes_ltvzero_collateral,)
