"""LIQ-1 to LIQ-4, LIQ-16, LIQ-17: who may be liquidated, and how much of a debt may be repaid or must be."""

from __future__ import annotations

from pooltwin.protocol.errors import MustNotLeaveDust

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import Step
from ..worth import Unit
from .calls import LIQUIDATE
from .edges import liquidations
from .liquidation_terms import (
    WHOLE_UNIT,
    Terms,
    event_of,
    expected_outcome,
    left_over,
    most_repaid,
    terms_of,
)
from .liquidation_trials import liquidation_outcomes


@law(
    "LIQ-1",
    "Only a borrower whose HF is below 1 is liquidated, of collateral that is enabled, for a debt that exists.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="E",
    edges=liquidations.LIQ_1,
)
def only_the_unhealthy(step: Step) -> Verdict:
    """Look at the state before the liquidation, interest to now counted."""
    terms = terms_of(step)
    here = [h for h in terms.position.holdings if h.asset == terms.collateral_asset]
    enabled = bool(here) and here[0].collateral_bit
    asset, asked = terms.debt_asset, min(terms.asked, terms.debt)
    highest = terms.rules.health_threshold - 1
    return all_of(
        (
            at_most("HF, below 1", terms.position.health, highest, Unit.WEI, asset, amount=asked),
            equal("collateral is enabled", enabled, True, Unit.WEI, asset, amount=asked),
            at_least("debt, 1", terms.debt, 1, Unit.WEI, asset),
        )
    )


@law(
    "LIQ-2",
    "A borrower whose HF is below 1 can be liquidated: for every enabled collateral worth a unit of base currency and "
    "two shares of some debt, some debt and some amount go through. What would not fit Solidity's types is not tried.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="A",
)
def the_unhealthy_can_be_liquidated(probe: Probe) -> Verdict:
    """Try amounts where no reserve involved is paused, inactive or in grace."""
    for user in probe.borrowers():
        position = probe.now.position(user)
        if not position.priced or position.health >= probe.census.rules.health_threshold:
            continue
        assets = [h.asset for h in position.holdings if h.collateral_bit and h.scaled_supply]
        asset = probe.pick([asset for asset in assets if probe.worth(user, asset) >= WHOLE_UNIT])
        outcomes = liquidation_outcomes(probe, user, asset) if asset is not None else {}
        if asset is not None and outcomes:
            worth = probe.worth(user, asset)
            return equal("some amount succeeds", any(outcomes.values()), True, Unit.BASE, amount=worth)
    return None


@law(
    "LIQ-3",
    "A liquidation repays what was asked for, up to the close factor: half of the whole debt in value while both legs "
    "are worth 2000 and HF > 0.95, otherwise all of this debt; less only where the collateral runs out. Until v3.2 "
    "half of this debt while HF > 0.95.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="E",
    alone=True,
    edges=liquidations.LIQ_3,
)
def close_factor_binds_and_allows(step: Step) -> Verdict:
    """Compare with the close factor: nothing above it, and everything up to it."""
    terms = terms_of(step)
    repaid, due, asset = event_of(step).debt_to_cover, expected_outcome(step, terms), terms.debt_asset
    allowed = "repaid, asked within the close factor and the collateral"
    return all_of(
        (
            at_most("repaid, close factor", repaid, most_repaid(terms), Unit.WEI, asset),
            equal(allowed, repaid, due.repaid, Unit.WEI, asset),
        )
    )


@law(
    "LIQ-4",
    "A liquidation clears this debt, takes all of this collateral, or leaves at least 1000 of base currency of both.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="E",
    alone=True,
    since="3.3",
    edges=liquidations.LIQ_4,
)
def no_dust_is_left(step: Step) -> Verdict:
    """Value what is left; the fee counts as taken."""
    terms = terms_of(step)
    left = left_over(terms, expected_outcome(step, terms)._replace(repaid=event_of(step).debt_to_cover))
    return True if left is None else at_least("smaller leftover, 1000", min(left), terms.rules.leftover, Unit.BASE)


def _refused_for_dust(step: Step) -> bool:
    return step.receipt is not None and isinstance(step.receipt.revert, MustNotLeaveDust)


@law(
    "LIQ-16",
    "Whoever may repay all of a debt and asks for it is never refused for the dust that would be left: where either "
    "leg is worth less than 2000 of base currency, the HF is at most 0.95, or the debt at most half of the whole.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    alone=True,
    since="3.3",
    reverted=True,
    edges=liquidations.LIQ_16,
)
def all_may_be_repaid_where_nothing_limits_it(step: Step) -> Verdict:
    """Look at full repayments: a close factor that forgets a reason for them leaves half, and half is dust."""
    refused = _refused_for_dust(step)
    if not (step.ok or refused):
        return None
    terms = terms_of(step)
    if terms.asked < terms.debt or not _may_repay_all(terms):
        return None
    return equal("refused for dust, no", refused, False, Unit.WEI, terms.debt_asset, amount=terms.debt)


def _may_repay_all(terms: Terms) -> bool:
    return most_repaid(terms) >= terms.debt


@law(
    "LIQ-17",
    "A liquidation is refused for dust only where what it asked for, within the close factor, would leave some of both "
    "legs and less than 1000 of base currency of one.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="N",
    alone=True,
    since="3.3",
    reverted=True,
    edges=liquidations.LIQ_17,
)
def only_dust_is_refused(step: Step) -> Verdict:
    """Look at LIQ-4 from the other side: what the refused call would have left."""
    if not _refused_for_dust(step):
        return None
    left = left_over(terms := terms_of(step), expected_outcome(step, terms))
    dust = left is not None and min(left) < terms.rules.leftover
    asked = min(terms.asked, terms.debt)
    return equal("refused for dust, dust would be left", True, dust, Unit.WEI, terms.debt_asset, amount=asked)
