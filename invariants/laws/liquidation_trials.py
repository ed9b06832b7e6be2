"""Liquidations that probes try: every debt of a borrower against one collateral, where what they store would fit."""

from __future__ import annotations

from typing import NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address

from ..reading.moment import Moment
from ..reading.position import Holding, Position
from ..reading.probe import STRANGER, Probe
from ..reading.views import ReserveView
from ..reference import BPS, EVERYTHING, RAY
from .overflow import PERCENTAGES, STORED, WORD, can_be_changed, may_be_credited, position_fits


class Legs(NamedTuple):
    """Both legs of a liquidation that may be tried. Amounts in token units, values in base currency."""

    moment: Moment
    position: Position
    collateral: ReserveView
    debt: ReserveView
    held: int
    owed: int
    held_base: int
    owed_base: int


def liquidation_outcomes(probe: Probe, user: Address, collateral: Address) -> dict[tuple[Address, int], bool]:
    """Try liquidations of a user for one collateral, paid in aTokens: which go through, by debt and amount.

    Empty where none may be tried: an asset is inactive or paused or in its grace period, nothing is owed, the
    collateral repays no share of what is, or some figure would not fit.
    """
    outcomes: dict[tuple[Address, int], bool] = {}
    now = probe.now
    if not _is_open(probe, now.reserve(collateral)):
        return {}
    for holding in now.position(user).holdings:
        if not holding.owes or not _is_open(probe, now.reserve(holding.asset)):
            continue
        legs = _legs(probe, now, user, collateral, holding)
        if legs.held_base < 2 * _share_of_debt_in_base(legs) or not _fits(legs):
            continue  # less than a share after the bonus: the debt token refuses to burn nothing
        owed = legs.owed
        for amount in (EVERYTHING, owed // 2, owed * 3 // 4, owed // 4, owed // 10, owed * 49 // 100):
            with probe.undone():
                probe.give(holding.asset, STRANGER, owed)
                call = probe.pool.liquidation_call
                receipt = probe.attempt(call, collateral, holding.asset, user, amount, True, sender=STRANGER)
            outcomes[holding.asset, amount] = receipt.ok
            if receipt.ok:
                return outcomes
    return outcomes


def worth_once_unhealthy(probe: Probe, user: Address, asset: Address) -> int:
    """Lower an asset's price until a user who has it as collateral is unhealthy. Returns what it is worth then; 0 if
    the user stays healthy whatever its price.

    It falls by a sixteenth each time at least: what else the user has may hold the health a hair above the threshold.
    """
    healthy = probe.census.rules.health_threshold
    while (health := probe.now.position(user).health) >= healthy:
        price = probe.now.price(asset)
        lower = min(price - price // 16 - 1, price * healthy // health)
        if lower <= 0 or not probe.has_feed(asset):
            return 0
        probe.set_price(asset, lower)
    return probe.worth(user, asset)


def _is_open(probe: Probe, view: ReserveView) -> bool:
    """Does governance let a reserve take part in liquidations, and can it be brought to now?"""
    sentinel = probe.census.provider.get_price_oracle_sentinel()
    in_use = view.active and not view.paused and view.grace_until < view.time and sentinel == ZERO_ADDRESS
    return in_use and can_be_changed(probe.now, view.asset)


def _legs(probe: Probe, moment: Moment, user: Address, collateral: Address, holding: Holding) -> Legs:
    held_in, owed_in = moment.reserve(collateral), moment.reserve(holding.asset)
    owed = probe.census.homes[holding.asset].debt_token.balance_of(user)
    if holding.stable is not None:
        owed += holding.stable.owed(probe.census, moment.time)
    held_base = probe.worth(user, collateral)
    owed_base = owed * moment.price(holding.asset) // owed_in.unit
    held = moment.shares(collateral, user) * held_in.income // RAY
    return Legs(moment, moment.position(user), held_in, owed_in, held, owed, held_base, owed_base)


def _share_of_debt_in_base(legs: Legs) -> int:
    """What repays one share of debt, in base currency and rounded up."""
    view = legs.debt
    return (view.debt_index // RAY + 1) * legs.moment.price(view.asset) // view.unit + 1


def _fits(legs: Legs) -> bool:
    """Does whatever amount is tried fit: what is paid in, the shares that move, every product, what is written off?"""
    moment, debt, collateral = legs.moment, legs.debt, legs.collateral
    prices = moment.price(collateral.asset), moment.price(debt.asset)
    products = max(legs.held * prices[0] * debt.unit, legs.owed * prices[1] * collateral.unit)
    products_fit = products * PERCENTAGES < WORD and position_fits(legs.position)
    return products_fit and debt.virtual + legs.owed < STORED and _shares_fit(legs) and _leaves_no_debt_too_large(legs)


def _shares_fit(legs: Legs) -> bool:
    """Do the collateral's shares fit liquidator and treasury? In v3.4 the amount that moves must fit too."""
    moment, asset = legs.moment, legs.collateral.asset
    shares = max(moment.shares(asset, legs.position.user), legs.held)
    takers = STRANGER, moment.census.homes[asset].a_token.treasury
    return all(may_be_credited(moment, asset, taker, shares) for taker in takers)


def _leaves_no_debt_too_large(legs: Legs) -> bool:
    """Does each debt fit the deficit of its reserve, which it joins when the last collateral is taken? From v3.3 on.

    Otherwise only a liquidation that leaves some collateral goes through, and it may leave no dust. Where the debt that
    is tried, with its bonus, is worth less than the collateral, all of it can be paid, or half leaves enough.
    """
    moment, position = legs.moment, legs.position
    if moment.census.rules.half_of_each_debt:
        return True
    asset = legs.collateral.asset
    rounding = moment.price(asset) // legs.collateral.unit + 2
    if position.sums.collateral > legs.held_base + rounding:
        return True
    bonus = moment.bonus_of(asset, position.user)
    if (legs.owed_base + rounding) * bonus < legs.held_base * BPS:
        return True
    return all(_can_be_written_off(moment, position, holding) for holding in position.holdings if holding.owes)


def _can_be_written_off(moment: Moment, position: Position, holding: Holding) -> bool:
    view = moment.reserve(holding.asset)
    if not view.active:
        return True
    return (
        can_be_changed(moment, view.asset) and view.unbacked + view.deficit + position.owed_in(holding.asset) < STORED
    )
