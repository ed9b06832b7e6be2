"""Configuration snapshots of Aave's proposal tooling, `reports/*_before.json`: of the old form, and as of v3.6.

The old form (until v3.1) names one e-mode category for each reserve and has the rates by strategy; the new one has
bitmaps of reserve ids and the rates by asset. They are told apart by content. Neither says flash-loan premiums, pending
LTVs, grace periods or the state of reserves; the old form has no ids, and its reserves are sorted by address.
"""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS

from .categories import LIMITS, read_bitmaps
from .draft import Draft, Fields, describe, some, take
from .errors import ForeignFileError
from .strategy import read_rates
from .values import address, count, integer, switch, table, text

WANTED = (
    "this is no snapshot of Aave's proposal tooling: wanted is one JSON object with chainId, eModes, poolConfig, "
    "reserves and strategies, as reports/*_before.json of Aave's proposals"
)
PRICE_DECIMALS = 8

POOL = {
    "oracle": ("oracle", address),
    "pool": ("pool", address),
    "poolAddressesProvider": ("provider", address),
    "poolConfigurator": ("configurator", address),
    "priceOracleSentinel": ("sentinel", address),
    "protocolDataProvider": ("data_provider", address),
}
RESERVE = {
    "symbol": ("symbol", text),
    "decimals": ("decimals", count),
    "id": ("id", count),
    "ltv": ("ltv_bps", count),
    "liquidationThreshold": ("liquidation_threshold_bps", count),
    "liquidationBonus": ("liquidation_bonus_bps", count),
    "liquidationProtocolFee": ("liquidation_protocol_fee_bps", count),
    "reserveFactor": ("reserve_factor_bps", count),
    "supplyCap": ("supply_cap", count),
    "borrowCap": ("borrow_cap", count),
    "debtCeiling": ("debt_ceiling", count),
    "borrowingEnabled": ("borrowing_enabled", switch),
    "stableBorrowRateEnabled": ("stable_borrowing_enabled", switch),
    "isFlashloanable": ("flash_loan_enabled", switch),
    "isActive": ("active", switch),
    "isFrozen": ("frozen", switch),
    "isPaused": ("paused", switch),
    "isSiloed": ("siloed_borrowing", switch),
    "isBorrowableInIsolation": ("borrowable_in_isolation", switch),
    "virtualAccountingActive": ("virtual_accounting", switch),
    "underlying": ("underlying", address),
    "aToken": ("a_token", address),
    "aTokenName": ("a_token_name", text),
    "aTokenSymbol": ("a_token_symbol", text),
    "variableDebtToken": ("variable_debt_token", address),
    "variableDebtTokenName": ("variable_debt_token_name", text),
    "variableDebtTokenSymbol": ("variable_debt_token_symbol", text),
    "stableDebtToken": ("stable_debt_token", address),
    "stableDebtTokenName": ("stable_debt_token_name", text),
    "stableDebtTokenSymbol": ("stable_debt_token_symbol", text),
    "interestRateStrategy": ("rate_strategy", address),
    "oracle": ("price_feed", address),
    "oracleLatestAnswer": ("price", integer),
}
DERIVED = ("usageAsCollateralEnabled", "eModeCategory", "oracleDecimals", "oracleDescription", "oracleName")
CODE = ("aTokenImpl", "variableDebtTokenImpl", "stableDebtTokenImpl")
BALANCES = ("aTokenUnderlyingBalance", "virtualBalance")


def draft_of(data: Any) -> Draft:
    """A snapshot's content as a draft."""
    _check_kind(data)
    reserves = {asset: table(fields, f"reserves.{asset}") for asset, fields in data["reserves"].items()}
    categories = data.get("eModes")
    in_bitmaps = not any("eModeCategory" in fields for fields in reserves.values()) or any(
        "collateralBitmap" in fields for fields in (categories or {}).values()
    )
    draft = Draft(f"a snapshot of {'the new' if in_bitmaps else 'the old'} form")
    draft.market = take(data, {"chainId": ("chain_id", count)}, "snapshot")
    draft.addresses = take(table(data.get("poolConfig", {}), "poolConfig"), POOL, "poolConfig")
    if draft.addresses.get("sentinel") == ZERO_ADDRESS:
        del draft.addresses["sentinel"]
    strategies = table(data.get("strategies", {}), "strategies")
    for asset, fields in reserves.items():
        draft.reserves[asset] = _reserve(asset, fields, strategies)
    if categories is not None:
        draft.e_modes = {}
        for name, fields in table(categories, "eModes").items():
            _add_category(draft, name, table(fields, f"eModes.{name}"), reserves, in_bitmaps)
    _note(draft, data, reserves)
    return draft


