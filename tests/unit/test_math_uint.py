"""Checked integers against Solidity 0.8's rules, said once more."""

from typing import Any

import pytest
from hypothesis import example, given
from pooltwin.protocol.errors import Panic, Revert, SafeCastOverflowedUintDowncast
from pooltwin.protocol.math import uint

from .numbers import MAX_UINT256, uints


def _outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Revert as revert:
        return type(revert), revert.args


@given(uints(), uints())
@example(MAX_UINT256, 0)
@example(MAX_UINT256, 1)
@example(MAX_UINT256 - 1, 1)
def test_add(a: int, b: int) -> None:
    expected = a + b if a + b < 2**256 else (Panic, (0x11,))
    assert _outcome(uint.add, a, b) == expected


@given(uints(), uints())
@example(0, 0)
@example(0, 1)
@example(1, 1)
def test_sub(a: int, b: int) -> None:
    expected = a - b if a >= b else (Panic, (0x11,))
    assert _outcome(uint.sub, a, b) == expected


@given(uints(), uints())
@example(2**128, 2**128)
@example(2**128, 2**128 - 1)
@example(MAX_UINT256, 1)
@example(MAX_UINT256, 0)
def test_mul(a: int, b: int) -> None:
    expected = a * b if a * b < 2**256 else (Panic, (0x11,))
    assert _outcome(uint.mul, a, b) == expected


@given(uints(), uints())
@example(0, 0)
@example(MAX_UINT256, 1)
def test_div(a: int, b: int) -> None:
    expected = int(a // b) if b else (Panic, (0x12,))
    assert _outcome(uint.div, a, b) == expected


@given(uints(2**128 - 1), uints(2**128 - 1))
@example(2**128 - 1, 0)
@example(2**128 - 1, 1)
def test_add128(a: int, b: int) -> None:
    expected = a + b if a + b < 2**128 else (Panic, (0x11,))
    assert _outcome(uint.add128, a, b) == expected


@pytest.mark.parametrize(("cast", "bits"), [(uint.to_uint128, 128), (uint.to_uint120, 120)])
@given(value=uints())
@example(value=2**128 - 1)
@example(value=2**128)
@example(value=2**120 - 1)
@example(value=2**120)
def test_casts(cast: Any, bits: Any, value: int) -> None:
    expected = value if value < 2**bits else (SafeCastOverflowedUintDowncast, (bits, value))
    assert _outcome(cast, value) == expected
