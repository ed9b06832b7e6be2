"""Edges of LIQ, and of what a liquidation writes off: the close factor's limits, leftovers, last shares, bad debt."""

from __future__ import annotations

from pooltwin.protocol.events import DeficitCreated

from ...law import Edge, edge
from ...reading.step import Holding, Step, UserChange
from ...reference import BPS, RAY, WAD, ceil, floor, half_up
from ..liquidation_terms import (
    Outcome,
    Terms,
    expected_outcome,
    left_over,
    most_repaid,
    terms_of,
)


@edge("HF before from 0.99 to 1")
def hardly_unhealthy(step: Step) -> bool:
    """Is the borrower only just unhealthy?"""
    return 99 * WAD <= 100 * terms_of(step).position.health < 100 * WAD


def _half(terms: Terms) -> int:
    """Reckon the limited part of the whole debt, in units of this debt."""
    return half_up(terms.position.sums.debt, terms.rules.close_factor, BPS) * terms.debt_unit // terms.debt_price


def _half_would_leave_dust(step: Step) -> bool:
    """Would half of the whole debt, where all of this one is asked for, leave too little of either leg?"""
    terms = terms_of(step)
    half = _half(terms)
    if terms.asked < terms.debt or half >= terms.debt:
        return False
    base = terms.debt_price * half * terms.collateral_unit // (terms.collateral_price * terms.debt_unit)
    left = left_over(terms, Outcome(half, floor(base, terms.bonus, BPS), 0))
    return left is not None and min(left) < terms.rules.leftover


@edge("collateral below 2,000 beside a debt above, HF above 0.95")
def small_collateral(step: Step) -> bool:
    """Does the small collateral alone allow all to be repaid?"""
    terms = terms_of(step)
    large_debt = terms.debt_base >= terms.rules.large > terms.collateral_base
    return large_debt and terms.position.health > terms.rules.close_factor_health and terms.debt > _half(terms)


@edge("collateral below 2,000 beside a debt above, HF above 0.95, where half would leave dust")
def small_collateral_and_dust(step: Step) -> bool:
    """Would a close factor that forgets small collateral refuse the call?"""
    return small_collateral.meets(step) and _half_would_leave_dust(step)


@edge("debt below 2,000 beside a collateral above, HF above 0.95")
def small_debt(step: Step) -> bool:
    """Does the small debt alone allow all to be repaid?"""
    terms = terms_of(step)
    large_collateral = terms.collateral_base >= terms.rules.large > terms.debt_base
    return large_collateral and terms.position.health > terms.rules.close_factor_health and terms.debt > _half(terms)


def _both_large(terms: Terms) -> bool:
    return min(terms.collateral_base, terms.debt_base) >= terms.rules.large


@edge("both legs above 2,000, HF from 0.94 to 0.95")
def just_below_the_health(step: Step) -> bool:
    """Does the health factor alone, and only just, allow all to be repaid?"""
    terms = terms_of(step)
    limit = terms.rules.close_factor_health
    return limit - WAD // 100 <= terms.position.health <= limit and _both_large(terms) and terms.debt > _half(terms)


@edge("both legs above 2,000, HF from 0.95 to 0.96")
def just_above_the_health(step: Step) -> bool:
    """Does half bind, only just?"""
    terms = terms_of(step)
    limit = terms.rules.close_factor_health
    return limit < terms.position.health <= limit + WAD // 100 and most_repaid(terms) < terms.debt


@edge("half binds, and more is asked for")
def half_binds(step: Step) -> bool:
    """Was more asked for than the close factor allows?"""
    terms = terms_of(step)
    return min(terms.asked, terms.debt) > most_repaid(terms)


@edge("a leg from 1,900 to 2,100, HF above 0.95")
def leg_about_the_limit(step: Step) -> bool:
    """Is the smaller leg about as large as the limit?"""
    terms = terms_of(step)
    small = min(terms.collateral_base, terms.debt_base)
    return (
        19 * terms.rules.large <= 20 * small <= 21 * terms.rules.large
        and terms.position.health > terms.rules.close_factor_health
    )


CLOSE_FACTOR: tuple[Edge, ...] = (
    small_collateral,
    small_debt,
    just_below_the_health,
    just_above_the_health,
    half_binds,
    leg_about_the_limit,
)


@edge("a leftover from 1,000 to 1,100")
def small_leftover(step: Step) -> bool:
    """Is what is left hardly enough?"""
    terms = terms_of(step)
    left = left_over(terms, expected_outcome(step, terms))
    return left is not None and terms.rules.leftover <= min(left) <= terms.rules.leftover * 11 // 10


@edge("a leftover from 900 to 1,000")
def small_dust(step: Step) -> bool:
    """Is what would be left hardly too little?"""
    terms = terms_of(step)
    left = left_over(terms, expected_outcome(step, terms))
    return left is not None and terms.rules.leftover * 9 // 10 <= min(left) < terms.rules.leftover


@edge("the collateral runs out")
def collateral_runs_out(step: Step) -> bool:
    """Is less repaid than may be, because no more collateral is there?"""
    terms = terms_of(step)
    due = expected_outcome(step, terms)
    return due.seized == terms.collateral and due.repaid < min(terms.asked, most_repaid(terms))


