"""Basis-point arithmetic, one function per rounding. Guards revert without data. Solidity: `PercentageMath`."""

from __future__ import annotations

from ..errors import EmptyRevert
from .uint import MAX_UINT256

PERCENTAGE_FACTOR = 10_000
HALF_PERCENTAGE_FACTOR = 5_000

_OVERFLOW = "percentage arithmetic overflows"
_DIVISION = "percentage division by zero or overflow"


def percent_mul(value: int, percentage: int) -> int:
    """`value * percentage / 10000`, rounded half up."""
    product = value * percentage + HALF_PERCENTAGE_FACTOR
    if product > MAX_UINT256:
        raise EmptyRevert(_OVERFLOW)
    return product // PERCENTAGE_FACTOR


def percent_mul_floor(value: int, percentage: int) -> int:
    """`value * percentage / 10000`, rounded down."""
    product = value * percentage
    if product > MAX_UINT256:
        raise EmptyRevert(_OVERFLOW)
    return product // PERCENTAGE_FACTOR


def percent_mul_ceil(value: int, percentage: int) -> int:
    """`value * percentage / 10000`, rounded up."""
    product = value * percentage
    if product > MAX_UINT256:
        raise EmptyRevert(_OVERFLOW)
    return -(-product // PERCENTAGE_FACTOR)


def percent_div(value: int, percentage: int) -> int:
    """`value * 10000 / percentage`, rounded half up."""
    numerator = value * PERCENTAGE_FACTOR + percentage // 2
    if percentage == 0 or numerator > MAX_UINT256:
        raise EmptyRevert(_DIVISION)
    return numerator // percentage


def percent_div_floor(value: int, percentage: int) -> int:
    """`value * 10000 / percentage`, rounded down."""
    numerator = value * PERCENTAGE_FACTOR
    if percentage == 0 or numerator > MAX_UINT256:
        raise EmptyRevert(_DIVISION)
    return numerator // percentage


def percent_div_ceil(value: int, percentage: int) -> int:
    """`value * 10000 / percentage`, rounded up."""
    numerator = value * PERCENTAGE_FACTOR
    if percentage == 0 or numerator > MAX_UINT256:
        raise EmptyRevert(_DIVISION)
    return -(-numerator // percentage)
