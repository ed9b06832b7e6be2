"""The profiles for Hypothesis: which is loaded, and what each means for a run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.invariants.profiles import PROFILES, load_profile


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    """Have the profile of this run again afterwards."""
    yield
    load_profile()


@pytest.mark.parametrize(
    ("name", "wanted", "ci", "loaded"),
    [
        ("", "", "", "quick"),
        ("", "", "true", "ci"),
        ("", "nightly", "true", "nightly"),
        ("quick", "nightly", "true", "quick"),
    ],
)
def test_the_argument_goes_before_the_variable_and_that_before_ci(
    monkeypatch: pytest.MonkeyPatch, name: str, wanted: str, ci: str, loaded: str
) -> None:
    monkeypatch.setenv("HYPOTHESIS_PROFILE", wanted)
    monkeypatch.setenv("CI", ci)
    assert load_profile(name) == loaded
    assert settings().max_examples == PROFILES[loaded].max_examples


def test_a_profile_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HYPOTHESIS_PROFILE", "daily")
    with pytest.raises(ValueError, match="there is no profile 'daily'; there are quick, ci, nightly, and yours"):
        load_profile()


def test_a_profile_of_ones_own_is_loaded() -> None:
    settings.register_profile("mine", max_examples=7)
    assert load_profile("mine") == "mine"
    assert settings().max_examples == 7


@pytest.mark.parametrize(("name", "same"), [("ci", True), ("quick", False)])
def test_ci_draws_the_same_in_every_run(name: str, same: bool) -> None:
    def drawn() -> list[int]:
        seen: list[int] = []

        @settings(PROFILES[name], database=None)
        @given(st.integers(0, 2**64))
        def draw(number: int) -> None:
            seen.append(number)

        draw()
        return seen

    assert (drawn() == drawn()) is same
    assert (PROFILES[name].database is None) is same