@edge("a category's bonus, which is not the reserve's")
def bonus_of_a_category(step: Step) -> bool:
    """Does the borrower's category say what is seized?"""
    terms = terms_of(step)
    return terms.bonus != step.before.reserve(terms.collateral_asset).bonus


@edge("the bonus leaves a remainder")
def bonus_with_remainder(step: Step) -> bool:
    """Does the rounding of what is seized decide?"""
    terms = terms_of(step)
    repaid = expected_outcome(step, terms).repaid
    base = terms.debt_price * repaid * terms.collateral_unit // (terms.collateral_price * terms.debt_unit)
    return base * terms.bonus % BPS != 0


@edge("fewer shares are left than the fee asks for")
def fee_runs_out(step: Step) -> bool:
    """Is the fee cut to what is left?"""
    terms = terms_of(step)
    due, index = expected_outcome(step, terms), step.before.reserve(terms.collateral_asset).income
    shares = step.before.shares(terms.collateral_asset, terms.borrower)
    return due.fee > 0 and ceil(due.fee, RAY, index) > shares - ceil(due.seized - due.fee, RAY, index)


@edge("HF before at most 1% above threshold times bonus")
def hardly_to_be_healed(change: UserChange) -> bool:
    """Is the health factor about where a liquidation no longer heals?"""
    terms = terms_of(change.step)
    turning = change.step.before.threshold(terms.collateral_asset, change.before.category_id) * terms.bonus * WAD
    return 100 * change.before.sums.health * BPS * BPS <= 101 * turning


@edge("rounding up takes the last share")
def last_share_by_rounding(step: Step) -> bool:
    """Does the last share go although the amounts leave some?"""
    terms = terms_of(step)
    return expected_outcome(step, terms).seized < terms.collateral


@edge("after time, with interest due")
def interest_is_due(step: Step) -> bool:
    """Is there interest that could be accrued twice?"""
    view = step.before.reserve(step.arguments[1])
    return view.time > view.last_update and view.reserve_factor > 0


def _other_debts(step: Step) -> list[Holding]:
    debt = step.arguments[1]
    return [h for h in step.before.position(step.arguments[2]).holdings if h.owes and h.asset != debt]


@edge("the last collateral, and another debt")
def several_debts(step: Step) -> bool:
    """Is there a debt that the liquidation does not name?"""
    return bool(_other_debts(step))


@edge("another debt in a frozen reserve")
def frozen_debt(step: Step) -> bool:
    """Is one of the debts in a frozen reserve?"""
    return any(step.before.reserve(h.asset).frozen for h in _other_debts(step))


@edge("another debt in a paused reserve")
def paused_debt(step: Step) -> bool:
    """Is one of the debts in a paused reserve?"""
    return any(step.before.reserve(h.asset).paused for h in _other_debts(step))


@edge("a debt behind one in an inactive reserve")
def debt_behind_an_inactive_one(step: Step) -> bool:
    """Does the loop over the debts pass a reserve that it must leave out?"""
    others = sorted(_other_debts(step), key=lambda h: h.id)
    idle = [h.id for h in others if not step.before.reserve(h.asset).active]
    return bool(idle) and any(h.id > idle[0] for h in others if step.before.reserve(h.asset).active)


@edge("the last share goes by rounding, and another debt is there")
def last_share_and_other_debts(step: Step) -> bool:
    """Do amounts say that collateral is left, where no share is?"""
    terms = terms_of(step)
    gone = not step.after.shares(terms.collateral_asset, terms.borrower)
    return gone and expected_outcome(step, terms).seized < terms.collateral and bool(_other_debts(step))


@edge("the collateral is worth just the debt and the bonus, to ten base units")
def collateral_meets_debt(step: Step) -> bool:
    """Does a base unit decide whether collateral or debt is left?"""
    terms = terms_of(step)
    return abs(terms.collateral_base * BPS - terms.debt_base * terms.bonus) <= 10 * BPS


@edge("bad debt in several reserves")
def bad_debt_in_several(step: Step) -> bool:
    """Are there several debts to write off?"""
    return sum(1 for _ in step.events_of(DeficitCreated)) > 1


LIQ_1 = (hardly_unhealthy,)
LIQ_3 = (*CLOSE_FACTOR, collateral_runs_out)
LIQ_4 = (small_leftover,)
LIQ_5 = (bonus_of_a_category, bonus_with_remainder, collateral_runs_out)
LIQ_6 = (collateral_runs_out,)
LIQ_7 = (fee_runs_out, bonus_of_a_category)
LIQ_8 = (fee_runs_out,)
LIQ_9 = (hardly_to_be_healed,)
LIQ_11 = (last_share_by_rounding,)
LIQ_12 = (interest_is_due,)
LIQ_14 = (
    several_debts,
    frozen_debt,
    paused_debt,
    debt_behind_an_inactive_one,
    last_share_and_other_debts,
    collateral_meets_debt,
)
LIQ_15 = (collateral_meets_debt,)
LIQ_16 = (small_collateral_and_dust, small_debt, just_below_the_health)
LIQ_17 = (small_dust, half_binds)

DEF_3 = (bad_debt_in_several, frozen_debt, paused_debt, debt_behind_an_inactive_one)
