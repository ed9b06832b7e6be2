"""Moving underlying tokens, whatever they return. Solidity: `GPv2SafeERC20`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..address import Address
from ..errors import ErrorString
from ..machine.abi import WORD, calldata_of
from ..machine.precompiles import answer_of
from .terms import Machine


class Spender(Protocol):
    """A contract that moves tokens which others let it move."""

    address: Address

    @property
    def chain(self) -> Machine: ...


def safe_transfer_from(spender: Spender, token: Address, from_: Address, to: Address, amount: int) -> None:
    """Pull tokens with the spender's allowance. Raises the token's own revert, or a string error when it refuses."""
    contract = spender.chain.contracts[token]
    if contract is None:
        _without_code(token, "transferFrom(address,address,uint256)", (from_, to, amount))
    elif contract.move_from(spender.address, from_, to, amount) is False:
        raise ErrorString("GPv2: failed transferFrom")


def safe_transfer(chain: Machine, token: Address, from_: Address, to: Address, amount: int) -> None:
    """Send tokens that `from_`, a contract, holds itself."""
    contract = chain.contracts[token]
    if contract is None:
        _without_code(token, "transfer(address,uint256)", (to, amount))
    elif contract.move(from_, to, amount) is False:
        raise ErrorString("GPv2: failed transfer")


def _without_code(token: Address, signature: str, arguments: Sequence[object]) -> None:
    """Take a precompiled contract for a token: a word means success, none of them answers zero. Raises string errors.

    Solidity: `GPv2SafeERC20.getLastTransferResult`.
    """
    answer = answer_of(token, calldata_of(signature, arguments))
    if not answer:
        raise ErrorString("GPv2: not a contract")
    if len(answer) != WORD:
        raise ErrorString("GPv2: malformed transfer result")
