"""Configuration snapshots written from a running market, in the forms that Aave's proposal tooling has.

A market until v3.1 is written in the old form, one from v3.2 on in the new one. Neither form says LTVs of zero or
isolation in e-mode, nor flash-loan premiums, pending LTVs or grace periods.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address
from pooltwin.protocol.contracts.addresses_provider import POOL, POOL_CONFIGURATOR
from pooltwin.protocol.files import write_text
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.protocol.state import bitmaps

DIFFERENT_IN_THE_TWIN = {
    "poolImpl": "the twin's own code has another address",
    "poolConfiguratorImpl": "the twin's own code has another address",
    "aTokenImpl": "the twin's own code has another address",
    "variableDebtTokenImpl": "the twin's own code has another address",
    "stableDebtTokenImpl": "the twin's own code has another address",
    "oracleDescription": "the twin's feeds have no description",
    "oracleName": "the twin's feeds have no name",
    "oracleDecimals": "the twin's feeds answer 8; some real adapters have no such function, and the form leaves it out",
    "aTokenUnderlyingBalance": "a market without a state begins empty",
    "virtualBalance": "a market without a state begins empty",
    "maxExcessUsageRatio": "what a fixed rate answers: real ones 0, the twin's strategy with its kink at 0 all of it",
    "maxExcessStableToTotalDebtRatio": "what a fixed rate answers: real ones 0, the twin's strategy all of it",
}
"""Fields of a snapshot that come out otherwise when the market of a snapshot is written again, and why."""

LAST_CATEGORY = 255


def snapshot_of(market: Market) -> dict[str, Any]:
    """A running market as a configuration snapshot: JSON-like data, keys sorted as the tooling sorts them."""
    return Snapshot(market).data()


def write_snapshot(market: Market, path: Path | str) -> None:
    """Write a running market as a configuration snapshot. Raises OSError; the file is written whole or not at all."""
    write_text(Path(path), json.dumps(snapshot_of(market), indent=2, ensure_ascii=False) + "\n")


class Snapshot:
    """One market, asked for everything that a snapshot says."""

    def __init__(self, market: Market) -> None:
        self.market, self.pool, self.chain = market, market.pool, market.chain
        self.release = market.chain.revision
        self.old = self.release.e_modes_have_prices
        self.assets = sorted(self.pool.get_reserves_list(), key=to_checksum_address)

    def data(self) -> dict[str, Any]:
        """Everything."""
        return {
            "chainId": self.chain.chain_id,
            "eModes": self._categories(),
            "poolConfig": self._addresses(),
            "reserves": {to_checksum_address(asset): _sorted(self._reserve(asset)) for asset in self.assets},
            "strategies": dict(sorted(self._strategies().items())),
        }

    def _addresses(self) -> dict[str, Any]:
        provider = self.market.provider
        return _sorted(
            {
                "oracle": to_checksum_address(provider.get_price_oracle()),
                "pool": to_checksum_address(provider.get_pool()),
                "poolAddressesProvider": to_checksum_address(provider.address),
                "poolConfigurator": to_checksum_address(provider.get_pool_configurator()),
                "poolConfiguratorImpl": self._code_of(provider.addresses[POOL_CONFIGURATOR]),
                "poolImpl": self._code_of(provider.addresses[POOL]),
                "priceOracleSentinel": to_checksum_address(provider.get_price_oracle_sentinel()),
                "protocolDataProvider": to_checksum_address(provider.get_pool_data_provider()),
            }
        )

    def _code_of(self, proxy: str) -> str:
        return to_checksum_address(self.chain.at(proxy).implementation)

    # --- reserves ---------------------------------------------------------------------------------------------------

    def _reserve(self, asset: str) -> dict[str, Any]:
        reserve: Any = self.pool.reserves[asset]
        config = reserve.configuration
        fields = {**_parameters(config), **self._names(asset, reserve), **self._price(asset)}
        fields["interestRateStrategy"] = to_checksum_address(self.pool.strategy_of(reserve))
        if self.old:
            stable = self.market.data_provider.get_reserve_configuration_data(asset)[7]
            category = self.market.data_provider.get_reserve_e_mode_category(asset)
            return fields | {"stableBorrowRateEnabled": stable, "eModeCategory": category}
        if self.release.virtual_balance_optional:
            fields["virtualAccountingActive"] = bitmaps.is_virtual_accounting_active(config)
        held = self.chain.at(asset).balance_of(reserve.a_token)
        balances = {"aTokenUnderlyingBalance": str(held), "virtualBalance": str(reserve.virtual_underlying_balance)}
        return fields | {"id": reserve.id} | balances

    def _names(self, asset: str, reserve: Any) -> dict[str, Any]:
        tokens = {"aToken": reserve.a_token, "variableDebtToken": reserve.variable_debt_token}
        if self.old:
            tokens["stableDebtToken"] = reserve.stable_debt_token
        fields = {"symbol": self.chain.at(asset).symbol(), "underlying": to_checksum_address(asset)}
        for kind, where in tokens.items():
            token = self.chain.at(where)
            fields |= {kind: to_checksum_address(where), f"{kind}Name": token.name(), f"{kind}Symbol": token.symbol()}
            if self.old:
                fields[f"{kind}Impl"] = self._code_of(where)
        return fields

    def _price(self, asset: str) -> dict[str, Any]:
        oracle = self.market.oracle
        feed, price = oracle.get_source_of_asset(asset), oracle.get_asset_price(asset)
        answer = {"oracle": to_checksum_address(feed), "oracleLatestAnswer": price if self.old else str(price)}
        return answer | {"oracleDecimals": self.chain.at(feed).decimals()}

    # --- strategies -------------------------------------------------------------------------------------------------

    def _strategies(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for asset in self.assets:
            where = self.pool.strategy_of(self.pool.reserves[asset])
            strategy: Any = self.chain.at(where)
            if self.old:
                found[to_checksum_address(where)] = _old_rates(strategy)
            else:
                found[to_checksum_address(asset)] = {
                    "address": to_checksum_address(where),
                    "baseVariableBorrowRate": str(strategy.get_base_variable_borrow_rate(asset)),
                    "maxVariableBorrowRate": str(strategy.get_max_variable_borrow_rate(asset)),
                    "optimalUsageRatio": str(strategy.get_optimal_usage_ratio(asset)),
                    "variableRateSlope1": str(strategy.get_variable_rate_slope1(asset)),
                    "variableRateSlope2": str(strategy.get_variable_rate_slope2(asset)),
                }
        return found

    # --- e-mode -----------------------------------------------------------------------------------------------------

    def _categories(self) -> dict[str, dict[str, Any]]:
        found = {}
        for number in range(1, LAST_CATEGORY + 1):
            category: Any = self.pool.e_modes[number]
            if not category.liquidation_threshold:
                continue
            fields = {
                "eModeCategory": number,
                "label": category.label,
                "liquidationBonus": category.liquidation_bonus,
                "liquidationThreshold": category.liquidation_threshold,
                "ltv": category.ltv,
            }
            if self.old:
                fields["priceSource"] = to_checksum_address(category.price_source)
            else:
                fields["borrowableBitmap"] = str(category.borrowable_bitmap)
                fields["collateralBitmap"] = str(category.collateral_bitmap)
            found[str(number)] = _sorted(fields)
        return _sorted(found)


def _parameters(config: int) -> dict[str, Any]:
    """What one word of configuration says, but for e-mode and stable rates."""
    return {
        "borrowCap": bitmaps.borrow_cap(config),
        "borrowingEnabled": bitmaps.is_borrowing_enabled(config),
        "debtCeiling": bitmaps.debt_ceiling(config),
        "decimals": bitmaps.decimals(config),
        "isActive": bitmaps.is_active(config),
        "isBorrowableInIsolation": bitmaps.is_borrowable_in_isolation(config),
        "isFlashloanable": bitmaps.is_flash_loan_enabled(config),
        "isFrozen": bitmaps.is_frozen(config),
        "isPaused": bitmaps.is_paused(config),
        "isSiloed": bitmaps.is_siloed(config),
        "liquidationBonus": bitmaps.liquidation_bonus(config),
        "liquidationProtocolFee": bitmaps.liquidation_protocol_fee(config),
        "liquidationThreshold": bitmaps.liquidation_threshold(config),
        "ltv": bitmaps.ltv(config),
        "reserveFactor": bitmaps.reserve_factor(config),
        "supplyCap": bitmaps.supply_cap(config),
        "usageAsCollateralEnabled": bitmaps.liquidation_threshold(config) != 0,
    }


def _old_rates(strategy: Any) -> dict[str, int]:
    return {
        "baseStableBorrowRate": strategy.get_base_stable_borrow_rate(),
        "baseVariableBorrowRate": strategy.get_base_variable_borrow_rate(),
        "maxExcessStableToTotalDebtRatio": RAY - strategy.optimal_stable_to_total_debt_ratio,
        "maxExcessUsageRatio": RAY - strategy.optimal_usage_ratio,
        "optimalStableToTotalDebtRatio": strategy.optimal_stable_to_total_debt_ratio,
        "optimalUsageRatio": strategy.optimal_usage_ratio,
        "stableRateSlope1": strategy.get_stable_rate_slope1(),
        "stableRateSlope2": strategy.get_stable_rate_slope2(),
        "variableRateSlope1": strategy.get_variable_rate_slope1(),
        "variableRateSlope2": strategy.get_variable_rate_slope2(),
    }


def _sorted(fields: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(fields.items()))
