"""Figures of a market that a book depends on: prices, indexes, thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pooltwin.invariants.reading.census import Census
from pooltwin.invariants.reading.moment import Moment
from pooltwin.invariants.reading.position import NoPriceError
from pooltwin.protocol.market import Market
from pooltwin.protocol.state import bitmaps

from ..units import RAY, ceil_div
from .errors import BookError


@dataclass(frozen=True)
class ReserveFigures:
    """One reserve as it is now."""

    symbol: str
    unit: int
    """Its smallest units in a whole token."""
    price: int
    """In base currency, 8 decimals; 0 where the oracle says none."""
    threshold_bps: int
    """The liquidation threshold outside of e-modes."""
    income_index: int
    """What a share of supply is worth, in ray."""
    debt_index: int
    """What a share of debt is worth, in ray."""
    debt_ceiling: int
    siloed: bool

    @property
    def decimals(self) -> int:
        """The decimals of the token."""
        return len(str(self.unit)) - 1

    def supply_shares(self, value: int) -> int:
        """Shares of supply that are worth so much base currency, rounded up."""
        return ceil_div(value * self.unit * RAY, self.price * self.income_index)

    def supply_value(self, shares: int) -> int:
        """Worth of shares of supply in base currency, rounded down."""
        return shares * self.income_index * self.price // (RAY * self.unit)

    def debt_value(self, shares: int) -> int:
        """Worth of shares of debt in base currency, rounded up."""
        return ceil_div(shares * self.debt_index * self.price, RAY * self.unit)


@dataclass(frozen=True)
class Category:
    """One e-mode category."""

    threshold_bps: int
    collateral: frozenset[str]
    borrowable: frozenset[str]
    common_price: int
    """The price that it has for all its assets; 0 for none. Until v3.0.2."""


@dataclass(frozen=True)
class MarketFigures:
    """A market as it is now."""

    reserves: Mapping[str, ReserveFigures]
    categories: Mapping[int, Category]
    from_average: bool = False
    """Is a health factor that of an average threshold, cut to a basis point? Until v3.4."""

    def reserve(self, symbol: str, who: str) -> ReserveFigures:
        """Get a reserve that somebody needs, with a price. Raises BookError, naming both."""
        found = self.reserves.get(symbol)
        if found is None:
            raise BookError(f"{who}: {symbol!r} is no reserve; reserves are {', '.join(self.reserves)}")
        if not found.price:
            raise BookError(f"{who}: the oracle has no price for {symbol}")
        return found

    def category(self, number: int, who: str) -> Category | None:
        """Get an e-mode category; None for 0. Raises BookError for one that the market does not have."""
        if number == 0:
            return None
        if number not in self.categories:
            there = ", ".join(map(str, self.categories)) or "none"
            raise BookError(f"{who}: the market has no e-mode category {number}; it has {there}")
        category = self.categories[number]
        if category.common_price:
            raise BookError(f"{who}: e-mode category {number} has a price of its own, which books do not reckon with")
        return category

    def threshold(self, symbol: str, e_mode: int) -> int:
        """The threshold of a collateral in a category, in basis points; 0 where it is no collateral."""
        category = self.categories.get(e_mode)
        if category is not None and symbol in category.collateral:
            return category.threshold_bps
        return self.reserves[symbol].threshold_bps


def figures_of(market: Market) -> MarketFigures:
    """Read a market's figures as they are now, on any release."""
    now = Moment(Census(market), {}, market.chain.time)
    views = {key: now.reserve(asset) for key, asset in market.assets.items()}

    def named(bitmap: int) -> frozenset[str]:
        return frozenset(key for key, view in views.items() if bitmap >> view.id & 1)

    reserves = {}
    for key, asset in market.assets.items():
        try:
            price = now.price(asset)
        except NoPriceError:
            price = 0
        view = views[key]
        reserves[key] = ReserveFigures(
            symbol=key,
            unit=10 ** bitmaps.decimals(view.configuration),
            price=price,
            threshold_bps=view.threshold,
            income_index=int(market.pool.get_reserve_normalized_income(asset)),
            debt_index=int(market.pool.get_reserve_normalized_variable_debt(asset)),
            debt_ceiling=view.debt_ceiling,
            siloed=bitmaps.is_siloed(view.configuration),
        )
    numbers = sorted(number for number, record in market.pool.e_modes.items() if record.liquidation_threshold)
    told = {number: now.category(number) for number in numbers}
    return MarketFigures(
        reserves,
        {
            number: Category(
                category.threshold,
                named(category.collateral_bitmap),
                named(category.borrowable_bitmap),
                now.common_price(number),
            )
            for number, category in told.items()
        },
        from_average=market.chain.revision.earlier is not None,
    )
