"""The standing of an account: its position in dollars at the pool's prices, exact."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.answers.holdings import sides_of
from pooltwin.protocol.answers.search import last
from pooltwin.protocol.state import bitmaps

from ..engine.world import World
from ..units import BPS, PRICE_UNIT, WAD


class Standing(NamedTuple):
    """A position: dollars, and the collateral weighted by its liquidation thresholds."""

    collateral: Fraction
    debt: Fraction
    weighted: Fraction
    """The health factor is this by the debt."""

    @property
    def leverage(self) -> Fraction | None:
        """Collateral by own money; None where nothing is owned."""
        own = self.collateral - self.debt
        return self.collateral / own if own > 0 else None


def standing_of(world: World, who: Address) -> Standing:
    """Read the standing of an account."""
    data = world.account_data(who)
    collateral, debt = (Fraction(value, PRICE_UNIT) for value in (data.total_collateral_base, data.total_debt_base))
    if debt:
        return Standing(collateral, debt, debt * data.health_factor / WAD)
    return Standing(collateral, debt, collateral * data.current_liquidation_threshold / BPS)


def threshold_of(world: World, who: Address, asset: str) -> Fraction:
    """Tell with which liquidation threshold an account's collateral counts; without any, with which it would.

    The latter is the reserve's own, outside of e-modes.
    """
    where = world.market.asset(asset)
    sides = [side for side in sides_of(world.market.pool, who) if side.asset == where and not side.is_debt]
    own = bitmaps.liquidation_threshold(world.market.pool.reserves[where].configuration)
    return Fraction(sides[0].threshold if sides else own, BPS)


def units_of(world: World, asset: str, dollars: Fraction) -> int:
    """Tell how many units are worth so many dollars at the pool's price, rounded down."""
    return int(dollars * PRICE_UNIT * 10 ** world.decimals(asset) / world.price(asset) // 1)


def most_for(budget: Fraction, cost: Callable[[int], Fraction], guess: int) -> int:
    """Find the largest amount that costs at most a budget; `guess` is about where it lies, or above."""
    return last(1, 2 * guess + 1, lambda amount: cost(amount) <= budget, guess)
