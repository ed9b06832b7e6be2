"""Copies of chains and markets: forks, deep copies, pickles and other processes; contracts of one's own go along."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol import ForeignContract, Market, Revert, named_address
from pooltwin.protocol.errors import InvalidAmount, NotModelledError
from pooltwin.protocol.revisions import NEWEST, REVISIONS

from .calls import answer, call_of, crowded, writers
from .own_contracts import Box, supply_again
from .source import ROOT
from .worlds import ALICE, ALL_REVISIONS, BOB, USDC, WETH, fresh, lived_in

BOX_AT, JAR_AT = named_address("box"), named_address("jar")


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def forked(market: Market) -> Market:
    return market.fork()


WAYS = pytest.mark.parametrize("copied", [forked, copy.deepcopy, pickled], ids=["fork", "deepcopy", "pickle"])


# --- the whole state --------------------------------------------------------------------------------------------------


@WAYS
@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=10)
@given(data=st.data())
def test_a_copy_is_equal_lives_on_alike_and_shares_nothing(copied: Any, revision: str, data: st.DataObject) -> None:
    market = crowded(revision)
    twin = copied(market)
    before = market.chain.digest()
    assert twin.chain.digest() == before
    for _ in range(4):
        target = data.draw(st.sampled_from(writers(revision)))
        sender, arguments = data.draw(call_of(revision, target))
        on_copy = answer(twin.chain, sender, target, arguments)
        assert market.chain.digest() == before
        assert answer(market.chain, sender, target, arguments) == on_copy
        assert market.chain.digest() == (before := twin.chain.digest())


@WAYS
def test_a_copy_has_no_snapshots_and_no_receipt(copied: Any) -> None:
    market = lived_in("3.7")
    moment = market.chain.snapshot()
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    twin = copied(market)
    assert twin.chain.receipt is None
    with pytest.raises(ValueError, match="that snapshot is gone"):
        twin.chain.revert_to(moment)
    twin.chain.snapshot()
    market.chain.revert_to(moment)
    assert twin.chain.digest() != market.chain.digest()


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_a_contract_is_copied_with_its_chain(copied: Any) -> None:
    market = lived_in("3.7")
    pool = copied(market.pool)
    assert pool.chain.digest() == market.chain.digest()
    assert pool.chain.contracts[pool.address] is pool
    record = copied(market.pool.reserves[market.asset("WETH")])
    assert record.field_values() == market.pool.reserves[market.asset("WETH")].field_values()


def test_a_loaded_and_an_upgraded_chain_are_pickled_too(tmp_path: Path) -> None:
    from pooltwin.protocol import load, save, upgrade

    market = lived_in(ALL_REVISIONS[0])
    upgrade(market, NEWEST.name)
    save(market.chain, tmp_path / "state.json")
    loaded = Market(load(tmp_path / "state.json"), market.provider.address)
    assert pickled(loaded).chain.digest() == market.chain.digest()


def test_records_are_pickled_by_name() -> None:
    for record in REVISIONS.values():
        assert pickled(record) is copy.deepcopy(record) is record
    with pytest.raises(TypeError, match="the record of nameless cannot go to another process"):
        pickle.dumps(NEWEST.forked("nameless"))


def test_nothing_is_copied_inside_a_transaction() -> None:
    market = fresh("3.7")
    seen = []

    def callback(*_: Any) -> bool:
        for attempt in (market.fork, lambda: copy.deepcopy(market), lambda: pickle.dumps(market)):
            with pytest.raises(RuntimeError, match="inside a transaction the chain cannot be copied"):
                attempt()
            seen.append(1)
        return True

    receiver = market.flash_loan_receiver("receiver", callback)
    market.fund("USDC", receiver, 10**9)
    market.pool.supply(market.asset("USDC"), 10**9, sender=ALICE)
    market.pool.flash_loan_simple(receiver, market.asset("USDC"), 10**6, b"", 0, sender=ALICE)
    assert len(seen) == 3


# --- receipts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=25)
@given(data=st.data())
def test_receipts_are_pickled_without_their_chain(revision: str, data: st.DataObject) -> None:
    market = crowded(revision)
    target = data.draw(st.sampled_from(writers(revision)))
    sender, arguments = data.draw(call_of(revision, target))
    calls = [target.function.calldata(arguments), target.function.selector]
    for calldata in calls:
        try:
            receipt = market.chain.transact(sender, target.address, calldata)
        except NotModelledError:
            continue
        again = pickled(pickled(receipt))
        assert again.contract.KIND == receipt.contract.KIND
        assert again.contract.address == receipt.contract.address
        assert (again.ok, again.return_data) == (receipt.ok, receipt.return_data)
        assert again.logs == receipt.logs
        assert repr(again) == repr(receipt)
        assert len(pickle.dumps(receipt)) < 20_000


def test_a_reverted_receipt_keeps_its_error() -> None:
    market = fresh("3.7")
    with pytest.raises(Revert):
        market.pool.supply(market.asset("WETH"), 0, sender=ALICE)
    again = pickled(market.chain.receipt)
    assert isinstance(again.revert, InvalidAmount)
    assert str(again.revert) == str(market.chain.receipt.revert)  # type: ignore[union-attr]  # there is one


# --- contracts of one's own -------------------------------------------------------------------------------------------


def with_box() -> tuple[Market, Box]:
    market = fresh("3.7")
    box: Box = market.chain.deploy(lambda chain, at: Box(chain, at, market), BOX_AT)
    market.fund("WETH", BOX_AT, 10**20)
    box.put(5 * WETH, sender=ALICE)
    return market, box


@WAYS
def test_copies_of_a_contract_act_on_the_copy(copied: Any) -> None:
    market, box = with_box()
    before = market.chain.digest()
    twin = copied(market)
    there = twin.chain.at(BOX_AT)
    there.put(3, sender=BOB)
    assert (there.kept_of(ALICE), there.kept_of(BOB), there.log) == (5 * WETH, 3, [ALICE, BOB])
    assert [dict(shelf) for shelf in there.shelves] == [{ALICE: 1}, {BOB: 1}]
    assert twin.a_token("WETH").balance_of(BOB) == 3
    assert market.chain.digest() == before
    assert (box.kept_of(BOB), box.log, [dict(shelf) for shelf in box.shelves]) == (0, [ALICE], [{ALICE: 1}, {}])
    assert there.market.chain is twin.chain
    moment = twin.chain.snapshot()
    there.put(2, sender=BOB)
    twin.chain.revert_to(moment)
    assert there.shelves[0] == {ALICE: 1}


@WAYS
def test_a_callback_that_takes_the_market_acts_on_the_copy(copied: Any) -> None:
    market = lived_in("3.7")
    receiver = market.flash_loan_receiver("receiver", supply_again)
    market.fund("USDC", receiver, 10**10)
    before, twin = market.chain.digest(), copied(market)
    twin.pool.flash_loan_simple(receiver, twin.asset("USDC"), 10**9, b"", 0, sender=ALICE)
    assert market.chain.digest() == before != twin.chain.digest()
    market.pool.flash_loan_simple(receiver, market.asset("USDC"), 10**9, b"", 0, sender=ALICE)
    assert market.chain.digest() == twin.chain.digest()


def test_a_callback_that_acts_on_the_original_of_a_fork_is_stopped() -> None:
    market = lived_in("3.7")
    usdc = market.asset("USDC")

    def callback(_assets: Any, amounts: Any, *_: Any) -> bool:
        market.pool.supply(usdc, amounts[0], ALICE, 0, sender=receiver)
        return True

    receiver = market.flash_loan_receiver("receiver", callback)
    market.fund("USDC", receiver, 10**12)
    before, fork = market.chain.digest(), market.fork().fork()
    with pytest.raises(
        RuntimeError, match="acts on the chain of which this one is a fork: give it a parameter `market`"
    ):
        fork.pool.flash_loan_simple(receiver, usdc, 10**9, b"", 0, sender=ALICE)
    assert fork.chain.digest() == before == market.chain.digest()
    market.pool.supply(usdc, USDC, sender=ALICE)  # it is free again
    market.pool.flash_loan_simple(receiver, usdc, 10**9, b"", 0, sender=ALICE)


class Guarded(ForeignContract):
    """Holds what cannot be copied."""

    KIND = "Guarded"


def test_what_cannot_be_copied_is_named() -> None:
    market = fresh("3.7")
    guarded = market.chain.deploy(Guarded, BOX_AT)
    guarded.lock = (number for number in range(3))
    with pytest.raises(TypeError, match=f"<Guarded at {BOX_AT}> cannot be copied, because of its lock: cannot pickle"):
        market.fork()
    with pytest.raises(TypeError, match=f"<Guarded at {BOX_AT}> cannot go to another process, because of its lock"):
        pickle.dumps(market)


@pytest.mark.parametrize("held", [lambda: 1, [lambda: 1], {"rule": lambda: 1}])
def test_functions_without_a_name_are_refused_by_pickles_and_kept_by_forks(held: Any) -> None:
    market = fresh("3.7")
    guarded = market.chain.deploy(Guarded, BOX_AT)
    guarded.rule = held
    assert market.fork().chain.at(BOX_AT).rule is not None
    with pytest.raises(TypeError, match=r"because of its rule: .*<lambda> cannot be imported by others"):
        pickle.dumps(market)


def test_a_class_inside_a_function_is_refused() -> None:
    class Hidden(ForeignContract):
        """Found by nobody."""

        KIND = "Hidden"

    market = fresh("3.7")
    hidden = market.chain.deploy(Hidden, BOX_AT)
    assert market.fork().chain.at(BOX_AT) is not hidden
    for thing in (market, market.chain, hidden):
        with pytest.raises(TypeError, match=f"<Hidden at {BOX_AT}> cannot go to another process: .*<locals>"):
            pickle.dumps(thing)


def test_contracts_that_hold_each_other() -> None:
    market = fresh("3.7")
    one, two = market.chain.deploy(Guarded, BOX_AT), market.chain.deploy(Guarded, JAR_AT)
    one.other, two.other = two, one
    for copied in (forked, copy.deepcopy, pickled):
        there = copied(market).chain
        assert there.at(BOX_AT).other is there.at(JAR_AT)
        assert there.at(JAR_AT).other.chain is there


# --- other processes --------------------------------------------------------------------------------------------------

SPAWNED = """
import multiprocessing
from pooltwin.protocol import load
from tests.unit.own_contracts import Box, health_of, supplied
from tests.unit.test_copies import with_box

