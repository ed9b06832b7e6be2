"""A token whose balances are shares of a total that grows and shrinks by itself."""

from __future__ import annotations

from ...address import ZERO_ADDRESS, Address
from ...errors import (
    PANIC_OVERFLOW,
    ERC20InsufficientBalance,
    ERC20InvalidReceiver,
    ERC20InvalidSender,
    ErrorString,
    Panic,
)
from ...events import Transfer, TransferShares
from ...machine.contract import ledger_of
from ...machine.function import external, view
from ...math.uint import MAX_UINT256
from ...state.storage import Ledger
from ..erc20 import TestnetERC20


class RebasingToken(TestnetERC20):
    """Stands for stETH. Solidity: Lido's `StETH`.

    Against the test token: accounts hold shares, and a balance is their part of the total, rounded down; a transfer
    moves the shares that an amount is worth, rounded down, and logs them too; the owner sets the total, as Lido's
    oracle does, and all balances follow without an event. Not modelled: deposits, withdrawals, the oracle's report and
    its limits, `transferShares`, pausing, Lido's texts of refusals. `balances` is what the shares are worth, written
    anew for every holder whenever the total changes, which costs as much as there are holders.
    """

    KIND = "RebasingToken"
    STORAGE = {**TestnetERC20.STORAGE, "shares": ledger_of(0), "total_shares": 0}
    __slots__ = ("shares", "total_shares")

    shares: Ledger[Address, int]
    total_shares: int

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer the shares that an amount is worth. Raises as the test token does."""
        if sender == ZERO_ADDRESS:
            raise ERC20InvalidSender(ZERO_ADDRESS)
        if to == ZERO_ADDRESS:
            raise ERC20InvalidReceiver(ZERO_ADDRESS)
        moved = self._shares_worth(amount)
        if self.shares[sender] < moved:
            raise ERC20InsufficientBalance(sender, self.balances[sender], amount)
        self.shares[sender] -= moved
        self.shares[to] += moved
        self._revalue(sender)
        self._revalue(to)
        self.emit(Transfer(sender, to, amount))
        self.emit(TransferShares(sender, to, moved))
        return True

    def _create(self, account: Address, amount: int) -> None:
        if account == ZERO_ADDRESS:
            raise ERC20InvalidReceiver(ZERO_ADDRESS)
        if self.supply + amount > MAX_UINT256:
            raise Panic(PANIC_OVERFLOW)
        created = self._shares_worth(amount)
        self.shares[account] += created
        self.total_shares += created
        self.supply += amount
        self._revalue_all()
        self.emit(Transfer(ZERO_ADDRESS, account, amount))
        self.emit(TransferShares(ZERO_ADDRESS, account, created))

    def _shares_worth(self, amount: int) -> int:
        return amount * self.total_shares // self.supply if self.supply else amount

    def _revalue(self, account: Address) -> None:
        worth = self.shares[account] * self.supply // self.total_shares if self.total_shares else 0
        if self.balances[account] != worth:
            self.balances[account] = worth

    def _revalue_all(self) -> None:
        for account in list(self.shares.written()):
            self._revalue(account)

    @external("rebase(uint256)")
    def rebase(self, total: int, *, sender: Address) -> None:
        """Set the total of which balances are shares, above zero. For the owner only."""
        self.only_owner(sender)
        if not total or not self.total_shares:
            raise ErrorString("a total of nothing, or of nobody")
        self.supply = total
        self._revalue_all()

    @view("sharesOf(address)", "uint256")
    def shares_of(self, account: Address) -> int:
        """An account's shares."""
        return self.shares[account]

    @view("getTotalShares()", "uint256")
    def get_total_shares(self) -> int:
        """All shares."""
        return self.total_shares
