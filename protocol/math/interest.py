"""Interest over time. Rates are rays a year, elapsed time is whole seconds. Solidity: `MathUtils`."""

from __future__ import annotations

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
