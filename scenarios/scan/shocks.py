"""Shocks: prices that move at once, by parts of themselves or to other prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from ..units import to_units

Change = int | Fraction | str
"""A price with 8 decimals, a factor, or a text: "-20%" of the price, or "1800.50" dollars."""

Shock = Mapping[str, Change]
"""A change for each of some assets, by key."""


def factor_of(text: str) -> Fraction:
    """Read "-20%" as four fifths. Raises ValueError for what is no percentage, or less than -100%."""
    try:
        number = Decimal(text.removesuffix("%"))
        part = 1 + Fraction(number) / 100
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a percentage, as -20%") from None
    if not text.endswith("%") or part < 0:
        raise ValueError(f"{text!r} is not a percentage from -100% on, as -20%")
    return part


def changed(price: int | None, change: Change, name: str) -> int:
    """Change a price, rounded down to the unit. Raises ValueError, naming the asset, for what cannot be."""
    if isinstance(change, bool) or not isinstance(change, int | Fraction | str):
        raise ValueError(f"{name}: {change!r} is no price, no factor and no percentage")
    if isinstance(change, str) and not change.endswith("%"):
        return _dollars(change, name)
    if isinstance(change, int):
        if change < 0:
            raise ValueError(f"{name}: {change} is below zero")
        return change
    try:
        factor = factor_of(change) if isinstance(change, str) else change
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if factor < 0:
        raise ValueError(f"{name}: the factor {factor} is below zero")
    if price is None:
        raise ValueError(f"{name}: the oracle tells no price that could change by {change}")
    return price * factor.numerator // factor.denominator


def _dollars(text: str, name: str) -> int:
    try:
        price = to_units(Decimal(text), 8)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{name}: {text!r} is no percentage, as -20%, and no price in dollars") from None
    if price < 0:
        raise ValueError(f"{name}: {text} is below zero")
    return price


def shock_of(text: str) -> dict[str, str]:
    """Read a shock as a command is told it: "WETH=-20%", "WETH,wstETH=-20%", or several, as "WETH=-20%;DAI=+1%".

    Raises ValueError, quoting the part that is wrong.
    """
    shock: dict[str, str] = {}
    for part in text.split(";"):
        names, equals, change = part.partition("=")
        keys = [name.strip() for name in names.split(",") if name.strip()]
        if not equals or not keys or not change.strip():
            raise ValueError(f"{part.strip()!r} is no shock, as WETH=-20% or WETH,wstETH=-20%")
        for key in keys:
            if key in shock:
                raise ValueError(f"{text}: {key} is there twice")
            shock[key] = change.strip()
            changed(1, shock[key], key)
    return shock
