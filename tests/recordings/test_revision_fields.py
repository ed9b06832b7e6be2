"""A decision in which neighbouring revisions differ is noticed by a recording, or listed here as one that is not."""

from dataclasses import fields, replace
from typing import Any

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.protocol import revisions
from pooltwin.protocol.recording import RecordingError
from pooltwin.protocol.revisions import REVISIONS, Revision
from pooltwin.protocol.verification import verify

UNNOTICED = {
    # What it is called decides nothing, and no recording asks for the contracts' numbers.
    "name",
    "pool_revision",
    "configurator_revision",
    # The recordings have no sentinel, no debt ceiling, no siloed asset and no listing through a proxy's calldata.
    "copies_listings",
    "check_borrow_sentinel",
    "check_liquidation_sentinel",
    "check_siloed_borrowing",
    "increase_isolated_debt",
    "reduce_isolated_debt",
    "reduce_isolated_debt_in_liquidation",
    "may_collateralise",
    "may_collateralise_automatically",
    # A last share that two roundings judge differently has not happened in them.
    "release_seized_collateral",
}
"""Decisions that other tests must hold: tests of the modes, and histories run beside the real contracts."""

EQUIVALENT = {
    ("3.6", "user_ltv"),  # no category of that revision can be isolated
    ("3.7", "isolation_mode"),  # nothing in the histories of that revision calls what it switches off
}

FLIPS = [
    pytest.param(one, other, field.name, id=f"{one}-{field.name}-of-{other}")
    for one, other in (("3.6", "3.7"), ("3.7", "3.6"))
    for field in fields(Revision)
    if getattr(REVISIONS[one], field.name) != getattr(REVISIONS[other], field.name)
    and field.name not in UNNOTICED
    and (one, field.name) not in EQUIVALENT
]


def test_there_are_decisions_to_flip() -> None:
    assert len(FLIPS) >= 13
    assert {field.name for field in fields(Revision)} >= UNNOTICED


def _is_noticed(revision: str) -> bool:
    for path in recording_paths():
        if path.name.startswith(f"v{revision}"):
            try:
                if verify(path).difference is not None:
                    return True
            except (RecordingError, TypeError):  # the wrong decision does not even fit the others
                return True
    return False


@pytest.mark.parametrize(("revision", "neighbour", "field"), FLIPS)
def test_a_flipped_decision_is_noticed(
    revision: str, neighbour: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: Any = {field: getattr(REVISIONS[neighbour], field)}
    monkeypatch.setitem(revisions.REVISIONS, revision, replace(REVISIONS[revision], **wrong))
    assert _is_noticed(revision)
