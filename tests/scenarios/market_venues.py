"""Strategies for venues of every curve, depth and refill, alone and side by side."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from typing import Any

from hypothesis import strategies as st
from pooltwin.scenarios.venues.config import open_venue
from pooltwin.scenarios.venues.several import SeveralVenues
from pooltwin.scenarios.venues.venue import SingleVenue, Venue

WHOLE = 10**18
"""One token of 18 decimals."""


def venue_of(config: object, price: Fraction = Fraction(2000), decimals: int = 18) -> Venue:
    """Open a venue."""
    return open_venue(config, decimals, price)


def single_of(config: object, price: Fraction = Fraction(2000), decimals: int = 18) -> SingleVenue:
    """Open a venue that is one alone."""
    venue = venue_of(config, price, decimals)
    assert isinstance(venue, SingleVenue)
    return venue


def several_of(configs: list[dict[str, Any]], price: Fraction = Fraction(2000)) -> SeveralVenues:
    """Open venues side by side."""
    venue = venue_of({"kind": "several", "venues": configs}, price)
    assert isinstance(venue, SeveralVenues)
    return venue


def _points(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    falls, dollars_sold = (list(accumulate(column)) for column in zip(*steps, strict=True))
    return list(zip(falls, dollars_sold, strict=True))


_dollars = st.integers(1_000, 10**10)
_half_lives = st.none() | st.integers(1, 10**6)
_curves: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"kind": "infinite"}),
    st.builds(lambda depth: {"kind": "constant_product", "depth_2pct_usd": depth}, _dollars),
    st.builds(
        lambda steps: {"kind": "depth_curve", "points": _points(steps)},
        st.lists(st.tuples(st.integers(1, 2400), _dollars), min_size=1, max_size=4),
    ),
    st.builds(
        lambda hundredths, volatility, volume: {
            "kind": "square_root",
            "prefactor": f"{hundredths // 100}.{hundredths % 100:02}",
            "daily_volatility_bps": volatility,
            "daily_volume_usd": volume,
        },
        st.integers(1, 300),
        st.integers(1, 3000),
        _dollars,
    ),
)
single_configs = st.builds(lambda curve, half_life: {**curve, "half_life_s": half_life}, _curves, _half_lives)
configs = single_configs | st.lists(single_configs, min_size=1, max_size=3).map(
    lambda parts: {"kind": "several", "venues": parts}
)
prices = st.integers(1, 10**13).map(lambda base: Fraction(base, 10**8))
"""Dollars a token, from 10**-8 to 100,000."""

amounts = st.integers(0, 10**24)
venues = st.builds(venue_of, configs, prices)
