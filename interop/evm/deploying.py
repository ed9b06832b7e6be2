"""Contracts put where a market wants them: creation code at the address itself, called there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from pooltwin.protocol.address import ZERO_ADDRESS, Address

from .fitting import UnfitError
from .revm import Outcome
from .terms import BytecodeChain


def create(chain: BytecodeChain, kind: str, where: Address, arguments: Sequence[Any]) -> Outcome:
    """Create a contract at an address, and the libraries that it links where nobody has put them.

    The creation code is put at the address and called there, so that a constructor writes, emits and calls as the
    contract that it makes; what it returns becomes the code. Raises UnfitError for a contract that was not compiled and
    for one whose constructor takes other arguments, and the revert of a constructor.
    """
    artifact = chain.machine.artifact(kind)
    libraries = {}
    for name in sorted(artifact.links):
        libraries[name] = chain.library(name)
        if libraries[name] not in chain.evm.codes:
            create(chain, name, libraries[name], [])
    code = artifact.creation_code(libraries) + encoded_arguments(chain.machine, kind, arguments)
    chain.evm.set_code(where, code, nonce=1)
    outcome = chain.evm.message(ZERO_ADDRESS, where, b"")
    if not outcome.ok:
        chain.evm.set_code(where, b"", nonce=0)
        revert = chain.revert_of(outcome.data)
        revert.call = f"the constructor of {chain.machine.name_of(kind)}"
        raise revert
    chain.evm.set_code(where, outcome.data)
    return outcome


def encoded_arguments(machine: Any, kind: str, arguments: Sequence[Any]) -> bytes:
    """Encode what the constructor of a kind of contract is given. Raises UnfitError where it takes something else."""
    artifact = machine.artifact(kind)
    try:
        return encode(artifact.constructor_types, list(arguments))
    except EncodingError:
        name = machine.name_of(kind)
        given = ", ".join(map(str, arguments)) or "nothing"
        raise UnfitError(
            f"{machine.label}: the constructor of {name} takes ({artifact.constructor_parameters}), and is given "
            f"{given}: derive a contract from {name} whose constructor takes that, and name it instead"
        ) from None
