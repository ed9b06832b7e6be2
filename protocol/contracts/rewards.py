"""A rewards controller that gives no rewards and keeps what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..address import Address
from ..machine.contract import Contract, ledger_of
from ..machine.function import external, view
from ..state.storage import Ledger

if TYPE_CHECKING:
    from ..chain import Chain


class RewardsRecorder(Contract):
    """Counts the changes of balances that tokens tell, and keeps the last figures: those before the change, in shares.

    In the place of Aave's `RewardsController`, where nothing is wanted of it but that it is told.
    """

    KIND = "RewardsRecorder"
    STORAGE = {"times_told": 0, "balances": ledger_of(0), "supplies": ledger_of(0)}
    __slots__ = ("balances", "supplies", "times_told")

    chain: Chain

    times_told: int
    """How often it was told of a change."""
    balances: Ledger[tuple[Address, Address], int]
    """By token and user: the user's shares before the last change."""
    supplies: Ledger[Address, int]
    """By token: all shares before the last change."""

    def on_balance_change(self, token: Address, user: Address, supply_before: int, balance_before: int) -> None:
        """Take note that a user's balance of a token changes. Shares, before the change. Solidity: `handleAction`."""
        self.times_told += 1
        self.balances[token, user] = balance_before
        self.supplies[token] = supply_before

    @external("handleAction(address,uint256,uint256)")
    def handle_action(self, user: Address, total_supply: int, user_balance: int, *, sender: Address) -> None:
        """The same, told by whoever calls."""
        self.on_balance_change(sender, user, total_supply, user_balance)

    @view("timesTold()", "uint256")
    def get_times_told(self) -> int:
        """How often it was told of a change."""
        return self.times_told
