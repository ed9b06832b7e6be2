"""A token whose transfers and approvals return nothing."""

from __future__ import annotations

from ...address import Address
from ...errors import EmptyRevert
from ...events import AddedBlackList, Params, RemovedBlackList, Transfer
from ...machine.contract import ledger_of
from ...machine.function import external, view
from ...math.uint import MAX_UINT256
from ...state.storage import Ledger
from ..erc20 import TestnetERC20

MAX_RATE, MAX_FEE = 20, 50
"""What the fee's rate (basis points) and its maximum (whole tokens) have to stay below."""


class TokenWithoutReturnValue(TestnetERC20):
    """Stands for USDT. Solidity: Tether's `TetherToken`, as far as a pool meets it.

    Against the test token: `transfer`, `transferFrom` and `approve` return no data; an allowance that is not zero can
    only be set to zero; the owner may set a fee, which is zero at first and goes to the owner, and blacklists senders,
    who may still receive and spend what is others'; refusals carry no data; there is no permit. Not modelled: pausing,
    deprecation, `destroyBlackFunds`, `issue` and `redeem`: tokens are minted as the test token's are.
    """

    KIND = "TokenWithoutReturnValue"
    ZERO_FIRST = True
    ABSENT = (
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
        "nonces(address)",
        "DOMAIN_SEPARATOR()",
        "PERMIT_TYPEHASH()",
        "EIP712_REVISION()",
    )
    STORAGE = {**TestnetERC20.STORAGE, "blocked": ledger_of(False), "fee_rate_bps": 0, "largest_fee": 0}
    __slots__ = ("blocked", "fee_rate_bps", "largest_fee")

    blocked: Ledger[Address, bool]
    fee_rate_bps: int
    largest_fee: int

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer what is left after the fee. Reverts without data. True is for Python: no data say so."""
        if self.blocked[sender]:
            raise EmptyRevert("the sender is blacklisted")
        balances = self.balances
        if balances[sender] < amount:
            raise EmptyRevert("balance too small")
        fee = min(amount * self.fee_rate_bps // 10_000, self.largest_fee)
        balances[sender] -= amount
        balances[to] += amount - fee
        if fee:
            balances[self.owner_address] += fee
            self.emit(Transfer(sender, self.owner_address, fee))
        self.emit(Transfer(sender, to, amount - fee))
        return True

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer with an allowance, of which an infinite one is not spent."""
        allowance = self.allowances[owner, spender]
        if allowance < amount:
            raise EmptyRevert("allowance too small")
        if allowance != MAX_UINT256:
            self.allowances[owner, spender] = allowance - amount
        return self.move(owner, to, amount)

    def _refuse_zero_parties(self, owner: Address, spender: Address) -> None:
        """Refuse nobody."""

    def only_owner(self, sender: Address) -> None:
        """Raises an empty revert when the caller is not the owner."""
        if sender != self.owner_address:
            raise EmptyRevert("the caller is not the owner")

    # --- the interface ------------------------------------------------------------------------------------------------

    @external("transfer(address,uint256)")
    def transfer(self, recipient: Address, amount: int, *, sender: Address) -> None:  # type: ignore[override]  # its point
        """Send tokens. Returns nothing."""
        self.move(sender, recipient, amount)

    @external("transferFrom(address,address,uint256)")
    def transfer_from(  # type: ignore[override]  # as above
        self, owner: Address, recipient: Address, amount: int, *, sender: Address
    ) -> None:
        """Send tokens of `owner` with the caller's allowance. Returns nothing."""
        self.move_from(sender, owner, recipient, amount)

    @external("approve(address,uint256)")
    def approve(self, spender: Address, amount: int, *, sender: Address) -> None:  # type: ignore[override]  # as above
        """Allow `spender` to move `amount`. Returns nothing; refuses to change one allowance into another."""
        if amount and self.allowances[sender, spender]:
            raise EmptyRevert("an allowance is set to zero first")
        self.set_allowance(sender, spender, amount)

    @external("setParams(uint256,uint256)")
    def set_params(self, new_basis_points: int, new_max_fee: int, *, sender: Address) -> None:
        """Set the fee: below 20 basis points, of which the maximum is below 50 whole tokens. For the owner only."""
        self.only_owner(sender)
        if new_basis_points >= MAX_RATE or new_max_fee >= MAX_FEE:
            raise EmptyRevert("the fee is too high")
        self.fee_rate_bps = new_basis_points
        self.largest_fee = new_max_fee * 10**self.token_decimals
        self.emit(Params(self.fee_rate_bps, self.largest_fee))

    @view("basisPointsRate()", "uint256")
    def basis_points_rate(self) -> int:
        """The fee (basis points)."""
        return self.fee_rate_bps

    @view("maximumFee()", "uint256")
    def maximum_fee(self) -> int:
        """The most that a transfer costs."""
        return self.largest_fee

    @external("addBlackList(address)")
    def add_black_list(self, account: Address, *, sender: Address) -> None:
        """Let an account send nothing any more. For the owner only."""
        self.only_owner(sender)
        self.blocked[account] = True
        self.emit(AddedBlackList(account))

    @external("removeBlackList(address)")
    def remove_black_list(self, account: Address, *, sender: Address) -> None:
        """Let an account send again. For the owner only."""
        self.only_owner(sender)
        self.blocked[account] = False
        self.emit(RemovedBlackList(account))

    @view("getBlackListStatus(address)", "bool")
    def get_black_list_status(self, account: Address) -> bool:
        """Is an account blacklisted?"""
        return self.blocked[account]
