"""Edges of ACT and ORA: states of a reserve, ends of grace periods, roles, dead feeds, tokens that a bridge mints."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.errors import ReserveFrozen, ReserveInactive, ReservePaused

from ...law import Edge, edge
from ...reading.step import NoPriceError, Step
from ..calls import BORROW, LIQUIDATE, SUPPLY, WITHDRAW, asset_of

HOUR = 3_600


def _refused_for(step: Step, error: type[Exception]) -> bool:
    return step.receipt is not None and isinstance(step.receipt.revert, error)


@edge("a supply to a frozen reserve", on=SUPPLY)
def supplies_frozen(step: Step) -> bool:
    """Is a supply refused because the reserve is frozen?"""
    return _refused_for(step, ReserveFrozen)


@edge("a borrow from a frozen reserve", on=BORROW)
def borrows_frozen(step: Step) -> bool:
    """Is a borrow refused because the reserve is frozen?"""
    return _refused_for(step, ReserveFrozen)


@edge("a withdrawal from a frozen reserve", on=WITHDRAW)
def leaves_frozen(step: Step) -> bool:
    """Does somebody leave a frozen reserve?"""
    return step.ok and step.before.reserve(asset_of(step)).frozen


@edge("a liquidation in a frozen reserve", on=LIQUIDATE)
def liquidates_frozen(step: Step) -> bool:
    """Does a liquidation go through although a reserve is frozen?"""
    return step.ok and any(step.before.reserve(a).frozen for a in step.arguments[:2])


@edge("refused as paused")
def refused_as_paused(step: Step) -> bool:
    """Is a call refused because a reserve is paused?"""
    return _refused_for(step, ReservePaused)


@edge("refused as inactive")
def refused_as_inactive(step: Step) -> bool:
    """Is a call refused because a reserve is not active?"""
    return _refused_for(step, ReserveInactive)


@edge("a liquidation at most an hour after the grace", on=LIQUIDATE)
def grace_just_over(step: Step) -> bool:
    """Is a grace period only just over?"""
    until = max(step.before.reserve(asset).grace_until for asset in step.arguments[:2])
    return bool(0 < step.after.time - until <= HOUR)


@edge("a grace of four hours, to the second")
def longest_grace(step: Step) -> bool:
    """Is as much grace given as there may be?"""
    return any(reserve.after.grace_until == step.after.time + 4 * HOUR for reserve in step.reserves.values())


@edge("refused to who has not the role")
def without_the_role(step: Step) -> bool:
    """Does somebody try who may not?"""
    return not step.ok and step.name.startswith("configurator.") and step.sender != step.census.market.admin


@edge("a setter of the pool, called by who is not the configurator")
def past_the_configurator(step: Step) -> bool:
    """Does somebody try to go round the configurator?"""
    return not step.ok and step.name.startswith("pool.")


@edge("by an approved manager")
def by_a_manager(step: Step) -> bool:
    """Does a manager act?"""
    return step.ok


@edge("by who is not approved")
def by_no_manager(step: Step) -> bool:
    """Does somebody try who is no manager?"""
    return not step.ok


ACT_6: tuple[Edge, ...] = (
    supplies_frozen,
    borrows_frozen,
    leaves_frozen,
    liquidates_frozen,
    refused_as_paused,
    refused_as_inactive,
)
ACT_7 = (grace_just_over, longest_grace)
ACT_8 = (without_the_role, past_the_configurator)
ACT_12 = (by_a_manager, by_no_manager)


# --- prices ---------------------------------------------------------------------------------------------------------


def _dead_feeds(step: Step) -> list[Any]:
    """List the assets whose feed ceased to answer in this step."""
    census = step.census
    feeds = ((asset, census.chain.contracts[census.oracle.sources[asset]]) for asset in census.homes)
    return [asset for asset, feed in feeds if id(feed) in step.changes and getattr(feed, "answer", 1) <= 0]


@edge("a feed dies, and no fallback answers")
def feed_dies(step: Step) -> bool:
    """Is an asset left without a price?"""
    return not all(_has_price(step, asset) for asset in _dead_feeds(step))


@edge("a feed dies, and the fallback answers")
def fallback_answers(step: Step) -> bool:
    """Does the price come from the fallback from now on?"""
    return any(_has_price(step, asset) for asset in _dead_feeds(step))


def _has_price(step: Step, asset: Any) -> bool:
    try:
        return step.after.price(asset) > 0
    except NoPriceError:
        return False


@edge("a price moves by a factor of ten or more")
def price_leaps(step: Step) -> bool:
    """Is it about as much as news can be?"""
    census = step.census
    for asset in census.homes:
        feed = census.chain.contracts[census.oracle.sources[asset]]
        if id(feed) in step.changes and _has_price(step, asset):
            before, after = step.before.price(asset), step.after.price(asset)
            if not before < 10 * after < 100 * before:
                return True
    return False


@edge("more of a bridged token was minted")
def bridge_mints(step: Step) -> bool:
    """Is there more of a token that somebody else must hold the backing of?"""
    return step.name == "token.mint"


ORA_1 = (feed_dies, fallback_answers)
ORA_5 = (fallback_answers, price_leaps)
ORA_6 = (bridge_mints,)
