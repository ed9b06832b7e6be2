"""Draws of chance: the same for ever, each name by itself, fair."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.scenarios.draws import Draws


def test_a_stream_is_the_same_for_ever() -> None:
    draws = Draws(7, "runner")
    got = (draws.below(1000), draws.unit(), draws.normal(), draws.shuffled("abcdef"))
    assert got == (
        377,
        Fraction(4028999121621313597, 4611686018427387904),
        Decimal("0.7477151679451685569986671680679064"),
        list("cefadb"),
    )


@given(st.integers(), st.text(max_size=8), st.integers(1, 2**256))
def test_integers_stay_below_the_bound(seed: int, name: str, bound: int) -> None:
    draws = Draws(seed, name)
    assert all(0 <= draws.below(bound) < bound for _ in range(5))


@given(st.integers(), st.text(max_size=8))
def test_units_lie_from_zero_to_below_one_in_steps_of_a_64_bit_word(seed: int, name: str) -> None:
    unit = Draws(seed, name).unit()
    assert 0 <= unit < 1
    assert 2**64 % unit.denominator == 0


@given(st.integers(), st.lists(st.integers(), max_size=12))
def test_shuffling_keeps_what_there_is_and_leaves_the_sequence_alone(seed: int, items: list[int]) -> None:
    before = list(items)
    assert sorted(Draws(seed, "cards").shuffled(items)) == sorted(before)
    assert items == before


@pytest.mark.parametrize(
    ("one", "other"),
    [((1, "a"), (2, "a")), ((1, "a"), (1, "b")), ((1, "1"), (11, "")), ((-1, "a"), (1, "a")), ((1, "a"), (1, "a\0"))],
)
def test_no_two_names_or_seeds_share_a_stream(one: tuple[int, str], other: tuple[int, str]) -> None:
    ours, theirs = Draws(*one), Draws(*other)
    assert not {ours.unit() for _ in range(50)} & {theirs.unit() for _ in range(50)}


def test_a_copy_goes_on_from_the_same_place() -> None:
    draws = Draws(3, "looper")
    draws.unit()
    copies = [copy.deepcopy(draws), pickle.loads(pickle.dumps(draws))]
    following = [draws.normal() for _ in range(3)]
    assert all([twin.normal() for _ in range(3)] == following for twin in copies)


def test_every_face_of_a_die_comes_about_as_often() -> None:
    draws = Draws(1, "die")
    counts = [0] * 6
    for _ in range(6000):
        counts[draws.below(6)] += 1
    chi_square = sum(Fraction((count - 1000) ** 2, 1000) for count in counts)
    assert chi_square < 20  # 0.1% of fair dice lie above, and this one is the same in every run


def test_normal_draws_have_the_moments_and_tails_of_the_normal_distribution() -> None:
    draws = Draws(1, "bell")
    drawn = [draws.normal() for _ in range(4000)]
    assert abs(sum(drawn) / 4000) < Decimal("0.05")
    assert abs(sum(each * each for each in drawn) / 4000 - 1) < Decimal("0.07")
    within = [sum(abs(each) < sigmas for each in drawn) / 4000 for sigmas in (1, 2, 3)]
    assert within == pytest.approx([0.6827, 0.9545, 0.9973], abs=0.015)


@pytest.mark.parametrize("bound", [0, -1, 2**256 + 1])
def test_a_bound_that_no_word_can_serve_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match=f"below {bound}"):
        Draws(1, "a").below(bound)
