"""Supplying, withdrawing, collateral flags, transfers and e-mode. Solidity: `SupplyLogic`."""

from __future__ import annotations

from ..address import Address
from ..errors import ReservePaused, UnderlyingBalanceZero, WithdrawToAToken
from ..events import ReserveUsedAsCollateralDisabled, ReserveUsedAsCollateralEnabled, Supply, UserEModeSet, Withdraw
from ..math.token_math import a_token_balance, a_token_burn_scaled, a_token_mint_scaled
from ..math.uint import MAX_UINT256
from ..state import bitmaps
from ..state.records import Reserve
from .erc20 import safe_transfer_from
from .reserve import open_reserve, update_rates, update_state
from .terms import Pool, ReserveCache
from .validation import (
    validate_active_unpaused,
    validate_health_factor,
    validate_health_factor_and_ltv_zero,
    validate_supply,
    validate_withdraw,
)


def set_using_as_collateral(pool: Pool, reserve: Reserve, asset: Address, user: Address, on: bool) -> None:
    """Write a collateral bit and emit it, changed or not. Solidity: `UserConfiguration.setUsingAsCollateral`."""
    pool.users_config[user] = bitmaps.with_using_as_collateral(pool.users_config[user], reserve.id, on)
    pool.emit((ReserveUsedAsCollateralEnabled if on else ReserveUsedAsCollateralDisabled)(asset, user))


def execute_supply(
    pool: Pool, user: Address, asset: Address, amount: int, on_behalf_of: Address, referral_code: int
) -> None:
    """Take `amount` of underlying from `user` and credit `on_behalf_of` with shares, rounded down.

    A first supply becomes collateral when the asset lends in the recipient's e-mode. Solidity: `executeSupply`.
    """
    category_id = pool.users_e_mode[on_behalf_of]
    reserve, cache = open_reserve(pool, asset)
    scaled = a_token_mint_scaled(amount, cache.next_liquidity_index)
    validate_supply(cache, reserve, scaled, on_behalf_of)
    update_rates(pool, reserve, cache, asset, added=amount)
    safe_transfer_from(pool, asset, user, reserve.a_token, amount)
    is_first_supply = cache.a_token.pool_mint(user, on_behalf_of, scaled, cache.next_liquidity_index)
    if is_first_supply and pool.revision.may_collateralise_automatically(
        pool, reserve, cache.configuration, on_behalf_of, category_id, user
    ):
        set_using_as_collateral(pool, reserve, asset, on_behalf_of, True)
    pool.emit(Supply(asset, user, on_behalf_of, amount, referral_code))


def execute_withdraw(pool: Pool, user: Address, asset: Address, amount: int, to: Address) -> int:
    """Burn `user`'s shares, rounded up, and send `amount` of underlying to `to`; 2**256 - 1 withdraws everything.

    Returns the amount sent. Solidity: `executeWithdraw`.
    """
    category_id = pool.users_e_mode[user]
    reserve = pool.reserves[asset]
    cache = ReserveCache(pool, reserve)
    if to == reserve.a_token:
        raise WithdrawToAToken()
    update_state(pool, reserve, cache)
    index = cache.next_liquidity_index
    scaled_balance = cache.a_token.scaled_balances[user]
    if amount == MAX_UINT256:
        scaled, amount = scaled_balance, a_token_balance(scaled_balance, index)
    else:
        scaled = a_token_burn_scaled(amount, index)
    validate_withdraw(cache, scaled, scaled_balance)
    update_rates(pool, reserve, cache, asset, taken=amount)
    nothing_left = cache.a_token.pool_burn(user, to, amount, scaled, index)
    if bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id):
        if nothing_left:
            set_using_as_collateral(pool, reserve, asset, user, False)
        if bitmaps.is_borrowing_any(pool.users_config[user]):
            validate_health_factor_and_ltv_zero(pool, asset, user, category_id)
    pool.emit(Withdraw(asset, user, to, amount))
    return amount


def execute_finalize_transfer(
    pool: Pool,
    asset: Address,
    from_: Address,
    to: Address,
    scaled_amount: int,
    scaled_balance_before: int,
    scaled_balance_to_before: int,
) -> None:
    """Judge an aToken transfer by the sender's position; until v3.5 it also enables the recipient's collateral.

    Solidity: `executeFinalizeTransfer`, from v3.5 on.
    """
    reserve = pool.reserves[asset]
    if bitmaps.is_paused(reserve.configuration):
        raise ReservePaused()
    if from_ == to or scaled_amount == 0:
        return
    if bitmaps.is_using_as_collateral(pool.users_config[from_], reserve.id):
        if scaled_balance_before == scaled_amount:
            set_using_as_collateral(pool, reserve, asset, from_, False)
        if bitmaps.is_borrowing_any(pool.users_config[from_]):
            validate_health_factor_and_ltv_zero(pool, asset, from_, pool.users_e_mode[from_])
    if scaled_balance_to_before == 0:
        pool.revision.collateralise_received(pool, reserve, asset, reserve.configuration, from_, to)


def execute_use_reserve_as_collateral(pool: Pool, user: Address, asset: Address, on: bool) -> None:
    """Enable or disable a supply as collateral; asking for what is already so does nothing.

    Disabling checks the position even of a user without debt. Solidity: `executeUseReserveAsCollateral`.
    """
    category_id = pool.users_e_mode[user]
    reserve = pool.reserves[asset]
    configuration = reserve.configuration
    validate_active_unpaused(configuration)
    if on == bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id):
        return
    if not on:
        set_using_as_collateral(pool, reserve, asset, user, False)
        validate_health_factor_and_ltv_zero(pool, asset, user, category_id)
        return
    if pool.chain.at(reserve.a_token).scaled_balances[user] == 0:
        raise UnderlyingBalanceZero()
    if not pool.revision.may_collateralise(pool, reserve, configuration, user, category_id):
        raise pool.revision.collateral_refused()
    set_using_as_collateral(pool, reserve, asset, user, True)


def execute_set_user_e_mode(pool: Pool, user: Address, category_id: int) -> None:
    """Enter, leave or change an e-mode category; the position must be healthy in it.

    Solidity: `executeSetUserEMode`.
    """
    if pool.users_e_mode[user] == category_id:
        return
    pool.revision.validate_set_user_e_mode(pool, user, category_id)
    pool.users_e_mode[user] = category_id
    validate_health_factor(pool, user, category_id)
    pool.emit(UserEModeSet(user, category_id))


def may_collateralise(pool: Pool, reserve: Reserve, _configuration: int, _user: Address, category_id: int) -> bool:
    """Does the asset lend in the user's category, so that it may be collateral? From v3.7 on.

    Solidity: `validateUseAsCollateral`.
    """
    return pool.revision.user_ltv(reserve, pool.e_modes[category_id], category_id) != 0


def may_collateralise_automatically(
    pool: Pool, reserve: Reserve, configuration: int, user: Address, category_id: int, _supplier: Address
) -> bool:
    """May a first supply enable the asset? Whenever the user could. Solidity: `executeSupply`, from v3.7 on."""
    return may_collateralise(pool, reserve, configuration, user, category_id)
