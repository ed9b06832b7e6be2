"""A user's whole position in base currency. Solidity: `GenericLogic`."""

from __future__ import annotations

from ..address import ZERO_ADDRESS, Address
from ..math.token_math import a_token_balance, debt_balance
from ..math.uint import MAX_UINT256, add, div, mul
from ..math.wad_ray import mul_div_ceil, wad_div
from ..state import bitmaps
from ..state.records import EModeCategory, Reserve
from .reserve import normalized_debt, normalized_income, unit_of
from .terms import NO_POSITION, AccountData, Pool


def user_ltv(reserve: Reserve, category: EModeCategory, category_id: int) -> int:
    """The loan to value (bps) an asset has for a user of a category; 0 lends nothing against it.

    An isolated category lends nothing against assets outside it; none is isolated before v3.7. Solidity:
    `ValidationLogic.getUserReserveLtv`, from v3.6 on.
    """
    if category_id != 0:
        if bitmaps.is_in_bitmap(category.collateral_bitmap, reserve.id):
            return 0 if bitmaps.is_in_bitmap(category.ltvzero_bitmap, reserve.id) else category.ltv
        if category.isolated:
            return 0
    return reserve.configuration & 0xFFFF


def account_data(pool: Pool, user: Address, category_id: int) -> AccountData:
    """Collateral, debt, averages and health factor of a user, as if in the given e-mode category.

    Reads the user's bitmap: a balance whose bit is not set does not count. Solidity: `calculateUserAccountData`.
    """
    flags = pool.users_config[user]
    if flags == 0:
        return NO_POSITION
    category = pool.e_modes[category_id]
    collateral_bitmap = category.collateral_bitmap if category_id else 0
    effective_ltv, price_of = pool.revision.user_ltv, pool.oracle.price_of
    reserves_list, reserves = pool.reserves_list, pool.reserves
    total_collateral = total_debt = weighted_ltv = weighted_threshold = 0
    has_zero_ltv = False
    reserve_id = -1
    while flags:
        reserve_id += 1
        flag = flags & 3
        flags >>= 2
        if not flag:
            continue
        asset = reserves_list[reserve_id]
        if asset == ZERO_ADDRESS:  # a dropped reserve left a gap
            continue
        reserve = reserves[asset]
        configuration = reserve.configuration
        unit = unit_of(configuration)
        price = price_of(asset)
        if flag & 2:
            value = collateral_in_base(pool, user, reserve, price, unit)
            total_collateral = add(total_collateral, value)
            ltv = effective_ltv(reserve, category, category_id)
            if ltv == 0:
                has_zero_ltv = True
            else:
                weighted_ltv = add(weighted_ltv, value * ltv)
            in_category = collateral_bitmap >> reserve_id & 1
            threshold = category.liquidation_threshold if in_category else configuration >> 16 & 0xFFFF
            weighted_threshold = add(weighted_threshold, value * threshold)
        if flag & 1:
            total_debt = add(total_debt, debt_in_base(pool, user, reserve, price, unit))
    health_factor = wad_div(weighted_threshold, total_debt) // 10_000 if total_debt else MAX_UINT256
    average_ltv = weighted_ltv // total_collateral if total_collateral else 0
    average_threshold = weighted_threshold // total_collateral if total_collateral else 0
    return AccountData(total_collateral, total_debt, average_ltv, average_threshold, health_factor, has_zero_ltv)


def collateral_in_base(pool: Pool, user: Address, reserve: Reserve, price: int, unit: int) -> int:
    """The value of a user's aTokens in base currency, rounded down. Solidity: `_getUserBalanceInBaseCurrency`."""
    chain = pool.chain
    scaled = chain.contracts[reserve.a_token].scaled_balances[user]
    return div(mul(a_token_balance(scaled, normalized_income(reserve, chain.time)), price), unit)


def debt_in_base(pool: Pool, user: Address, reserve: Reserve, price: int, unit: int) -> int:
    """The value of a user's debt in base currency, rounded up. Solidity: `_getUserDebtInBaseCurrency`."""
    scaled = pool.chain.contracts[reserve.variable_debt_token].scaled_balances[user]
    return mul_div_ceil(debt_balance(scaled, normalized_debt(pool, reserve)), price, unit)


def available_borrows(pool: Pool, total_collateral: int, total_debt: int, ltv: int) -> int:
    """The base currency that the collateral would still carry at its average LTV.

    Solidity: `calculateAvailableBorrows`.
    """
    limit = pool.revision.credit_percent_mul(total_collateral, ltv)
    return limit - total_debt if limit > total_debt else 0
