"""Compound interest by the binomial formula. Solidity: `MathUtils`, until v3.3."""

from __future__ import annotations

from ...math.interest import SECONDS_PER_YEAR
from ...math.uint import add, mul
from ...math.wad_ray import RAY, ray_mul


def compounded_interest(rate_ray: int, elapsed_seconds: int) -> int:
    """Growth factor of the debt index: the first four binomial terms of `(1 + rate / year) ** seconds`, until v3.3."""
    if elapsed_seconds == 0:
        return RAY
    minus_one, minus_two = elapsed_seconds - 1, max(elapsed_seconds - 2, 0)
    square = ray_mul(rate_ray, rate_ray) // (SECONDS_PER_YEAR * SECONDS_PER_YEAR)
    cube = ray_mul(square, rate_ray) // SECONDS_PER_YEAR
    second_term = mul(elapsed_seconds * minus_one, square) // 2
    third_term = mul(elapsed_seconds * minus_one * minus_two, cube) // 6
    return add(add(RAY + rate_ray * elapsed_seconds // SECONDS_PER_YEAR, second_term), third_term)
