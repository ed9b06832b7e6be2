"""Every rounding of ray, wad and percentage arithmetic against exact rationals, and each guard at its very edge."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.math import percentage, token_math, wad_ray

from .numbers import MAX_UINT256, uints

RAY, WAD, ONE = 10**27, 10**18, 10**4


def half_up(value: Fraction) -> Any:
    """Rounded to the nearest integer, halves up."""
    return floor(value + Fraction(1, 2))


MULTIPLICATIONS = [
    # function, unit, rounding, what the guard adds to the product before it compares with 2**256 - 1
    (wad_ray.ray_mul, RAY, half_up, RAY // 2),
    (wad_ray.ray_mul_floor, RAY, floor, 0),
    (wad_ray.ray_mul_ceil, RAY, ceil, 0),
    (percentage.percent_mul, ONE, half_up, ONE // 2),
    (percentage.percent_mul_floor, ONE, floor, 0),
    (percentage.percent_mul_ceil, ONE, ceil, 0),
]
DIVISIONS = [
    # function, unit, rounding, does the guard add half the divisor?
    (wad_ray.ray_div, RAY, half_up, True),
    (wad_ray.ray_div_floor, RAY, floor, False),
    (wad_ray.ray_div_ceil, RAY, ceil, False),
    (wad_ray.wad_div, WAD, half_up, True),
    (percentage.percent_div, ONE, half_up, True),
    (percentage.percent_div_floor, ONE, floor, False),
    (percentage.percent_div_ceil, ONE, ceil, False),
]


def _name(value: int) -> Any:
    return getattr(value, "__name__", None)


def _or_none(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except EmptyRevert:
        return None


@pytest.mark.parametrize(("function", "unit", "rounding", "added"), MULTIPLICATIONS, ids=_name)
@given(a=uints(), b=uints())
@example(a=0, b=MAX_UINT256)
@example(a=MAX_UINT256, b=0)
@example(a=MAX_UINT256, b=1)
@example(a=2**128, b=2**128)
def test_multiplication_is_exact_or_reverts(
    function: Any, unit: Any, rounding: Any, added: Any, a: int, b: int
) -> None:
    fits = b == 0 or a <= (MAX_UINT256 - added) // b  # as the assembly asks
    expected = rounding(Fraction(a * b, unit)) if fits else None
    assert _or_none(function, a, b) == expected


@pytest.mark.parametrize(("function", "unit", "rounding", "added"), MULTIPLICATIONS, ids=_name)
@given(b=uints().filter(bool))
@example(b=1)
@example(b=MAX_UINT256)
def test_multiplication_guard_to_the_unit(function: Any, unit: Any, rounding: Any, added: Any, b: int) -> None:
    largest = (MAX_UINT256 - added) // b
    assert function(largest, b) == rounding(Fraction(largest * b, unit))
    with pytest.raises(EmptyRevert):
        function(largest + 1, b)


@pytest.mark.parametrize(("function", "unit", "rounding", "adds_half"), DIVISIONS, ids=_name)
@given(a=uints(), b=uints())
@example(a=0, b=0)
@example(a=1, b=0)
@example(a=MAX_UINT256, b=MAX_UINT256)
@example(a=1, b=MAX_UINT256)
def test_division_is_exact_or_reverts(function: Any, unit: Any, rounding: Any, adds_half: Any, a: int, b: int) -> None:
    fits = b != 0 and a <= (MAX_UINT256 - (b // 2 if adds_half else 0)) // unit
    expected = None
    if fits:
        # Half up divides with half the divisor, itself rounded down, added.
        expected = (a * unit + b // 2) // b if rounding is half_up else rounding(Fraction(a * unit, b))
    assert _or_none(function, a, b) == expected


@pytest.mark.parametrize(("function", "unit", "rounding", "adds_half"), DIVISIONS, ids=_name)
@given(b=uints().filter(bool))
@example(b=1)
@example(b=2)
@example(b=MAX_UINT256)
def test_division_guard_to_the_unit(function: Any, unit: Any, rounding: Any, adds_half: Any, b: int) -> None:
    largest = (MAX_UINT256 - (b // 2 if adds_half else 0)) // unit
    assert function(largest, b) >= largest * unit // b
    with pytest.raises(EmptyRevert):
        function(largest + 1, b)


@given(a=uints(2**128), b=uints(2**120).filter(lambda b: b % 2 == 0 and b > 0))
def test_half_up_division_rounds_to_the_nearest(a: int, b: int) -> None:
    assert wad_ray.ray_div(a, b) == half_up(Fraction(a * RAY, b))
    assert percentage.percent_div(a, b) == half_up(Fraction(a * ONE, b))


@given(a=uints(), b=uints(), c=uints())
@example(a=MAX_UINT256, b=1, c=0)
@example(a=MAX_UINT256, b=1, c=1)
@example(a=2**128, b=2**128, c=1)
@example(a=2**128, b=2**128 - 1, c=7)
@example(a=0, b=0, c=0)
def test_mul_div_ceil(a: int, b: int, c: int) -> None:
    expected = ceil(Fraction(a * b, c)) if c and a * b <= MAX_UINT256 else None
    assert _or_none(wad_ray.mul_div_ceil, a, b, c) == expected


@given(amount=uints(2**120 - 1), index=st.integers(RAY, 2**128 - 1))
def test_shares_always_favour_the_pool(amount: int, index: int) -> None:
    """What is credited is worth no more, what is taken up covers no less; debt the other way round."""
    worth = Fraction(index, RAY)
    assume(amount * RAY <= MAX_UINT256)
    credited = token_math.a_token_mint_scaled(amount, index)
    assert credited * worth <= amount < (credited + 1) * worth
    for taken in (token_math.a_token_burn_scaled(amount, index), token_math.a_token_transfer_scaled(amount, index)):
        assert taken * worth >= amount > (taken - 1) * worth
    owed = token_math.debt_mint_scaled(amount, index)
    assert owed * worth >= amount > (owed - 1) * worth
    forgiven = token_math.debt_burn_scaled(amount, index)
    assert forgiven * worth <= amount < (forgiven + 1) * worth


@given(scaled=uints(2**120 - 1), index=st.integers(RAY, 2**128 - 1))
def test_balances_round_claims_down_and_debt_up(scaled: int, index: int) -> None:
    exact = Fraction(scaled * index, RAY)
    assert token_math.a_token_balance(scaled, index) == floor(exact)
    assert token_math.debt_balance(scaled, index) == ceil(exact)


@given(scaled=uints(2**120 - 1), index=st.integers(RAY, 2**128 - 1))
def test_debt_can_be_cleared_to_the_last_share(scaled: int, index: int) -> None:
    """Repaying the whole balance burns every share, and withdrawing a whole balance never takes more shares."""
    assume(scaled * index <= MAX_UINT256)
    assert token_math.debt_burn_scaled(token_math.debt_balance(scaled, index), index) == scaled
    assert token_math.a_token_burn_scaled(token_math.a_token_balance(scaled, index), index) <= scaled
