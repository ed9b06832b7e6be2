"""The variable debt token as it was in v3.4: the pool tells it amounts, which it turns into shares itself.

Solidity: `VariableDebtToken`, `VariableDebtTokenInstance`, v3.4.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ...address import Address
from ...machine.function import external, view
from ..v3_5.debt_token import VariableDebtTokenV35
from . import token_rules


class VariableDebtTokenV34(VariableDebtTokenV35):
    """Takes underlying amounts from the pool."""

    ABSENT: ClassVar[tuple[str, ...]] = ("mint(address,address,uint256,uint256,uint256)",)
    __slots__ = ()

    @external("mint(address,address,uint256,uint256)", "uint256")
    def mint_amount(self, user: Address, on_behalf_of: Address, amount: int, index: int, *, sender: Address) -> Any:
        """For the pool. Raises CallerMustBePool. Returns all shares."""
        self.only_pool(sender)
        return token_rules.mint_debt(self, user, on_behalf_of, amount, index)

    @external("burn(address,uint256,uint256)", "bool,uint256")
    def burn(self, from_: Address, value: int, index: int, *, sender: Address) -> Any:
        """For the pool, in underlying units. Raises CallerMustBePool. Returns whether none is left, and all shares."""
        self.only_pool(sender)
        return token_rules.burn_debt(self, from_, value, index)

    @view("balanceOf(address)", "uint256")
    def balance_of(self, user: Address) -> int:
        """A user's debt in underlying units, with interest to now. Who owes nothing needs no index."""
        scaled = self.scaled_balances[user]
        return self.chain.revision.debt_balance(scaled, self.index_now()) if scaled else 0
