"""Markets of bytecode that are upgraded: from release to release beside the twin, and to a fork of their release."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.own_variables import OwnVariable
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.histories.temperaments import SOLITARY
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import history_from
from pooltwin.protocol.address import ZERO_ADDRESS
from pooltwin.protocol.evm_storage.places import places_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import NEWEST, REVISIONS, Revision
from pooltwin.protocol.upgrades.renewal import UpgradeError
from pooltwin.protocol.upgrades.upgrade import upgrade

from ..faults import building
from ..faults.catalogue import SAMPLE, fault_named
from ..faults.fault import Fault
from ..harness.artifacts import ArtifactSet, load_file, load_v3_6
from ..harness.given import given_files
from ..harness.published import load_v3_0_2
from .acted import episode, lived_in
from .own_tokens import account_of
from .test_given import alloc_of, taken

PEOPLE = ("admin", "treasury", "alice", "bob", "carol", "dave")
STEPS = [pytest.param(old, new, marks=pytest.mark.given(old, new)) for old, new in pairwise(REVISIONS)]
NEXT_POOL = """
contract Faulty is PoolInstance {
  constructor(IPoolAddressesProvider provider, IReserveInterestRateStrategy strategy)
    PoolInstance(provider, strategy) {}

  function getRevision() internal pure override returns (uint256) { return 1000; }
}
"""
"""A pool of a fork's: as the release's, and of a greater revision, as whatever follows it must be."""


def played(market: Market, steps: int, seed: str) -> tuple[list[str], list[str]]:
    """Let people act on a market with every law watching. Returns what they did, and what broke."""
    stage = Stage(market, PEOPLE)
    build_router(stage)
    driver, done = Driver(stage, Chance(Random(seed)), SOLITARY), []
    with Monitor(market, all_laws(), stop=False, names=stage.names) as monitor:
        for _ in range(steps):
            action = driver.next()
            stage.perform(action)
            done.append(str(action))
    return done, [str(violation) for violation in monitor.violations]


def without_prices_of_categories(market: Market) -> None:
    """v3.2 has no place for them."""
    for number, category in list(market.pool.e_modes.items()):
        limits = (category.ltv, category.liquidation_threshold, category.liquidation_bonus)
        if category.ltv:
            market.configurator.set_priced_e_mode_category(
                number, *limits, ZERO_ADDRESS, category.label, sender=market.admin
            )


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_bytecode_is_upgraded_as_the_twin_is(request: pytest.FixtureRequest, old: str, new: str) -> None:
    files = given_files(request.config)
    published = {"3.0.2": load_v3_0_2, "3.6": load_v3_6}
    before, after = (
        bytecode_engine(published[name]() if name in published else load_file(files[name]), name) for name in (old, new)
    )
    twin, market = lived_in(old), lived_in(old, before)
    if old == "3.0.2":
        without_prices_of_categories(twin)
        without_prices_of_categories(market)
    digest, moment = market.chain.digest(), market.chain.snapshot()
    upgrade(market, after)
    market.chain.revert_to(moment)
    assert market.chain.digest() == digest == twin.chain.digest()
    assert played(market.fork(), 40, "before") == played(twin.fork(), 40, "before")
    upgrade(twin, new)
    upgrade(market, after)
    assert market.chain.digest() == twin.chain.digest()
    assert market.chain.unexplained_words() == []
    branch = market.fork()
    assert played(market, 200, "after") == played(twin, 200, "after") == played(branch, 200, "after")
    assert market.chain.digest() == branch.chain.digest() == twin.chain.digest()


@pytest.fixture(scope="module")
def on_v3_6(artifacts_v3_6: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts_v3_6, "3.6")


@pytest.fixture(scope="module")
def forks(artifacts_v3_6: ArtifactSet) -> dict[str, ArtifactSet]:
    """Forks of v3.6: one with a pool of a greater revision, one with a fault, and one with both."""
    faults = [fault_named(identifier) for identifier in SAMPLE]
    faulty = building.faulty_artifacts(faults)[SAMPLE.index("M02")]
    (next_one,) = building.faulty_artifacts([Fault("next", "a fork", contracts={"PoolInstance": NEXT_POOL})])
    both = {**faulty.contracts, "PoolInstance": next_one["PoolInstance"]}
    return {"next": next_one, "faulty": faulty, "both": faulty.model_copy(update={"contracts": both})}


def test_a_fork_that_changes_nothing_goes_on_as_the_release(
    on_v3_6: Revision, forks: dict[str, ArtifactSet], artifacts_v3_6: ArtifactSet
) -> None:
    twin, market = lived_in("3.6"), lived_in("3.6", on_v3_6)
    upgrade(market, bytecode_engine(forks["next"], "3.6"))
    assert market.pool.last_initialized_revision == 1000
    assert played(market, 200, "fork") == played(twin, 200, "fork")
    assert market.chain.unexplained_words() == []
    for where, contract in twin.chain.contracts.items():
        there = market.chain.at(where).dump()
        if where == twin.pool.address:
            there |= {name: contract.dump()[name] for name in ("implementation", "last_initialized_revision")}
        assert there == contract.dump()
    again = taken(market, alloc_of(market))
    assert {where: each.dump() for where, each in again.chain.contracts.items() if each} == {
        where: market.chain.at(where).dump() for where, each in again.chain.contracts.items() if each
    }


def test_laws_hear_of_what_an_upgrade_brought(on_v3_6: Revision, forks: dict[str, ArtifactSet]) -> None:
    market = lived_in("3.6", on_v3_6)
    untouched, moment = market.fork(), market.chain.snapshot()
    upgrade(market, bytecode_engine(forks["both"], "3.6"))
    _, broken = played(market, 200, "faulty")
    assert any(each.startswith(("RND-2", "TOK-9")) for each in broken)
    market.chain.revert_to(moment)
    assert market.chain.digest() == untouched.chain.digest()
    assert played(market, 80, "faulty") == played(untouched, 80, "faulty")
    assert market.chain.digest() == untouched.chain.digest()


def test_a_running_state_with_somebody_s_token_goes_on_as_a_fork_that_stores_more(
    on_v3_6: Revision, forks: dict[str, ArtifactSet], artifacts_v3_6: ArtifactSet, tmp_path: Path
) -> None:
    """The way of an auditor: the state of a chain, upgraded to the fork, attacked; then from there a campaign."""
    running = lived_in("3.6", on_v3_6)
    asset = next(iter(running.assets.values()))
    alloc = alloc_of(running)
    balances = dict(running.chain.at(asset).balances.written())
    alloc[asset] = account_of("Silent", asset, balances, running.chain.time)
    own = {"PoolInstance": (OwnVariable(name="rating_of", type="uint256", slot=61, keys=("address",)),)}
    fork = bytecode_engine(forks["next"], "3.6", layouts=own)
    with pytest.raises(UpgradeError, match="of the running state compiled contracts would change is not known"):
        upgrade(taken(running, alloc), fork)
    market = taken(running, alloc, artifacts=artifacts_v3_6)
    upgrade(market, fork)
    ((slot, _, word),) = places_of(market.pool).bits("rating_of", (market.admin,), 7)
    market.chain.evm.set_word(market.pool.address, slot, word)
    assert played(market, 60, "fork")[1] == []
    assert dict(market.pool.rating_of.written()) == {market.admin: 7}
    assert market.chain.unexplained_words() == []
    assert market.fork().chain.digest() == market.chain.digest()
    again = taken(market, alloc_of(market), artifacts=forks["next"], layouts=own)
    assert repr(again.chain.revision.machine) == "bytecode of 3.6"
    again.save(tmp_path / "state.json")
    history = history_from(tmp_path / "state.json", engine=again.chain.revision)
    assert episode(history, 60, again.chain.revision).findings == []


def test_what_no_proxy_takes_is_refused_and_changes_nothing(on_v3_6: Revision, forks: dict[str, ArtifactSet]) -> None:
    market = lived_in("3.6", on_v3_6)
    digest = market.chain.digest()
    fork = bytecode_engine(forks["faulty"], "3.6")
    with pytest.raises(UpgradeError, match="the new PoolInstance cannot be put in its place: "):
        upgrade(market, fork)
    assert market.chain.digest() == digest
    assert market.chain.revision is on_v3_6
    assert played(market, 40, "refused")[1] == []


def test_bytecode_goes_by_bytecode_and_the_twin_by_releases(on_v3_6: Revision, artifacts_v3_0_2: ArtifactSet) -> None:
    twin, market = lived_in("3.6"), lived_in("3.6", on_v3_6)
    with pytest.raises(UpgradeError, match=f"cannot be moved to {NEWEST.name}: its contracts stay those of 3.6"):
        upgrade(market, NEWEST)
    old = lived_in("3.0.2", bytecode_engine(artifacts_v3_0_2, "3.0.2"))
    with pytest.raises(UpgradeError, match=r"cannot be moved to 3\.2: its contracts stay those of 3\.0\.2"):
        upgrade(old, on_v3_6)
    with pytest.raises(UpgradeError, match="is bytecode, and the market the twin's: take it over first"):
        upgrade(twin, on_v3_6)
    with pytest.raises(UpgradeError, match=r"3\.6 does not follow 3\.6"):
        upgrade(market, on_v3_6)
