"""Moving underlying tokens, whatever they return. Solidity: `GPv2SafeERC20`."""

from __future__ import annotations

from ..address import Address
from ..errors import ErrorString
from .terms import Machine, Pool


def safe_transfer_from(pool: Pool, token: Address, from_: Address, to: Address, amount: int) -> None:
    """Pull underlying with the pool's allowance. Raises the token's own revert, or a string error when it refuses."""
    contract = pool.chain.contracts[token]
    if contract is None:
        raise ErrorString("GPv2: not a contract")
    if contract.move_from(pool.address, from_, to, amount) is False:
        raise ErrorString("GPv2: failed transferFrom")


def safe_transfer(chain: Machine, token: Address, from_: Address, to: Address, amount: int) -> None:
    """Send tokens that `from_`, a contract, holds itself."""
    contract = chain.contracts[token]
    if contract is None:
        raise ErrorString("GPv2: not a contract")
    if contract.move(from_, to, amount) is False:
        raise ErrorString("GPv2: failed transfer")
