"""The data provider as it was in v3.0.2. Solidity: `AaveProtocolDataProvider`, v3.0.2."""

from __future__ import annotations

from typing import Any, ClassVar

from ...address import Address
from ...machine.function import view
from ...math.uint import add
from ..v3_2.data_provider import DataProviderV32
from .e_modes import category_of
from .stable_rates import STABLE_RATE_BORROWING


class DataProviderV302(DataProviderV32):
    """Knows of stable rates, and of an asset's one e-mode category."""

    CODE = "AaveProtocolDataProvider@3.0.2"
    ABSENT: ClassVar[tuple[str, ...]] = ("getIsVirtualAccActive(address)", "getVirtualUnderlyingBalance(address)")
    __slots__ = ()

    @view("getReserveEModeCategory(address)", "uint256")
    def get_reserve_e_mode_category(self, asset: Address) -> int:
        """The asset's category, 0 for none."""
        return category_of(self._configuration(asset))

    def _stable_debt_token(self, asset: Address) -> Any:
        """What the pool says it is. Reverts without data where there is none: an unlisted asset, a later pool."""
        return self.chain.at(self._pool().get_reserve_data(asset).stable_debt_token_address)

    @view(
        "getReserveConfigurationData(address)",
        "uint256,uint256,uint256,uint256,uint256,bool,bool,bool,bool,bool",
    )
    def get_reserve_configuration_data(
        self, asset: Address
    ) -> tuple[int, int, int, int, int, bool, bool, bool, bool, bool]:
        """As later, and whether the asset can be borrowed at a stable rate."""
        data = super().get_reserve_configuration_data(asset)
        return (*data[:7], bool(self._configuration(asset) & STABLE_RATE_BORROWING), *data[8:])

    @view(
        "getReserveData(address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40",
    )
    def get_reserve_data(self, asset: Address) -> tuple[int, ...]:
        """As later, with the stable rate after the variable one."""
        stable_rate = self._pool().get_reserve_data(asset).current_stable_borrow_rate
        token = self._stable_debt_token(asset)
        total, average_rate = token.get_total_supply_and_avg_rate()
        data = self.reserve_data(asset)
        return (*data[:3], total, *data[4:7], stable_rate, average_rate, *data[9:])

    @view("getReserveTokensAddresses(address)", "address,address,address")
    def get_reserve_tokens_addresses(self, asset: Address) -> tuple[Address, Address, Address]:
        """aToken, stable debt token, variable debt token."""
        reserve = self._pool().get_reserve_data(asset)
        return reserve.a_token_address, reserve.stable_debt_token_address, reserve.variable_debt_token_address

    @view("getTotalDebt(address)", "uint256")
    def get_total_debt(self, asset: Address) -> int:
        """All debt to the reserve, of both kinds, in underlying units."""
        return add(self._stable_debt_token(asset).total_supply(), self.total_debt(asset))

    @view(
        "getUserReserveData(address,address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40,bool",
    )
    def get_user_reserve_data(
        self, asset: Address, user: Address
    ) -> tuple[int, int, int, int, int, int, int, int, bool]:
        """As later, with stable debt, its principal, its rate and the time of its last change."""
        token = self._stable_debt_token(asset)
        claim, _, variable, _, scaled, _, liquidity_rate, _, bit = super().get_user_reserve_data(asset, user)
        stable, principal = token.balance_of(user), token.principal_balance_of(user)
        rate, since = token.get_user_stable_rate(user), token.get_user_last_updated(user)
        return claim, stable, variable, principal, scaled, rate, liquidity_rate, since, bit
