"""Writes down every transaction, price and tick of the clock that a replay puts on the twin."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.oracle import MockAggregator
from pooltwin.protocol.market import Market


class Tick(NamedTuple):
    """The clock moved."""

    time: int
    number: int


class Quote(NamedTuple):
    """A price feed answers something else."""

    feed: str
    answer: int


class Call(NamedTuple):
    """One transaction and what the twin made of it."""

    sender: str
    to: str
    signature: str
    arguments: tuple[Any, ...]
    ok: bool
    return_data: bytes
    logs: list[tuple[str, tuple[str, ...], str]]


class Look(NamedTuple):
    """The state as the views show it at this point."""

    state: dict[str, Any]


Entry = Tick | Quote | Call | Look


@contextmanager
def traced(monkeypatch: Any) -> Iterator[list[Entry]]:
    """A list that fills with everything that stays: what is undone by going back to a snapshot is taken out again."""
    trace: list[Entry] = []
    marks: dict[int, int] = {}
    enter, set_time, snapshot, revert_to = Chain.enter, Chain.set_time, Chain.snapshot, Chain.revert_to
    set_answer, deploy = MockAggregator.set_answer, Market.deploy

    def traced_enter(chain, contract, function, sender, arguments):
        if chain.depth or function.view:
            return enter(chain, contract, function, sender, arguments)
        try:
            return enter(chain, contract, function, sender, arguments)
        finally:
            receipt = chain.receipt
            logs = [(log.address, _hex(log.topics), log.data.hex()) for log in receipt.logs]
            call = (sender, contract.address, function.signature, tuple(arguments))
            trace.append(Call(*call, receipt.ok, receipt.return_data, logs))

    def traced_set_time(chain, timestamp, number=None):
        set_time(chain, timestamp, number)
        trace.append(Tick(chain.time, chain.number))

    def traced_snapshot(chain):
        mark = snapshot(chain)
        marks[id(mark)] = len(trace)
        return mark

    def traced_revert_to(chain, mark):
        revert_to(chain, mark)
        del trace[marks[id(mark)] :]

    def traced_set_answer(feed, answer):
        set_answer(feed, answer)
        trace.append(Quote(feed.address, answer))

    def traced_deploy(cls, *args, **options):
        market = deploy(*args, **options)
        trace.clear()  # the market is there: its deployment is no part of the history
        return market

    with monkeypatch.context() as patch:
        patch.setattr(Chain, "enter", traced_enter)
        patch.setattr(Chain, "set_time", traced_set_time)
        patch.setattr(Chain, "snapshot", traced_snapshot)
        patch.setattr(Chain, "revert_to", traced_revert_to)
        patch.setattr(MockAggregator, "set_answer", traced_set_answer)
        patch.setattr(Market, "deploy", classmethod(traced_deploy))
        yield trace


def _hex(topics: Any) -> tuple[str, ...]:
    return tuple(topic if isinstance(topic, str) else "0x" + topic.hex() for topic in topics)
