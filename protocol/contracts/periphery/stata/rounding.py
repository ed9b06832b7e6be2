"""Products of two words divided by a third. Solidity: OpenZeppelin 5.1 `Math.mulDiv`."""

from __future__ import annotations

from ....errors import PANIC_DIVISION_BY_ZERO, PANIC_OVERFLOW, Panic
from ....math.uint import MAX_UINT256, add


def mul_div(a: int, b: int, denominator: int) -> int:
    """`a * b / denominator`, rounded down. Raises Panic(0x12) for a zero denominator, Panic(0x11) beyond a word."""
    if denominator == 0:
        raise Panic(PANIC_DIVISION_BY_ZERO)
    result = a * b // denominator
    if result > MAX_UINT256:
        raise Panic(PANIC_OVERFLOW)
    return result


def mul_div_ceil(a: int, b: int, denominator: int) -> int:
    """The same, rounded up."""
    return add(mul_div(a, b, denominator), int(a * b % denominator > 0))
