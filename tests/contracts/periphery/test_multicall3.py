"""Many calls in one beside the real contract: of the market, of itself, with ether, broken and refused."""

import os
import random
from typing import Any

import pytest
from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactsMissingError
from ..harness.calldata import MUTATIONS, Arguments, encoded, targets
from ..harness.directed import Mutator
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market
from ..harness.recorder import Recorder
from .multicall import FUNCTIONS, load_multicall

MANY = "around Multicall3"
SIGNATURES = {
    "aggregate": "aggregate((address,bytes)[])",
    "tryAggregate": "tryAggregate(bool,(address,bytes)[])",
    "tryBlockAndAggregate": "tryBlockAndAggregate(bool,(address,bytes)[])",
    "blockAndAggregate": "blockAndAggregate((address,bytes)[])",
    "aggregate3": "aggregate3((address,bool,bytes)[])",
    "aggregate3Value": "aggregate3Value((address,bool,uint256,bytes)[])",
}


@pytest.fixture(scope="module")
def market() -> Recorder:
    """The standard market in lockstep, with Multicall3 and everybody with ether."""
    try:
        artifacts = load_multicall()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the real contracts: {error}")
        pytest.skip(str(error))
    recorder = open_market(artifacts, "3.6", 1, 1, in_lockstep_with("3.6"))[1]
    recorder.deploy(MANY, "Multicall3", [])
    recorder.deploy("weth9", "WETH9", [])
    for account in ACCOUNTS:
        recorder.chain.give_ether(account, 10**24)
    return recorder


class Batches:
    """Random batches of calls that mean something, some of them batches again."""

    def __init__(self, recorder: Recorder, seed: int) -> None:
        self.rng = random.Random(f"batches {seed}")
        self.recorder = recorder
        addresses = recorder.addresses
        assets = [addresses[label.removeprefix("agg_")] for label in addresses if label.startswith("agg_")]
        self.arguments = Arguments(self.rng, [*ACCOUNTS, ADMIN], assets, list(addresses.values()))
        self.targets = [target for target in targets(recorder) if target.label not in (MANY, "provider")]

    def call(self, depth: int) -> tuple[str, bytes]:
        """A target and calldata."""
        if depth and self.rng.random() < 0.15:
            return self.recorder.address(MANY), self.batch(depth - 1)[0]
        if self.rng.random() < 0.1:
            return self.rng.choice(ACCOUNTS), b""
        target = self.rng.choice(self.targets)
        functions = target.views() if self.rng.random() < 0.7 else list(target.functions)
        signature, entry = self.rng.choice(functions or list(target.functions))
        return target.address, encoded(signature, self.arguments.of(entry))

    def batch(self, depth: int = 1) -> tuple[bytes, int, str]:
        """Calldata of a batch, the ether that it sends, and the function's signature."""
        rng, name = self.rng, self.rng.choice(list(SIGNATURES))
        calls: list[tuple[Any, ...]] = []
        total = 0
        for _ in range(rng.randrange(5)):
            target, data = self.call(depth)
            flags: tuple[Any, ...] = ()
            if name.startswith("aggregate3"):
                flags = (rng.random() < 0.6,)
            if name == "aggregate3Value":
                value = rng.choice((0, 0, 1, 10**18)) if depth else 0
                total += value
                flags = (*flags, value)
            calls.append((target, *flags, data))
        first = (rng.random() < 0.3,) if name.startswith("try") else ()
        if rng.random() < 0.1:
            total += 1
        return encoded(SIGNATURES[name], (*first, calls)), total, SIGNATURES[name]


def test_batches_of_calls(market: Recorder) -> None:
    chain = market.chain
    assert isinstance(chain, LockstepChain)
    batches, mutator = Batches(market, 91), Mutator(random.Random("mutations of batches"))
    taken = unknown = 0
    for number in range(900):
        data, value, signature = batches.batch()
        if number % 3 == 1:
            data = mutator.mutated(signature, data)
        elif number % 11 == 0:
            data = batches.rng.choice(MUTATIONS)(batches.rng, bytearray(data))
        try:
            taken += chain.transact(batches.rng.choice(ACCOUNTS), market.address(MANY), data, value).ok
        except NotModelledError:
            unknown += 1
    assert taken > 200
    assert unknown < 20
    chain.compare_ether()
    chain.compare_storage()


def test_what_it_knows_of_the_block(market: Recorder) -> None:
    chain = market.chain
    for name, (mutability, inputs) in FUNCTIONS.items():
        if mutability == "view":
            arguments = [ACCOUNTS[0] if entry["type"] == "address" else chain.block_number for entry in inputs]
            signature = f"{name}({','.join(entry['type'] for entry in inputs)})"
            assert chain.transact(ADMIN, market.address(MANY), encoded(signature, arguments)).ok
    with pytest.raises(NotModelledError, match="the hash of a block"):
        chain.transact(ADMIN, market.address(MANY), encoded("getBlockHash(uint256)", [chain.block_number - 1]))
