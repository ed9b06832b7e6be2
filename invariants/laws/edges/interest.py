"""Edges of IDX, RAT and DEF: time with a rate, kinks of the curve, deficits, and what is due to the treasury."""

from __future__ import annotations

from ...law import edge
from ...reading.step import ReserveChange, Step
from ...reference import BPS, RAY, YEAR, floor, half_up
from ..accrual import synced, usage_of
from ..calls import COVER, LIQUIDATE


@edge("after time, with a rate")
def after_time(change: ReserveChange) -> bool:
    """Is interest due?"""
    before = change.before
    return before.last_update != change.after.last_update and before.liquidity_rate > 0


@edge("after time, with a debt")
def after_time_with_debt(change: ReserveChange) -> bool:
    """Is interest due from borrowers?"""
    return change.before.last_update != change.after.last_update and change.before.scaled_debt > 0


@edge("after time, with a rate and nobody who owes")
def after_time_without_debt(change: ReserveChange) -> bool:
    """Would the index move if it did not need debt?"""
    return change.before.last_update != change.after.last_update and change.before.borrow_rate > 0


@edge("a reserve factor of 100%")
def whole_factor(change: ReserveChange) -> bool:
    """Do lenders get nothing?"""
    return change.before.reserve_factor == BPS


@edge("growth of at most a thousand ray units")
def tiny_growth(change: ReserveChange) -> bool:
    """Could a rounding eat the interest?"""
    before = change.before
    return before.borrow_rate * (change.after.last_update - before.last_update) // YEAR <= 1_000


@edge("a debt in a reserve that the liquidation does not name", on=LIQUIDATE)
def third_reserve(step: Step) -> bool:
    """May a third reserve be updated?"""
    holdings = step.before.position(step.arguments[2]).holdings
    return any(h.owes and h.asset not in step.arguments[:2] for h in holdings)


@edge("no second has passed")
def no_time(change: ReserveChange) -> bool:
    """Must the index stand still?"""
    return change.before.last_update == change.after.time


IDX_5 = (after_time,)
IDX_6 = (after_time_without_debt,)
IDX_7 = (whole_factor, tiny_growth)
IDX_9 = (third_reserve,)
IDX_10 = (no_time,)
IDX_13 = (after_time_with_debt,)


# --- rates ----------------------------------------------------------------------------------------------------------


def _usage(change: ReserveChange) -> tuple[int, int]:
    """Reckon how much of a reserve is lent out, and how much should be, in ray."""
    view, step = change.after, change.step
    return usage_of(step, view), step.census.curve(view.asset)[0]


@edge("usage at most 1% from the kink")
def at_the_kink(change: ReserveChange) -> bool:
    """Does the curve bend about here?"""
    usage, optimal = _usage(change)
    return abs(usage - optimal) <= RAY // 100


@edge("usage above the kink")
def above_the_kink(change: ReserveChange) -> bool:
    """Does the second slope count?"""
    usage, optimal = _usage(change)
    return usage > optimal


@edge("all is lent out")
def all_lent(change: ReserveChange) -> bool:
    """Is nothing left to pay out?"""
    return change.after.virtual == 0 < change.after.scaled_debt


@edge("a deficit beside a debt")
def with_deficit(change: ReserveChange) -> bool:
    """Is part of the supply gone?"""
    return change.after.deficit > 0 < change.after.scaled_debt


RAT_1 = (at_the_kink, above_the_kink, all_lent, with_deficit)
RAT_2 = (all_lent, with_deficit)
RAT_3 = (all_lent,)


# --- the treasury and bad debt --------------------------------------------------------------------------------------


@edge("the treasury's share leaves a remainder")
def accrual_with_remainder(change: ReserveChange) -> bool:
    """Does the rounding of the treasury's share show?"""
    before, after = change.before, change.after
    growth = floor(before.scaled_debt, after.borrow_index - before.borrow_index, RAY)
    return half_up(growth, before.reserve_factor, BPS) * RAY % max(1, after.liquidity_index) != 0


@edge("interest of less than a share for the treasury")
def accrual_of_nothing(change: ReserveChange) -> bool:
    """Is what is due rounded down to nothing?"""
    before = change.before
    elapsed = before.last_update != change.after.last_update and before.scaled_debt and before.reserve_factor
    return bool(elapsed) and synced(before).due == 0


@edge("debts in several reserves", on=LIQUIDATE)
def several_debts(change: ReserveChange) -> bool:
    """Are there other debts to write off?"""
    arguments = change.step.arguments
    return sum(1 for h in change.step.before.position(arguments[2]).holdings if h.owes) > 1


@edge("more than the deficit is offered", on=COVER)
def covers_too_much(change: ReserveChange) -> bool:
    """Is the amount cut to the deficit?"""
    return bool(change.step.arguments[1] > change.before.deficit)


@edge("the deficit, to the unit", on=COVER)
def covers_exactly(change: ReserveChange) -> bool:
    """Is the deficit just covered?"""
    return bool(change.step.arguments[1] == change.before.deficit)


@edge("all that the coverer has")
def covers_with_all(step: Step) -> bool:
    """Is the last share burned?"""
    return step.after.shares(step.arguments[0], step.sender) == 0


@edge("refused to the umbrella, which owes")
def coverer_owes(step: Step) -> bool:
    """Does the umbrella itself try to cover while in debt?"""
    return not step.ok and step.sender == step.census.market.umbrella


@edge("an inactive reserve among those named")
def mints_inactive(step: Step) -> bool:
    """Must one of them be passed over?"""
    homes = step.census.homes
    return any(not step.before.reserve(asset).active for asset in step.arguments[0] if asset in homes)


@edge("a loan inside the loan")
def loan_in_a_loan(step: Step) -> bool:
    """Did the receiver lend again?"""
    return sum(1 for _, event in step.events if type(event).__name__ == "FlashLoan") > 1


DEF_1 = (several_debts,)
DEF_2 = (covers_too_much, covers_exactly)
DEF_4 = (coverer_owes,)
DEF_5 = (covers_with_all,)
DEF_7 = (mints_inactive,)
DEF_8 = (accrual_with_remainder, accrual_of_nothing)
DEF_9 = RND_6 = (accrual_with_remainder,)
DEF_10 = (loan_in_a_loan,)