def _check_kind(data: Any) -> None:
    reserves = data.get("reserves") if isinstance(data, dict) else None
    if isinstance(reserves, dict) and reserves and {"strategies", "eModes", "poolConfig"} & data.keys():
        first = next(iter(reserves.values()))
        if isinstance(first, dict) and {"underlying", "symbol", "aToken"} & first.keys():
            return
    raise ForeignFileError(f"{WANTED}; this is {describe(data)}")


def _reserve(asset: str, fields: Fields, strategies: Fields) -> Fields:
    place = f"reserves.{asset}"
    found = take(fields, RESERVE, place)
    if address(asset, "reserves").lower() != str(found.get("underlying", asset)).lower():
        raise ForeignFileError(f"{place}.underlying is {found['underlying']}, not the address that the reserve has")
    if count(fields.get("oracleDecimals", PRICE_DECIMALS), f"{place}.oracleDecimals") != PRICE_DECIMALS:
        found.pop("price", None)  # an answer in another unit is not the price that the market reads
    where = next((key for key in (asset, found.get("rate_strategy")) if key in strategies), None)
    if where is not None:
        found |= read_rates(table(strategies[where], f"strategies.{where}"), f"strategies.{where}")
    return found


def _add_category(draft: Draft, name: str, fields: Fields, reserves: dict[str, Fields], in_bitmaps: bool) -> None:
    place = f"eModes.{name}"
    number = count(fields.get("eModeCategory", name), place)
    found = take(fields, LIMITS, place)
    if not any(found.values()) or number == 0:
        return  # an old snapshot shows category 0, which is none
    if in_bitmaps:
        by_id = {draft.reserves[asset]["id"]: asset for asset in reserves if "id" in draft.reserves[asset]}
        if len(by_id) == len(reserves):
            found |= read_bitmaps(fields, by_id, place, "reserve ids that no reserve has")
    else:
        inside = [asset for asset, reserve in reserves.items() if reserve.get("eModeCategory") == number]
        thresholds = {asset: draft.reserves[asset].get("liquidation_threshold_bps") for asset in inside}
        found |= {"borrowable": inside, "collateral": [asset for asset in inside if thresholds[asset]]}
        source = fields.get("priceSource")
        if source is not None:
            found["price_source"] = address(source, f"{place}.priceSource")
    draft.e_modes = {**(draft.e_modes or {}), number: found}


def _note(draft: Draft, data: Fields, reserves: dict[str, Fields]) -> None:
    if any("id" not in fields for fields in reserves.values()):
        draft.notes.append(
            "The file has no reserve ids: it lists reserves by address, so they are numbered in that order, which is "
            "not that of the real pool."
        )
    if any(set(BALANCES) & fields.keys() for fields in reserves.values()):
        draft.notes.append(
            f"Not read: {' and '.join(BALANCES)}; without indexes and debts they are no state, and the market begins "
            "empty."
        )
    others = [asset for asset, of in draft.reserves.items() if "price" not in of and "oracle" in reserves[asset]]
    if others:
        draft.notes.append(f"The feeds of {some(others)} answer in another unit than 8 decimals.")
    known = {*RESERVE, *DERIVED, *CODE, *BALANCES}
    strange = sorted({name for fields in reserves.values() for name in fields} - known)
    strange += sorted(data.keys() - {"chainId", "eModes", "poolConfig", "poolConfiguration", "reserves", "strategies"})
    if strange:
        draft.notes.append(f"Not read, because it is not known here: {', '.join(strange)}.")
