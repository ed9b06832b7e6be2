"""What tests of foreign files share: real files, answers to what they lack, writers of forms that only tests write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address
from pooltwin.interop import ImportedMarket, LackingError, import_market
from pooltwin.protocol import Market, named_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.state import bitmaps

NOTHING = f"0x{'0' * 40}"
"""How defaults say that a category has no price source."""
DATA = Path(__file__).parent / "data"
OLD = {
    "arbitrum": "AaveV3Arbitrum_MAIMIMATICDeprecation20231031_20231031_before.json",
    "ethereum": "AaveV3Ethereum_UpgradeAaveV3ETHPooolWETHParameters_20231031_before.json",
    "optimism": "AaveV3Optimism_MAIMIMATICDeprecation20231031_20231031_before.json",
    "polygon": "AaveV3Polygon_MAIMIMATICDeprecation20231031_20231031_before.json",
}
"""Snapshots of the old form, of v3.0.2."""
NEW = {
    "3.2": "AaveV3Linea_AaveV3LineaActivation_20250121_after.json",
    "3.5": "AaveV3Plasma_AaveV35PlasmaActivation_20250917_after.json",
    "3.6": "../../../examples/import_a_market/mantle.json",
}
"""Snapshots of the new form, by release."""
TABLES = {"ethereum": "params_ethereum.csv", "polygon": "params_polygon.csv"}
BOOK = "AaveV3Mantle_address_book.json"

OLD_DEFAULTS: dict[str, Any] = {
    "base_currency_unit": 10**8,
    "flash_loan_premium_bps": 5,
    "flash_loan_premium_to_protocol_bps": 0,
    "every_reserve": {"stable_rates": {"excess_offset_bps": 800}},
}
"""What old snapshots do not say; none of the figures is known for each of these markets, and 8 decimals are usual."""
SENTINEL = {"sentinel_grace_period": 3_600}
"""What those with a sentinel do not say of it."""
NEW_DEFAULTS: dict[str, Any] = {
    "base_currency_unit": 10**8,
    "flash_loan_premium_bps": 5,
    "every_reserve": {"pending_ltv_bps": 0, "grace_period_until": 0},
    "every_e_mode": {"ltv_zero": []},
}
"""What new snapshots do not say."""
SPLIT = {"flash_loan_premium_to_protocol_bps": 0}
"""And until v3.3 the treasury's part of the premium."""
TABLE_DEFAULTS: dict[str, Any] = {
    "chain_id": 1,
    "base_currency_unit": 10**8,
    "flash_loan_premium_bps": 5,
    **SPLIT,
    "every_reserve": {"pending_ltv_bps": 0, "grace_period_until": 0, "liquidation_protocol_fee_bps": 1_000},
    "e_modes": {},
}
"""What tables of parameters do not say."""


def answers(error: LackingError, config: MarketConfig) -> dict[str, Any]:
    """Defaults that say of a configuration what a form does not."""
    found: dict[str, Any] = {}
    for name, whose in error.fields.items():
        for one in whose:
            if name == "e_modes":
                found["e_modes"] = {str(mode.id): _members(mode) for mode in config.e_modes}
            elif one == "the market":
                found[name] = getattr(config, name)
            elif one.startswith("e-mode "):
                mode = next(mode for mode in config.e_modes if mode.id == int(one[7:]))
                value = getattr(mode, name)
                found.setdefault("e_modes", {}).setdefault(one[7:], {})[name] = NOTHING if value is None else value
            else:
                section, field = found.setdefault("reserves", {}).setdefault(one, {}), name
                value: Any = config.reserve(one)
                part, _, inner = name.rpartition(".")
                if part:
                    section, field, value = section.setdefault(part, {}), inner, getattr(value, part)
                section[field] = getattr(value, field)
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # as a file would have them


def _members(mode: Any) -> dict[str, Any]:
    fields = mode.model_dump(mode="json")
    return {name: NOTHING if value is None else value for name, value in fields.items() if name != "id"}


def imported(kind: str, path: Path, config: MarketConfig) -> ImportedMarket:
    """Read a file that was made of a configuration; whatever the file lacks, the configuration answers."""
    try:
        return import_market(kind, path, revision=config.revision)
    except LackingError as error:
        return import_market(kind, path, revision=config.revision, defaults=answers(error, config))


# --- forms that only tests write --------------------------------------------------------------------------------------


def ui_data(market: Market, write: Any = str) -> dict[str, Any]:
    """What `UiPoolDataProviderV3` answers, with the names of its ABI; whole numbers as `write` makes them.

    On v3.0.2, which the twin has no such contract for, the same composed of views, without `eModes`.
    """
    chain = market.chain
    if "UiPoolDataProviderV3" not in chain.revision.contracts:
        reserves = [_first_release(market, asset, write) for asset in market.pool.get_reserves_list()]
        return {"reserves": reserves, "baseCurrencyInfo": {"marketReferenceCurrencyUnit": write(10**8)}}
    feed = market.oracle.get_source_of_asset(market.pool.get_reserves_list()[0])
    where = named_address("the view of everything")
    if where not in chain.contracts:
        construct("UiPoolDataProviderV3", chain, where, [feed, feed])
    provider, view = market.provider.address, chain.at(where)
    told, base = view.get_reserves_data(provider)
    modes = [{"id": number, "eMode": _named(mode, write)} for number, mode in view.get_e_modes(provider)]
    reserves = [_named(reserve, write) for reserve in told]
    return {"reserves": reserves, "baseCurrencyInfo": _named(base, write), "eModes": modes}


