"""Forks: records with a name and a parent, found through it where a release is looked up, with storage of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.raw import storage_of
from pooltwin.protocol.evm_storage.table import LAYOUTS
from pooltwin.protocol.machine.contract import ledger_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import NEWEST, REVISIONS, Revision, revision_named
from pooltwin.protocol.saved_state import SavedStateError, load, revision_in, save
from pooltwin.protocol.state.storage import Ledger
from pooltwin.protocol.upgrades import UpgradeError, upgrade

from .worlds import ALICE, BOB, USDC, WETH, config, lifted

EVERY_RELEASE = list(REVISIONS)


def pool_of(base: type[Pool]) -> type[Pool]:
    """A pool that counts, beside all else, how often everybody supplied."""

    class ForkPool(base):  # type: ignore[misc, valid-type]
        CODE = "ForkPool"
        STORAGE: ClassVar[dict[str, Any]] = {**base.STORAGE, "supplies": ledger_of(0)}
        __slots__ = ("supplies",)

        supplies: Ledger[str, int]

    return ForkPool


def fork_of(release: Revision, **decisions: Any) -> Revision:
    def supply(pool: Any, user: str, *rest: Any) -> None:
        pool.supplies[user] += 1
        release.execute_supply(pool, user, *rest)

    pool: Any = pool_of(release.contracts[Pool.KIND])
    return release.forked("myfork", contracts=[pool], execute_supply=supply, **decisions)


FORK = fork_of(NEWEST)
PLACE = Variable("supplies", "uint256", 61, keys=("address",))
PLACED = fork_of(NEWEST, layouts={**NEWEST.layouts, "ForkPool": (*LAYOUTS[NEWEST.name][Pool.KIND], PLACE)})


def supplied(revision: Revision) -> Market:
    market = Market.deploy(config(revision.release), revision=revision)
    market.fund("WETH", ALICE, 10 * WETH)
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    return market


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_fork_knows_its_release_and_its_parents() -> None:
    grandchild = FORK.forked("its-fork", close_factor=1)
    assert (FORK.name, FORK.release, FORK.label, FORK.is_fork) == ("myfork", NEWEST.name, "myfork", True)
    assert (NEWEST.release, NEWEST.label, NEWEST.is_fork) == (NEWEST.name, f"v{NEWEST.name}", False)
    assert grandchild.release == NEWEST.name
    assert grandchild.lineage == (NEWEST, FORK, grandchild)
    assert FORK.own_kinds == {Pool.KIND}


@pytest.mark.parametrize("name", ["3.8", "3.7", "", "my fork", "a/b"])
def test_a_fork_needs_a_name_of_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="a fork needs a name of its own"):
        NEWEST.forked(name)


def test_only_a_fork_may_have_another_name() -> None:
    with pytest.raises(ValueError, match=r"NEWEST\.forked\('myfork'"):
        replace(NEWEST, name="myfork")
    with pytest.raises(TypeError, match="close_facto"):
        NEWEST.forked("myfork", close_facto=6_000)


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ({"close_factor": "60%"}, "close_factor='60%': expected a whole number, as v3.7 has there"),
        ({"close_factor": True}, "close_factor=True: expected a whole number"),
        ({"self_liquidation": 1}, "self_liquidation=1: expected True or False"),
        ({"liquidation_bonus": 10_500}, "liquidation_bonus=10500: expected a function"),
        ({"closefactor": 6_000}, "a release has no decision 'closefactor'; did you mean 'close_factor'?"),
        ({"lunch": "free"}, "a release has no decision 'lunch'"),
    ],
)
def test_a_decision_of_another_kind_is_refused(decisions: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        NEWEST.forked("myfork", **decisions)


def test_a_record_is_shown_in_a_line() -> None:
    assert repr(NEWEST) == f"<release v{NEWEST.name}>"
    mine = NEWEST.forked("mine", close_factor=6_000, deviates={"LIQ-4": "so it is"}, refuse_dust=lambda *_: None)
    assert repr(mine) == f"<fork mine of v{NEWEST.name}: close_factor=6000, deviates, refuse_dust>"
    assert repr(mine.forked("same")) == "<fork same of mine: deviates>"
    assert repr(NEWEST.forked("same")) == f"<fork same of v{NEWEST.name}: nothing else>"


def test_code_that_stores_more_needs_a_name_of_its_own() -> None:
    pool: Any = pool_of(Pool)
    pool.CODE = ""
    with pytest.raises(ValueError, match="ForkPool stores supplies, which Pool does not: give it a code of its own"):
        NEWEST.forked("myfork", contracts=[pool])


# --- a market of a fork -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_a_market_runs_on_a_fork_of_every_release(release: str) -> None:
    market = supplied(fork_of(revision_named(release)))
    pool: Any = market.pool
    assert market.chain.revision.name == "myfork"
    assert pool.supplies[ALICE] == 2
    assert market.a_token("WETH").balance_of(ALICE) == 2 * WETH


def test_storage_of_its_own_is_undone_copied_and_in_the_digest() -> None:
    market = supplied(FORK)
    pool: Any = market.pool
    before, snapshot = market.chain.digest(), market.chain.snapshot()
    copy = market.fork()
    pool.supplies[BOB] = 7
    assert market.chain.digest() != before
    there: Any = copy.pool
    assert (there.supplies[ALICE], there.supplies[BOB]) == (2, 0)
    assert copy.chain.digest() == before
    market.chain.revert_to(snapshot)
    assert market.chain.digest() == before


def test_a_release_and_its_fork_have_different_digests() -> None:
    same = NEWEST.forked("same")
    assert supplied(same).chain.digest() != supplied(NEWEST).chain.digest()


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_saved_state_of_a_fork_is_loaded_with_its_record(tmp_path: Path) -> None:
    market, path = supplied(FORK), tmp_path / "state.json"
    save(market.chain, path)
    assert revision_in(path) == "myfork"
    chain = load(path, FORK)
    assert chain.digest() == market.chain.digest()
    pool: Any = Market(chain, market.provider.address).pool
    assert pool.supplies[ALICE] == 2
    with pytest.raises(SavedStateError, match=r"line 1: the state is one of the fork 'myfork': give its record"):
        load(path)
    with pytest.raises(SavedStateError, match="the state is one of 'myfork', not of 'another'"):
        load(path, NEWEST.forked("another"))


def test_the_state_of_a_release_is_not_taken_for_a_forks(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save(supplied(NEWEST).chain, path)
    assert load(path, NEWEST).revision is NEWEST
    with pytest.raises(SavedStateError, match=f"the state is one of '{NEWEST.name}', not of 'myfork'"):
        load(path, FORK)


def test_storage_of_its_own_has_a_place_where_one_is_named() -> None:
    chain = supplied(PLACED).chain
    assert lifted(chain).digest() == chain.digest()


def test_storage_of_its_own_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="supplies of ForkPool has no place in the storage of the EVM: give it one"):
        storage_of(supplied(FORK).chain)


def test_a_fork_without_storage_of_its_own_is_laid_out_as_its_release() -> None:
    chain, same = supplied(NEWEST).chain, supplied(NEWEST.forked("same")).chain
    assert storage_of(same) == storage_of(chain)


# --- upgrades ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_a_release_is_upgraded_to_a_fork(release: str) -> None:
    market, fork = supplied(revision_named(release)), fork_of(NEWEST, pool_revision=NEWEST.pool_revision + 1)
    upgrade(market, fork)
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    pool: Any = market.pool
    assert market.chain.revision is fork
    assert pool.supplies[ALICE] == 1
    assert pool.code_revision == NEWEST.pool_revision + 1
    assert market.a_token("WETH").balance_of(ALICE) == 3 * WETH


@pytest.mark.parametrize("release", EVERY_RELEASE[:-1])
def test_a_fork_is_upgraded_to_the_newest_release(release: str) -> None:
    market = supplied(fork_of(revision_named(release)))
    upgrade(market, NEWEST.name)
    assert market.chain.revision is NEWEST
    assert type(market.pool) is Pool
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    assert market.a_token("WETH").balance_of(ALICE) == 3 * WETH


def test_a_fork_is_left_for_its_release_and_for_another_fork() -> None:
    market, other = supplied(FORK), NEWEST.forked("other", close_factor=10_000)
    upgrade(market, NEWEST.name)
    assert type(market.pool) is Pool
    market = supplied(FORK)
    upgrade(market, other)
    assert (market.chain.revision.name, type(market.pool)) == ("other", Pool)
    child = FORK.forked("child", close_factor=10_000)
    market = supplied(FORK)
    upgrade(market, child)
    pool: Any = market.pool
    assert pool.supplies[ALICE] == 2


def test_an_upgrade_to_a_fork_is_undone_as_a_whole() -> None:
    market = supplied(NEWEST)
    before = market.chain.digest()
    snapshot = market.chain.snapshot()
    upgrade(market, FORK)
    assert market.chain.digest() != before
    market.chain.revert_to(snapshot)
    assert market.chain.digest() == before
    assert type(market.pool) is Pool


def test_an_upgrade_that_no_proxy_takes_is_refused() -> None:
    market = supplied(fork_of(revision_named("3.6"), pool_revision=99))
    before = market.chain.digest()
    with pytest.raises(UpgradeError, match=r"3\.7 has pool_revision 11, less than 99 of myfork: no proxy takes it"):
        upgrade(market, "3.7")
    assert market.chain.digest() == before
    with pytest.raises(UpgradeError, match="does not follow"):
        upgrade(supplied(NEWEST), fork_of(revision_named("3.6")))


def test_a_missing_function_names_the_fork() -> None:
    with pytest.raises(AttributeError, match="PoolInstance of revision myfork has no function suply; did you mean"):
        supplied(FORK).pool.suply(USDC)  # type: ignore[attr-defined]
