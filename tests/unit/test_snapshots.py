"""Snapshots and forks: what they cost, what they share, and how misuse is answered."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pooltwin.protocol.address import named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.clock import MAX_TIMESTAMP
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import InvalidAmount, Revert
from pooltwin.protocol.market import Market

from .calls import answer, call_of, crowded, writers
from .worlds import ALICE, ALL_REVISIONS, BOB, MAX, WETH, fresh, lived_in


class Travel(RuleBasedStateMachine):
    """Calls, time, prices, snapshots, reverting to any of them, releasing them; the model is a digest each."""

    @initialize(revision=st.sampled_from(ALL_REVISIONS))
    def begin(self, revision: str) -> None:
        self.revision = revision
        self.market = crowded(revision)
        self.chain = self.market.chain
        self.feed = self.market.price_feed("WETH").address  # later the registry may name another oracle
        self.kept: list[tuple[Any, str]] = []

    @rule(data=st.data())
    def transact(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(writers(self.revision)))
        sender, arguments = data.draw(call_of(self.revision, target))
        answer(self.chain, sender, target, arguments)

    @rule(seconds=st.integers(0, 10**6))
    def wait(self, seconds: int) -> None:
        self.chain.advance(seconds)

    @rule(price=st.sampled_from([0, 1, 10**8, 2**200]))
    def price(self, price: int) -> None:
        self.chain.at(self.feed).set_answer(price)

    @rule()
    def snapshot(self) -> None:
        self.kept.append((self.chain.snapshot(), self.chain.digest()))

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def revert(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.kept) - 1))
        snapshot, digest = self.kept[index]
        gone = self.kept[index:]
        del self.kept[index:]
        self.chain.revert_to(snapshot)
        assert self.chain.digest() == digest
        for old, _ in gone:
            with pytest.raises(ValueError, match="that snapshot is gone"):
                self.chain.revert_to(old)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.kept) - 1))
        before = self.chain.digest()
        self.chain.release(self.kept[index][0])
        del self.kept[index:]
        assert self.chain.digest() == before

    @invariant()
    def no_transaction_is_open(self) -> None:
        assert self.chain.depth == 0


TestTravel = Travel.TestCase
TestTravel.settings = settings(max_examples=40, stateful_step_count=25)


@pytest.fixture
def market() -> Market:
    return lived_in("3.7")


def test_misuse_of_snapshots(market: Market) -> None:
    chain = market.chain
    first = chain.snapshot()
    second = chain.snapshot()
    chain.revert_to(first)
    for gone in (first, second):
        with pytest.raises(ValueError, match="that snapshot is gone"):
            chain.revert_to(gone)
        with pytest.raises(ValueError, match="that snapshot is gone"):
            chain.release(gone)
    fork = chain.fork()
    with pytest.raises(ValueError, match="belongs to another chain"):
        chain.revert_to(fork.snapshot())


def test_an_equal_number_is_not_a_snapshot(market: Market) -> None:
    snapshot = market.chain.snapshot()
    with pytest.raises(ValueError, match="that snapshot is gone"):
        market.chain.revert_to(type(snapshot)(int(snapshot)))
    market.chain.revert_to(snapshot)


def _entries_of_a_transfer(market: Market) -> int:
    snapshot = market.chain.snapshot()
    market.erc20("WETH").transfer(BOB, 1, sender=ALICE)
    count = len(market.chain.journal.entries) - snapshot
    market.chain.revert_to(snapshot)
    return count


def test_cost_depends_on_what_is_touched_not_on_what_there_is(market: Market) -> None:
    """Counted in undo entries: a snapshot costs none, a transfer a few, however many holders there are."""
    small = _entries_of_a_transfer(market)
    assert 0 < small <= 4
    token = market.erc20("WETH")
    for number in range(3_000):
        token.balances[named_address(f"holder {number}")] = 1
    assert _entries_of_a_transfer(market) == small
    before = len(market.chain.journal.entries)
    market.chain.release(market.chain.snapshot())
    assert len(market.chain.journal.entries) <= before


def test_the_journal_does_not_grow_without_snapshots(market: Market) -> None:
    sizes = set()
    for _ in range(50):
        market.erc20("WETH").transfer(BOB, 1, sender=ALICE)
        sizes.add(len(market.chain.journal.entries))
    assert len(sizes) == 1


def test_the_journal_keeps_everything_since_the_oldest_snapshot(market: Market) -> None:
    before = market.chain.digest()
    snapshot = market.chain.snapshot()
    for _ in range(20):
        market.erc20("WETH").transfer(BOB, 1, sender=ALICE)
        market.chain.advance(10)
        market.set_price("WETH", 7)
        market.chain.release(market.chain.snapshot())
    market.chain.revert_to(snapshot)
    assert market.chain.digest() == before


def test_a_step_tells_what_it_touched(market: Market) -> None:
    """The last step's undo entries are there for whoever wants to know what it changed."""
    token = market.erc20("WETH")
    had = token.balances[ALICE]
    token.transfer(BOB, 5, sender=ALICE)
    old = {(where, key): value for where, key, value in _hashable(market.chain)}
    assert old[id(token.balances), ALICE] == had


