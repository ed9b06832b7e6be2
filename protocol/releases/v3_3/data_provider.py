"""The data provider as it was in v3.3. Solidity: `AaveProtocolDataProvider`, v3.3."""

from __future__ import annotations

from typing import Any, ClassVar

from ...address import Address
from ...contracts.addresses_provider import POOL
from ...contracts.data_provider import pool_at
from ...machine.function import view
from ...state import bitmaps
from ..v3_6.data_provider import DataProviderV36


class DataProviderV33(DataProviderV36):
    """Asks the registry for the pool each time, and shows the limits of the bridge."""

    ABSENT: ClassVar[tuple[str, ...]] = ("POOL()",)
    __slots__ = ()

    @staticmethod
    def check_pool(pool: Address) -> None:
        """Accept a registry that has no pool yet."""

    def _pool(self) -> Any:
        return pool_at(self.chain, self.chain.at(self.provider).addresses[POOL])

    @view("getUnbackedMintCap(address)", "uint256")
    def get_unbacked_mint_cap(self, asset: Address) -> int:
        """How much the bridge may mint ahead, in whole tokens."""
        return bitmaps.unbacked_mint_cap(self._configuration(asset))
