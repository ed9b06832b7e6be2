"""Dumps of `UiPoolDataProviderV3`: reserves, base currency and e-mode categories, as JSON of ethers, viem or web3.

Taken are what `getReservesData` answers (a list of reserves and the base currency), the same as an object, a plain list
of reserves, and beside them what `getEModes` answers, as `eModes`. Until v3.1 each reserve has the figures of its
category.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .categories import ISOLATED, LIMITS, read_bitmaps
from .draft import Draft, Fields, describe, take
from .errors import ForeignFileError
from .reserve_data import OTHERS, RESERVE, STATE, is_reserve, note_order, read_reserve
from .strategy import RATES
from .values import address, count, table, text

WANTED = (
    "this is no dump of UiPoolDataProviderV3: wanted is the JSON of what getReservesData answers, a list of reserves "
    "with named fields (underlyingAsset, symbol, ...) and the base currency, as [reserves, baseCurrencyInfo] or as an "
    "object, with eModes beside them where getEModes was asked"
)
RESERVE_LISTS = ("reserves", "reservesData", "0")
BASES = ("baseCurrencyInfo", "baseCurrencyData", "baseCurrency", "1")
E_MODE_LISTS = ("eModes", "emodes", "eModesData")
E_MODE = {**LIMITS, **ISOLATED, "isIsolated": ISOLATED["isolated"]}
IN_RESERVE = {
    "eModeLabel": ("label", text),
    "eModeLtv": ("ltv_bps", count),
    "eModeLiquidationThreshold": ("liquidation_threshold_bps", count),
    "eModeLiquidationBonus": ("liquidation_bonus_bps", count),
}


def draft_of(data: Any) -> Draft:
    """A dump's content as a draft."""
    reserves, base, categories = _parts(data)
    draft = Draft("a dump of UiPoolDataProviderV3")
    for index, source in enumerate(reserves):
        if not is_reserve(source):
            raise ForeignFileError(f"reserves.{index} is {describe(source)}, no reserve with named fields")
        read_reserve(draft, source, f"reserves.{index}")
    if base:
        draft.market = _base_currency(table(base, "the base currency"))
    if categories is not None:
        _read_categories(draft, categories)
    elif any("eModeCategoryId" in source for source in reserves):
        _read_categories_of_reserves(draft, reserves)
    note_order(draft)
    known = {*RESERVE, *RATES, *STATE, *OTHERS, *IN_RESERVE, "eModeCategoryId", "eModePriceSource", "id", "originalId"}
    strange = sorted({name for source in reserves for name in source} - known)
    if strange:
        draft.notes.append(f"Not read, because it is not known here: {', '.join(strange)}.")
    return draft


def _parts(data: Any) -> tuple[list[Any], Any, list[Any] | None]:
    """The reserves, the base currency and the categories of a dump, whichever way it is put together."""
    reserves: Any = None
    base: Any = None
    categories: Any = None
    if isinstance(data, Mapping):
        reserves, base, categories = (
            next((data[name] for name in names if name in data), None) for names in (RESERVE_LISTS, BASES, E_MODE_LISTS)
        )
    elif isinstance(data, list) and len(data) == 2 and isinstance(data[0], list):
        reserves, base = data
    else:
        reserves = data
    if not isinstance(reserves, list) or not reserves or not (is_reserve(reserves[0]) or _is_bare(reserves[0])):
        raise ForeignFileError(f"{WANTED}; this is {describe(data)}")
    if _is_bare(reserves[0]):
        raise ForeignFileError(
            "the reserves are lists of values without names, whose order depends on the release: write them as "
            "objects, in ethers with result.toObject(), in web3.py with dict(zip(names, values))"
        )
    if categories is not None and not isinstance(categories, list):
        raise ForeignFileError(f"eModes is {describe(categories)}, no list")
    return reserves, base, categories


def _is_bare(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 30


def _base_currency(base: Fields) -> Fields:
    if "marketReferenceCurrencyUnit" in base:
        unit = base["marketReferenceCurrencyUnit"]
        return {"base_currency_unit": count(unit, "baseCurrencyInfo.marketReferenceCurrencyUnit")}
    if "marketReferenceCurrencyDecimals" in base:
        decimals = count(base["marketReferenceCurrencyDecimals"], "baseCurrencyData.marketReferenceCurrencyDecimals")
        return {"base_currency_unit": 10 ** min(decimals, 77)}
    return {}


def _read_categories(draft: Draft, categories: list[Any]) -> None:
    """What `getEModes` answers: an id and a struct each, or both in one object."""
    by_id = dict(enumerate(draft.reserves))
    draft.e_modes = {}
    for index, given in enumerate(categories):
        place = f"eModes.{index}"
        outer = table(given, place)
        inner = table(outer.get("eMode", outer), f"{place}.eMode")
        number = count(outer.get("id"), f"{place}.id")
        if number in draft.e_modes:
            raise ForeignFileError(f"{place}.id is {number}, which an earlier category has")
        members = read_bitmaps(inner, by_id, place, "reserves that are not in the dump")
        draft.e_modes[number] = take(inner, E_MODE, place) | members


def _read_categories_of_reserves(draft: Draft, reserves: list[Any]) -> None:
    """Until v3.1: each reserve has the figures of its category; a category without reserves is not seen."""
    draft.e_modes = {}
    for index, source in enumerate(reserves):
        place = f"reserves.{index}"
        asset = address(source["underlyingAsset"], place)
        number = count(source.get("eModeCategoryId", 0), f"{place}.eModeCategoryId")
        if not number:
            continue
        figures = take(source, IN_RESERVE, place)
        if "eModePriceSource" in source:
            figures["price_source"] = address(source["eModePriceSource"], f"{place}.eModePriceSource")
        category = draft.e_modes.setdefault(number, {**figures, "collateral": [], "borrowable": []})
        if any(category.get(name) != value for name, value in figures.items()):
            raise ForeignFileError(f"{place}: e-mode {number} has other figures than in an earlier reserve")
        category["borrowable"].append(asset)
        if draft.reserves[asset].get("liquidation_threshold_bps"):
            category["collateral"].append(asset)
