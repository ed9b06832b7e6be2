"""Overflows: a call that would store or multiply what outgrows Solidity's types reverts, and no law asks for it.

Interest of years at hundreds of percent carries indexes, debts and what is written off beyond 128 bits, and a wei of
debt that rewards are given for carries their index beyond 104 within a day. What is told here is enough for a call to
fit; where it is not so, a law that tries the call has nothing to say.
"""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.periphery.rewards.controller import RewardsController

from ..reading.census import Census
from ..reading.moment import Moment
from ..reading.position import Position
from ..reading.views import ReserveView
from ..reference import RAY, WAD
from .accrual import synced

STORED = 2**128
"""Indexes, rates, deficits and virtual balances are less than this."""
WORD = 2**256
"""Every product is less than this."""
REWARDED = 2**104
"""Indexes of rewards are less than this."""
HIGHEST_RATE = 10 * RAY
"""No curve that governance may set ends higher: 1000%."""
PERCENTAGES = 2**17
"""More than a percentage of sixteen bits, and what is added to round."""


def has_outgrown(view: ReserveView) -> bool:
    """Can a reserve not be brought to now, since an index or what the treasury is due would not fit?"""
    return max(synced(view)[:3]) >= STORED


def can_be_updated(view: ReserveView) -> bool:
    """Can a reserve be brought to now and its rates be set?"""
    return not has_outgrown(view) and rates_can_be_set(view)


def rates_can_be_set(view: ReserveView) -> bool:
    """Can the strategy reckon with a reserve's figures? A ratio of debts to liquidity multiplies them by a ray.

    In v3.0.2 debts are weighed with their rates besides, in rays: nine digits more. They are beyond 128 bits by then.
    """
    weighed = max((view.debt + view.virtual) * RAY * PERCENTAGES, view.debt * 10**9 * HIGHEST_RATE * 2)
    return weighed < WORD and view.unbacked + view.deficit < STORED


def can_be_changed(moment: Moment, asset: Address) -> bool:
    """Can balances of a reserve change now, as far as its indexes, its rates and the rewards for its tokens go?"""
    return can_be_updated(moment.reserve(asset)) and rewards_fit(moment.census, asset)


def rewards_fit(census: Census, asset: Address) -> bool:
    """Do the indexes of the rewards for a reserve's tokens, brought to now, fit 104 bits? Every balance tells them."""
    home = census.homes[asset]
    return _indexes_fit(census, home.a_token) and _indexes_fit(census, home.debt_token)


def _indexes_fit(census: Census, token: Any) -> bool:
    controller: Any = census.chain.contracts[token.rewards_controller]
    if controller is None or controller.KIND != RewardsController.KIND or not token.scaled_supply:
        return True
    where, share, now = token.address, 10 ** controller.asset_decimals[token.address], census.chain.time
    for number in range(controller.available_rewards_count[where]):
        key = where, controller.available_rewards[where, number]
        seconds = max(0, min(now, controller.distribution_ends[key]) - controller.last_updates[key])
        grown = controller.emissions_per_second[key] * seconds * share // token.scaled_supply
        if controller.reward_indexes[key] + grown >= REWARDED:
            return False
    return True


def may_be_credited(moment: Moment, asset: Address, user: Address, shares: int) -> bool:
    """Do these shares fit beside what a user has of a reserve? 120 bits from v3.4 on, else 128."""
    balances = moment.census.homes[asset].a_balances
    return moment.shares(asset, user) + shares <= moment.census.widths.mappings[id(balances)][1]


def may_be_indebted(moment: Moment, asset: Address, user: Address, shares: int) -> bool:
    """Do these shares of debt fit a user's balance beside those that are there? As wide as those of aTokens."""
    balances = moment.census.homes[asset].debt_balances
    return moment.debt_shares(asset, user) + shares <= moment.census.widths.mappings[id(balances)][1]


def position_fits(position: Position) -> bool:
    """Can a health factor be reckoned? The weighted collateral, in percent of wads, is divided by the debt."""
    sums = position.sums
    return max(sums.weighted_threshold, sums.weighted_ltv, sums.debt * PERCENTAGES) * WAD < WORD // 2
