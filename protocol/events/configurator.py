"""Events of the configurator. Solidity: `IPoolConfigurator`."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event


@event("ReserveInitialized(address indexed, address indexed, address, address, address)")
class ReserveInitialized(NamedTuple):
    asset: Address
    a_token: Address
    stable_debt_token: Address
    variable_debt_token: Address
    interest_rate_strategy_address: Address


@event("ReserveBorrowing(address indexed, bool)")
class ReserveBorrowing(NamedTuple):
    asset: Address
    enabled: bool


@event("ReserveFlashLoaning(address indexed, bool)")
class ReserveFlashLoaning(NamedTuple):
    asset: Address
    enabled: bool


@event("PendingLtvChanged(address indexed, uint256)")
class PendingLtvChanged(NamedTuple):
    asset: Address
    ltv: int


@event("CollateralConfigurationChanged(address indexed, uint256, uint256, uint256)")
class CollateralConfigurationChanged(NamedTuple):
    asset: Address
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int


@event("ReserveActive(address indexed, bool)")
class ReserveActive(NamedTuple):
    asset: Address
    active: bool


@event("ReserveFrozen(address indexed, bool)")
class ReserveFrozen(NamedTuple):
    asset: Address
    frozen: bool


@event("ReservePaused(address indexed, bool)")
class ReservePaused(NamedTuple):
    asset: Address
    paused: bool


@event("ReserveFactorChanged(address indexed, uint256, uint256)")
class ReserveFactorChanged(NamedTuple):
    asset: Address
    old_reserve_factor: int
    new_reserve_factor: int


@event("BorrowCapChanged(address indexed, uint256, uint256)")
class BorrowCapChanged(NamedTuple):
    asset: Address
    old_borrow_cap: int
    new_borrow_cap: int


@event("SupplyCapChanged(address indexed, uint256, uint256)")
class SupplyCapChanged(NamedTuple):
    asset: Address
    old_supply_cap: int
    new_supply_cap: int


@event("LiquidationProtocolFeeChanged(address indexed, uint256, uint256)")
class LiquidationProtocolFeeChanged(NamedTuple):
    asset: Address
    old_fee: int
    new_fee: int


@event("LiquidationGracePeriodChanged(address indexed, uint40)")
class LiquidationGracePeriodChanged(NamedTuple):
    asset: Address
    grace_period_until: int


@event("LiquidationGracePeriodDisabled(address indexed)")
class LiquidationGracePeriodDisabled(NamedTuple):
    asset: Address


@event("AssetCollateralInEModeChanged(address indexed, uint8, bool)")
class AssetCollateralInEModeChanged(NamedTuple):
    asset: Address
    category_id: int
    collateral: bool


@event("AssetBorrowableInEModeChanged(address indexed, uint8, bool)")
class AssetBorrowableInEModeChanged(NamedTuple):
    asset: Address
    category_id: int
    borrowable: bool


@event("AssetLtvzeroInEModeChanged(address indexed, uint8, bool)")
class AssetLtvzeroInEModeChanged(NamedTuple):
    asset: Address
    category_id: int
    ltvzero: bool


@event("EModeCategoryAdded(uint8 indexed, uint256, uint256, uint256, address, string)")
class EModeCategoryAdded(NamedTuple):
    category_id: int
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    oracle: Address
    label: str


@event("EModeCategoryIsolationChanged(uint8 indexed, bool)")
class EModeCategoryIsolationChanged(NamedTuple):
    category_id: int
    isolated: bool


@event("ReserveInterestRateStrategyChanged(address indexed, address, address)")
class ReserveInterestRateStrategyChanged(NamedTuple):
    asset: Address
    old_strategy: Address
    new_strategy: Address


@event("ReserveInterestRateDataChanged(address indexed, address indexed, bytes)")
class ReserveInterestRateDataChanged(NamedTuple):
    asset: Address
    strategy: Address
    data: bytes


@event("ATokenUpgraded(address indexed, address indexed, address indexed)")
class ATokenUpgraded(NamedTuple):
    asset: Address
    proxy: Address
    implementation: Address


@event("VariableDebtTokenUpgraded(address indexed, address indexed, address indexed)")
class VariableDebtTokenUpgraded(NamedTuple):
    asset: Address
    proxy: Address
    implementation: Address


@event("FlashloanPremiumTotalUpdated(uint128, uint128)")
class FlashloanPremiumTotalUpdated(NamedTuple):
    old_flashloan_premium_total: int
    new_flashloan_premium_total: int


@event("FlashloanPremiumToProtocolUpdated(uint128, uint128)")
class FlashloanPremiumToProtocolUpdated(NamedTuple):
    old_flashloan_premium_to_protocol: int
    new_flashloan_premium_to_protocol: int


@event("ReserveDropped(address indexed)")
class ReserveDropped(NamedTuple):
    """Until v3.6."""

    asset: Address


@event("DebtCeilingChanged(address indexed, uint256, uint256)")
class DebtCeilingChanged(NamedTuple):
    """Until v3.6."""

    asset: Address
    old_debt_ceiling: int
    new_debt_ceiling: int


@event("SiloedBorrowingChanged(address indexed, bool, bool)")
class SiloedBorrowingChanged(NamedTuple):
    """Until v3.6."""

    asset: Address
    old_state: bool
    new_state: bool


@event("BridgeProtocolFeeUpdated(uint256, uint256)")
class BridgeProtocolFeeUpdated(NamedTuple):
    """Until v3.3."""

    old_bridge_protocol_fee: int
    new_bridge_protocol_fee: int


@event("UnbackedMintCapChanged(address indexed, uint256, uint256)")
class UnbackedMintCapChanged(NamedTuple):
    """Until v3.3."""

    asset: Address
    old_unbacked_mint_cap: int
    new_unbacked_mint_cap: int


@event("BorrowableInIsolationChanged(address, bool)")
class BorrowableInIsolationChanged(NamedTuple):
    """Until v3.6."""

    asset: Address
    borrowable: bool
