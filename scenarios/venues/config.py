"""Venues as a scenario file states them.

Depth and volume are dollars, whatever the asset costs: when its price falls, more tokens fit. A venue is opened with
`open`, given the decimals and the price of its asset.
"""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, TypeAdapter, model_validator

from ..plain_data import read_settings
from ..units import BPS, Frozen, Number
from .curves import ConstantProduct, Curve, DepthCurve, Flat, SquareRoot
from .several import SeveralVenues
from .venue import SingleVenue, Venue


class Single(Frozen):
    """A venue with one curve of impact, which may refill."""

    half_life_s: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="Seconds until half of what was sold has been bought back by others. Left out: nothing refills.",
    )

    @abstractmethod
    def curve(self) -> Curve:
        """Make the law of impact."""

    def open(self, decimals: int, price: Fraction) -> SingleVenue:
        """Open the venue of an asset with these decimals, at rest at a price in dollars a whole token."""
        return SingleVenue(self.curve(), decimals, price, self.half_life_s)


class InfiniteDepth(Single):
    """Nothing moves the price."""

    kind: Literal["infinite"] = Field(description="Infinite depth: every sale meets the outside price.")

    def curve(self) -> Curve:
        """Make the flat law."""
        return Flat()


class ConstantProductVenue(Single):
    """A pool of two assets, or an order book taken for one, by its depth of 2% on one side."""

    kind: Literal["constant_product"] = Field(description="A pool whose product of reserves stays the same.")
    depth_2pct_usd: Annotated[Number, Field(gt=0)] = Field(
        description="Dollars that can be sold until the price has fallen by 2%: one side of the book, not both."
    )

    def curve(self) -> Curve:
        """Make the pool."""
        return ConstantProduct(Fraction(self.depth_2pct_usd))


class DepthPoint(NamedTuple):
    """Dollars that can be sold until the price has fallen so far."""

    fall_bps: Annotated[int, Field(ge=1, lt=BPS, description="Fall of the price, in basis points.")]
    sold_usd: Annotated[Number, Field(gt=0, description="Dollars that can be sold until then, all counted.")]


class DepthCurveVenue(Single):
    """An order book by points, as exchanges publish it."""

    kind: Literal["depth_curve"] = Field(description="An order book, by points.")
    points: Annotated[tuple[DepthPoint, ...], Field(min_length=1, strict=False)] = Field(
        description="Pairs of fall (bps) and dollars that can be sold until then; both rise. "
        "Beyond the last pair the book goes on ever thinner."
    )

    @model_validator(mode="after")
    def _rise(self) -> Self:
        for number, (one, next_one) in enumerate(zip(self.points, self.points[1:], strict=False), 2):
            if next_one.fall_bps <= one.fall_bps or next_one.sold_usd <= one.sold_usd:
                raise ValueError(f"point {number} {tuple(map(str, next_one))} does not lie beyond the point before it")
        return self

    def _shares(self) -> list[tuple[Fraction, Fraction]]:
        return [(Fraction(point.fall_bps, BPS), Fraction(point.sold_usd)) for point in self.points]

    def curve(self) -> Curve:
        """Make the book."""
        return DepthCurve(self._shares())


class SquareRootVenue(Single):
    """Impact by the square-root law of large orders."""

    kind: Literal["square_root"] = Field(description="Square-root impact: Y x volatility x sqrt(sold / volume).")
    prefactor: Annotated[Number, Field(gt=0)] = Field(
        description="Y, which is 0.5 to 1.5 where it has been measured; a decimal number in quotes."
    )
    daily_volatility_bps: Annotated[int, Field(ge=1)] = Field(description="Volatility of a day, in basis points.")
    daily_volume_usd: Annotated[Number, Field(gt=0)] = Field(description="Dollars traded in a day.")

    def curve(self) -> Curve:
        """Make the law."""
        volatility = Fraction(self.daily_volatility_bps, BPS)
        return SquareRoot(Fraction(self.prefactor), volatility, Fraction(self.daily_volume_usd))


SingleVenueConfig = Annotated[
    InfiniteDepth | ConstantProductVenue | DepthCurveVenue | SquareRootVenue, Field(discriminator="kind")
]


class SeveralVenuesConfig(Frozen):
    """Venues side by side: every order is split so that it earns most, or costs least."""

    kind: Literal["several"] = Field(description="Several venues of one asset.")
    venues: Annotated[tuple[SingleVenueConfig, ...], Field(min_length=1, strict=False)] = Field(
        description="The venues, each with a depth and a refill of its own."
    )

    def open(self, decimals: int, price: Fraction) -> SeveralVenues:
        """Open all venues of an asset with these decimals, at rest at a price in dollars a whole token."""
        return SeveralVenues([each.open(decimals, price) for each in self.venues])


VenueConfig = Annotated[
    InfiniteDepth | ConstantProductVenue | DepthCurveVenue | SquareRootVenue | SeveralVenuesConfig,
    Field(discriminator="kind"),
]
"""Any venue of a scenario file, told by its `kind`; each has `open(decimals, price) -> Venue`."""


_VENUE: TypeAdapter[VenueConfig] = TypeAdapter(VenueConfig)


def open_venue(config: object, decimals: int, price: Fraction) -> Venue:
    """Open a venue by the data of a scenario file, as {"kind": "constant_product", "depth_2pct_usd": 110000000}.

    The asset has so many decimals, and costs a price in dollars a whole token. Raises ValueError, in words, for what is
    no venue.
    """
    venue: Venue = read_settings(_VENUE, config).open(decimals, price)
    return venue
