"""The table of provoked outcomes is complete, true, and every zero in it has its reason."""

from collections import Counter

import pytest

from .artifacts import ArtifactSet
from .histories import PROFILES
from .hostile import Assault
from .lockstep import FAILURES, Run
from .provoked import REVISIONS, Row, read_table, recorded_hits, refuted, rows_of
from .unprovoked import OPEN, REASONS, reason

ROWS = list(read_table())
OPEN_ROWS = 191


def test_the_table_has_a_row_for_every_outcome_and_no_other() -> None:
    assert {row.hit for row in ROWS} == set().union(*(rows_of(revision) for revision in REVISIONS))
    assert len({row.hit for row in ROWS}) == len(ROWS)


def test_no_row_at_zero_is_without_its_reason() -> None:
    assert [row.hit for row in ROWS if not row.total and (not row.reason or row.reason != reason(row.hit))] == []
    assert [row.hit for row in ROWS if row.total and row.reason] == []


def test_no_rule_is_without_its_rows() -> None:
    zeros = [row.hit for row in ROWS if not row.total]
    used = {next(rule for rule in REASONS if rule.covers(hit)) for hit in zeros}
    assert set(REASONS) - used == set()


def test_the_rows_that_could_still_be_provoked_get_fewer() -> None:
    """Lower the number when some are; it must not grow."""
    assert sum(row.reason.startswith(OPEN) for row in ROWS) <= OPEN_ROWS


@pytest.mark.parametrize(("revision", "column"), [("3.6", 0), ("3.7", 1)])
def test_the_recordings_say_what_the_table_says(revision: str, column: int) -> None:
    told = {row.hit: row.counts[column] for row in ROWS if row.counts[column]}
    assert told == dict(recorded_hits(revision))


def test_lockstep_does_not_refute_the_table(artifacts_v3_6: ArtifactSet) -> None:
    """Seeds that the table has not seen: nothing without a row, nothing that it says cannot be."""
    rows: dict[tuple[str, str, str], Row] = {row.hit: row for row in ROWS}
    run = Run(artifacts_v3_6, "3.6", PROFILES["hostile"], seed=77, steps=200)
    run.go(FAILURES)
    assault = Assault(artifacts_v3_6, "3.6", seed=77)
    assault.run(4000, FAILURES)
    assert refuted(run.chain.hits + assault.chain.hits, rows) == []


def test_an_outcome_that_is_no_row_would_be_noticed() -> None:
    rows = {row.hit: row for row in ROWS}
    never = next(row.hit for row in ROWS if not row.total and not row.reason.startswith(OPEN))
    mystery = ("PoolInstance", "supply()", "Mystery")
    assert refuted(Counter([never, mystery, *(row.hit for row in ROWS if row.total)]), rows) == sorted([never, mystery])


def test_the_source_is_followed_into_what_it_calls() -> None:
    supply = {hit[2] for hit in rows_of("3.6") if hit[1].startswith("supply(")}
    assert {"SupplyCapExceeded", "event Supply", "event Mint", "InvalidMintAmount", "event Approval"} <= supply
    assert "OwnableUnauthorizedAccount" not in {hit[2] for hit in rows_of("3.6")}
    assert "OwnableUnauthorizedAccount" in {hit[2] for hit in rows_of("3.7")}
