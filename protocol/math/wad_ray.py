"""Wad (18 decimals) and ray (27 decimals) arithmetic.

One function per rounding: half-up, floor, ceil. Every guard that fails reverts without data, as the assembly does.
Solidity: `WadRayMath`.
"""

from __future__ import annotations

from ..errors import EmptyRevert
from .uint import MAX_UINT256

WAD = 10**18
RAY = 10**27
HALF_RAY = RAY // 2
WAD_RAY_RATIO = 10**9

_MAX_HALF_UP_PRODUCT = MAX_UINT256 - HALF_RAY
_MAX_RAY_NUMERATOR = MAX_UINT256 // RAY
_OVERFLOW = "ray arithmetic overflows"
_DIVISION = "ray division by zero or overflow"


def ray_mul(a: int, b: int) -> int:
    """`a * b / RAY`, rounded half up."""
    product = a * b
    if product > _MAX_HALF_UP_PRODUCT:
        raise EmptyRevert(_OVERFLOW)
    return (product + HALF_RAY) // RAY


def ray_mul_floor(a: int, b: int) -> int:
    """`a * b / RAY`, rounded down."""
    product = a * b
    if product > MAX_UINT256:
        raise EmptyRevert(_OVERFLOW)
    return product // RAY


def ray_mul_ceil(a: int, b: int) -> int:
    """`a * b / RAY`, rounded up."""
    product = a * b
    if product > MAX_UINT256:
        raise EmptyRevert(_OVERFLOW)
    return -(-product // RAY)


def ray_div(a: int, b: int) -> int:
    """`a * RAY / b`, rounded half up."""
    half = b // 2
    numerator = a * RAY + half
    if b == 0 or numerator > MAX_UINT256:
        raise EmptyRevert(_DIVISION)
    return numerator // b


def ray_div_floor(a: int, b: int) -> int:
    """`a * RAY / b`, rounded down."""
    if b == 0 or a > _MAX_RAY_NUMERATOR:
        raise EmptyRevert(_DIVISION)
    return a * RAY // b


def ray_div_ceil(a: int, b: int) -> int:
    """`a * RAY / b`, rounded up."""
    if b == 0 or a > _MAX_RAY_NUMERATOR:
        raise EmptyRevert(_DIVISION)
    return -(-a * RAY // b)


def wad_div(a: int, b: int) -> int:
    """`a * WAD / b`, rounded half up."""
    numerator = a * WAD + b // 2
    if b == 0 or numerator > MAX_UINT256:
        raise EmptyRevert("wad division by zero or overflow")
    return numerator // b


def mul_div_ceil(a: int, b: int, c: int) -> int:
    """`a * b / c`, rounded up. Solidity: `MathUtils.mulDivCeil`."""
    product = a * b
    if c == 0 or product > MAX_UINT256:
        raise EmptyRevert("division by zero or overflow")
    return -(-product // c)


def wad_to_ray(a: int) -> int:
    """A wad as a ray. Reverts without data on overflow."""
    if a > MAX_UINT256 // WAD_RAY_RATIO:
        raise EmptyRevert(_OVERFLOW)
    return a * WAD_RAY_RATIO
