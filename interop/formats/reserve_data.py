"""The fields of `UiPoolDataProviderV3.AggregatedReserveData`, which dumps of the view and tables made of it share.

Neither says the liquidation protocol fee, flash-loan premiums, pending LTVs, grace periods or the supply of aTokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .draft import Draft, Fields, take
from .errors import ForeignFileError
from .strategy import read_rates
from .values import address, count, integer, switch, text

NAMES = ("underlyingAsset", "symbol", "decimals", "liquidityIndex", "priceInMarketReferenceCurrency")
"""What every form of the struct has."""
DEBT_CEILING_DECIMALS = 2

RESERVE = {
    "name": ("token_name", text),
    "symbol": ("symbol", text),
    "decimals": ("decimals", count),
    "baseLTVasCollateral": ("ltv_bps", count),
    "reserveLiquidationThreshold": ("liquidation_threshold_bps", count),
    "reserveLiquidationBonus": ("liquidation_bonus_bps", count),
    "reserveFactor": ("reserve_factor_bps", count),
    "borrowingEnabled": ("borrowing_enabled", switch),
    "stableBorrowRateEnabled": ("stable_borrowing_enabled", switch),
    "isActive": ("active", switch),
    "isFrozen": ("frozen", switch),
    "isPaused": ("paused", switch),
    "isSiloedBorrowing": ("siloed_borrowing", switch),
    "flashLoanEnabled": ("flash_loan_enabled", switch),
    "debtCeiling": ("debt_ceiling", count),
    "borrowCap": ("borrow_cap", count),
    "supplyCap": ("supply_cap", count),
    "borrowableInIsolation": ("borrowable_in_isolation", switch),
    "virtualAccActive": ("virtual_accounting", switch),
    "underlyingAsset": ("underlying", address),
    "aTokenAddress": ("a_token", address),
    "variableDebtTokenAddress": ("variable_debt_token", address),
    "stableDebtTokenAddress": ("stable_debt_token", address),
    "interestRateStrategyAddress": ("rate_strategy", address),
    "priceInMarketReferenceCurrency": ("price", integer),
    "priceOracle": ("price_feed", address),
}
STATE = {
    "liquidityIndex": ("state.liquidity_index", count),
    "variableBorrowIndex": ("state.variable_borrow_index", count),
    "liquidityRate": ("state.liquidity_rate", count),
    "variableBorrowRate": ("state.variable_borrow_rate", count),
    "stableBorrowRate": ("state.stable_debt.borrow_rate", count),
    "lastUpdateTimestamp": ("state.last_update_timestamp", count),
    "availableLiquidity": ("state.underlying_balance", count),
    "totalScaledVariableDebt": ("state.scaled_variable_debt", count),
    "totalPrincipalStableDebt": ("state.stable_debt.principal", count),
    "averageStableRate": ("state.stable_debt.average_rate", count),
    "stableDebtLastUpdateTimestamp": ("state.stable_debt.last_change_timestamp", count),
    "accruedToTreasury": ("state.accrued_to_treasury", count),
    "unbacked": ("state.unbacked", count),
    "isolationModeTotalDebt": ("state.isolation_mode_total_debt", count),
    "virtualUnderlyingBalance": ("state.virtual_underlying_balance", count),
    "deficit": ("state.deficit", count),
}
OTHERS = ("usageAsCollateralEnabled", "debtCeilingDecimals", "baseStableBorrowRate")


def read_reserve(draft: Draft, source: Mapping[str, Any], place: str) -> Fields:
    """Read one reserve of the struct into a draft, its state too. Returns its fields, which may be added to."""
    asset = address(source["underlyingAsset"], f"{place}.underlyingAsset")
    if asset in draft.reserves:
        raise ForeignFileError(f"{place}: {asset} is there twice")
    fields = take(source, RESERVE, place) | read_rates(source, place)
    if count(source.get("debtCeilingDecimals", DEBT_CEILING_DECIMALS), place) not in (0, DEBT_CEILING_DECIMALS):
        raise ForeignFileError(f"{place}.debtCeilingDecimals is {source['debtCeilingDecimals']}; the twin has 2")
    draft.reserves[asset] = fields
    draft.states[asset] = take(source, STATE, place)
    return fields


def is_reserve(value: Any) -> bool:
    """Does an object look like one of the struct?"""
    return isinstance(value, Mapping) and value.keys() >= set(NAMES)


def note_order(draft: Draft) -> None:
    """Say how reserves are numbered where only their order is known."""
    draft.notes.append(
        "The file has no reserve ids: reserves are numbered in its order, which is that of the pool's list; a gap that "
        "a dropped reserve left cannot be seen."
    )
