"""The table of provoked outcomes is complete, true, and every zero in it has its reason."""

import ast
from collections import Counter
from typing import Any

import pytest
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.revisions import revision_named

from ..harness.artifacts import ArtifactSet
from ..harness.lockstep import FAILURES, DifferenceError
from ..harness.planting import edit
from ..histories.assault import Assault
from ..histories.history import PROFILES
from ..histories.run import Run
from ..situations.arrangement import Arrangement, Stage, call
from .branches import Branches, bound, tree_of
from .reasons import OPEN, REASONS, reason
from .table import REVISIONS, Row, arranged, read_table, recorded_hits, refuted, rows_of

ROWS = list(read_table())
OPEN_ROWS = 0


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
def test_the_recordings_show_what_the_table_says(revision: str, column: int) -> None:
    """A recording that came since may show more, but nothing without a row, nothing that the table says cannot be."""
    seen = recorded_hits(revision)
    told = {row.hit: row.counts[column] or 0 for row in ROWS}
    assert [hit for hit, count in told.items() if count > seen[hit]] == []
    assert refuted(seen, {row.hit: row for row in ROWS}) == []


def test_lockstep_does_not_refute_the_table(artifacts_v3_6: ArtifactSet) -> None:
    """Seeds that the table has not seen: nothing without a row, nothing that it says cannot be."""
    rows: dict[tuple[str, str, str], Row] = {row.hit: row for row in ROWS}
    run = Run(artifacts_v3_6, "3.6", PROFILES["hostile"], seed=77, steps=200)
    run.go(FAILURES)
    assault = Assault(artifacts_v3_6, "3.6", seed=77)
    assault.run(4000, FAILURES)
    assert refuted(run.chain.hits + assault.chain.hits, rows) == []


def test_every_arrangement_comes_to_what_it_says(artifacts_v3_6: ArtifactSet) -> None:
    """And the table counts just that as planted; what calls alone led to is in the campaign's column."""
    by_calls, planted, _ = arranged(artifacts_v3_6)
    assert {row.hit: row.counts[3] for row in ROWS if row.counts[3]} == dict(planted)
    lockstep = {row.hit: row.counts[2] or 0 for row in ROWS}
    assert [hit for hit, count in by_calls.items() if count > lockstep[hit]] == []


def test_an_arrangement_that_comes_to_something_else_is_refused(artifacts_v3_6: ArtifactSet) -> None:
    stage = Stage(artifacts_v3_6)
    words = stage.chain.compare_storage()
    mint = call("bob", "USDC", "mint(uint256)", 1)
    with pytest.raises(AssertionError, match=r"comes to .*caller is not the owner.*, not Mystery"):
        stage.play(Arrangement("a hope", [], [("Mystery", [mint])]))
    with pytest.raises(AssertionError, match=r"a hope: .* reverts"):
        stage.play(Arrangement("a hope", [mint], []))
    assert stage.chain.compare_storage() == words


def test_what_is_planted_is_planted_on_both_sides_and_undone(artifacts_v3_6: ArtifactSet) -> None:
    stage = Stage(artifacts_v3_6)
    chain, usdc = stage.chain, stage.cast.at("USDC")
    digest, words = chain.twin.digest(), chain.compare_storage()

    def change(twin: Chain) -> None:
        twin.at(usdc).balances["0x" + "77" * 20] = 5

    with chain.undone():
        edit(chain, change)
        assert chain.compare_storage() == words + 1
        change_only_the_twin: Any = chain.twin.at(usdc)
        change_only_the_twin.balances["0x" + "78" * 20] = 5
        with pytest.raises(DifferenceError, match="storage of <TestnetERC20"):
            chain.compare_storage()
    assert (chain.twin.digest(), chain.compare_storage()) == (digest, words)


def _branching(amount: int, on: bool, times: int = 0) -> str:
    times = times + amount
    if times > 0 or not on:
        return "many" if times else "off"
    return "one" if on and amount else "none"


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("f(a, True)", {"many", "off", "one", "none"}),  # `times` is assigned to: its default says nothing
        ("f(0, True)", {"many", "off", "none"}),
        ("f(a, on=False)", {"many", "off", "none"}),
        ("f(*a)", {"many", "off", "one", "none"}),
    ],
)
def test_branches_are_left_out_only_where_constants_decide(written: str, texts: set[str]) -> None:
    made = ast.parse(written, mode="eval").body
    assert isinstance(made, ast.Call)
    branches = Branches(revision_named("3.6"))
    known = bound(made, _branching, frozenset(), method=False)
    nodes = branches.walk(tree_of(_branching), None, known)
    assert {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)} == texts


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
