"""The data provider as it was in v3.2. Solidity: `AaveProtocolDataProvider`, v3.2."""

from __future__ import annotations

from typing import ClassVar

from ..v3_3.data_provider import DataProviderV33


class DataProviderV32(DataProviderV33):
    """Knows no deficit."""

    ABSENT: ClassVar[tuple[str, ...]] = ("getReserveDeficit(address)",)
    __slots__ = ()
