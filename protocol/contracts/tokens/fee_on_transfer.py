"""A token of which each transfer burns a share."""

from __future__ import annotations

from ...address import ZERO_ADDRESS, Address
from ...errors import ERC20InsufficientBalance, ErrorString
from ...events import Transfer
from ...machine.function import external, view
from ..erc20 import TestnetERC20

WHOLE_BPS = 10_000


class FeeOnTransferToken(TestnetERC20):
    """Stands for Statera (STA), which burns one percent of each transfer.

    Against the test token: the recipient gets the amount less the fee, rounded down, and the fee is burnt; the owner
    sets the fee, one percent at first. Not modelled: Statera's own rounding, which is up to whole hundreds of its
    smallest units, and accounts that pay no fee, which others of the kind have.
    """

    KIND = "FeeOnTransferToken"
    STORAGE = {**TestnetERC20.STORAGE, "fee_bps": 100}
    __slots__ = ("fee_bps",)

    fee_bps: int

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer what is left after the fee, and burn the fee. Raises as the test token does."""
        balance = self.balances[sender]
        if ZERO_ADDRESS not in (sender, to) and balance < amount:
            raise ERC20InsufficientBalance(sender, balance, amount)
        fee = amount * self.fee_bps // WHOLE_BPS
        super().move(sender, to, amount - fee)
        if fee:
            self.balances[sender] -= fee
            self.supply -= fee
            self.emit(Transfer(sender, ZERO_ADDRESS, fee))
        return True

    @external("setFee(uint256)")
    def set_fee(self, bps: int, *, sender: Address) -> None:
        """Set the fee (basis points), at most all of it. For the owner only."""
        self.only_owner(sender)
        if bps > WHOLE_BPS:
            raise ErrorString("the fee is more than everything")
        self.fee_bps = bps

    @view("fee()", "uint256")
    def fee(self) -> int:
        """The fee (basis points)."""
        return self.fee_bps
