"""The aToken as it was in v3.4: the pool tells it amounts, which it turns into shares itself, rounding half up.

Solidity: `AToken`, `ATokenInstance`, v3.4.
"""

from __future__ import annotations

from typing import ClassVar

from ...address import Address
from ...contracts.settable_a_token import SettableAToken
from ...events import BalanceTransfer
from ...machine.function import external, view
from ..v3_5.a_token import ATokenV35
from . import token_rules


class ATokenV34(ATokenV35):
    """Takes underlying amounts from the pool."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "burn(address,address,uint256,uint256,uint256)",
        "transferOnLiquidation(address,address,uint256,uint256,uint256)",
    )
    __slots__ = ()

    @external("mint(address,address,uint256,uint256)", "bool")
    def mint(self, caller: Address, on_behalf_of: Address, value: int, index: int, *, sender: Address) -> bool:
        """For the pool, in underlying units. Raises CallerMustBePool."""
        self.only_pool(sender)
        return token_rules.mint_amount(self, caller, on_behalf_of, value, index)

    @external("burn(address,address,uint256,uint256)")
    def burn_amount(self, from_: Address, receiver: Address, amount: int, index: int, *, sender: Address) -> None:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        token_rules.burn_a_tokens(self, from_, receiver, amount, index)

    @external("mintToTreasury(uint256,uint256)")
    def mint_to_treasury(self, value: int, index: int, *, sender: Address) -> None:
        """For the pool, in underlying units. Raises CallerMustBePool."""
        self.only_pool(sender)
        token_rules.mint_to_treasury(self, value, index)

    @external("transferOnLiquidation(address,address,uint256,uint256)")
    def transfer_amount_on_liquidation(
        self, from_: Address, to: Address, amount: int, index: int, *, sender: Address
    ) -> None:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        token_rules.transfer_on_liquidation(self, from_, to, amount, index)

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All claims in underlying units, with interest to now. None at all need no index."""
        scaled = self.scaled_supply
        return self.chain.revision.a_token_balance(scaled, self.index_now()) if scaled else 0


class SettableATokenV34(SettableAToken, ATokenV34):
    """The same with balances that anybody writes."""

    __slots__ = ()

    def move_at_index(self, operator: Address, from_: Address, to: Address, amount: int, index: int) -> None:
        """Turn the amount into shares, rounded half up, once both sides' interest is known; and move them."""
        scaled = token_rules.move(self, operator, from_, to, amount, index)
        self.emit(BalanceTransfer(from_, to, scaled, index))
