"""The arithmetic of scans beside Python's integers: limbs, divisions, percentages, words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol.math.percentage import percent_mul, percent_mul_floor
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.scenarios.scan import figures
from pooltwin.scenarios.scan.fixed_point import (
    BITS,
    ONE,
    SHARES_LIMIT,
    Shares,
    by_price,
    factor_of,
    multiply,
    shares_of,
    unsure,
)

amounts = st.lists(
    st.one_of(
        st.integers(0, SHARES_LIMIT - 1),
        st.integers(0, 2**62),
        st.integers(0, 1000),
        st.integers(0, 92).map(lambda n: 2**n),
        st.integers(1, 93).map(lambda n: 2**n - 1),
    ),
    min_size=1,
    max_size=20,
)
factors = st.one_of(
    st.fractions(0, 1),
    st.builds(Fraction, st.integers(0, 2**90), st.sampled_from((RAY, 10**18 * RAY, 10**24, 3 * 2**93))),
    st.builds(
        lambda index, price: Fraction(index * price, RAY * 10**18), st.integers(RAY, 4 * RAY), st.integers(1, 10**13)
    ),
    st.sampled_from((Fraction(1), Fraction(6, 5), Fraction(1, 3), Fraction(ONE - 1), Fraction(1, 2**93))),
)


def split(numbers: list[int]) -> Shares:
    """The numbers as a scan keeps them."""
    low = np.array([number % 2**64 for number in numbers], np.uint64)
    return shares_of(low, np.array([number >> 64 for number in numbers], np.uint64))


def words(numbers: list[int]) -> Any:
    return np.array([number % 2**64 for number in numbers], np.uint64)


@given(numbers=amounts)
def test_shares_come_back_whole(numbers: list[int]) -> None:
    shares = split(numbers)
    assert shares.integers(np.arange(len(numbers))) == numbers
    part = shares.part(1, len(numbers))
    assert part.integers(np.arange(len(numbers) - 1)) == numbers[1:]
    for near, number in zip(shares.floats().tolist(), numbers, strict=True):
        assert abs(Fraction(near) - number) <= Fraction(2 * number, 2**53)


@given(numbers=amounts, factor=factors, plus_half=st.booleans(), down=st.integers(0, 999), up=st.integers(0, 999))
def test_a_product_is_known_or_called_unsure(
    numbers: list[int], factor: Fraction, plus_half: bool, down: int, up: int
) -> None:
    """Wherever it is sure, all numbers from `down` below the product to `up` above it have the same whole part."""
    numbers = [number for number in numbers if number * factor < 2**64 - 1] or [0]
    shares, limbs = split(numbers).part(0, len(numbers)), factor_of(factor)
    assert limbs is not None
    whole, fraction = multiply(shares, limbs, plus_half)
    doubtful = set(unsure(fraction, shares.high, down, up).tolist())
    for at, number in enumerate(numbers):
        true = number * factor + Fraction(plus_half, 2)
        low = Fraction(int(whole[at])) + Fraction(int(fraction[at]), ONE)
        assert low <= true < low + Fraction((number >> 2 * BITS) + 4, ONE)
        if at not in doubtful:
            assert (true - Fraction(down, ONE)) // 1 == (true + Fraction(up, ONE)) // 1 == int(whole[at])


def test_what_is_sure_is_nearly_all() -> None:
    numbers = [(1 << 70) + 12_345_678_901 * number for number in range(5_000)]
    factor = Fraction(11 * RAY // 10 * 200_000_000_000, RAY * 10**18)
    shares, limbs = split(numbers), factor_of(factor)
    assert limbs is not None
    _, fraction = multiply(shares, limbs)
    assert len(unsure(fraction, shares.high, 500, 0)) < 5
    assert len(unsure(fraction, shares.high, 0, ONE)) == len(numbers)


def test_a_factor_out_of_range_is_refused() -> None:
    assert factor_of(Fraction(ONE)) is None
    assert factor_of(Fraction(ONE) - Fraction(1, 2**93)) == (ONE - 1,) * 4


@given(
    balances=st.lists(st.integers(0, 2**63), min_size=1, max_size=20),
    price=st.integers(0, 2**64 - 1),
    decimals=st.integers(0, 9),
    up=st.booleans(),
)
def test_amounts_by_price(balances: list[int], price: int, decimals: int, up: bool) -> None:
    unit = 10**decimals
    balances = [balance % max(1, (2**64 - 2) * unit // max(price, 1)) for balance in balances]
    values = by_price(words(balances), price, decimals, up).tolist()
    assert values == [-(-balance * price // unit) if up else balance * price // unit for balance in balances]


@given(pairs=st.lists(st.tuples(st.integers(0, 2**77), st.integers(1, 2**61)), min_size=1, max_size=20))
def test_quotients_of_lower_bits_and_a_float(pairs: list[tuple[int, int]]) -> None:
    pairs = [(number, divisor) for number, divisor in pairs if number // divisor < 2**44] or [(5, 3)]
    numbers, divisors = [number for number, _ in pairs], [divisor for _, divisor in pairs]
    quotients, rests = figures._divide(words(numbers), np.array(numbers, np.float64), words(divisors))
    wanted = [divmod(number, divisor) for number, divisor in pairs]
    assert list(zip(quotients.tolist(), rests.tolist(), strict=True)) == wanted


@given(
    pairs=st.lists(st.tuples(st.integers(0, 2**77), st.integers(1, 2**61)), min_size=1, max_size=20),
    steps=st.sampled_from(((10**14,), (10**9, 10**9))),
)
def test_health_factors_by_long_division(pairs: list[tuple[int, int]], steps: tuple[int, ...]) -> None:
    numbers, divisors = [number for number, _ in pairs], [divisor for _, divisor in pairs]
    scale, to_half = 10**14 if len(steps) == 1 else 10**18, 10_000 if len(steps) == 1 else 1
    halves = [divisor // 2 // to_half for divisor in divisors]
    near = np.array(numbers, np.float64)
    low, high, too_high = figures._ratio(words(numbers), near, words(divisors), steps, words(halves))
    for at, (number, divisor) in enumerate(pairs):
        assert bool(too_high[at]) == (number // divisor >= 2**43)
        if not too_high[at]:
            assert (int(high[at]) << 64) + int(low[at]) == (number * scale + halves[at]) // divisor


@given(values=st.lists(st.tuples(st.integers(0, 2**61 - 1), st.integers(0, 65_535)), min_size=1, max_size=20))
def test_percentages(values: list[tuple[int, int]]) -> None:
    amounts_, bps = words([amount for amount, _ in values]), words([percent for _, percent in values])
    assert figures._percent(amounts_, bps, half_up=True).tolist() == [percent_mul(*value) for value in values]
    assert figures._percent(amounts_, bps, half_up=False).tolist() == [percent_mul_floor(*value) for value in values]


@pytest.mark.parametrize("limit", [0, 1, 2**30, 2**31, 2**61, 2**62, 2**80, 2**93, 2**100])
def test_shares_from_a_limit_on_are_found(limit: int) -> None:
    from pooltwin.scenarios.scan.values import _from

    numbers = sorted({0, 1, 2**31 - 1, 2**31, 2**62, 2**92, *(max(0, limit + by) for by in (-1, 0, 1))})
    numbers = [number for number in numbers if number < SHARES_LIMIT]
    found = _from(split(numbers).part(0, len(numbers)), limit)
    large = {number for number in numbers if number >= limit}
    called = set() if found is None else {number for number, yes in zip(numbers, found.tolist(), strict=True) if yes}
    assert large <= called
