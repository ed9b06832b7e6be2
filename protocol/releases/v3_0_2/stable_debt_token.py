"""The stable debt token of a reserve that lends nothing at stable rates: every balance is zero.

Solidity: `StableDebtToken`, v3.0.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ...address import ZERO_ADDRESS, Address
from ...contracts.scaled_token import ScaledToken
from ...errors import NotModelledError
from ...machine.function import external, view
from ..v3_3.debt_token import VariableDebtTokenV33

if TYPE_CHECKING:
    from ...chain import Chain


class StableDebtToken(VariableDebtTokenV33):
    """Delegation and names are as in the variable debt token; debt does not occur."""

    KIND = "StableDebtToken"
    ABSENT: ClassVar[tuple[str, ...]] = (
        "scaledBalanceOf(address)",
        "scaledTotalSupply()",
        "getScaledUserBalanceAndSupply(address)",
        "getPreviousIndex(address)",
        "burn(address,uint256,uint256)",
    )
    __slots__ = ()

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        rewards_controller: Address = ZERO_ADDRESS,
        *,
        code_revision: int | None = None,
        built_for: int | None = None,
    ) -> None:
        ScaledToken.__init__(self, chain, at, "STABLE_DEBT_TOKEN_IMPL", code_revision, built_for)
        self.initialise(pool=pool, rewards_controller=rewards_controller)

    @external("mint(address,address,uint256,uint256)", "bool,uint256,uint256")
    def mint_amount(
        self, user: Address, on_behalf_of: Address, amount: int, rate: int, *, sender: Address
    ) -> tuple[bool, int, int]:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        raise NotModelledError("debt at stable rates")

    @external("burn(address,uint256)", "uint256,uint256")
    def burn_stable(self, from_: Address, amount: int, *, sender: Address) -> tuple[int, int]:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        raise NotModelledError("debt at stable rates")

    @view("balanceOf(address)", "uint256")
    def balance_of(self, user: Address) -> int:
        """Nothing."""
        return 0

    @view("principalBalanceOf(address)", "uint256")
    def principal_balance_of(self, user: Address) -> int:
        """Nothing."""
        return 0

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """Nothing."""
        return 0

    @view("getAverageStableRate()", "uint256")
    def get_average_stable_rate(self) -> int:
        """None."""
        return 0

    @view("getSupplyData()", "uint256,uint256,uint256,uint40")
    def get_supply_data(self) -> tuple[int, int, int, int]:
        """Principal, debt, average rate and time of the last change: nothing, never."""
        return 0, 0, 0, 0

    @view("getTotalSupplyAndAvgRate()", "uint256,uint256")
    def get_total_supply_and_avg_rate(self) -> tuple[int, int]:
        """Debt and average rate."""
        return 0, 0

    @view("getTotalSupplyLastUpdated()", "uint40")
    def get_total_supply_last_updated(self) -> int:
        """Never."""
        return 0

    @view("getUserLastUpdated(address)", "uint40")
    def get_user_last_updated(self, user: Address) -> int:
        """Never."""
        return 0

    @view("getUserStableRate(address)", "uint256")
    def get_user_stable_rate(self, user: Address) -> int:
        """None."""
        return 0
