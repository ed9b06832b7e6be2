"""A record of a run: every event of every transaction that took effect, where and when, and nothing that was undone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol import Market, NotModelledError, Revert

from .calls import call_of, crowded, writers
from .worlds import ALICE, ALL_REVISIONS, BOB, WETH, fresh


def told(market: Market) -> list[Any]:
    """The events of the last transaction as a record has them, but for the transaction's number."""
    chain = market.chain
    assert chain.receipt is not None
    return [
        (chain.time, chain.number, where, chain.contracts[where].KIND, event) for where, event in chain.receipt.emitted
    ]


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_record_is_all_receipts_one_after_the_other(revision: str, data: st.DataObject) -> None:
    market, expected, transactions = crowded(revision), [], 0
    with market.record() as record:
        for _ in range(5):
            moment = market.chain.snapshot() if data.draw(st.booleans()) else None
            before = len(expected), transactions
            target = data.draw(st.sampled_from(writers(revision)))
            sender, arguments = data.draw(call_of(revision, target))
            calldata = target.function.calldata(arguments)
            market.chain.call(sender, target.address, calldata) if data.draw(st.booleans()) else None
            transactions += 1
            try:
                market.chain.transact(sender, target.address, calldata)
                expected += [(transactions, row) for row in told(market)]
            except NotModelledError:
                pass
            if moment is not None and data.draw(st.booleans()):
                market.chain.revert_to(moment)
                del expected[before[0] :]
                transactions = before[1]
            market.chain.advance(data.draw(st.integers(0, 100)))
    assert record.transactions == transactions
    assert [(row.transaction, (row.time, row.block, *row[3:])) for row in record.rows] == expected
    market.chain.transact(ALICE, BOB, b"")
    assert record.transactions == transactions


def test_tables_have_a_column_for_each_field() -> None:
    market = fresh("3.7")
    weth = market.asset("WETH")
    with market.record() as record:
        market.pool.supply(weth, WETH, sender=ALICE)
        with pytest.raises(Revert):
            market.pool.supply(weth, 0, sender=ALICE)
        market.chain.advance(7, 2)
        market.pool.supply(weth, 2 * WETH, BOB, 0, sender=ALICE)
    supplies = record.tables()["Supply"]
    assert [row["amount"] for row in supplies] == [WETH, 2 * WETH]
    assert [row["transaction"] for row in supplies] == [1, 3]
    assert (supplies[1]["time"] - supplies[0]["time"], supplies[1]["block"] - supplies[0]["block"]) == (7, 2)
    assert {row["contract"] for row in supplies} == {"PoolInstance"}
    assert {row["address"] for row in supplies} == {market.pool.address}
    assert set(record.tables()["Transfer"][0]) > {"time", "block", "transaction", "address", "contract"}


def test_forks_are_recorded_by_themselves() -> None:
    market = fresh("3.7")
    with market.record() as record:
        fork = market.fork()
        with fork.record() as there:
            fork.pool.supply(fork.asset("WETH"), WETH, sender=ALICE)
        assert (record.rows, record.transactions) == ([], 0)
        market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    assert [row.event for row in there.rows] == [row.event for row in record.rows] != []


def test_a_watched_market_is_recorded_too() -> None:
    from pooltwin.invariants import Monitor, all_laws

    market = fresh("3.7")
    with Monitor(market, all_laws()) as monitor, market.record() as outer, market.record() as inner:
        moment = market.chain.snapshot()
        market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
        assert len(outer.rows) == len(inner.rows) > 0
        market.chain.revert_to(moment)
        assert (outer.rows, outer.transactions) == ([], 0)
        market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    assert monitor.violations == []
    assert outer.rows == inner.rows != []
