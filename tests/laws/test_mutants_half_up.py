"""Faults in engines that round to the nearest, and beyond what is known of a release, are noticed within an episode."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.mutants.catalogue import control, mutant_named
from pooltwin.invariants.mutants.hunt import hunt

STEPS = 500
"""Two episodes."""
NOTICED = {
    "M200": "RND-1",
    "M201": "INF-1",
    "M202": "INF-5",
    "M203": "RND-3",
    "M204": "RND-4",
    "M205": "RND-7",
    "M206": "RND-2",
    "M209": "TOK-9",
    "M212": "IDX-5",
    "M213": "IDX-10",
    "M216": "SOL-1",
    "M217": "SOL-3",
    "M218": "FLG-1",
    "M219": "FLG-2",
    "M220": "LIQ-11",
    "M221": "DEF-8",
    "M207": "RND-10",
    "M208": "RND-11",
    "M227": "HF-2",
    "M228": "LIQ-3",
    "M229": "LIQ-7",
    "M230": "LIQ-1",
    "M231": "LIQ-8",
    "M232": "TOK-8",
    "M233": "HF-6",
    "M234": "SOL-9",
    "M235": "SOL-12",
    "M236": "LIQ-4",
    "M237": "LIQ-17",
    "M238": "RND-13",
    "M239": "HF-12",
    "M240": "HF-5",
}


@pytest.mark.parametrize(("mutant", "law"), NOTICED.items())
def test_the_law_notices_the_fault_and_not_the_release(mutant, law):
    faulty = mutant_named(mutant)
    assert law in faulty.expected
    laws = [law_called(law), *[law_called("SOL-1")] * (law != "SOL-1")]
    assert law in hunt(faulty, laws, STEPS).kills
    assert hunt(control(faulty.revision), laws, STEPS).kills == {}
