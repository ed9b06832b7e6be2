"""LIQ: liquidations that are refused for the dust they would leave, and those that must not be."""

from __future__ import annotations

from pooltwin.protocol.errors import MustNotLeaveDust

from ..law import Kind, Subject, Verdict, equal, law, release
from ..reading.step import Step
from ..reference import WAD, ceil
from .calls import LIQUIDATE
from .liquidation_terms import (
    CLOSE_FACTOR_HEALTH,
    LARGE,
    LEFTOVER,
    Terms,
    expected_outcome,
    left_over,
    most_repaid,
    terms_of,
)


def _refused_for_dust(step: Step) -> bool:
    return step.receipt is not None and isinstance(step.receipt.revert, MustNotLeaveDust)


def _has_exact_terms(step: Step) -> bool:
    """From v3.5 on debts round up and collateral down; before, both go to the nearest."""
    return release(step.census.rules) >= (3, 5)


@law(
    "LIQ-16",
    "Whoever may repay all of a debt and asks for it is never refused for the dust that would be left: where either "
    "leg is worth less than 2000 of base currency, the HF is at most 0.95, or the debt at most half of the whole.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    since="3.3",
    reverted=True,
    bound="in v3.3 and v3.4, whose legs round to the nearest: only where a leg is small, or the HF low, by more than "
    "a wei and a base unit for each leg",
)
def all_may_be_repaid_where_nothing_limits_it(step: Step) -> Verdict:
    """A close factor that forgets a reason for repaying all leaves half, and half is dust."""
    refused = _refused_for_dust(step)
    if not (step.ok or refused):
        return None
    terms = terms_of(step)
    asked_all = terms.asked >= terms.debt and _may_repay_all(terms) if _has_exact_terms(step) else _clearly(terms)
    return equal("refused for dust, no", refused, False) if asked_all else None


def _may_repay_all(terms: Terms) -> bool:
    return most_repaid(terms) >= terms.debt


def _clearly(terms: Terms) -> bool:
    """May all be repaid and was it asked for, with nothing near a limit?"""
    if terms.asked <= terms.debt:
        return False
    grain = ceil(terms.collateral_price, 1, terms.collateral_unit) + ceil(terms.debt_price, 1, terms.debt_unit) + 1
    if min(terms.collateral_base, terms.debt_base) < LARGE - grain:
        return True
    sums, legs = terms.position.sums, len(terms.position.holdings)
    return sums.health < CLOSE_FACTOR_HEALTH - ceil(2 * grain * legs, WAD, sums.debt)


@law(
    "LIQ-17",
    "A liquidation is refused for dust only where what it asked for, within the close factor, would leave some of both "
    "legs and less than 1000 of base currency of one.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="N",
    since="3.5",
    reverted=True,
)
def only_dust_is_refused(step: Step) -> Verdict:
    """LIQ-4 from the other side."""
    if not _refused_for_dust(step):
        return None
    left = left_over(terms := terms_of(step), expected_outcome(step, terms))
    return equal("refused for dust, dust would be left", True, left is not None and min(left) < LEFTOVER)
