"""Compiled contracts of which no market can be deployed: every command says in one line which refuses, and how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.fitting import UnfitError
from pooltwin.invariants import standard_history
from pooltwin.protocol import DeploymentError
from pooltwin.protocol.errors import encode_error_string, selector_of
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

from ..harness.artifacts import Artifact, ArtifactSet

VAULT = {"name": "vault", "type": "address", "internalType": "address"}


def changed_in(artifact: Artifact, **parts: Any) -> Artifact:
    """A contract with other parts, made anew: a copy would remember what was asked of the first."""
    return Artifact(**{**artifact.model_dump(), **parts})


def wants_more(artifact: Artifact) -> Artifact:
    """The same contract with one more parameter of its constructor."""
    abi = [
        {**entry, "inputs": [*entry["inputs"], VAULT]} if entry["type"] == "constructor" else entry
        for entry in artifact.abi
    ]
    return changed_in(artifact, abi=tuple(abi))


def reverts_when_made(artifact: Artifact) -> Artifact:
    """The same contract with a constructor that reverts with a message."""
    return changed_in(artifact, bytecode=reverting("no, not here").hex(), links={})


def refuses_in_its_own_words(artifact: Artifact) -> Artifact:
    """The same contract with a constructor that reverts with an error that no release has."""
    declared = {"type": "error", "name": "NotThisChain", "inputs": [{"name": "id", "type": "uint256"}]}
    said = reverting_with(selector_of("NotThisChain(uint256)") + (7).to_bytes(32))
    return changed_in(artifact, bytecode=said.hex(), links={}, abi=(*artifact.abi, declared))


def reverts_when_called(artifact: Artifact) -> Artifact:
    """The same contract with code that reverts whatever it is asked; the proxy keeps the message to itself."""
    code = reverting("not today")
    head = bytes.fromhex(f"60{len(code):02x}80600b5f395ff3{'00' * 2}")
    return changed_in(artifact, bytecode=(head + code).hex(), links={})


def reverting(message: str) -> bytes:
    """Code that reverts with a message."""
    return reverting_with(encode_error_string(message))


def reverting_with(data: bytes) -> bytes:
    """Code that reverts with data, which lie behind it."""
    return bytes.fromhex(f"60{len(data):02x}80600b5f395ffd{'00' * 2}") + data


CASES = {
    "more parameters": (
        wants_more,
        r"the constructor of MyPool takes \(address provider, address interestRateStrategy_?, address vault\), and is "
        r"given 0x[0-9a-f]{40}, 0x[0-9a-f]{40}: derive a contract from MyPool whose constructor takes that",
    ),
    "a constructor that reverts": (
        reverts_when_made,
        r"no market can be deployed: Error\('no, not here'\) in the constructor of MyPool$",
    ),
    "an error of its own": (
        refuses_in_its_own_words,
        r"no market can be deployed: NotThisChain\(7\) in the constructor of MyPool$",
    ),
    "code that reverts": (
        reverts_when_called,
        r"no market can be deployed: empty revert in PoolAddressesProvider\.setPoolImpl\(0x",
    ),
}
COMMANDS = (
    "fuzz -n 1 --laws SOL-1 --output {folder}",
    "compare --steps 20",
    "defects --budget 1 --longer 0",
    "record {folder}/mine.jsonl.gz",
)


def with_pool(artifacts: ArtifactSet, changed: Callable[[Artifact], Artifact]) -> ArtifactSet:
    own = {"MyPool": changed(artifacts["PoolInstance"])}
    return artifacts.model_copy(update={"contracts": {**artifacts.contracts, **own}})


@pytest.mark.parametrize("name", CASES)
def test_contracts_that_refuse_to_be_a_market_are_told(name: str, artifacts_v3_6: ArtifactSet) -> None:
    changed, told = CASES[name]
    engine = bytecode_engine(with_pool(artifacts_v3_6, changed), "3.6", contracts={"PoolInstance": "MyPool"})
    with pytest.raises((UnfitError, DeploymentError), match=rf"^compiled contracts: {told}"):
        standard_history("3.6").opening.market(engine)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_say_so_in_a_line(command: str, artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(with_pool(artifacts_v3_6, reverts_when_made).model_dump_json(), encoding="utf-8")
    folder = tmp_path / "written"
    folder.mkdir()
    told: list[Any] = [*command.format(folder=folder).split(), "--bytecode", str(path), "--revision", "3.6"]
    done = CliRunner().invoke(app, [*told, "--contract", "PoolInstance=MyPool"])
    assert done.exit_code == 2, done.output
    assert done.output.splitlines()[-1].startswith("error: ")
    assert "Error('no, not here') in the constructor of MyPool" in done.output
    assert list(folder.iterdir()) == []
