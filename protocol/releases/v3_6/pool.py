"""The pool as it was in v3.6: debt ceilings, siloed assets and reserves that can be dropped.

Solidity: `Pool`, `PoolInstance`, v3.6.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from ...address import Address
from ...contracts.l2_pool import L2Pool
from ...contracts.pool import Pool
from ...machine.function import external
from ...machine.lazy_calldata import struct_of
from .isolation import execute_reset_isolated_debt
from .listing import execute_drop_reserve


class CategoryInput(NamedTuple):
    """Solidity: `DataTypes.EModeCategoryBaseConfiguration`, until v3.6."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    label: str


class PoolV36(Pool):
    """Isolates collateral by debt ceilings, not by e-mode categories."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "configureEModeCategory(uint8,(uint16,uint16,uint16,bool,string))",
        "configureEModeCategoryIsolated(uint8,bool)",
        "getIsEModeCategoryIsolated(uint8)",
    )
    __slots__ = ()

    def drop(self, sender: Address, asset: Address) -> None:
        """Unlist an asset."""
        self.only_pool_configurator(sender)
        execute_drop_reserve(self, asset)

    def reset_isolated_debt(self, sender: Address, asset: Address) -> None:
        """Forget debt counted against a ceiling."""
        self.only_pool_configurator(sender)
        execute_reset_isolated_debt(self, asset)

    @external("dropReserve(address)")
    def drop_reserve(self, asset: Address, *, sender: Address) -> None:
        """For the configurator."""
        self.drop(sender, asset)

    @external("resetIsolationModeTotalDebt(address)")
    def reset_isolation_mode_total_debt(self, asset: Address, *, sender: Address) -> None:
        """For the configurator."""
        self.reset_isolated_debt(sender, asset)

    @external(
        "configureEModeCategory(uint8,(uint16,uint16,uint16,string))",
        lazy={1: CategoryInput._fields},
    )
    def configure_e_mode_category_without_isolation(
        self, category_id: int, category: tuple[int, int, int, str], *, sender: Address
    ) -> None:
        """For the configurator."""
        record = self.writable_category(sender, category_id)
        given = struct_of(CategoryInput, category)
        for name in CategoryInput._fields:
            setattr(record, name, getattr(given, name))


class L2PoolV36(L2Pool, PoolV36):
    """The same on a rollup. Solidity: `L2PoolInstance`."""

    __slots__ = ()
