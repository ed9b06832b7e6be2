"""Tokens of `tokens.sol`, compiled once, and put in the place of a market's test token."""

import hashlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from pooltwin.interop.evm.accounts import put_account
from pooltwin.interop.evm.artifacts import Artifact
from pooltwin.interop.evm.genesis import genesis_of
from pooltwin.interop.evm.revm import Revm
from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.machine.abi import calldata_of

from ..faults.building import SCRIPT
from ..harness.artifacts import SOURCES_V3_6, cache_folder, run_node

SOLIDITY = Path(__file__).with_name("tokens.sol")
UNIT = "tokens.sol"
TOKENS = ("Silent", "Costly", "Barring", "Growing", "Pooled", "Dated", "Turned", "Seeded")


@cache
def compiled() -> dict[str, Artifact]:
    """The tokens by name. Raises ArtifactsMissingError."""
    digest = hashlib.sha256(SOLIDITY.read_bytes() + SCRIPT.read_bytes()).hexdigest()[:16]
    target = cache_folder() / f"tokens-{digest}.json"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        job = {"units": {UNIT: SOLIDITY.read_text("utf-8")}, "wanted": dict.fromkeys(TOKENS, UNIT), "called": {}}
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            run_node(SCRIPT, [SOURCES_V3_6, Path(folder)], json.dumps([job]))
            os.replace(Path(folder) / "0.json", target)
    answer = json.loads(target.read_bytes())
    return {name: Artifact.model_validate(each) for name, each in answer["artifacts"].items()}


def account_of(name: str, where: Address, holders: dict[Address, int], time: int) -> dict[str, Any]:
    """The account of one of the tokens at an address, whose holders have so much, as an entry of a genesis file."""
    evm = Revm(time=time, number=1, chain_id=1)
    evm.set_code(where, bytes.fromhex(compiled()[name].bytecode))
    evm.set_code(where, evm.message(ZERO_ADDRESS, where, b"").data)
    for account, amount in holders.items():
        told = calldata_of("issue(address,uint256)", (account, amount))
        assert evm.message(ZERO_ADDRESS, where, told).ok
    words = {hex(slot): hex(word) for slot, word in evm.accounts()[where].items()}
    return {"code": f"0x{evm.code(where).hex()}", "nonce": "0x1", "balance": "0x0", "storage": words}


def answer(alloc: dict[str, Any], where: Address, time: int, signature: str, *arguments: Any) -> int:
    """What a view answers in a state, asked in an EVM of its own."""
    evm = Revm(time=time, number=1, chain_id=1)
    for account, held in genesis_of(alloc).accounts.items():
        put_account(evm, account, held)
    outcome = evm.ask(where, calldata_of(signature, arguments))
    return int.from_bytes(outcome.data[:32])
