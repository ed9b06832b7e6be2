"""Faults in engines that round to the nearest, and beyond what is known of a release, are noticed within an episode."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.mutants.catalogue import MUTANTS, control
from pooltwin.invariants.mutants.faults.half_up_deficits import HALF_UP_DEFICITS
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
    "M241": "HF-7",
    "M242": "HF-9",
    "M243": "LIQ-2",
    "M244": "LIQ-5",
    "M245": "DEF-1",
    "M246": "DEF-3",
    "M247": "DEF-5",
    "M248": "DEF-6",
    "M249": "DEF-7",
    "M250": "DEF-9",
    "M251": "DEF-11",
}


FAULTS = {mutant.id: mutant for mutant in (*MUTANTS, *HALF_UP_DEFICITS)}


@pytest.mark.parametrize(("mutant", "law"), NOTICED.items())
def test_the_law_notices_the_fault_and_not_the_release(mutant, law):
    faulty = FAULTS[mutant]
    assert law in faulty.expected
    laws = [law_called(law), *[law_called("SOL-1")] * (law != "SOL-1")]
    assert law in hunt(faulty, laws, STEPS).kills
    assert hunt(control(faulty.revision), laws, STEPS).kills == {}
