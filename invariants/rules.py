"""The rules of a release as laws know them: what they ask about a version is asked here, and once.

A release's are written down here. Those of a fork are its release's, but for the figures in which its record differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.revisions import Revision, revision_named

from .law import release
from .reference import BPS, WAD, binomial_growth, ceil, compound_growth, floor, half_up

BASE = 10**8
"""One of base currency."""
Rounding = Callable[[int, int, int], int]
"""Turns `a * b / c` into an integer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The answers of one release, written down from its documents rather than taken from the engine's record."""

    health_threshold: int
    """Below this health factor (wad) a position can be liquidated, and nothing may leave one."""
    close_factor: int
    """The part (bps) of a borrower's debt that one liquidation may repay, where there is a limit."""
    close_factor_health: int
    """The health factor (wad) above which the close factor limits."""
    large: int
    """The close factor limits where both legs are worth this (base currency)."""
    leftover: int
    """What a liquidation must leave of both legs (base currency), unless it clears one."""
    bonus: Callable[[Any, Address, Address], int] | None
    """A fork's own bonus of a liquidation (bps): of the state before, the collateral and the borrower."""
    growth_of_debt: Callable[[int, int], int]
    """How a rate (ray) compounds over seconds."""
    down: Rounding
    """How conversions round from v3.5 on that must not give users more: down. Until v3.4 to the nearest, halves up."""
    up: Rounding
    """How conversions round from v3.5 on that must not take less from users: up. Until v3.4 to the nearest, halves up.
    """
    debts_round_up: bool
    """Do debts round up and balances down? Until v3.4 both go to the nearest."""
    treasury_accrual_rounds_down: bool
    """Do growth of debt and the treasury's shares of it round down? Until v3.4 both go to the nearest."""
    premiums_raise_the_index: bool
    """Does the lenders' part of a flash loan's premium raise the liquidity index? Until v3.3."""
    liquidity_is_what_is_held: bool
    """Are rates set for what the aToken holds at that time, gifts included? In v3.0.2."""
    a_tokens_may_receive: bool
    """May underlying be withdrawn to the aToken itself? In v3.0.2."""
    bits_ignore_shares: bool
    """Do repayments with aTokens leave the collateral bit, and transfers of no share set it? In v3.0.2."""
    entering_is_unchecked: bool
    """May somebody enter a category from none, and be unhealthy in it? In v3.0.2."""
    gifts_are_no_collateral: bool
    """Do aTokens that arrive leave the recipient's collateral bits alone? Until v3.5 they may set them."""
    own_threshold_decides: bool
    """Is an asset without a threshold of its own no collateral, does one without an LTV of its own lend nothing, and is
    one whose own switch is off not borrowed, whatever its category says? Until v3.5."""
    health_is_averaged: bool
    """Is a health factor reckoned from the average threshold, in whole basis points? Until v3.4."""
    covers_before_lending: bool
    """Is a borrow's collateral looked at before the asset is handed out, and not after? Until v3.4."""
    half_of_each_debt: bool
    """Does the close factor limit each debt by itself, whatever its size, and may dust be left? Until v3.2."""
    seizures_round_for_the_pool: bool
    """Do seizure, bonus part and fee round in favour of borrower and pool? Until v3.6 they go to the nearest."""


@cache
def rules_of(name: str) -> Rules:
    """Look up the rules of a release by its name, as "3.7". Raises ValueError for what is not like that."""
    version = release(name)
    exact = version >= (3, 5)
    return Rules(
        health_threshold=WAD,
        close_factor=BPS // 2,
        close_factor_health=95 * WAD // 100,
        large=2_000 * BASE,
        leftover=1_000 * BASE,
        bonus=None,
        down=floor if exact else half_up,
        up=ceil if exact else half_up,
        premiums_raise_the_index=version < (3, 4),
        liquidity_is_what_is_held=version < (3, 1),
        a_tokens_may_receive=version < (3, 1),
        growth_of_debt=compound_growth if version >= (3, 4) else binomial_growth,
        debts_round_up=exact,
        treasury_accrual_rounds_down=exact,
        bits_ignore_shares=version < (3, 1),
        entering_is_unchecked=version < (3, 1),
        gifts_are_no_collateral=version >= (3, 6),
        own_threshold_decides=version < (3, 6),
        health_is_averaged=not exact,
        covers_before_lending=not exact,
        half_of_each_debt=version < (3, 3),
        seizures_round_for_the_pool=version >= (3, 7),
    )


FIGURES = {
    "health_threshold": "health_factor_liquidation_threshold",
    "close_factor": "close_factor",
    "close_factor_health": "close_factor_health_factor_threshold",
    "large": "min_base_for_close_factor",
    "leftover": "min_leftover_base",
    "bonus": "stated_bonus",
    "growth_of_debt": "compounded_interest",
}
"""What a fork's record is asked for itself, by the decision's name in it."""


def rules_declared_by(record: Revision) -> Rules:
    """Give the rules that a record stands for: a release's, and where a fork decides otherwise, the fork's figures."""
    rules, original = rules_of(record.release), record.lineage[0]
    if not record.is_fork:
        return rules
    own = {
        name: getattr(record, decision)
        for name, decision in FIGURES.items()
        if getattr(record, decision) != getattr(original, decision)
    }
    return replace(rules, **own)


def declaration_of(record: Revision) -> Revision:
    """Find what an engine says that it is: a fork itself, else the release of its name.

    A release's record that was changed without a name of its own is a release with a fault, and no declaration.
    """
    return record if record.is_fork else revision_named(record.name)
