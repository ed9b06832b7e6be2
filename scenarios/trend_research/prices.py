"""Oracle prints made from exchange candles.

Every four hours give four prints of WETH: open, low and high in an order, close. Assets that follow WETH or BTC are
priced by a constant ratio, the others by a straight line through each day; stablecoins keep the price they start with.
Prices of WETH can be given instead, and one can be invented.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from ..formatting import day_time
from ..units import BPS, WAD, moment, timestamp, to_price
from .parameters import GivenPrice, PriceShock, ReplayParameters
from .timeline import KLINE, Kline, Timeline

Kind = Literal["open", "low", "high", "close", "shock", "given", "follow"]
"""What a print is: one of a candle, invented, given, or the oracle following what liquidators sold."""
Origin = Literal["recorded", "invented", "given", "added back", "simulated"]
"""Where a price comes from: the exchange's candles, the parameters, a file of prices; the candles without the modelled
impact of the real sales; or a market that what was sold in the replay moves."""

SECONDS_A_DAY = 86_400


class Point(NamedTuple):
    """A price of WETH at a moment."""

    time: int
    kind: Kind
    weth_usd: Decimal
    origin: Origin


class Print(NamedTuple):
    """The oracle at a moment: prices with 8 decimals of every asset that moves."""

    time: int
    kind: Kind
    prices: dict[str, int]
    origin: Origin
    weth_usd: Fraction
    """The price of WETH before any rounding."""


def price_path(timeline: Timeline, parameters: ReplayParameters) -> list[Print]:
    """Make all prints from the first milestone to the last, in order of time, no two at the same second.

    Raises ValueError for a shock or a given price outside the replay, and for two prints at one second.
    """
    points = [point for kline in timeline.klines() for point in _points(kline, parameters)]
    if parameters.prices:
        points = _with_given(points, parameters.prices, timeline)
    if parameters.shock is not None:
        points = _with_shock(points, parameters.shock, timeline)
    return [
        Print(
            time=point.time,
            kind=point.kind,
            prices=prices_at(timeline, point.time, point.weth_usd),
            origin=point.origin,
            weth_usd=Fraction(point.weth_usd),
        )
        for point in points
    ]


def _with_given(points: list[Point], given: tuple[GivenPrice, ...], timeline: Timeline) -> list[Point]:
    """Put given prices in place of the candles; at each close the price in force is printed, since the owner acts then.

    A given price at the second of a close is that close.
    """
    ours = {timestamp(price.time): price.weth_usd for price in given}
    for number, time in enumerate(ours, start=1):
        _inside(f"prices[{number}]", time, timeline)
    first = min(ours)
    closes = [point.time for point in points if point.kind == "close" and point.time >= first]
    path = [point for point in points if point.time < first]
    price = ours[first]
    for time in sorted({*ours, *closes}):
        price = ours.get(time, price)
        path.append(Point(time, "close" if time in closes else "given", price, "given"))
    return path


def _with_shock(points: list[Point], shock: PriceShock, timeline: Timeline) -> list[Point]:
    time = timestamp(shock.time)
    _inside("shock", time, timeline)
    for point in points:
        if point.time == time:
            raise ValueError(
                f"shock: {day_time(time)} ({shock.time.isoformat()}) is the very second of another print, the"
                f" {point.kind} at {point.weth_usd:,}; a second later will do"
            )
    return sorted([*points, Point(time, "shock", shock.weth_usd, "invented")])


def _inside(what: str, time: int, timeline: Timeline) -> None:
    start, end = timestamp(timeline.start), timestamp(timeline.end)
    if not start <= time <= end:
        raise ValueError(
            f"{what}: {moment(time):%Y-%m-%d %H:%M} UTC lies outside the replay, which goes from"
            f" {moment(start):%Y-%m-%d %H:%M} to {moment(end):%Y-%m-%d %H:%M} UTC"
        )


def _points(kline: Kline, parameters: ReplayParameters) -> list[Point]:
    """The open at the start, the extremes one and two thirds through, the close in the last second of the candle."""
    start, length = timestamp(kline.start), int(KLINE.total_seconds())
    body_low, body_high = min(kline.open, kline.close), max(kline.open, kline.close)
    low = body_low - (body_low - kline.low) * parameters.oracle_wick_bps / BPS
    high = body_high + (kline.high - body_high) * parameters.oracle_wick_bps / BPS
    extremes: list[tuple[Kind, Decimal]] = [("low", low), ("high", high)]
    if not _low_comes_first(kline, parameters):
        extremes.reverse()
    (first, at_first), (second, at_second) = extremes
    return [
        Point(start, "open", kline.open, "recorded"),
        Point(start + length // 3, first, at_first, "recorded"),
        Point(start + 2 * length // 3, second, at_second, "recorded"),
        Point(start + length - 1, "close", kline.close, "recorded"),
    ]


def _low_comes_first(kline: Kline, parameters: ReplayParameters) -> bool:
    if parameters.intra_candle_order == "by_direction":
        return kline.close >= kline.open
    return parameters.intra_candle_order == "low_first"


def prices_at(timeline: Timeline, time: int, weth: Decimal | Fraction) -> dict[str, int]:
    """Make the prices of all assets that move, with WETH at a price; 8 decimals."""
    exact = {"WETH": Fraction(weth)}
    for symbol in timeline.daily_prices:
        exact[symbol] = _daily_price(timeline, symbol, time)
    for symbol, ratio in timeline.price_ratios.items():
        exact[symbol] = exact[ratio.base] * ratio.per_unit_raw / WAD
    return {symbol: to_price(price) for symbol, price in exact.items()}


def _daily_price(timeline: Timeline, symbol: str, time: int) -> Fraction:
    """Interpolate between the day's open and its close. Raises ValueError for a day without a price."""
    day = moment(time).date()
    for row in timeline.daily_prices[symbol]:
        if row.date == day:
            midnight = timestamp(datetime(day.year, day.month, day.day, tzinfo=UTC))
            passed = Fraction(time - midnight, SECONDS_A_DAY)
            return Fraction(row.open) + (Fraction(row.close) - Fraction(row.open)) * passed
    raise ValueError(f"there is no price of {symbol} on {day}")
