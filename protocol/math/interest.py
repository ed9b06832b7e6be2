"""Interest over time. Rates are rays a year, elapsed time is whole seconds. Solidity: `MathUtils`."""

from __future__ import annotations

from .uint import add, mul
from .wad_ray import RAY, ray_mul

SECONDS_PER_YEAR = 31_536_000


def linear_interest(rate_ray: int, elapsed_seconds: int) -> int:
    """Growth factor of the liquidity index: `1 + rate * time`."""
    return RAY + rate_ray * elapsed_seconds // SECONDS_PER_YEAR  # a uint128 times a uint40 cannot overflow


def compounded_interest(rate_ray: int, elapsed_seconds: int) -> int:
    """Growth factor of the debt index: the first four terms of `e ** (rate * time)`, from v3.4 on."""
    if elapsed_seconds == 0:
        return RAY
    x = rate_ray * elapsed_seconds // SECONDS_PER_YEAR
    return RAY + x + ray_mul(x, x // 2 + ray_mul(x, x // 6))


def binomial_interest(rate_ray: int, elapsed_seconds: int) -> int:
    """Growth factor of the debt index: the first four binomial terms of `(1 + rate / year) ** seconds`, until v3.3."""
    if elapsed_seconds == 0:
        return RAY
    minus_one, minus_two = elapsed_seconds - 1, max(elapsed_seconds - 2, 0)
    square = ray_mul(rate_ray, rate_ray) // (SECONDS_PER_YEAR * SECONDS_PER_YEAR)
    cube = ray_mul(square, rate_ray) // SECONDS_PER_YEAR
    second_term = mul(elapsed_seconds * minus_one, square) // 2
    third_term = mul(elapsed_seconds * minus_one * minus_two, cube) // 6
    return add(add(RAY + rate_ray * elapsed_seconds // SECONDS_PER_YEAR, second_term), third_term)
