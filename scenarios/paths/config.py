"""Paths of outside prices as a scenario file states them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from ..units import Frozen, Number
from .candles import FEWEST_STEPS, Candle, Price

StepSeconds = Annotated[int, Field(ge=1)]
CANDLE_FILE_COLUMNS = ("open", "high", "low", "close")


class GivenPoint(NamedTuple):
    """A price from a second on."""

    second: Annotated[int, Field(description="Seconds since the scenario began.")]
    price: Annotated[Number, Field(ge=0, description="Dollars a whole token, or a ratio.")]


Points = Annotated[tuple[GivenPoint, ...], Field(strict=False)]


class ConstantPath(Frozen):
    """A price that never moves, as that of a stablecoin that holds."""

    kind: Literal["constant"] = Field(description="A price that never moves.")
    price: Price = Field(description="Dollars a whole token.")


class GivenPath(Frozen):
    """Prices as they are given, in the file or in a CSV file beside it."""

    kind: Literal["given"] = Field(description="Prices as they are given.")
    points: Points = Field(default=(), description="Pairs of second (since the scenario began) and dollars a token.")
    file: str | None = Field(
        default=None,
        description="Path of a CSV file, seen from the scenario file: a header `time,price`, `second,price` or "
        "`block,price`, then a line a price. A time is a moment with its time zone or seconds since 1970; seconds and "
        "blocks of 12 s count from the beginning of the scenario.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.points) == (self.file is not None):
            raise ValueError("a given path has either points or a file")
        return self


class CandlePath(Frozen):
    """Settings of a way through candles."""

    way: Literal["bridge", "corners"] = Field(
        default="bridge",
        description="bridge: a seeded random way that meets open, high, low and close exactly and never leaves the "
        "candle. corners: the four prices only, a candle that rose going down first.",
    )
    step_s: StepSeconds = Field(default=60, description="Seconds between two prices of a bridge.")


class HistoricalPath(CandlePath):
    """Four-hour candles of an exchange around an event, which ship with the program."""

    kind: Literal["historical"] = Field(description="Four-hour candles that ship with the program.")
    window: str = Field(description="The event, as crash-2025-10-10.")
    asset: Literal["ETH", "BTC", "LINK"] = Field(description="The asset of the candles, against USDT.")
    from_s: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Seconds into the window at which the scenario begins; a multiple of the candle's."
    )
    start_price: Price | None = Field(
        default=None, description="Dollars to begin with: all prices are scaled alike. Left out: as they were."
    )


class BridgePath(CandlePath):
    """Candles of one's own."""

    kind: Literal["bridge"] = Field(description="Candles of one's own.")
    candles: Annotated[tuple[Candle, ...], Field(strict=False)] = Field(
        default=(), description="Candles one after the other, from the beginning of the scenario on."
    )
    file: str | None = Field(
        default=None,
        description="Path of a CSV file, seen from the scenario file: a header `time,open,high,low,close` (or second, "
        "or block), then a line a candle, none missing; the first begins when the scenario does.",
    )
    candle_s: Annotated[int, Field(ge=FEWEST_STEPS)] = Field(description="Seconds of a candle.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.candles) == (self.file is not None):
            raise ValueError("a bridge has either candles or a file")
        if self.candle_s % self.step_s or self.candle_s < FEWEST_STEPS * self.step_s:
            raise ValueError(
                f"a candle of {self.candle_s} s is not {FEWEST_STEPS} or more whole steps of {self.step_s} s"
            )
        return self


class JumpDiffusionPath(Frozen):
    """Geometric Brownian motion with jumps, drawn from a stream of the asset's name."""

    kind: Literal["jump_diffusion"] = Field(description="Geometric Brownian motion with jumps.")
    start_price: Annotated[Number, Field(gt=0)] = Field(description="Dollars to begin with.")
    drift_yearly_bps: int = Field(default=0, description="Drift of the price without its jumps, in bps a year.")
    volatility_yearly_bps: Annotated[int, Field(ge=0)] = Field(description="Volatility in bps a year: 8000 is 80%.")
    jumps_yearly: Annotated[Number, Field(ge=0)] = Field(
        default=Decimal(0), description="Jumps a year, on average; drawn by Poisson's law."
    )
    jump_mean_bps: int = Field(default=0, description="Mean logarithm of a jump, in bps: -1000 falls by about 9.5%.")
    jump_volatility_bps: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Standard deviation of the logarithm of a jump, in bps."
    )
    step_s: StepSeconds = Field(default=60, description="Seconds between two prices.")
    correlations: dict[str, Annotated[Number, Field(ge=-1, le=1)]] = Field(
        default_factory=dict,
        description="Correlation of the shocks with those of other assets whose path is a jump diffusion with the same "
        "step; jumps are independent. Said once, by either asset; 0 where neither says any.",
    )


class FollowingPath(Frozen):
    """A ratio to the path of another asset, as a staked token has."""

    kind: Literal["follows"] = Field(description="A ratio to another asset's path.")
    asset: str = Field(description="The asset that is followed.")
    ratio: Annotated[Number, Field(ge=0)] = Field(description="Price as a multiple of the other asset's.")
    ratio_changes: Points = Field(
        default=(), description="Pairs of second (since the scenario began) and the ratio from then on: a depeg."
    )


PathConfig = Annotated[
    ConstantPath | GivenPath | HistoricalPath | BridgePath | JumpDiffusionPath | FollowingPath,
    Field(discriminator="kind"),
]
"""Any path of a scenario file, told by its `kind`; `build.build_paths` makes all paths of a scenario together."""
