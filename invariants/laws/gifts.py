"""DEF-13: what others give keeps no bad debt alive."""

from __future__ import annotations

from pooltwin.protocol.address import Address
from pooltwin.protocol.state import bitmaps

from ..law import Kind, Subject, Verdict, equal, law
from ..reading.step import Holding, Step, UserChange, weigh
from ..worth import Unit
from .calls import COLLATERAL, LIQUIDATE, SUPPLY, TRANSFER, asset_of, transfer_parties

KEPT_ALIVE = (
    "aTokens that arrive become collateral without being asked for, and where any collateral is left nothing is "
    "written off"
)


def _is_kept_by_a_gift(change: UserChange) -> bool:
    """Is there a gift that counts as collateral? All collateral that is left where the law breaks is a gift."""
    return change.after.sums.collateral > 0


@law(
    "DEF-13",
    "What a liquidation leaves unbacked but for aTokens that others have sent is written off: who has no collateral "
    "left but such a gift, worth at least a base unit and less than the debts, or has aTokens left and no collateral "
    "bit, owes nothing in any active reserve.",
    kind=Kind.SEQUENCE,
    subject=Subject.USER,
    source="A",
    alone=True,
    since="3.3",
    bound="what the gift is worth: a position that is left with more than it owes is not bad debt. A gift is an aToken "
    "that became collateral by a transfer from somebody else, until its owner supplies the asset or sets the bit anew; "
    "and, for whether the law is asked, any aToken that is no collateral. Where bits are left and nothing worth a base "
    "unit under them, as the rounding of the last share may leave it, LIQ-14 is asked, with the bound of that rounding",
    deviates=dict.fromkeys(("3.3", "3.4", "3.5"), KEPT_ALIVE),
    excuse=_is_kept_by_a_gift,
)
def gifts_keep_no_bad_debt(change: UserChange) -> Verdict:
    """Remember which collateral is a gift; look at the borrower of each liquidation."""
    step, user = change.step, change.after.user
    if step.name not in LIQUIDATE or step.arguments[2] != user:
        _remember(change)
        return None
    position = change.after
    backing = [holding for holding in position.holdings if holding.collateral_bit]
    if not all(_is_gift(step, user, holding) for holding in backing):
        return None  # backed by something of its own, or by the bit of nothing, which is LIQ-14's business
    gifts = [holding._replace(scaled_debt=0, stable=None) for holding in backing]
    given = weigh(step.after, position.category_id, gifts).collateral
    if backing and given == 0:
        return None  # worth nothing, or all of it was seized and the bit left: LIQ-14's business too
    if not any(holding.scaled_supply for holding in position.holdings):
        return None
    if not change.before.indebted or 0 < position.sums.debt <= given:
        return None
    owed = [h.asset for h in position.holdings if h.owes and step.after.reserve(h.asset).active]
    return equal("owed in active reserves, nothing", owed, [], Unit.BASE, amount=position.sums.debt - given)


def _is_gift(step: Step, user: Address, holding: Holding) -> bool:
    return bool(step.memory["DEF-13", user, holding.asset])


def _remember(change: UserChange) -> None:
    """Take a collateral bit that was set by a transfer from somebody else for a gift, any other for the user's own."""
    step, user = change.step, change.after.user
    now_set = change.after.flags & ~change.before.flags & bitmaps.COLLATERAL_MASK
    if now_set:
        given = step.name in TRANSFER and user not in (transfer_parties(step)[0], step.sender)
        for asset, home in step.census.homes.items():
            key = "DEF-13", user, asset
            if now_set >> 2 * home.id & 2 and (given or step.memory[key]):
                step.memory[key] = given
    elif step.name in SUPPLY or step.name in COLLATERAL:
        key = "DEF-13", user, asset_of(step)
        if step.memory[key]:
            step.memory[key] = False
