"""Checked unsigned integers: Solidity 0.8's `+`, `-`, `*` and OpenZeppelin's `SafeCast`."""

from __future__ import annotations

from ..errors import PANIC_DIVISION_BY_ZERO, PANIC_OVERFLOW, Panic, SafeCastOverflowedUintDowncast

MAX_UINT256 = 2**256 - 1
"""The largest number of the EVM; to many functions of the pool it means "everything"."""
MAX_UINT128 = 2**128 - 1
MAX_UINT120 = 2**120 - 1
MASK_40 = 2**40 - 1


def add(a: int, b: int) -> int:
    """`a + b`. Raises Panic(0x11) above 2**256 - 1."""
    total = a + b
    if total > MAX_UINT256:
        raise Panic(PANIC_OVERFLOW)
    return total


def sub(a: int, b: int, reason: str = "") -> int:
    """`a - b`. Raises Panic(0x11) below zero; `reason` are the caller's words for it."""
    if b > a:
        raise Panic(PANIC_OVERFLOW, reason)
    return a - b


def mul(a: int, b: int) -> int:
    """`a * b`. Raises Panic(0x11) above 2**256 - 1."""
    product = a * b
    if product > MAX_UINT256:
        raise Panic(PANIC_OVERFLOW)
    return product


def div(a: int, b: int) -> int:
    """`a / b`, rounded down. Raises Panic(0x12) when `b` is zero."""
    if b == 0:
        raise Panic(PANIC_DIVISION_BY_ZERO)
    return a // b


def add128(a: int, b: int) -> int:
    """`a + b` of two uint128. Raises Panic(0x11) above 2**128 - 1."""
    total = a + b
    if total > MAX_UINT128:
        raise Panic(PANIC_OVERFLOW)
    return total


def to_uint128(value: int) -> int:
    """A number that must fit in 128 bits. Raises SafeCastOverflowedUintDowncast. Solidity: `SafeCast.toUint128`."""
    if value > MAX_UINT128:
        raise SafeCastOverflowedUintDowncast(128, value)
    return value


def to_uint(bits: int, value: int) -> int:
    """A number that must fit in so many bits. Raises SafeCastOverflowedUintDowncast. Solidity: `SafeCast`."""
    if value >> bits:
        raise SafeCastOverflowedUintDowncast(bits, value)
    return value


def to_uint120(value: int) -> int:
    """A number that must fit in 120 bits. Raises SafeCastOverflowedUintDowncast. Solidity: `SafeCast.toUint120`."""
    if value > MAX_UINT120:
        raise SafeCastOverflowedUintDowncast(120, value)
    return value