def _named(struct: Any, write: Any) -> dict[str, Any]:
    """A struct as an object with the names of the ABI."""
    return {_abi_name(name): _written(value, write) for name, value in struct._asdict().items()}


def _abi_name(name: str) -> str:
    first, *rest = name.replace("ltv_as", "LTVas").split("_")
    return first + "".join(part if part[:1].isupper() else part.capitalize() for part in rest)


def _written(value: Any, write: Any) -> Any:
    if type(value) is int:
        return write(value)
    return to_checksum_address(value) if isinstance(value, str) and value.startswith("0x") else value


def _first_release(market: Market, asset: str, write: Any) -> dict[str, Any]:
    chain, pool = market.chain, market.pool
    reserve: Any = pool.reserves[asset]
    config, token, strategy = reserve.configuration, chain.at(asset), chain.at(reserve.interest_rate_strategy)
    number = market.data_provider.get_reserve_e_mode_category(asset)  # type: ignore[attr-defined]  # of v3.0.2
    category: Any = pool.e_modes[number]
    figures = {
        "decimals": bitmaps.decimals(config),
        "baseLTVasCollateral": bitmaps.ltv(config),
        "reserveLiquidationThreshold": bitmaps.liquidation_threshold(config),
        "reserveLiquidationBonus": bitmaps.liquidation_bonus(config),
        "reserveFactor": bitmaps.reserve_factor(config),
        "debtCeiling": bitmaps.debt_ceiling(config),
        "debtCeilingDecimals": 2,
        "borrowCap": bitmaps.borrow_cap(config),
        "supplyCap": bitmaps.supply_cap(config),
        "liquidityIndex": reserve.liquidity_index,
        "priceInMarketReferenceCurrency": market.oracle.get_asset_price(asset),
        "variableRateSlope1": strategy.get_variable_rate_slope1(),
        "variableRateSlope2": strategy.get_variable_rate_slope2(),
        "baseVariableBorrowRate": strategy.get_base_variable_borrow_rate(),
        "optimalUsageRatio": strategy.optimal_usage(),
        "stableRateSlope1": strategy.get_stable_rate_slope1(),
        "stableRateSlope2": strategy.get_stable_rate_slope2(),
        "baseStableBorrowRate": strategy.get_base_stable_borrow_rate(),
        "eModeCategoryId": number,
        "eModeLtv": category.ltv,
        "eModeLiquidationThreshold": category.liquidation_threshold,
        "eModeLiquidationBonus": category.liquidation_bonus,
    }
    switches = {
        "borrowingEnabled": bitmaps.is_borrowing_enabled(config),
        "stableBorrowRateEnabled": market.data_provider.get_reserve_configuration_data(asset)[7],
        "isActive": bitmaps.is_active(config),
        "isFrozen": bitmaps.is_frozen(config),
        "isPaused": bitmaps.is_paused(config),
        "isSiloedBorrowing": bitmaps.is_siloed(config),
        "flashLoanEnabled": bitmaps.is_flash_loan_enabled(config),
        "borrowableInIsolation": bitmaps.is_borrowable_in_isolation(config),
    }
    places = {
        "underlyingAsset": asset,
        "aTokenAddress": reserve.a_token,
        "stableDebtTokenAddress": reserve.stable_debt_token,
        "variableDebtTokenAddress": reserve.variable_debt_token,
        "interestRateStrategyAddress": reserve.interest_rate_strategy,
        "priceOracle": market.oracle.get_source_of_asset(asset),
        "eModePriceSource": category.price_source if number else NOTHING,
    }
    texts = {"name": token.name(), "symbol": token.symbol(), "eModeLabel": category.label}
    shown = {**{name: to_checksum_address(where) for name, where in places.items()}, **texts, **switches}
    return {**shown, **{name: write(number) for name, number in figures.items()}}


def address_book(config: MarketConfig) -> dict[str, Any]:
    """A configuration that names every address as an entry of the address book."""
    at = {one.handle: one.underlying for one in config.reserves}
    of = config.addresses
    places = {
        "POOL_ADDRESSES_PROVIDER": of.provider,
        "POOL": of.pool,
        "POOL_CONFIGURATOR": of.configurator,
        "ORACLE": of.oracle,
        "ACL_ADMIN": of.admin,
        "ACL_MANAGER": of.acl_manager,
        "AAVE_PROTOCOL_DATA_PROVIDER": of.data_provider,
        "COLLECTOR": of.treasury,
    }
    assets = {
        one.symbol: {
            "decimals": one.decimals,
            "id": number,
            "UNDERLYING": one.underlying,
            "A_TOKEN": one.a_token,
            "V_TOKEN": one.variable_debt_token,
            "INTEREST_RATE_STRATEGY": one.rate_strategy or of.rate_strategy,
            "ORACLE": one.price_feed,
        }
        for one, number in zip(config.reserves, config.ids, strict=True)
    }
    modes = {
        str(mode.id): {
            "label": mode.label,
            "collateralAssets": [at[key] for key in mode.collateral],
            "borrowableAssets": [at[key] for key in mode.borrowable],
            "ltvzeroAssets": [at[key] for key in mode.ltv_zero],
            "ltv": mode.ltv_bps,
            "liquidationThreshold": mode.liquidation_threshold_bps,
            "liquidationBonus": mode.liquidation_bonus_bps,
            "isolated": mode.isolated,
        }
        for mode in config.e_modes
    }
    return {**places, "CHAIN_ID": config.chain_id, "ASSETS": assets, "E_MODES": modes}
