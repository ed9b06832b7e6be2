"""The pool as it was first: no balance of its own to compare with, stable rates beside variable ones.

Solidity: `Pool`, v3.0.2.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...contracts.pool_storage import EModeCategoryLegacy, ReserveDataLegacy
from ...errors import StableDebtNotZero
from ...logic.flash_loan import interest_rate_mode
from ...logic.reserve import is_listed
from ...machine.contract import records_of
from ...machine.function import IN_MEMORY, external, view
from ..v3_2.pool import PoolV32
from .borrowing import execute_rebalance, execute_swap_borrow_rate_mode
from .e_modes import PricedEModeCategory
from .stable_rates import ReserveWithStableDebt, stable_debt_token

MAX_STABLE_RATE_BORROW_SIZE_PERCENT = 2_500


class PricedCategoryInput(NamedTuple):
    """Solidity: `DataTypes.EModeCategory`, v3.0.2."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    price_source: Address
    label: str


class PoolV302(PoolV32):
    """Functions that later pools lack, and without those they added."""

    CODE = "PoolInstance@3.0.2"
    STORAGE = {
        **PoolV32.STORAGE,
        "reserves": records_of(ReserveWithStableDebt),
        "e_modes": records_of(PricedEModeCategory),
    }
    ABSENT: ClassVar[tuple[str, ...]] = (
        "syncIndexesState(address)",
        "syncRatesState(address)",
        "setLiquidationGracePeriod(address,uint40)",
        "initReserve(address,address,address,address)",
        "configureEModeCategory(uint8,(uint16,uint16,uint16,string))",
        "configureEModeCategoryCollateralBitmap(uint8,uint128)",
        "configureEModeCategoryBorrowableBitmap(uint8,uint128)",
        "getEModeCategoryCollateralConfig(uint8)",
        "getEModeCategoryLabel(uint8)",
        "getEModeCategoryCollateralBitmap(uint8)",
        "getEModeCategoryBorrowableBitmap(uint8)",
        "getReserveDataExtended(address)",
        "getVirtualUnderlyingBalance(address)",
        "getLiquidationGracePeriod(address)",
        "getReservesCount()",
        "getBorrowLogic()",
        "getBridgeLogic()",
        "getEModeLogic()",
        "getFlashLoanLogic()",
        "getLiquidationLogic()",
        "getPoolLogic()",
        "getSupplyLogic()",
    )
    __slots__ = ()

    @external("initialize(address)")
    def initialize(self, provider: Address, *, sender: Address) -> None:
        """Set up the proxy. Raises InvalidAddressesProvider."""
        self.set_up(provider)
        self.max_stable_rate_borrow_size_percent = MAX_STABLE_RATE_BORROW_SIZE_PERCENT

    def _try_permit(
        self, asset: Address, owner: Address, amount: int, deadline: int, v: int, r: bytes, s: bytes
    ) -> None:
        self.chain.at(asset).permit(owner, self.address, amount, deadline, v, r, s, sender=self.address)

    def list_reserve_with_stable_debt(
        self,
        sender: Address,
        asset: Address,
        a_token: Address,
        stable_debt_token: Address,
        variable_debt_token: Address,
        strategy: Address,
    ) -> None:
        """Raises NotContract, ReserveAlreadyInitialized, ReserveAlreadyAdded, NoMoreReservesAllowed."""
        self.list_reserve(sender, asset, a_token, variable_debt_token, strategy)
        self._reserve(asset).stable_debt_token = stable_debt_token

    def _reserve(self, asset: Address) -> ReserveWithStableDebt:
        reserve = self.reserves[asset]
        assert isinstance(reserve, ReserveWithStableDebt)
        return reserve

    def _category(self, category_id: int) -> PricedEModeCategory:
        category = self.e_modes[category_id]
        assert isinstance(category, PricedEModeCategory)
        return category

    # --- stable rates -----------------------------------------------------------------------------------------------

    @external("swapBorrowRateMode(address,uint256)")
    def swap_borrow_rate_mode(self, asset: Address, mode: int, *, sender: Address) -> None:
        """Turn one's whole debt of the mode into debt of the other mode."""
        execute_swap_borrow_rate_mode(self, sender, asset, interest_rate_mode(mode))

    @external("rebalanceStableBorrowRate(address,address)")
    def rebalance_stable_borrow_rate(self, asset: Address, user: Address, *, sender: Address) -> None:
        """Let anybody's stable debt cost the present rate, where lenders earn too little."""
        execute_rebalance(self, asset, user)

    @view("MAX_STABLE_RATE_BORROW_SIZE_PERCENT()", "uint256")
    def max_stable_rate_borrow_size(self) -> int:
        """The share (bps) of a reserve's liquidity that a stable debt may take."""
        return self.max_stable_rate_borrow_size_percent

    # --- for the configurator ---------------------------------------------------------------------------------------

    def drop(self, sender: Address, asset: Address) -> None:
        """Unlist an asset. Raises StableDebtNotZero."""
        self.only_pool_configurator(sender)
        there = asset != ZERO_ADDRESS and is_listed(self, asset)
        if there and stable_debt_token(self.chain, self.reserves[asset]).total_supply() != 0:
            raise StableDebtNotZero()
        super().drop(sender, asset)

    @external("initReserve(address,address,address,address,address)")
    def init_reserve_with_stable_debt(
        self,
        asset: Address,
        a_token: Address,
        stable: Address,
        variable: Address,
        strategy: Address,
        *,
        sender: Address,
    ) -> None:
        """For the configurator."""
        self.list_reserve_with_stable_debt(sender, asset, a_token, stable, variable, strategy)

    @external("configureEModeCategory(uint8,(uint16,uint16,uint16,address,string))", lazy={1: IN_MEMORY})
    def configure_priced_e_mode_category(
        self, category_id: int, category: tuple[int, int, int, Address, str], *, sender: Address
    ) -> None:
        """For the configurator."""
        self.write_priced_category(sender, category_id, PricedCategoryInput(*category))

    def write_priced_category(self, sender: Address, category_id: int, given: PricedCategoryInput) -> None:
        """Raises EModeCategoryReserved for category 0."""
        record = self.writable_category(sender, category_id)
        for name in PricedCategoryInput._fields:
            setattr(record, name, getattr(given, name))

    # --- views ------------------------------------------------------------------------------------------------------

    @view(
        "getReserveData(address)",
        "((uint256),uint128,uint128,uint128,uint128,uint128,uint40,uint16,address,address,address,address,uint128,"
        "uint128,uint128)",
    )
    def get_reserve_data(self, asset: Address) -> ReserveDataLegacy:
        """A reserve as stored."""
        reserve = self._reserve(asset)
        return self.reserve_data(reserve, reserve.current_stable_borrow_rate, reserve.stable_debt_token)

    @view("getEModeCategoryData(uint8)", "(uint16,uint16,uint16,address,string)")
    def get_e_mode_category_data(self, category_id: int) -> EModeCategoryLegacy:
        """A category."""
        category = self._category(category_id)
        limits = (category.ltv, category.liquidation_threshold, category.liquidation_bonus)
        return EModeCategoryLegacy(*limits, category.price_source, category.label)
