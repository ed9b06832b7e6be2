"""Many calls in one beside the real contract: of the market, of itself, with ether, broken and refused."""

import os

import pytest
from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactsMissingError
from ..harness.calldata import encoded
from ..harness.market import ACCOUNTS, ADMIN
from ..harness.recorder import Recorder
from .multicall import FUNCTIONS, MANY, open_multicall, play


@pytest.fixture(scope="module")
def market() -> Recorder:
    """The standard market in lockstep, with Multicall3; without the real contract skipped, in CI a failure."""
    try:
        return open_multicall()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the real contracts: {error}")
        pytest.skip(str(error))


def test_batches_of_calls(market: Recorder) -> None:
    assert play(market, seed=91, count=900) > 200


def test_what_it_knows_of_the_block(market: Recorder) -> None:
    chain = market.chain
    for name, (mutability, inputs) in FUNCTIONS.items():
        if mutability == "view":
            arguments = [ACCOUNTS[0] if entry["type"] == "address" else chain.block_number for entry in inputs]
            signature = f"{name}({','.join(entry['type'] for entry in inputs)})"
            assert chain.transact(ADMIN, market.address(MANY), encoded(signature, arguments)).ok
    with pytest.raises(NotModelledError, match="the hash of a block"):
        chain.transact(ADMIN, market.address(MANY), encoded("getBlockHash(uint256)", [chain.block_number - 1]))
