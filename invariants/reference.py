"""Integer arithmetic as the laws understand it, written from its definition and sharing nothing with the engine.

A fault in the engine's arithmetic must not hide behind itself, so nothing here is imported from `protocol.math` or
`protocol.logic`.
"""

from __future__ import annotations

RAY = 10**27
WAD = 10**18
BPS = 10_000
YEAR = 31_536_000
NO_DEBT_HEALTH = 2**256 - 1
EVERYTHING = 2**256 - 1


def floor(a: int, b: int, c: int) -> int:
    """Round `a * b / c` down."""
    return a * b // c


def ceil(a: int, b: int, c: int) -> int:
    """Round `a * b / c` up."""
    return -(-a * b // c)


def half_up(a: int, b: int, c: int) -> int:
    """Round `a * b / c` to the nearest, halves up."""
    return (2 * a * b + c) // (2 * c)


def linear_growth(rate: int, seconds: int) -> int:
    """Reckon `1 + rate * time`, a ray."""
    return RAY + rate * seconds // YEAR


def compound_growth(rate: int, seconds: int) -> int:
    """Reckon `1 + x + x**2 / 2 + x**3 / 6` with `x = rate * time`, a ray. From v3.4 on."""
    x = rate * seconds // YEAR
    return RAY + x + half_up(x, x // 2 + half_up(x, x // 6, RAY), RAY)


def binomial_growth(rate: int, seconds: int) -> int:
    """Reckon the first terms of `(1 + rate per second) ** seconds`, a ray. Until v3.3."""
    if seconds == 0:
        return RAY
    squared = half_up(rate, rate, RAY) // (YEAR * YEAR)
    cubed = half_up(squared, rate, RAY) // YEAR
    second = seconds * (seconds - 1) * squared // 2
    third = seconds * (seconds - 1) * max(seconds - 2, 0) * cubed // 6
    return RAY + rate * seconds // YEAR + second + third