def _hashable(chain: Chain) -> Any:
    return ((id(where), key, value) for where, key, value in chain.journal.touched(0))


# --- forks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=50)
@given(data=st.data())
def test_forks_are_equal_and_independent(revision: str, data: st.DataObject) -> None:
    origin = crowded(revision).chain
    fork = origin.fork()
    before = origin.digest()
    assert fork.digest() == before
    for mutated, other in ((fork, origin), (origin, fork)):
        kept = other.digest()
        for _ in range(3):
            target = data.draw(st.sampled_from(writers(revision)))
            sender, arguments = data.draw(call_of(revision, target))
            answer(mutated, sender, target, arguments)
        mutated.advance(5)
        assert other.digest() == kept


def test_no_storage_is_shared_between_forks(market: Market) -> None:
    chain, fork = market.chain, market.chain.fork()
    mutable = [
        id(getattr(contract, name))
        for contracts in (chain.contracts, fork.contracts)
        for contract in contracts.values()
        for name in contract.STORAGE
        if isinstance(getattr(contract, name), dict)
    ]
    assert len(mutable) == len(set(mutable)) > 100
    records = [id(reserve) for market_ in (market, market.fork()) for reserve in market_.pool.reserves.values()]
    assert len(records) == len(set(records))


def test_a_fork_has_no_snapshots_and_its_own_journal(market: Market) -> None:
    market.chain.snapshot()
    market.erc20("WETH").transfer(BOB, 1, sender=ALICE)
    fork = market.fork()
    assert fork.chain.journal.entries == []
    digest = fork.chain.digest()
    snapshot = fork.chain.snapshot()
    fork.erc20("WETH").transfer(BOB, 1, sender=ALICE)
    fork.chain.revert_to(snapshot)
    assert fork.chain.digest() == digest == market.chain.digest()


class _Counter(ForeignContract):
    KIND = "Counter"

    def __init__(self, chain: Chain, at: str) -> None:
        super().__init__(chain, at)
        self.count = self.ledger(0)
        self.label = "counter"

    def on_flash_loan_simple(self, *_: Any) -> bool:
        self.count["calls"] += 1
        return bool(self.count["calls"] < 3)


def test_ledgers_of_foreign_code_are_undone_and_forked(market: Market) -> None:
    where = named_address("counter")
    counter = market.chain.deploy(_Counter, where)
    market.fund("WETH", where, WETH)
    weth = market.asset("WETH")
    market.pool.flash_loan_simple(where, weth, 10, sender=ALICE)
    fork = market.fork()
    market.pool.flash_loan_simple(where, weth, 10, sender=ALICE)
    with pytest.raises(Revert):
        market.pool.flash_loan_simple(where, weth, 10, sender=ALICE)
    assert counter.count["calls"] == 2  # the third was undone
    assert fork.chain.at(where).count["calls"] == 1
    assert fork.chain.at(where).label == "counter"
    fork.pool.flash_loan_simple(where, weth, 10, sender=ALICE)
    assert (counter.count["calls"], fork.chain.at(where).count["calls"]) == (2, 2)


