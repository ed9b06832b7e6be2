"""The atomicity law: what reverts changes nothing, whichever function it was and however deep it was called."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.errors import EmptyRevert, NotModelledError, Panic, Revert
from pooltwin.protocol.market import Market

from .calls import Target, answer, arguments_for, call_of, crowded, targets, unmodelled, writers
from .worlds import ALICE, ALL_REVISIONS, MAX, MODERN, WETH

ENTRY_POINTS = [
    pytest.param(revision, target, id=f"{revision}-{target}") for revision in MODERN for target in writers(revision)
]
OLDER = [revision for revision in ALL_REVISIONS if revision not in MODERN]


def _last(chain: Chain) -> Any:
    """The receipt of the last transaction, even of a typed call."""
    assert chain.receipt is not None
    return chain.receipt


def _check(chain: Chain, target: Target, sender: Any, arguments: Any) -> Any:
    """Send a call; if it reverts, if it is only asked for, or if it is not modelled, nothing may have happened."""
    before = chain.digest()
    data = target.function.calldata(arguments)
    try:
        asked = chain.call(sender, target.address, data)
    except NotModelledError:
        assert chain.digest() == before
        assert isinstance(answer(chain, sender, target, arguments), str)
        return None
    assert chain.digest() == before
    receipt = chain.transact(sender, target.address, data)
    assert (asked.ok, asked.return_data) == (receipt.ok, receipt.return_data)
    assert [(log.address, log.event) for log in asked.logs] == [(log.address, log.event) for log in receipt.logs]
    if not receipt.ok:
        assert receipt.logs == []
    if not receipt.ok or target.function.view:
        assert chain.digest() == before
    return receipt


@pytest.mark.parametrize(("revision", "target"), ENTRY_POINTS)
@settings(max_examples=10)
@given(data=st.data())
def test_a_reverted_transaction_changes_nothing(revision: str, target: Target, data: st.DataObject) -> None:
    _check(crowded(revision).chain, target, *data.draw(call_of(revision, target)))


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_code_of_another_kind_is_not_modelled_and_changes_nothing(revision: str) -> None:
    chain = crowded(revision).chain
    for target, sender, arguments in unmodelled(revision):
        assert _check(chain, target, sender, arguments) is None


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@given(data=st.data())
def test_a_view_changes_nothing(revision: str, data: st.DataObject) -> None:
    chain = crowded(revision).chain
    for _ in range(5):
        target = data.draw(st.sampled_from([target for target in targets(revision) if target.function.view]))
        _check(chain, target, *data.draw(call_of(revision, target)))


@pytest.mark.parametrize("revision", OLDER)
@given(data=st.data())
def test_a_reverted_transaction_changes_nothing_in_older_revisions(revision: str, data: st.DataObject) -> None:
    chain = crowded(revision).chain
    for _ in range(5):
        target = data.draw(st.sampled_from(writers(revision)))
        _check(chain, target, *data.draw(call_of(revision, target)))


@pytest.mark.parametrize("revision", MODERN)
@given(calldata=st.binary(max_size=300), data=st.data())
def test_arbitrary_calldata_is_answered(revision: str, calldata: bytes, data: st.DataObject) -> None:
    """Whatever bytes arrive, the answer is a receipt."""
    market = crowded(revision)
    target = data.draw(st.sampled_from(targets(revision)))
    sender = data.draw(arguments_for(revision).senders)
    before = market.chain.digest()
    receipt = market.chain.transact(sender, target.address, target.function.selector + calldata)
    assert receipt.ok or market.chain.digest() == before


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=200)
@given(data=st.data())
def test_a_reverted_call_inside_a_flash_loan_changes_nothing(revision: str, data: st.DataObject) -> None:
    """The receiver catches what reverts; the loan around it goes on as if nothing had been tried."""
    market = crowded(revision)
    chain = market.chain

    def callback(assets: Any, amounts: Any, premiums: Any, initiator: Any, params: Any) -> Any:
        for _ in range(3):
            target = data.draw(st.sampled_from(writers(revision)))
            sender, arguments = data.draw(call_of(revision, target))
            calldata = target.function.calldata(arguments)
            before, logs = chain.digest(), list(chain.logs)
            try:
                chain.nested(sender, target.address, calldata)
            except Revert:
                assert chain.digest() == before
                assert chain.logs == logs
        return data.draw(st.booleans())

    receiver = _receiver(market, callback)
    before = chain.digest()
    pool = market.pool
    try:
        pool.flash_loan_simple(receiver, market.asset("WETH"), WETH, b"", 0, sender=ALICE)
    except NotModelledError:  # no answer that the receiver could catch: the whole transaction is undone
        assert chain.digest() == before
    except Revert:
        assert chain.digest() == before
        assert _last(chain).logs == []


def _receiver(market: Market, callback: Any) -> Any:
    receiver = market.flash_loan_receiver("callback", callback)
    market.fund("WETH", receiver, WETH)
    return receiver


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_bug_in_foreign_code_is_no_answer_but_is_undone_too(revision: str) -> None:
    market = crowded(revision)

    def callback(*_: Any) -> None:
        market.pool.supply(market.asset("WETH"), WETH // 2, sender=_last(market.chain).sender)
        raise ZeroDivisionError("a bug in the receiver")

    receiver = _receiver(market, callback)
    before = market.chain.digest()
    with pytest.raises(ZeroDivisionError):
        market.pool.flash_loan_simple(receiver, market.asset("WETH"), WETH, sender=ALICE)
    assert market.chain.digest() == before
    assert market.chain.depth == 0
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)  # and life goes on


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_price_changes_inside_a_transaction_are_undone_with_it(revision: str) -> None:
    market = crowded(revision)

    def callback(*_: Any) -> None:
        market.set_price("WETH", 1)
        raise Panic()

    receiver = _receiver(market, callback)
    before = market.chain.digest()
    with pytest.raises(Panic):
        market.pool.flash_loan_simple(receiver, market.asset("WETH"), WETH, sender=ALICE)
    assert market.chain.digest() == before


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_chain_refuses_to_be_driven_from_inside_a_transaction(revision: str) -> None:
    market = crowded(revision)
    chain = market.chain
    mark = chain.snapshot()
    attempts: list[Callable[[], Any]] = [
        chain.snapshot,
        chain.fork,
        lambda: chain.revert_to(mark),
        lambda: chain.advance(1),
        lambda: chain.call(ALICE, market.pool.address, b""),
        lambda: chain.transact(ALICE, market.pool.address, b""),
        lambda: market.flash_loan_receiver("another", lambda *_: True),
    ]

    def callback(*_: Any) -> Any:
        before = chain.digest()
        for attempt in attempts:
            with pytest.raises(RuntimeError, match="inside a transaction"):
                attempt()
        assert chain.digest() == before
        return True

    receiver = _receiver(market, callback)
    market.pool.flash_loan_simple(receiver, market.asset("WETH"), WETH, sender=ALICE)
    chain.revert_to(mark)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_ether_that_a_reverted_call_brought_goes_back(revision: str) -> None:
    market = crowded(revision)
    chain = market.chain
    before = chain.digest()
    receipt = chain.transact(ALICE, market.pool.address, b"", value=5)
    assert isinstance(receipt.revert, EmptyRevert)
    assert chain.digest() == before
    with pytest.raises(ValueError, match="wei of ether"):
        chain.transact(ALICE, market.pool.address, b"", value=MAX)
    assert chain.digest() == before
    assert chain.value == 0
