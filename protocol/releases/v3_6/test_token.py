"""The test token as it was in v3.6: built on an old copy of OpenZeppelin, with string errors.

Solidity: `TestnetERC20`, v3.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...address import ZERO_ADDRESS, Address
from ...contracts.erc20 import TestnetERC20
from ...errors import EmptyRevert, ErrorString
from ...events import Transfer
from ...machine.function import external
from ...math.uint import MAX_UINT256

if TYPE_CHECKING:
    from ...chain import Chain


class TestnetERC20V36(TestnetERC20):
    """Moves tokens before it looks at the allowance, and logs an Approval for each spending."""

    CODE = "TestnetERC20@3.6"
    MODERN = False

    def __init__(self, chain: Chain, at: Address, name: str, symbol: str, decimals: int, owner: Address) -> None:
        if owner == ZERO_ADDRESS:
            raise EmptyRevert("a token needs an owner")
        super().__init__(chain, at, name, symbol, decimals, owner)

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer. Raises string errors."""
        if sender == ZERO_ADDRESS:
            raise ErrorString("ERC20: transfer from the zero address")
        if to == ZERO_ADDRESS:
            raise ErrorString("ERC20: transfer to the zero address")
        balances = self.balances
        balance = balances[sender]
        if balance < amount:
            raise ErrorString("ERC20: transfer amount exceeds balance")
        balances[sender] = balance - amount
        balances[to] += amount
        self.emit(Transfer(sender, to, amount))
        return True

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer first, then spend the allowance, even an infinite one."""
        self.move(owner, to, amount)
        allowance = self.allowances[owner, spender]
        if allowance < amount:
            raise ErrorString("ERC20: transfer amount exceeds allowance")
        self.set_allowance(owner, spender, allowance - amount)
        return True

    def _refuse_zero_parties(self, owner: Address, spender: Address) -> None:
        if owner == ZERO_ADDRESS:
            raise ErrorString("ERC20: approve from the zero address")
        if spender == ZERO_ADDRESS:
            raise ErrorString("ERC20: approve to the zero address")

    def _create(self, account: Address, amount: int) -> None:
        if account == ZERO_ADDRESS:
            raise ErrorString("ERC20: mint to the zero address")
        if self.supply + amount > MAX_UINT256:
            raise EmptyRevert("the supply overflows")
        self.supply += amount
        self.balances[account] += amount
        self.emit(Transfer(ZERO_ADDRESS, account, amount))

    @external("increaseAllowance(address,uint256)", "bool")
    def increase_allowance(self, spender: Address, added: int, *, sender: Address) -> bool:
        """Raise an allowance. Reverts without data on overflow."""
        allowance = self.allowances[sender, spender] + added
        if allowance > MAX_UINT256:
            raise EmptyRevert("the allowance overflows")
        self.set_allowance(sender, spender, allowance)
        return True

    @external("decreaseAllowance(address,uint256)", "bool")
    def decrease_allowance(self, spender: Address, subtracted: int, *, sender: Address) -> bool:
        """Lower an allowance. Raises a string error below zero."""
        allowance = self.allowances[sender, spender]
        if allowance < subtracted:
            raise ErrorString("ERC20: decreased allowance below zero")
        self.set_allowance(sender, spender, allowance - subtracted)
        return True
