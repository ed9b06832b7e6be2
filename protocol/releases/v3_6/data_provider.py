"""The data provider as it was in v3.6. Solidity: `AaveProtocolDataProvider`, v3.6."""

from __future__ import annotations

from ...address import Address
from ...contracts.data_provider import DataProvider
from ...machine.function import view
from ...state import bitmaps


class DataProviderV36(DataProvider):
    """Shows debt ceilings and siloed assets."""

    __slots__ = ()

    @view("getSiloedBorrowing(address)", "bool")
    def get_siloed_borrowing(self, asset: Address) -> bool:
        """Is the asset siloed?"""
        return bitmaps.is_siloed(self._configuration(asset))

    @view("getDebtCeiling(address)", "uint256")
    def get_debt_ceiling(self, asset: Address) -> int:
        """The debt ceiling in cents."""
        return bitmaps.debt_ceiling(self._configuration(asset))
