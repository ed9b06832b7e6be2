"""Linked libraries as they were in v3.2: without the limits of v3.3. Solidity: `LiquidationLogic`, v3.2."""

from __future__ import annotations

from ...contracts.library import constants_of
from ...machine.function import Function
from ...math.percentage import PERCENTAGE_FACTOR
from ..v3_3.library import LibraryV33


class LibraryV32(LibraryV33):
    """Tells the largest part of a debt that may be liquidated."""

    __slots__ = ()

    def own_functions(self) -> dict[str, dict[bytes, Function]]:
        """The functions that can be called, by library and selector."""
        constants = {
            "CLOSE_FACTOR_HF_THRESHOLD()": self.chain.revision.close_factor_health_factor_threshold,
            "MAX_LIQUIDATION_CLOSE_FACTOR()": PERCENTAGE_FACTOR,
        }
        return {**super().own_functions(), "LiquidationLogic": constants_of(constants)}
