"""A history can begin with a saved state, on the release it was saved on or on another."""

from pathlib import Path

from pooltwin.invariants import standard_history
from pooltwin.invariants.history import Opening
from pooltwin.protocol import revision_named, save


def test_a_saved_state_is_opened_on_another_release_with_the_contracts_of_that_one(tmp_path: Path) -> None:
    market = Opening(config=standard_history("3.6").opening.config).market()
    save(market.chain, tmp_path / "state.json")
    opening = Opening.of_state(tmp_path / "state.json")
    assert opening.market().chain.digest() == market.chain.digest()
    newest = opening.market(revision_named("3.7"))
    assert type(newest.pool) is revision_named("3.7").contracts["PoolInstance"]
    assert type(opening.market().pool) is revision_named("3.6").contracts["PoolInstance"]
