"""The variable debt token as it was in v3.3: its rewards controller in storage, the ABI of the first release.

Solidity: `VariableDebtToken`, `VariableDebtTokenInstance`, v3.3.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ...address import Address
from ...machine.function import IN_MEMORY, external
from ..v3_4 import token_rules
from ..v3_4.debt_token import VariableDebtTokenV34
from .scaled_token import ReplaceableController


class VariableDebtTokenV33(ReplaceableController, VariableDebtTokenV34):
    """Tells the pool less when debt is burnt, and more when it is minted."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "REWARDS_CONTROLLER()",
        "initialize(address,address,uint8,string,string,bytes)",
    )
    __slots__ = ()

    @external("mint(address,address,uint256,uint256)", "bool,uint256")
    def mint_amount(self, user: Address, on_behalf_of: Address, amount: int, index: int, *, sender: Address) -> Any:
        """For the pool. Raises CallerMustBePool. Returns whether there was no debt, and all shares."""
        self.only_pool(sender)
        is_first = self.scaled_balances[on_behalf_of] == 0
        return is_first, token_rules.mint_debt(self, user, on_behalf_of, amount, index)

    @external("burn(address,uint256,uint256)", "uint256")
    def burn(self, from_: Address, value: int, index: int, *, sender: Address) -> Any:
        """For the pool, in underlying units. Raises CallerMustBePool. Returns all shares."""
        self.only_pool(sender)
        _, supply = token_rules.burn_debt(self, from_, value, index)
        return supply

    @external(
        "initialize(address,address,address,uint8,string,string,bytes)",
        lazy={4: IN_MEMORY, 5: IN_MEMORY},
    )
    def initialize_with_controller(
        self,
        initializing_pool: Address,
        underlying_asset: Address,
        incentives_controller: Address,
        decimals: int,
        name: str,
        symbol: str,
        params: bytes,
        *,
        sender: Address,
    ) -> None:
        """Set up a proxy, once per revision, with its rewards controller."""
        self.rewards_controller = incentives_controller
        self._initialise(initializing_pool, underlying_asset, decimals, name, symbol, params)
