"""The state at the end of the replay, pinned: what is added to the replay leaves it alone until it is asked for.

Markets of infinite depth and liquidators without latency are the ground that refinements start from. A digest that
moves here means that the replay's course has changed: a breaking change, to be told in the release notes.
"""

import json

import pytest
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.parameters import ReplayParameters

SHOCK_TO_1400 = {"time": "2026-02-03T17:00:00Z", "weth_usd": "1400"}
PINNED = {
    "default": ({}, "8a0bffdff14524df7ca452f246ca64d91b5721ef698689c85b7dcdb106b39715"),
    "nobody sells": ({"sell": False}, "89d7940f22fbee87cf04975a231b86fc3dc1637d31b93dba1ea5149d0d8e2a88"),
    "a shock to 1,400": ({"shock": SHOCK_TO_1400}, "24f3a5a734ab387a71fa6efa9b0db99f840617705ca4c4cc897887f64dc35370"),
    "a shock to 1,400, nobody sells": (
        {"sell": False, "shock": SHOCK_TO_1400},
        "5ab7339c3ce5752469f20a01aaf79d37e6c1240bd5a7858391c51a707d33749a",
    ),
    "a day late": ({"seller_delay_hours": 24}, "cbf53e145a6f83b89726c4b3886502d531217109ad213b499434dc083bdf95b4"),
    "two days late": ({"seller_delay_hours": 48}, "f599df6903767394b9a436886884293e8033b00825489cf132b1063597b0bed5"),
    "liquidators lose 10%, nobody sells": (
        {"sell": False, "liquidator_slippage_bps": 1_000},
        "db3c68103fbe5737b8cdd36f42900dddd0784f25dfc0b378e550ea927e01bde7",
    ),
    "half of the wicks, nobody sells": (
        {"sell": False, "oracle_wick_bps": 5_000},
        "9ac67aba336481db5ae16a5d035e9b60488d4ccea15e3c563e34625977a9c2b5",
    ),
    "no wicks, the other tracker": (
        {"oracle_wick_bps": 0, "highest_trigger_02_06_usd": "1800"},
        "d0d6b2e92b2a72f766922257bf04d4e944b6f1a21e11192bc9e483f53f564f7c",
    ),
}


@pytest.mark.parametrize(("changes", "digest"), PINNED.values(), ids=PINNED)
def test_the_course_is_what_it_was(changes, digest):
    assert replay(ReplayParameters.model_validate_json(json.dumps(changes))).state_digest == digest


def test_no_two_of_them_are_one_course():
    """Each variant is another course, so that each digest holds its own part of the replay."""
    digests = [digest for _, digest in PINNED.values()]
    assert len(set(digests)) == len(digests)
