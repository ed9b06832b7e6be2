"""A bare EVM for a moment: code is put somewhere, called, and what it returns or creates is looked at."""

from __future__ import annotations

from pooltwin.protocol.address import Address

from .constructors import CodeError
from .revm import Revm


class TinyEvm:
    """An EVM without a market, of which nothing is kept."""

    def __init__(self, *, chain_id: int = 1) -> None:
        self._evm = Revm(time=1, number=1, chain_id=chain_id)

    def put(self, where: Address, code: bytes) -> None:
        """Put code at an address, as a contract that has created nothing yet."""
        self._evm.set_code(where, code, lasts=False)

    def send(self, sender: Address, to: Address, data: bytes, name: str) -> bytes:
        """Call a contract. Returns what it returned. Raises CodeError, with the `name`, when it reverts."""
        outcome = self._evm.message(sender, to, data)
        if not outcome.ok:
            raise CodeError(f"{name} cannot be made to run outside a market: 0x{outcome.data.hex()}")
        return outcome.data

    def code(self, where: Address) -> bytes:
        """The code at an address, to its last byte."""
        return self._evm.code(where)
