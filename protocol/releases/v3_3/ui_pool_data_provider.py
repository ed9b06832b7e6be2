"""The view of a whole market as it was in v3.3: balances that a reserve may not keep.

Solidity: `UiPoolDataProviderV3`, v3.3.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from ...address import Address
from ...contracts.periphery.ui_pool_data_provider import (
    BASE_CURRENCY,
    FROM_ISOLATION,
    UNTIL_RATES,
    AggregatedReserveData,
    BaseCurrencyInfo,
)
from ...machine.function import view
from ..v3_5.ui_pool_data_provider import UiPoolDataProviderV35

_SINCE_V3_3 = ("deficit",)
_NEWER = [name for name in AggregatedReserveData._fields if name not in _SINCE_V3_3]
_NEWER.insert(_NEWER.index("isolation_mode_total_debt"), "unbacked")
_NEWER.insert(_NEWER.index("virtual_underlying_balance"), "virtual_acc_active")

UNTIL_V3_2 = tuple(_NEWER)
"""The members of the struct without what v3.3 brought, in order."""
UNTIL_V3_2_TYPES = f"{UNTIL_RATES}uint128,{FROM_ISOLATION}bool,uint128"

_struct: Any = namedtuple  # by names that are computed
AggregatedReserveDataV33 = _struct("AggregatedReserveDataV33", (*UNTIL_V3_2, *_SINCE_V3_3))
"""A reserve, its parameters and its price. Solidity: `IUiPoolDataProviderV3.AggregatedReserveData`, v3.3."""


class UiPoolDataProviderV33(UiPoolDataProviderV35):
    """Asks whether a reserve keeps its balance, and tells what is unbacked."""

    __slots__ = ()

    def isolation(self, configuration: int, base: tuple[Any, ...], data_provider: Address) -> dict[str, Any]:
        """Fields of isolation mode, siloed borrowing and bridges."""
        return {**super().isolation(configuration, base, data_provider), "unbacked": base[13]}

    def balances(self, pool: Address, data_provider: Address, asset: Address) -> dict[str, Any]:
        """The liquidity the pool knows of, if the reserve keeps it."""
        return {
            "virtual_acc_active": self.attempt(data_provider, "getIsVirtualAccActive(address)", "bool", False, asset),
            "virtual_underlying_balance": self.attempt(
                pool, "getVirtualUnderlyingBalance(address)", "uint128", 0, asset
            ),
        }

    @view("getReservesData(address)", f"({UNTIL_V3_2_TYPES},uint128)[],{BASE_CURRENCY}")
    def get_reserves_data(self, provider: Address) -> tuple[list[Any], BaseCurrencyInfo]:
        """Every reserve as it is stored, not projected to now, and what prices are in."""
        reserves, base = self.all_reserves(provider)
        return [AggregatedReserveDataV33(**fields) for fields in reserves], base
