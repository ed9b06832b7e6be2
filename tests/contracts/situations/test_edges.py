"""Numbers at the edges of their fields: the twin overflows where the contracts do, and how they do."""

from ..harness.given import Release
from .edges import Edges

STATES = 25
CALLS = 40


def test_planted_states_are_left_as_the_contracts_leave_them(release: Release) -> None:
    market = Edges(release.artifacts, revision=release.revision)
    done = sum(market.explore(seed, CALLS) for seed in range(STATES))
    assert done > 0.95 * STATES * CALLS
    assert {hit[2] for hit in market.chain.hits} > {"Panic(0x11)", "SafeCastOverflowedUintDowncast", "event Supply"}
