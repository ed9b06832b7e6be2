"""A call inside a transaction, in the shape of a receipt, so that laws read either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert

HALF_FINISHED = frozenset(
    (
        *("PoolInstance", "L2PoolInstance", "PoolConfiguratorInstance"),
        *("ATokenInstance", "ATokenWithDelegationInstance", "SettableMockAToken", "VariableDebtTokenInstance"),
    )
)
"""Kinds of contracts whose calls leave the market half-finished while they call out."""

LOANS = ("flashLoan", "flashLoanSimple")


class Frame:
    """A call inside a transaction: what laws read of it, where it began, and what it was made inside of."""

    __slots__ = (
        "arguments",
        "calls_back",
        "contract",
        "emitted",
        "from_outside",
        "function",
        "known",
        "log_start",
        "looked",
        "parent",
        "reentered",
        "revert",
        "sender",
        "shielded",
        "shields",
        "start",
        "value",
    )

    def __init__(
        self, contract: Any, function: Any, sender: Address, arguments: Sequence[Any], parent: Frame | None
    ) -> None:
        self.contract = contract
        self.function = function
        self.sender = sender
        self.arguments = arguments
        self.parent = parent
        """The call that it was made inside of; None for the first of a transaction."""
        self.shields: bool = contract.KIND in HALF_FINISHED and not _only_calls(function.name)
        """Is the market half-finished until this call ends?"""
        self.shielded: bool = parent is not None and (parent.shields or parent.shielded)
        """Was it made while another call had left the market half-finished?"""
        self.calls_back = self.shields and function.name in LOANS
        """Are calls from inside a part of what it is for?"""
        self.start = self.log_start = 0
        """How long the journal and the list of events were when it began."""
        self.known = 0
        """How many broken laws were known when it began."""
        self.looked = False
        """Was anything judged inside it?"""
        self.reentered = False
        """Did another call take effect inside it that is no part of what it is for?"""
        self.from_outside = False
        """Is it a piece that was written from outside while the call was in progress, as a price is by a test?"""
        self.value: Any = None
        self.revert: Revert | None = None
        self.emitted: list[tuple[Address, Any]] = []

    def piece(self, emitted: list[tuple[Address, Any]]) -> Frame:
        """Make a frame of the same call for what it did itself between the calls that it made."""
        piece = Frame(self.contract, self.function, self.sender, self.arguments, self.parent)
        piece.emitted = emitted
        return piece

    def above(self) -> list[Frame]:
        """List the calls that it was made inside of, the first of the transaction first."""
        if self.parent is None:
            return []
        return [*self.parent.above(), self.parent]


def is_reentered(first: Frame | None, receipt: Any) -> bool:
    """Did a call take effect inside a transaction that is no part of what its first call is for?

    Where nobody was told of the calls inside, as on bytecode, there may have been such a call.
    """
    unwatched: bool = getattr(receipt, "calls_unwatched", False)
    return unwatched if first is None else first.reentered or (unwatched and not first.calls_back)


def _only_calls(name: str) -> bool:
    """Does a function do nothing but make calls, one after the other, as a multicall and a call packed in words do?"""
    return name == "multicall" or name.endswith("Compact")