# --- the machine itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", [-1, MAX_TIMESTAMP + 1, 1.5, "1", True])
def test_times_that_are_none(market: Market, time: Any) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        market.chain.set_time(time)


def test_the_clock_does_not_run_backwards(market: Market) -> None:
    now = market.chain.time
    with pytest.raises(ValueError, match="is before the present"):
        market.chain.set_time(now - 1)
    market.chain.set_time(now)
    market.chain.set_time(MAX_TIMESTAMP)
    with pytest.raises(ValueError, match="is not a time"):
        market.chain.advance(1)


def test_two_contracts_cannot_share_an_address(market: Market) -> None:
    with pytest.raises(ValueError, match="there is a contract at"):
        construct("WETH9", market.chain, market.pool.address, [])
    with pytest.raises(ValueError, match="no contract of kind 'Nothing'"):
        construct("Nothing", market.chain, named_address("nothing"), [])
    with pytest.raises(ValueError, match="is not an address"):
        construct("WETH9", market.chain, "nowhere", [])


def test_deploying_does_not_write_into_the_last_receipt(market: Market) -> None:
    market.erc20("WETH").transfer(BOB, 1, sender=ALICE)
    receipt = market.chain.receipt
    assert receipt is not None
    events = list(receipt.events)
    construct("MockAggregator", market.chain, named_address("another feed"), [1])
    assert receipt.events == events
    assert len(events) == 1


def test_a_call_to_nobody_succeeds_as_in_the_evm(market: Market) -> None:
    receipt = market.chain.transact(ALICE, named_address("nobody"), b"anything")
    assert receipt.ok
    assert (receipt.return_data, receipt.logs, repr(receipt)) == (b"", [], "<Receipt of call: ok>")


def test_calls_leave_the_last_receipt_and_state_alone(market: Market) -> None:
    market.erc20("WETH").transfer(BOB, 1, sender=ALICE)
    receipt, before = market.chain.receipt, market.chain.digest()
    function = market.pool.find(bytes.fromhex("617ba037"))
    asked = market.chain.call(ALICE, market.pool.address, function.calldata([market.asset("WETH"), WETH, ALICE, 0]))
    assert asked.ok
    assert len(asked.logs) == 5
    assert market.chain.receipt is receipt
    assert market.chain.digest() == before


def test_calls_cannot_be_nested_without_end() -> None:
    market = fresh("3.7")
    weth = market.asset("WETH")
    market.pool.supply(weth, 100 * WETH, sender=ALICE)
    deepest = 0

    def callback(*_: Any) -> bool:
        nonlocal deepest
        deepest = max(deepest, market.chain.depth)
        market.pool.flash_loan_simple(receiver, weth, 1, sender=ALICE)
        return True

    receiver = market.flash_loan_receiver("recursive", callback)
    market.fund("WETH", receiver, WETH)
    before = market.chain.digest()
    with pytest.raises(Revert, match="nested too deep"):
        market.pool.flash_loan_simple(receiver, weth, 1, sender=ALICE)
    assert deepest == 64
    assert market.chain.digest() == before


def test_handles_follow_reverts(market: Market) -> None:
    """A handle is an address looked up each time, so it never goes stale."""
    pool = market.pool
    snapshot = market.chain.snapshot()
    market.pool.supply(market.asset("WETH"), WETH, sender=BOB)
    market.chain.revert_to(snapshot)
    assert market.pool is pool
    with pytest.raises(InvalidAmount):
        market.pool.withdraw(market.asset("WETH"), MAX, sender=BOB)
    with pytest.raises(KeyError, match="'DOGE' is not listed; listed are WETH, USDC, DAI, WBTC"):
        market.asset("DOGE")
