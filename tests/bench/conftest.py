"""Both sides of the speed comparison."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from pooltwin.protocol.market import Market

from tests.contracts.harness.artifacts import ArtifactsMissingError, load_v3_6
from tests.contracts.harness.market import build_market

from .real import (
    BORROWER,
    DEBTS,
    Operation,
    calldata_of,
    make_liquidatable,
    operations,
    twin_call,
    twin_market,
    unfold,
)

Runner = Callable[[str], Callable[[], object]]
"""Operation name to a function that runs it once."""


def prepared_twin(name: str) -> tuple[Market, Operation]:
    """A market in which the operation can be repeated."""
    market = twin_market()
    unfold(market)
    if name == "liquidationCall":
        make_liquidatable(market)
    return market, operations(market)[name]


@pytest.fixture
def twin() -> Runner:
    """The operation on the twin."""

    def prepare(name: str) -> Callable[[], object]:
        market, operation = prepared_twin(name)
        return twin_call(market, operation)

    return prepare


@pytest.fixture
def revm() -> Runner:
    """The same operation on the same market of real contracts, called with ready-made calldata."""
    try:
        artifacts = load_v3_6()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must compile the real contracts: {error}")
        pytest.skip(str(error))

    def prepare(name: str) -> Callable[[], object]:
        market, operation = prepared_twin(name)
        chain = build_market(artifacts).chain
        mirror = twin_market()
        for symbol, amount in DEBTS:
            borrow = Operation(BORROWER, "pool", "borrow", (mirror.asset(symbol), amount, 2, 0, BORROWER))
            assert chain.transact(BORROWER, *calldata_of(mirror, borrow)).ok
        chain.set_time(market.chain.time, market.chain.number)
        feed = market.price_feed("GUSD")
        chain.set_price(feed.address, feed.answer)
        to, data = calldata_of(market, operation)
        assert chain.transact(operation.sender, to, data).ok

        def run() -> object:
            return chain.transact(operation.sender, to, data)

        return run

    return prepare
