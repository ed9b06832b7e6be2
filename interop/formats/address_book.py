"""Entries of Aave's address book as JSON: the addresses of a market, of its assets, and its e-mode categories.

Prices and the parameters of reserves are not in it: they are asked for.
"""

from __future__ import annotations

from typing import Any

from .categories import ISOLATED, LIMITS
from .draft import Draft, Fields, describe, take
from .errors import ForeignFileError
from .values import address, count, table

WANTED = (
    "this is no entry of Aave's address book: wanted is one of its markets as a JSON object with POOL, CHAIN_ID, "
    "ASSETS and E_MODES, as node prints JSON.stringify(AaveV3Ethereum)"
)
MARKET = {
    "POOL_ADDRESSES_PROVIDER": ("provider", address),
    "POOL": ("pool", address),
    "POOL_CONFIGURATOR": ("configurator", address),
    "ORACLE": ("oracle", address),
    "ACL_ADMIN": ("admin", address),
    "ACL_MANAGER": ("acl_manager", address),
    "AAVE_PROTOCOL_DATA_PROVIDER": ("data_provider", address),
    "COLLECTOR": ("treasury", address),
    "DEFAULT_INCENTIVES_CONTROLLER": ("rewards_controller", address),
    "PRICE_ORACLE_SENTINEL": ("sentinel", address),
}
ASSET = {
    "decimals": ("decimals", count),
    "id": ("id", count),
    "UNDERLYING": ("underlying", address),
    "A_TOKEN": ("a_token", address),
    "V_TOKEN": ("variable_debt_token", address),
    "S_TOKEN": ("stable_debt_token", address),
    "INTEREST_RATE_STRATEGY": ("rate_strategy", address),
    "ORACLE": ("price_feed", address),
}
E_MODE = {**LIMITS, **ISOLATED}
MEMBERS = {"collateralAssets": "collateral", "borrowableAssets": "borrowable", "ltvzeroAssets": "ltv_zero"}


def draft_of(data: Any) -> Draft:
    """An entry's content as a draft."""
    if not isinstance(data, dict) or not {"POOL", "ASSETS"} <= data.keys():
        raise ForeignFileError(f"{WANTED}; this is {describe(data)}")
    draft = Draft("an entry of the address book")
    draft.market = take(data, {"CHAIN_ID": ("chain_id", count)}, "entry")
    draft.addresses = take(data, MARKET, "entry")
    for name, value in table(data["ASSETS"], "ASSETS").items():
        source, place = table(value, f"ASSETS.{name}"), f"ASSETS.{name}"
        if "UNDERLYING" not in source:
            raise ForeignFileError(f"{place} has no UNDERLYING")
        fields = take(source, ASSET, place)
        asset = fields["underlying"]
        if asset in draft.reserves:
            raise ForeignFileError(f"{place}.UNDERLYING: {asset} is there twice")
        draft.reserves[asset] = fields
        draft.presumed[asset] = {"symbol": name}
    if not draft.reserves:
        raise ForeignFileError("ASSETS is empty: a market has at least one reserve")
    if "E_MODES" in data:
        draft.e_modes = {
            count(number, f"E_MODES.{number}"): _category(table(fields, f"E_MODES.{number}"), f"E_MODES.{number}")
            for number, fields in table(data["E_MODES"], "E_MODES").items()
        }
    draft.notes.append(
        "Symbols are the names that the address book gives to assets, which for some is not what the token says, as "
        "USDCe for USDC.e; defaults may give the right `symbol`."
    )
    return draft


def _category(source: Fields, place: str) -> Fields:
    fields = take(source, E_MODE, place)
    for foreign, name in MEMBERS.items():
        if foreign in source:
            members = source[foreign]
            if not isinstance(members, list):
                raise ForeignFileError(f"{place}.{foreign} is {describe(members)}, no list of addresses")
            fields[name] = [address(asset, f"{place}.{foreign}") for asset in members]
    return fields
