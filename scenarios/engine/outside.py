"""A market and what is outside it: paths of prices, venues, oracles, the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from pooltwin.protocol import Market
from pooltwin.protocol.address import Address

from ..oracles.chain import Chain
from ..paths.path import Path
from ..units import PRICE_UNIT
from ..venues.curves import Flat
from ..venues.venue import SingleVenue, Venue
from .phase import SECONDS_A_BLOCK
from .reads import Reads
from .record import Record

AT_REST = Fraction(1, 10**6)
"""A venue that has refilled to within a millionth of its outside price is taken to be at rest by those who look."""


class Outside(Reads):
    """A market with its surroundings, as they are at one moment."""

    def __init__(
        self,
        market: Market,
        *,
        prices: Mapping[str, Path],
        oracles: Mapping[str, Chain],
        venues: Mapping[str, Venue],
        follows: Mapping[str, str],
        seed: int,
    ) -> None:
        """Take everything by the keys of assets. Raises KeyError for one that is not listed, or that lacks a path."""
        self.market, self.seed = market, seed
        self.first_block, self.first_time = market.chain.number, market.chain.time
        self.record = Record()
        self.names: dict[Address, str] = {}
        """What accounts are called in the record: agents, and contracts that act for them."""
        self.paths = {asset: path for asset, path in sorted(prices.items()) if market.asset(asset)}
        self.venues = {asset: venue for asset, venue in sorted(venues.items()) if market.asset(asset)}
        self.follows = {asset: other for asset, other in follows.items() if self.paths[asset] and self.paths[other]}
        self.sold: set[str] = set()
        """The assets that were traded at their venues since somebody last looked."""
        self._venue_times = dict.fromkeys(self.venues, self.time)
        self._venue_prices: dict[str, Fraction] = {}
        for asset, chain in oracles.items():
            if asset not in self.paths or (chain.reads and chain.reads not in self.paths):
                raise KeyError(f"the oracle of {asset} needs a path of prices of {chain.reads or asset}")
        self.oracles = {
            asset: oracles[asset] if asset in oracles else Chain((), 0, self.raw_price(asset)) for asset in self.paths
        }
        self._inputs = {asset: tuple(self._inputs_of(asset)) for asset in self.paths}

    @property
    def second(self) -> int:
        """The seconds since the first block."""
        return self.time - self.first_time

    def block_at(self, second: int) -> int:
        """Tell the first block at or after a second since the first block."""
        return self.first_block + -(-second // SECONDS_A_BLOCK)

    def time_of(self, block: int) -> int:
        """Tell the time of a block."""
        return self.first_time + (block - self.first_block) * SECONDS_A_BLOCK

    # --- prices outside ---------------------------------------------------------------------------------------------

    def raw_price(self, asset: str) -> Fraction:
        """Tell what a whole token brings outside now, in dollars, if very little of it is sold."""
        return self.venue(asset).price() if asset in self.venues else self.outside_price(asset)

    def outside_price(self, asset: str) -> Fraction:
        """Tell the price outside without what was sold of the asset itself: by its path, else the pool's.

        An asset that follows another is dearer or cheaper as that is by what was sold of it.
        """
        path = self.paths.get(asset)
        if path is None:
            return Fraction(self.price(asset), PRICE_UNIT)
        price, other = path.price(self.second), self.follows.get(asset)
        if other is None:
            return price
        without = self.paths[other].price(self.second)
        return price * self.raw_price(other) / without if without else price

    def venue(self, asset: str) -> Venue:
        """Get the venue of an asset as it is now; one of infinite depth at the outside price where it has none."""
        venue = self.venues.get(asset)
        if venue is None:
            return SingleVenue(Flat(), self.decimals(asset), self.outside_price(asset))
        elapsed, price = self.time - self._venue_times[asset], self.outside_price(asset)
        if elapsed:
            venue.advance(elapsed)
            self._venue_times[asset] = self.time
        if price != self._venue_prices.get(asset):
            venue.reprice(price)
            self._venue_prices[asset] = price
        return venue

    def units(self, asset: str, dollars: Fraction) -> int:
        """Tell how many units of an asset so many dollars are worth outside, rounded down. Raises ValueError at 0."""
        price = self.raw_price(asset)
        if not price:
            raise ValueError(f"{asset} is worth nothing outside")
        return int(dollars * 10 ** self.decimals(asset) / price // 1)

    # --- what prices hang on ----------------------------------------------------------------------------------------

    def _inputs_of(self, asset: str) -> Iterator[str]:
        """List the assets whose paths and venues an asset's prices, outside and told, hang on."""
        seen: set[str] = set()
        rest: list[str | None] = [asset, self.oracles[asset].reads]
        while rest:
            each = rest.pop()
            if each is not None and each not in seen:
                seen.add(each)
                yield each
                rest.append(self.follows.get(each))

    def hang_on(self, assets: set[str]) -> list[str]:
        """List the assets whose prices hang on any of these."""
        return [asset for asset, inputs in self._inputs.items() if not assets.isdisjoint(inputs)]

    def next_look(self, asset: str) -> int | None:
        """Say the next block in which an asset's prices may be new, if nobody sells; None for never."""
        blocks = [self.block_at(second) for other in self._inputs[asset] if (second := self._next_second(other))]
        due = self.oracles[asset].next_block()
        if due is not None:
            blocks.append(self.first_block + due)
        if any(self._is_refilling(other) for other in self._inputs[asset]):
            blocks.append(self.block + 1)
        return max(self.block + 1, min(blocks)) if blocks else None

    def _next_second(self, asset: str) -> int | None:
        return self.paths[asset].next_second(self.second)

    def _is_refilling(self, asset: str) -> bool:
        if asset not in self.venues:
            return False
        venue = self.venue(asset)
        return not venue.is_settled and abs(venue.factor() - 1) > AT_REST
