"""The market outside the pool on which WETH is sold, and the price that it gives the oracle.

Recorded prices contain what the firm really sold. On a market with depth their modelled impact is therefore added back
first, and then what the replay sells moves the price. Where that is what was really sold, it is the recorded price.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from fractions import Fraction

from ..units import PRICE_UNIT, WAD
from ..venues.counterfactual import without_sales
from ..venues.curves import ConstantProduct, Curve, SquareRoot, cube_root_below
from ..venues.venue import SingleVenue
from .parameters import ReplayParameters

SECONDS_A_BLOCK = 12

SAME = Fraction(1, 10**12)
"""Two prices that differ by less, as a share of them, are one: prices have 8 decimals."""


def curve_of(model: str, depth: Fraction) -> Curve:
    """Make the law of impact that takes so many dollars until the price has fallen by 2%."""
    if model == "constant product":
        return ConstantProduct(depth)
    # 1 / (1 + strength * sqrt(depth) / 3)**3 is to be 0.98
    return SquareRoot(3 * (cube_root_below(Fraction(100, 98)) - 1), Fraction(1), depth)


def venue_of(parameters: ReplayParameters, price: Fraction) -> SingleVenue | None:
    """Open the venue that the parameters describe, at rest; None without a depth."""
    if parameters.weth_depth_usd is None:
        return None
    curve = curve_of(parameters.impact_model, Fraction(parameters.weth_depth_usd))
    return SingleVenue(curve, 18, price, parameters.depth_refill_half_life_minutes * 60)


def added_back(
    recorded: Iterable[tuple[int, Fraction]], real_sales: Mapping[int, int], parameters: ReplayParameters
) -> dict[int, Fraction]:
    """Add the impact of real sales (wei by second) back to recorded prices by second; nothing without a depth.

    In the block after a sale the recorded price still stands, although something was sold: that is told as well.
    """
    prices = dict(recorded)
    if not prices:
        return {}
    venue = venue_of(parameters, next(iter(prices.values())))
    if venue is None:
        return {}
    times = sorted(prices)
    for sale in real_sales:
        earlier, later = bisect_right(times, sale), sale + SECONDS_A_BLOCK
        if earlier and bisect_right(times, later) == earlier:
            prices[later] = prices[times[earlier - 1]]
    prices = dict(sorted(prices.items()))
    return {price.second: price.price for price in without_sales(prices.items(), sorted(real_sales.items()), venue)}


class WethMarket:
    """WETH against dollars, with the depth of the parameters; without one nothing moves the price."""

    def __init__(self, parameters: ReplayParameters, price: Fraction, time: int) -> None:
        self.time = time
        self.raw = price
        """The price outside as it is recorded, given or invented."""
        self.venue = venue_of(parameters, price)

    @property
    def has_depth(self) -> bool:
        """Whether sales move the price at all."""
        return self.venue is not None

    def move_to(self, time: int) -> None:
        """Let time pass: part of what was sold has been bought back by others."""
        if self.venue is not None:
            self.venue.advance(time - self.time)
        self.time = time

    def reprice(self, price: Fraction, outside: Fraction | None = None) -> None:
        """Take a new price, and what it would be without anybody's sales; by default it holds the replay's own."""
        self.raw = price
        if self.venue is not None:
            self.venue.reprice(price / self.venue.factor() if outside is None else outside)

    @property
    def outside(self) -> Fraction:
        """The price without anybody's sales."""
        return self.raw if self.venue is None else self.venue.outside

    @property
    def price(self) -> Fraction:
        """The price with what the replay sold."""
        return self.raw if self.venue is None else self.venue.price()

    @property
    def price_base(self) -> int:
        """The same with 8 decimals, rounded half up."""
        return int(self.price * PRICE_UNIT + Fraction(1, 2))

    @property
    def is_as_it_was(self) -> bool:
        """Whether the price is the recorded, given or invented one."""
        return abs(self.price - self.raw) < SAME * self.raw

    @property
    def is_pushed(self) -> bool:
        """Whether anything that the replay sold still shows in the price."""
        return self.venue is not None and 1 - self.venue.factor() >= SAME

    def quote(self, weth: int) -> Fraction:
        """Tell the dollars that selling so many wei of WETH would bring. Changes nothing."""
        return Fraction(weth, WAD) * self.raw if self.venue is None else self.venue.quote(weth)

    def sellable(self, price: Fraction) -> int | None:
        """Tell how many wei of WETH can be sold until its price has come down to this one; None if nothing ends it."""
        return None if self.venue is None else self.venue.sellable(price)

    def sell(self, weth: int) -> Fraction:
        """Sell so many wei of WETH: the dollars they bring."""
        return self.quote(weth) if self.venue is None else self.venue.sell(weth)
