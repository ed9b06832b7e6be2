"""A history can begin with a saved state, on the release it was saved on or on another."""

from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.invariants import standard_history
from pooltwin.invariants.history import Opening
from pooltwin.protocol import SavedStateError, revision_named, save

from tests.unit.test_forks import FORK


def test_a_saved_state_is_opened_on_another_release_with_the_contracts_of_that_one(tmp_path: Path) -> None:
    market = Opening(config=standard_history("3.6").opening.config).market()
    save(market.chain, tmp_path / "state.json")
    opening = Opening.of_state(tmp_path / "state.json")
    assert opening.market().chain.digest() == market.chain.digest()
    newest = opening.market(revision_named("3.7"))
    assert type(newest.pool) is revision_named("3.7").contracts["PoolInstance"]
    assert type(opening.market().pool) is revision_named("3.6").contracts["PoolInstance"]


def test_a_saved_state_of_a_fork_is_opened_with_its_record(tmp_path: Path) -> None:
    market = Opening(config=standard_history().opening.config).market(FORK)
    save(market.chain, tmp_path / "state.json")
    opening = Opening.of_state(tmp_path / "state.json", engine=FORK)
    assert opening.market(FORK).chain.digest() == market.chain.digest()
    faulty = replace(FORK, close_factor=6_000)
    assert opening.market(faulty).chain.revision is faulty
    with pytest.raises(SavedStateError, match="the state is one of the fork 'myfork': give its record"):
        opening.market()


def test_a_saved_state_of_a_release_is_opened_on_a_fork(tmp_path: Path) -> None:
    market = Opening(config=standard_history().opening.config).market()
    save(market.chain, tmp_path / "state.json")
    opening = Opening.of_state(tmp_path / "state.json")
    fork = opening.market(FORK)
    assert type(fork.pool) is FORK.contracts["PoolInstance"]
    assert type(opening.market().pool) is type(market.pool)