if __name__ == "__main__":
    market, _ = with_box()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(health_of, [market, market])
        receipt, there = pool.apply(supplied, (market,))
        chain = pool.apply(there.chain.fork)
    market.chain.advance(1)
    assert first == second == market.health_factors()
    assert receipt.ok and receipt.logs and there.chain.digest() == chain.digest() != market.chain.digest()
    print("all came back")
"""

REFUSED = """
import multiprocessing
from pooltwin.protocol import ForeignContract
from tests.unit.own_contracts import health_of
from tests.unit.worlds import fresh

class Mine(ForeignContract):
    KIND = "Mine"

if __name__ == "__main__":
    market = fresh("3.7")
    market.chain.deploy(Mine, "0x" + "12" * 20)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        try:
            pool.map(health_of, [market])
        except TypeError as error:
            print(error)
"""


def run_script(text: str, folder: Path) -> str:
    """What a script prints, within a minute."""
    script = folder / "script.py"
    script.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{text}")
    finished = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_markets_go_to_spawned_processes_and_come_back(tmp_path: Path) -> None:
    assert run_script(SPAWNED, tmp_path) == "all came back\n"


def test_a_contract_of_the_running_script_is_refused_and_nothing_hangs(tmp_path: Path) -> None:
    printed = run_script(REFUSED, tmp_path)
    assert "<Mine at 0x1212121212121212121212121212121212121212> cannot go to another process" in printed
    assert "__main__:Mine cannot be imported by others: define it at the top of a module" in printed
