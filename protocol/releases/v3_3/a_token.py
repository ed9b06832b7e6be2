"""The aToken as it was in v3.3: treasury and rewards controller in storage, the ABI of the first release.

Solidity: `AToken`, `ATokenInstance`, v3.3.
"""

from __future__ import annotations

from typing import ClassVar

from ...address import Address
from ...machine.function import external
from ..v3_4 import token_rules
from ..v3_4.a_token import ATokenV34
from .scaled_token import ReplaceableController


class ATokenV33(ReplaceableController, ATokenV34):
    """Is told its treasury and its rewards controller when it is set up."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "REWARDS_CONTROLLER()",
        "TREASURY()",
        "transferOnLiquidation(address,address,uint256,uint256)",
        "initialize(address,address,uint8,string,string,bytes)",
    )
    __slots__ = ()

    @staticmethod
    def check_treasury(treasury: Address) -> None:
        """Accept any: the code of the token names none."""

    @external("transferOnLiquidation(address,address,uint256)")
    def transfer_on_liquidation_now(self, from_: Address, to: Address, amount: int, *, sender: Address) -> None:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        token_rules.transfer_on_liquidation(self, from_, to, amount, self.index_now())

    @external("handleRepayment(address,address,uint256)")
    def handle_repayment(self, user: Address, on_behalf_of: Address, amount: int, *, sender: Address) -> None:
        """For the pool; only GHO's own aToken did anything here. Raises CallerMustBePool."""
        self.only_pool(sender)

    @external("initialize(address,address,address,address,uint8,string,string,bytes)")
    def initialize_with_settings(
        self,
        initializing_pool: Address,
        treasury: Address,
        underlying_asset: Address,
        incentives_controller: Address,
        decimals: int,
        name: str,
        symbol: str,
        params: bytes,
        *,
        sender: Address,
    ) -> None:
        """Set up a proxy, once per revision, with its treasury and rewards controller."""
        self.treasury = treasury
        self.rewards_controller = incentives_controller
        self._initialise(initializing_pool, underlying_asset, decimals, name, symbol, params)
