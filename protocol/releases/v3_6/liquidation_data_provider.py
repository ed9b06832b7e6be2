"""Amounts of liquidations as v3.6 told them: the sentinel has a say. Solidity: `LiquidationDataProvider`, v3.6."""

from __future__ import annotations

from ...address import ZERO_ADDRESS
from ...contracts.periphery.liquidation_data_provider import LiquidationDataProvider
from ...math.uint import div, mul

MINIMUM_HEALTH_FACTOR = 95 * 10**16
"""Below, the sentinel is not asked."""


class LiquidationDataProviderV36(LiquidationDataProvider):
    """Rounds debts down."""

    __slots__ = ()

    @staticmethod
    def debt_value(amount: int, price: int, unit: int) -> int:
        """The worth of a debt in base currency, rounded down."""
        return div(mul(amount, price), unit)

    def may_liquidate(self, health_factor: int) -> bool:
        """Is the position unhealthy, and would the sentinel let it be liquidated?"""
        sentinel = self.ask(self.provider, "getPriceOracleSentinel()", "address")
        if not super().may_liquidate(health_factor):
            return False
        if sentinel == ZERO_ADDRESS or health_factor < MINIMUM_HEALTH_FACTOR:
            return True
        return bool(self.ask(sentinel, "isLiquidationAllowed()", "bool"))
