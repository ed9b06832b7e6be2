"""Candles, and ways through them: corners in order, or a seeded bridge that meets all four prices exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from ..draws import Draws
from ..units import Frozen, Number

Price = Annotated[Number, Field(ge=0)]

BRIDGE_DECIMALS = 8
"""Decimals of the prices on a bridge: those of an oracle."""

FEWEST_STEPS = 4
"""Steps of a candle that has room for its four prices."""

PRECISE = Context(prec=34, rounding=ROUND_HALF_EVEN)


class Candle(Frozen):
    """Open, high, low and close of one interval, in dollars."""

    open: Price = Field(description="The first price, in dollars.")
    high: Price = Field(description="The highest price, in dollars.")
    low: Price = Field(description="The lowest price, in dollars.")
    close: Price = Field(description="The last price, in dollars.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > min(self.open, self.close) or self.high < max(self.open, self.close):
            raise ValueError(f"low {self.low} and high {self.high} do not enclose open {self.open}, close {self.close}")
        return self


class Corner(NamedTuple):
    """One of the four prices, and the step of the candle at which it is met."""

    step: int
    price: Decimal


def corners(candle: Candle, steps: int) -> tuple[Corner, ...]:
    """Place the four prices by direction: a candle that rose went down first.

    The open is met at the first step, the extremes one and two thirds through, the close at the last step.
    """
    extremes = [candle.low, candle.high] if candle.close >= candle.open else [candle.high, candle.low]
    return _placed(candle, extremes, (steps // 3, 2 * steps // 3), steps)


def drawn_corners(candle: Candle, steps: int, draws: Draws) -> tuple[Corner, ...]:
    """Place the four prices by chance: the extremes in a drawn order at drawn steps between the first and the last."""
    extremes = draws.shuffled([candle.low, candle.high])
    first, second = 1 + draws.below(steps - 2), 1 + draws.below(steps - 3)
    second += second >= first
    return _placed(candle, extremes, (min(first, second), max(first, second)), steps)


def _placed(candle: Candle, extremes: list[Decimal], at: tuple[int, int], steps: int) -> tuple[Corner, ...]:
    inner = (Corner(step, price) for step, price in zip(at, extremes, strict=True))
    return Corner(0, candle.open), *inner, Corner(steps - 1, candle.close)


def bridge(candle: Candle, steps: int, draws: Draws) -> list[Decimal]:
    """Draw the price of each step: a Brownian bridge from corner to corner, folded back into the candle.

    Its variance over the candle is the one that a range of (high - low) tells of: the square of the range over 4 ln 2
    (Parkinson). Raises ValueError for fewer than four steps.
    """
    if steps < FEWEST_STEPS:
        raise ValueError(f"a bridge through four prices needs {FEWEST_STEPS} steps a candle, not {steps}")
    with localcontext(PRECISE):
        variance = (candle.high - candle.low) ** 2 / (Decimal(16).ln() * steps)
        prices = [candle.open]
        for here, there in pairwise(drawn_corners(candle, steps, draws)):
            for step in range(here.step + 1, there.step):
                left = Decimal(there.step - step)
                towards = prices[-1] + (there.price - prices[-1]) / (left + 1)
                spread = (variance * left / (left + 1)).sqrt()
                prices.append(_folded(towards + spread * draws.normal(), candle))
            prices.append(there.price)
    return prices


def _folded(price: Decimal, candle: Candle) -> Decimal:
    """The price reflected at low and high until it lies between them, with 8 decimals."""
    span = candle.high - candle.low
    if not span:
        return candle.low
    beyond = (price - candle.low) % (2 * span)
    beyond += 2 * span if beyond < 0 else 0
    inside = candle.low + min(beyond, 2 * span - beyond)
    return min(max(inside.quantize(Decimal(1).scaleb(-BRIDGE_DECIMALS)), candle.low), candle.high)
