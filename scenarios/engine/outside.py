"""A market and the world outside it: courses of prices, venues, the record. What hands act on and measurements read."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from pooltwin.protocol import Market

from ..units import PRICE_UNIT
from .protocols import PriceLine, Venue
from .reads import Reads
from .record import Record
from .unlimited import UnlimitedVenue


class Outside(Reads):
    """A market with its surroundings, as they are at one moment."""

    def __init__(self, market: Market, prices: Mapping[str, PriceLine], venues: Mapping[str, Venue], seed: int) -> None:
        """Take courses of prices and venues by the keys of assets. Raises KeyError for one that is not listed."""
        self.market, self.seed = market, seed
        self.record = Record()
        self.lines = {asset: line for asset, line in sorted(prices.items()) if market.asset(asset)}
        self.venues = {asset: venue for asset, venue in sorted(venues.items()) if market.asset(asset)}
        self.sold: set[str] = set()
        """The assets that were sold at their venues since somebody last looked."""
        self._venue_times = dict.fromkeys(self.venues, self.time)
        self._raw: dict[str, Fraction] = {}

    def raw_price(self, asset: str) -> Fraction:
        """Tell what a whole token brings outside now, in dollars: at its venue, else by its course."""
        if asset in self.venues:
            return self.venue(asset).price()
        return self._raw[asset] if asset in self._raw else Fraction(self.price(asset), PRICE_UNIT)

    def venue(self, asset: str) -> Venue:
        """Get the venue of an asset as it is now; without one, a sale brings the outside price without limit."""
        venue = self.venues.get(asset)
        if venue is None:
            return UnlimitedVenue(self.raw_price(asset), self.decimals(asset))
        elapsed = self.time - self._venue_times[asset]
        if elapsed:
            venue.advance(elapsed)
            self._venue_times[asset] = self.time
        return venue

    def units(self, asset: str, dollars: Fraction) -> int:
        """Tell how many units of an asset so many dollars are worth outside, rounded down."""
        return int(dollars * 10 ** self.decimals(asset) / self.raw_price(asset) // 1)
