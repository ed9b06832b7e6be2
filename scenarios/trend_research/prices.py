"""Oracle prints made from exchange candles.

Every four hours give four prints of WETH: open, low and high in an order, close. Assets that follow WETH or BTC are
priced by a constant ratio, the others by a straight line through each day; stablecoins keep the price they start with.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from ..units import BPS, WAD, moment, timestamp, to_price
from .parameters import ReplayParameters
from .timeline import KLINE, Kline, Timeline

Kind = Literal["open", "low", "high", "close", "shock"]

SECONDS_A_DAY = 86_400


class Print(NamedTuple):
    """The oracle at a moment: prices with 8 decimals of every asset that moves."""

    time: int
    kind: Kind
    prices: dict[str, int]


def price_path(timeline: Timeline, parameters: ReplayParameters) -> list[Print]:
    """Make all prints from the first milestone to the last, in order of time, no two at the same second."""
    points: list[tuple[int, Kind, Decimal]] = []
    for kline in timeline.klines():
        points += _points(kline, parameters)
    if parameters.shock is not None:
        points.append((timestamp(parameters.shock.time), "shock", parameters.shock.weth_usd))
        points.sort(key=lambda point: point[0])
    times = [time for time, _, _ in points]
    if len(set(times)) != len(times) or times[0] != timestamp(timeline.start) or times[-1] > timestamp(timeline.end):
        raise ValueError("the shock must lie between the start and the end and not at the second of another print")
    return [Print(time, kind, _prices(timeline, time, weth)) for time, kind, weth in points]


def _points(kline: Kline, parameters: ReplayParameters) -> list[tuple[int, Kind, Decimal]]:
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
        (start, "open", kline.open),
        (start + length // 3, first, at_first),
        (start + 2 * length // 3, second, at_second),
        (start + length - 1, "close", kline.close),
    ]


def _low_comes_first(kline: Kline, parameters: ReplayParameters) -> bool:
    if parameters.intra_candle_order == "by_direction":
        return kline.close >= kline.open
    return parameters.intra_candle_order == "low_first"


def _prices(timeline: Timeline, time: int, weth: Decimal) -> dict[str, int]:
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
