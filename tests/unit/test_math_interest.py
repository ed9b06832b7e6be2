"""Interest over time against exact rationals."""

from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.math.interest import SECONDS_PER_YEAR, compounded_interest, linear_interest

from .numbers import uints

RAY = 10**27
rates = st.one_of(uints(2**128 - 1), st.integers(0, 10 * RAY))
times = st.one_of(uints(2**40 - 1), st.integers(0, 3 * SECONDS_PER_YEAR))


def _ray_mul(a: int, b: int) -> Any:
    return floor(Fraction(a * b, RAY) + Fraction(1, 2))


def test_a_year_is_365_days() -> None:
    assert SECONDS_PER_YEAR == 365 * 24 * 60 * 60


@given(rates, times)
@example(2**128 - 1, 2**40 - 1)
@example(0, 0)
def test_linear(rate: int, elapsed: int) -> None:
    assert linear_interest(rate, elapsed) == RAY + floor(Fraction(rate * elapsed, SECONDS_PER_YEAR))


@given(rates, times)
@example(RAY, SECONDS_PER_YEAR)
@example(2**128 - 1, 2**40 - 1)
@example(RAY, 1)
@example(2**128 - 1, 0)
@example(10 * RAY, 10 * SECONDS_PER_YEAR)
def test_compounded_step_by_step(rate: int, elapsed: int) -> None:
    """`1 + x + x * (x / 2 + x * x / 6)`, each product rounded half up, each quotient down."""
    x = rate * elapsed // SECONDS_PER_YEAR
    inner = x // 2 + _ray_mul(x, x // 6)
    if max(x * (x // 6), x * inner) + RAY // 2 < 2**256:
        assert compounded_interest(rate, elapsed) == RAY + x + _ray_mul(x, inner)
    else:
        with pytest.raises(EmptyRevert):
            compounded_interest(rate, elapsed)


@given(st.integers(0, RAY), st.integers(0, SECONDS_PER_YEAR))
def test_compounded_is_the_exponential_series_to_its_third_power(rate: int, elapsed: int) -> None:
    x = Fraction(rate * elapsed, SECONDS_PER_YEAR * RAY)
    series = (1 + x + x**2 / 2 + x**3 / 6) * RAY
    assert abs(compounded_interest(rate, elapsed) - series) <= 5  # each of five roundings loses less than one


@given(st.integers(0, 10 * RAY), st.integers(0, 10 * SECONDS_PER_YEAR))
def test_compounded_is_at_least_linear(rate: int, elapsed: int) -> None:
    assert compounded_interest(rate, elapsed) >= linear_interest(rate, elapsed)
