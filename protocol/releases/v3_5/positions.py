"""A user's position in v3.5: an asset's own LTV and threshold count in e-mode too. Solidity: `GenericLogic`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...logic.generic import collateral_in_base, debt_in_base
from ...logic.reserve import unit_of
from ...logic.terms import NO_POSITION, AccountData, Pool
from ...math.uint import MAX_UINT256, add, mul
from ...math.wad_ray import wad_div
from ...state import bitmaps
from ...state.records import EModeCategory, Reserve


def base_ltv(reserve: Reserve, _category: EModeCategory, _category_id: int) -> int:
    """The asset's own loan to value (bps), whatever the e-mode category. Until v3.5."""
    return reserve.configuration & 0xFFFF


def used_reserves(pool: Pool, flags: int) -> Iterator[tuple[int, int, Address]]:
    """Flag (1 for debt, 2 for collateral), id and asset of every reserve a user uses, gaps left out."""
    reserve_id = 0
    while flags:
        asset = pool.reserves_list[reserve_id]
        if flags & 3 and asset != ZERO_ADDRESS:
            yield flags & 3, reserve_id, asset
        flags >>= 2
        reserve_id += 1


Value = Callable[[Pool, Address, Reserve, int, int], int]
"""Pool, user, reserve, price and unit to what the user has there, or owes, in base currency."""


class Sums(NamedTuple):
    """The sums of a position: amounts in base currency, the weighted ones times basis points."""

    total_collateral: int
    total_debt: int
    weighted_ltv: int
    weighted_threshold: int
    has_zero_ltv_collateral: bool


def sums_of(pool: Pool, user: Address, category_id: int, collateral_value: Value, debt_value: Value) -> Sums:
    """Add up a user's collateral and debt, in whatever way they are valued.

    An asset without a threshold of its own is no collateral, whatever its category says; LTV zero is the asset's own.
    """
    category = pool.e_modes[category_id]
    collateral_bitmap = category.collateral_bitmap if category_id else 0
    total_collateral = total_debt = weighted_ltv = weighted_threshold = 0
    has_zero_ltv = False
    for flag, reserve_id, asset in used_reserves(pool, pool.users_config[user]):
        reserve = pool.reserves[asset]
        configuration = reserve.configuration
        unit = unit_of(configuration)
        price = pool.oracle.price_of(asset)
        own_threshold = bitmaps.liquidation_threshold(configuration)
        if flag & 2 and own_threshold != 0:
            value = collateral_value(pool, user, reserve, price, unit)
            total_collateral = add(total_collateral, value)
            in_category = bitmaps.is_in_bitmap(collateral_bitmap, reserve_id)
            ltv = bitmaps.ltv(configuration)
            if ltv == 0:
                has_zero_ltv = True
            else:
                weighted_ltv = add(weighted_ltv, mul(value, category.ltv if in_category else ltv))
            threshold = category.liquidation_threshold if in_category else own_threshold
            weighted_threshold = add(weighted_threshold, mul(value, threshold))
        if flag & 1:
            total_debt = add(total_debt, debt_value(pool, user, reserve, price, unit))
    return Sums(total_collateral, total_debt, weighted_ltv, weighted_threshold, has_zero_ltv)


def account_data(pool: Pool, user: Address, category_id: int) -> AccountData:
    """Collateral, debt, averages and health factor of a user, as if in the given e-mode category.

    Solidity: `calculateUserAccountData`, v3.5.
    """
    if pool.users_config[user] == 0:
        return NO_POSITION
    total_collateral, total_debt, weighted_ltv, weighted_threshold, has_zero_ltv = sums_of(
        pool, user, category_id, collateral_in_base, debt_in_base
    )
    health_factor = wad_div(weighted_threshold, total_debt) // 10_000 if total_debt else MAX_UINT256
    average_ltv = weighted_ltv // total_collateral if total_collateral else 0
    average_threshold = weighted_threshold // total_collateral if total_collateral else 0
    return AccountData(total_collateral, total_debt, average_ltv, average_threshold, health_factor, has_zero_ltv)
