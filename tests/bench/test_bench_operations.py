"""The twin beside the real bytecode in revm, operation by operation."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.protocol.recordings.verification import verify

from .conftest import Runner, prepared_twin
from .real import twin_call

OPERATIONS = ("supply", "withdraw", "borrow", "repay", "aToken transfer", "liquidationCall", "getUserAccountData")

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("name", OPERATIONS)
def test_twin(benchmark: Any, twin: Runner, name: str) -> None:
    """A typed call on the twin, transaction and events included."""
    benchmark.group = name
    benchmark(twin(name))


@pytest.mark.parametrize("name", OPERATIONS)
def test_revm(benchmark: Any, revm: Runner, name: str) -> None:
    """The same call on the real contracts in revm."""
    benchmark.group = name
    benchmark(revm(name))


def test_snapshot_and_revert(benchmark: Any) -> None:
    """Snapshot, one supply, back again."""
    benchmark.group = "snapshot and revert"
    market, operation = prepared_twin("supply")
    chain, supply = market.chain, twin_call(market, operation)

    def run() -> None:
        snapshot = chain.snapshot()
        supply()
        chain.revert_to(snapshot)

    benchmark(run)


def test_verify(benchmark: Any) -> None:
    """A whole recording: 3,241 calls and 51 states."""
    benchmark.group = "verify a recording"
    path = next(path for path in recording_paths() if path.name.startswith("v3.6-1"))
    result = benchmark.pedantic(verify, args=(path,), rounds=3)
    assert result.ok
    benchmark.extra_info["calls"] = result.calls
