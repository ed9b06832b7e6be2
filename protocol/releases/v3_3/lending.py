"""Lending and borrowing until v3.3, where v3.4 does otherwise. Solidity: `SupplyLogic`, `BorrowLogic`."""

from __future__ import annotations

from ...address import Address
from ...errors import UnderlyingBalanceZero
from ...logic.supply import set_using_as_collateral
from ...logic.terms import Pool, ReserveCache
from ...logic.validation import validate_active_unpaused, validate_health_factor_and_ltv_zero
from ...state import bitmaps
from ...state.records import Reserve


def execute_use_reserve_as_collateral(pool: Pool, user: Address, asset: Address, on: bool) -> None:
    """Enable or disable a supply as collateral; without a supply even disabling fails, before all else.

    Solidity: `executeUseReserveAsCollateral`, until v3.3.
    """
    category_id = pool.users_e_mode[user]
    reserve = pool.reserves[asset]
    cache = ReserveCache(pool, reserve)
    if cache.a_token.balance_of(user) == 0:
        raise UnderlyingBalanceZero()
    validate_active_unpaused(cache.configuration)
    if on == bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id):
        return
    if not on:
        set_using_as_collateral(pool, reserve, asset, user, False)
        validate_health_factor_and_ltv_zero(pool, asset, user, category_id)
        return
    if not pool.revision.may_collateralise(pool, reserve, cache.configuration, user, category_id):
        raise pool.revision.collateral_refused()
    set_using_as_collateral(pool, reserve, asset, user, True)


def has_scaled_debt(_pool: Pool, _reserve: Reserve, cache: ReserveCache, user: Address) -> bool:
    """Has the user shares of debt? Until v3.3."""
    return cache.debt_token.scaled_balances[user] != 0


def no_amount_left(_nothing_left: bool, outstanding: int) -> bool:
    """Is the whole amount repaid, whatever shares are left? Until v3.3."""
    return outstanding == 0


def a_token_supplies(_from: Address, a_token: Address) -> Address:
    """The caller of the pool, who must have the role: in a transfer, the aToken. Until v3.3."""
    return a_token
