"""Searching for the last number, and bounds of a health factor, against trying everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol.answers.health import Scale
from pooltwin.protocol.answers.search import highest, last


@given(low=st.integers(-5, 5), size=st.integers(-1, 80), edge=st.integers(-10, 90), guess=st.integers(-20, 120))
def test_the_last_number_of_a_prefix(low: int, size: int, edge: int, guess: int) -> None:
    high = low + size
    expected = max((number for number in range(low, high + 1) if number <= edge), default=low - 1)
    asked: list[int] = []

    def holds(number: int) -> bool:
        asked.append(number)
        return number <= edge

    assert last(low, high, holds, guess) == last(low, high, holds) == expected
    assert all(low <= number <= high for number in asked)


@given(wanted=st.sets(st.integers(0, 60)), low=st.integers(0, 30), size=st.integers(-1, 40), blind=st.integers(1, 9))
def test_the_highest_number_of_a_patchwork(wanted: set[int], low: int, size: int, blind: int) -> None:
    high = low + size

    def is_none_between(first: int, end: int) -> bool:
        """Tell, but of ranges that are too wide say nothing."""
        return end - first < blind and not wanted & set(range(first, end + 1))

    expected = max((number for number in wanted if low <= number <= high), default=None)
    assert highest(low, high, wanted.__contains__, is_none_between) == expected


SIDES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 3_000), st.integers(0, 300)), min_size=1, max_size=4)


@given(
    sides=SIDES, debt=st.integers(0, 2_000), more_debt=st.integers(0, 50), from_average=st.booleans(), data=st.data()
)
def test_bounds_hold_for_everything_between(
    sides: list[tuple[int, int, int]], debt: int, more_debt: int, from_average: bool, data: st.DataObject
) -> None:
    scale = Scale([threshold for threshold, _, _ in sides], from_average=from_average)
    least = [value for _, value, _ in sides]
    most = [value + more for _, value, more in sides]
    between = [data.draw(st.integers(low, high)) for low, high in zip(least, most, strict=True)]
    owed = data.draw(st.integers(debt, debt + more_debt))
    assert scale.at_least(least, most, debt + more_debt) <= scale.factor(between, owed)
    assert scale.at_most(least, most, debt) >= scale.factor(between, owed)


@given(sides=SIDES, debt=st.integers(0, 2_000), from_average=st.booleans())
def test_bounds_of_one_position_are_its_health_factor(
    sides: list[tuple[int, int, int]], debt: int, from_average: bool
) -> None:
    scale = Scale([threshold for threshold, _, _ in sides], from_average=from_average)
    values = [value for _, value, _ in sides]
    assert scale.at_least(values, values, debt) == scale.factor(values, debt) == scale.at_most(values, values, debt)
