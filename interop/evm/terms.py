"""The terms in which the parts of a chain of bytecode know it, so that none of them has to import it."""

from __future__ import annotations

from typing import Any, Protocol

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.logic.terms import Revision
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.state.storage import Journal, Ledger

from .keys import Named
from .revm import Revm
from .sweeping import SeenWords


class BytecodeChain(Protocol):
    """A chain whose contracts are bytecode, as its parts see it."""

    journal: Journal
    time: int
    number: int
    revision: Revision
    contracts: Ledger[Address, Any]
    nonces: Ledger[Address, int]
    balances: Ledger[Address, int]
    libraries: dict[str, Address]
    evm: Revm
    machine: Any
    """The compiled contracts (`engine.Bytecode`)."""
    seen: SeenWords
    wires: dict[Address, Any]
    """By address, what ties the words of a contract to its records (`wires.Wire`)."""
    given: Any
    """Tokens whose code is somebody's own (`given_token.TokensRead`)."""
    own: dict[Address, None]
    """Where compiled contracts of one's own were put."""
    answers: Any
    """What views answer (`answers.Answers`)."""
    pushed: Any
    """What was written into records and the EVM knows of (`pushing.Pushed`)."""
    receipt: Any
    strangers: dict[Address, dict[int, int]]
    """Contracts that belong to no market, with the words that they began with."""

    @property
    def snapshots_are_kept(self) -> bool:
        """Is there a snapshot that somebody may come back to?"""

    def library(self, name: str) -> Address:
        """Where a linked library is, or where it will be put."""

    def revert_of(self, data: bytes) -> Revert:
        """Give the revert that revert data mean."""

    def take_in(self, contract: Contract, named: Named) -> None:
        """Have a contract that stands in the EVM already be a contract of this chain."""

    def bring_up_to_date(self) -> None:
        """Write into the EVM what Python has written into records and the EVM does not know yet."""
