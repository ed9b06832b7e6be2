"""Borrowing and repaying. Solidity: `BorrowLogic`."""

from __future__ import annotations

from ..address import Address
from ..events import Borrow, Repay
from ..math.token_math import a_token_balance, a_token_burn_scaled, debt_balance, debt_burn_scaled, debt_mint_scaled
from ..math.uint import MAX_UINT256
from ..state import bitmaps
from ..state.records import Reserve
from .erc20 import safe_transfer_from
from .reserve import open_reserve, update_rates
from .supply import set_using_as_collateral
from .terms import Pool, ReserveCache
from .validation import (
    VARIABLE_RATE_MODE,
    validate_borrow,
    validate_health_factor,
    validate_health_factor_and_ltv,
    validate_repay,
)


def set_borrowing(pool: Pool, reserve: Reserve, user: Address, on: bool) -> None:
    """Write a borrow bit. Solidity: `UserConfiguration.setBorrowing`."""
    pool.users_config[user] = bitmaps.with_borrowing(pool.users_config[user], reserve.id, on)


def execute_borrow(
    pool: Pool,
    user: Address,
    asset: Address,
    amount: int,
    interest_rate_mode: int,
    referral_code: int,
    on_behalf_of: Address,
    *,
    release_underlying: bool = True,
) -> None:
    """Give `user` `amount` of underlying against debt of `on_behalf_of`, rounded up.

    The position is checked once the debt exists. Solidity: `executeBorrow`, from v3.5 on.
    """
    category_id = pool.users_e_mode[on_behalf_of]
    reserve, cache = open_reserve(pool, asset)
    index = cache.next_variable_borrow_index
    scaled = debt_mint_scaled(amount, index)
    validate_borrow(pool, reserve, cache, asset, on_behalf_of, scaled, interest_rate_mode, category_id)
    cache.next_scaled_debt = cache.debt_token.pool_mint(user, on_behalf_of, amount, scaled, index)
    if not bitmaps.is_borrowing(pool.users_config[on_behalf_of], reserve.id):
        set_borrowing(pool, reserve, on_behalf_of, True)
    pool.revision.increase_isolated_debt(pool, cache.configuration, on_behalf_of, amount)
    update_rates(pool, reserve, cache, asset, taken=amount if release_underlying else 0)
    if release_underlying:
        cache.a_token.pool_transfer_underlying_to(user, amount)
    validate_health_factor_and_ltv(pool, on_behalf_of, category_id)
    pool.emit(
        Borrow(
            asset,
            user,
            on_behalf_of,
            amount,
            VARIABLE_RATE_MODE,
            reserve.current_variable_borrow_rate,
            referral_code,
        )
    )


def execute_repay(
    pool: Pool,
    user: Address,
    asset: Address,
    amount: int,
    interest_rate_mode: int,
    on_behalf_of: Address,
    *,
    use_a_tokens: bool = False,
) -> int:
    """Burn debt of `on_behalf_of`, rounded down, against underlying or aTokens of `user`; never more than is owed.

    Returns the amount repaid. Solidity: `executeRepay`, from v3.5 on.
    """
    category_id = pool.users_e_mode[on_behalf_of]
    reserve, cache = open_reserve(pool, asset)
    index = cache.next_variable_borrow_index
    scaled_debt = cache.debt_token.scaled_balances[on_behalf_of]
    validate_repay(cache, user, on_behalf_of, amount, interest_rate_mode, scaled_debt)
    if use_a_tokens and amount == MAX_UINT256:
        amount = a_token_balance(cache.a_token.scaled_balances[user], cache.next_liquidity_index)
    amount = min(amount, debt_balance(scaled_debt, index))
    debt_cleared, cache.next_scaled_debt = cache.debt_token.pool_burn(
        on_behalf_of, debt_burn_scaled(amount, index), index
    )
    update_rates(pool, reserve, cache, asset, added=0 if use_a_tokens else amount)
    if debt_cleared:
        set_borrowing(pool, reserve, on_behalf_of, False)
    pool.revision.reduce_isolated_debt(pool, cache.configuration, on_behalf_of, amount)
    if use_a_tokens:
        _burn_a_tokens_for_debt(pool, reserve, cache, user, asset, amount, category_id)
    else:
        safe_transfer_from(pool, asset, user, reserve.a_token, amount)
    pool.emit(Repay(asset, on_behalf_of, user, amount, use_a_tokens))
    return amount


def _burn_a_tokens_for_debt(
    pool: Pool, reserve: Reserve, cache: ReserveCache, user: Address, asset: Address, amount: int, category_id: int
) -> None:
    """Burn aTokens; no underlying moves. The ltv-zero rule does not apply here, only the health factor."""
    index = cache.next_liquidity_index
    nothing_left = cache.a_token.pool_burn(user, reserve.a_token, amount, a_token_burn_scaled(amount, index), index)
    if bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id):
        if nothing_left:
            set_using_as_collateral(pool, reserve, asset, user, False)
        if bitmaps.is_borrowing_any(pool.users_config[user]):
            validate_health_factor(pool, user, category_id)
