"""The data provider as it was in v3.0.2. Solidity: `AaveProtocolDataProvider`, v3.0.2."""

from __future__ import annotations

from typing import Any, ClassVar

from ...address import Address
from ...machine.function import view
from ..v3_2.data_provider import DataProviderV32
from .e_modes import category_of


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
        "getReserveData(address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40",
    )
    def get_reserve_data(self, asset: Address) -> tuple[int, ...]:
        """As later, with the stable rate after the variable one."""
        stable_rate = self._pool().get_reserve_data(asset).current_stable_borrow_rate
        self._stable_debt_token(asset)
        data = self.reserve_data(asset)
        return (*data[:7], stable_rate, *data[8:])

    @view("getReserveTokensAddresses(address)", "address,address,address")
    def get_reserve_tokens_addresses(self, asset: Address) -> tuple[Address, Address, Address]:
        """aToken, stable debt token, variable debt token."""
        reserve = self._pool().get_reserve_data(asset)
        return reserve.a_token_address, reserve.stable_debt_token_address, reserve.variable_debt_token_address

    @view("getTotalDebt(address)", "uint256")
    def get_total_debt(self, asset: Address) -> int:
        """All debt to the reserve, of both kinds, in underlying units."""
        self._stable_debt_token(asset)
        return self.total_debt(asset)

    @view(
        "getUserReserveData(address,address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40,bool",
    )
    def get_user_reserve_data(
        self, asset: Address, user: Address
    ) -> tuple[int, int, int, int, int, int, int, int, bool]:
        """As later; there has to be a stable debt token."""
        self._stable_debt_token(asset)
        return super().get_user_reserve_data(asset, user)
