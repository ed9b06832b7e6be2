"""The worth of a broken law: how many tokens of which asset the two figures lie apart, and how many dollars those are.

A law compares figures in units of its own. It names the unit where it compares, and whoever notes the break turns
the difference into tokens and money. A law whose figures are no amounts, as ratios and flags, names none.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import Enum
from typing import Any

BASE_DECIMALS = 8
"""Decimals of the base currency, in which the oracle answers: US dollars."""


HUGE = 10**15
"""Whole tokens, or dollars, from which on a number is not written out for people."""


class Unit(Enum):
    """Units of figures that laws compare and that are worth something."""

    WEI = "smallest units of the asset"
    SHARES = "shares of the aToken, each worth the liquidity index"
    DEBT_SHARES = "shares of debt, each worth the debt index"
    LIQUIDITY_INDEX = "ray: what a ray unit more or less is worth to all lenders and the treasury"
    DEBT_INDEX = "ray: what a ray unit more or less costs all borrowers"
    BASE = "base currency, 8 decimals"
    HEALTH = "health factor, a wad: the weighted collateral that makes the difference, health factor times debt"


@dataclass(frozen=True, slots=True)
class Worth:
    """Worth of a broken law: an amount of an asset, and its value at the market's own price at that time."""

    symbol: str
    """The asset's; empty where the figures are base currency already."""
    amount: int
    """In the asset's smallest unit, rounded up; in base currency where no asset is meant."""
    decimals: int
    base: int | None
    """In base currency (8 decimals), rounded up; None where the asset has no price."""

    def __str__(self) -> str:
        money = "no price" if self.base is None else in_dollars(self.base)
        return f"{in_tokens(self.amount, self.decimals, self.symbol)}, {money}" if self.symbol else money


@dataclass(frozen=True, slots=True)
class Minor:
    """The breaks of a law that are each worth less than is reported: how many, and the largest."""

    count: int = 0
    largest: Worth | None = None

    def __add__(self, other: Minor) -> Minor:
        """Count both together."""
        known = [worth for worth in (self.largest, other.largest) if worth is not None]
        return Minor(self.count + other.count, max(known, key=lambda worth: worth.base or 0, default=None))

    def to_json(self) -> list[Any]:
        """Return it as JSON data."""
        return [self.count, None if self.largest is None else list(astuple(self.largest))]

    @classmethod
    def from_json(cls, data: Any) -> Minor:
        """Back from JSON data."""
        count, largest = data
        return cls(count, None if largest is None else Worth(*largest))


def in_tokens(amount: int, decimals: int, symbol: str) -> str:
    """Write an amount in whole tokens: to the hundredth from one token on, to three digits below one.

    A whole number has no decimals. What is smaller than a millionth, or huge, is said to be that.
    """
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    unit = 10**decimals
    if amount >= HUGE * unit:
        return f"{sign}{_power(amount // unit)} {symbol}"
    places = 2 if amount >= unit else min(decimals, 6)
    if 0 < amount < unit and amount * 10**6 < unit:
        return f"under {sign}0.000001 {symbol}"
    if amount < unit:
        places = min(places, max(2, decimals - len(str(amount)) + 3))
    return f"{sign}{_rounded(amount, decimals, places, trimmed=True)} {symbol}"


def in_dollars(base: int) -> str:
    """Write an amount of base currency (8 decimals) as dollars and cents."""
    sign, base = ("-", -base) if base < 0 else ("", base)
    if base >= HUGE * 10**BASE_DECIMALS:
        return f"{sign}{_power(base // 10**BASE_DECIMALS)} USD"
    if 0 < base < 10 ** (BASE_DECIMALS - 2):
        return f"under {sign}0.01 USD"
    return f"{sign}{_rounded(base, BASE_DECIMALS, 2)} USD"


def _power(whole: int) -> str:
    """Write a huge number with the power of ten that it is above."""
    digits = len(str(whole)) - 1
    return f"over {whole // 10**digits}e{digits}"


def _rounded(amount: int, decimals: int, places: int, *, trimmed: bool = False) -> str:
    """Write an amount with some places after the point, to the nearest; `trimmed` of zeros at the end."""
    grain = 10 ** max(0, decimals - places)
    scaled = (2 * amount + grain) // (2 * grain) * 10 ** max(0, places - decimals)
    whole, part = divmod(scaled, 10**places)
    decimals_shown = f"{part:0{places}d}" if places else ""
    if trimmed and (not part or whole < 1):
        decimals_shown = decimals_shown.rstrip("0")
    return f"{whole:,}.{decimals_shown}" if decimals_shown else f"{whole:,}"
