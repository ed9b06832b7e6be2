"""Lending and borrowing until v3.4: amounts are in underlying units and every conversion rounds half up.

Borrowing is judged before the debt exists, with what is asked added to what is owed. Solidity: `SupplyLogic`,
`BorrowLogic`, `PoolLogic`, `GenericLogic`, `ReserveLogic`, v3.4.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...address import Address
from ...errors import (
    InvalidAmount,
    NotEnoughAvailableUserBalance,
    ReserveFrozen,
    ReservePaused,
    SupplyCapExceeded,
    SupplyToAToken,
    WithdrawToAToken,
)
from ...events import Borrow, MintedToTreasury, Repay, Supply, Withdraw
from ...logic.borrow import set_borrowing
from ...logic.erc20 import safe_transfer_from
from ...logic.reserve import (
    normalized_debt,
    normalized_income,
    open_reserve,
    unit_of_checked,
    update_rates,
    update_state,
)
from ...logic.supply import set_using_as_collateral
from ...logic.terms import NO_POSITION, AccountData, Borrower, Pool, ReserveCache
from ...logic.validation import (
    VARIABLE_RATE_MODE,
    validate_active_unpaused,
    validate_health_factor_and_ltv_zero,
    validate_repay,
)
from ...math.percentage import percent_mul
from ...math.uint import MAX_UINT256, add, add128, mul, sub, to_uint128
from ...math.wad_ray import ray_div, ray_mul, wad_div
from ...state import bitmaps
from ...state.records import Reserve
from ..v3_5.positions import sums_of
from .token_rules import burn_a_tokens, burn_debt, mint_amount, mint_debt, mint_to_treasury
from .validation import borrower_now, earlier_flows, validate_borrow


def accrue_to_treasury(reserve: Reserve, cache: ReserveCache) -> None:
    """Add the reserve factor's share of the growth of all debt. Solidity: `_accrueToTreasury`, until v3.4."""
    if cache.reserve_factor == 0:
        return
    debt_before = ray_mul(cache.scaled_debt, cache.variable_borrow_index)
    debt_now = ray_mul(cache.scaled_debt, cache.next_variable_borrow_index)
    treasury_share = percent_mul(sub(debt_now, debt_before), cache.reserve_factor)
    if treasury_share != 0:
        scaled = to_uint128(ray_div(treasury_share, cache.next_liquidity_index))
        reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)


def account_data(pool: Pool, user: Address, category_id: int) -> AccountData:
    """A user's position, every amount rounded down in base currency; the health factor from the average threshold.

    Solidity: `calculateUserAccountData`, until v3.4.
    """
    if pool.users_config[user] == 0:
        return NO_POSITION
    return averaged_position(*sums_of(pool, user, category_id, collateral_value, debt_value))


def collateral_value(pool: Pool, user: Address, reserve: Reserve, price: int, unit: int) -> int:
    """The value of a user's aTokens in base currency: half up to underlying units, then rounded down."""
    scaled = pool.chain.contracts[reserve.a_token].scaled_balances[user]
    return mul(ray_mul(scaled, normalized_income(reserve, pool.chain.time)), price) // unit


def debt_value(pool: Pool, user: Address, reserve: Reserve, price: int, unit: int) -> int:
    """The value of a user's debt in base currency: half up to underlying units, then rounded down."""
    scaled = pool.chain.contracts[reserve.variable_debt_token].scaled_balances[user]
    if scaled == 0:
        return 0  # no index is asked for, and none can overflow
    return mul(ray_mul(scaled, normalized_debt(pool, reserve)), price) // unit


def averaged_position(
    total_collateral: int, total_debt: int, weighted_ltv: int, weighted_threshold: int, has_zero_ltv: bool
) -> AccountData:
    """A position from its sums: averages rounded down to a basis point, health from the average threshold."""
    average_ltv = weighted_ltv // total_collateral if total_collateral else 0
    average_threshold = weighted_threshold // total_collateral if total_collateral else 0
    health_factor = MAX_UINT256
    if total_debt:
        health_factor = wad_div(percent_mul(total_collateral, average_threshold), total_debt)
    return AccountData(total_collateral, total_debt, average_ltv, average_threshold, health_factor, has_zero_ltv)


# --- lending --------------------------------------------------------------------------------------------------------


def validate_supply(cache: ReserveCache, reserve: Reserve, amount: int, on_behalf_of: Address) -> None:
    """Check a supply. Raises InvalidAmount, the reserve's states, SupplyToAToken, SupplyCapExceeded.

    Solidity: `validateSupply`, until v3.4.
    """
    if amount == 0:
        raise InvalidAmount()
    configuration = cache.configuration
    validate_active_unpaused(configuration)
    if bitmaps.is_frozen(configuration):
        raise ReserveFrozen()
    if on_behalf_of == reserve.a_token and not earlier_flows(cache.a_token.chain.revision).a_tokens_may_receive:
        raise SupplyToAToken()
    cap = bitmaps.supply_cap(configuration)
    if cap != 0:
        scaled_supply = add(cache.a_token.scaled_supply, reserve.accrued_to_treasury)
        supply = add(ray_mul(scaled_supply, cache.next_liquidity_index), amount)
        if supply > mul(cap, unit_of_checked(configuration)):
            raise SupplyCapExceeded()


def execute_supply(
    pool: Pool, user: Address, asset: Address, amount: int, on_behalf_of: Address, referral_code: int
) -> None:
    """Take `amount` of underlying from `user` and credit `on_behalf_of`. Solidity: `executeSupply`, until v3.4."""
    reserve, cache = open_reserve(pool, asset)
    validate_supply(cache, reserve, amount, on_behalf_of)
    update_rates(pool, reserve, cache, asset, added=amount)
    safe_transfer_from(pool, asset, user, reserve.a_token, amount)
    if mint_amount(cache.a_token, user, on_behalf_of, amount, cache.next_liquidity_index):
        pool.revision.collateralise_received(pool, reserve, asset, cache.configuration, user, on_behalf_of)
    pool.emit(Supply(asset, user, on_behalf_of, amount, referral_code))


def execute_withdraw(pool: Pool, user: Address, asset: Address, amount: int, to: Address) -> int:
    """Burn what `amount` is worth in shares and send it to `to`; 2**256 - 1 withdraws everything.

    The collateral flag is cleared before the aTokens are burned. Returns the amount sent.
    Solidity: `executeWithdraw`, until v3.4.
    """
    category_id = pool.users_e_mode[user]
    reserve = pool.reserves[asset]
    cache = ReserveCache(pool, reserve)
    if to == reserve.a_token and not earlier_flows(pool.revision).a_tokens_may_receive:
        raise WithdrawToAToken()
    update_state(pool, reserve, cache)
    balance = ray_mul(cache.a_token.scaled_balances[user], cache.next_liquidity_index)
    if amount == MAX_UINT256:
        amount = balance
    if amount == 0:
        raise InvalidAmount()
    if amount > balance:
        raise NotEnoughAvailableUserBalance()
    validate_active_unpaused(cache.configuration)
    update_rates(pool, reserve, cache, asset, taken=amount)
    was_collateral = bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id)
    if was_collateral and amount == balance:
        set_using_as_collateral(pool, reserve, asset, user, False)
    burn_a_tokens(cache.a_token, user, to, amount, cache.next_liquidity_index)
    if was_collateral and bitmaps.is_borrowing_any(pool.users_config[user]):
        validate_health_factor_and_ltv_zero(pool, asset, user, category_id)
    pool.emit(Withdraw(asset, user, to, amount))
    return amount


def execute_finalize_transfer(
    pool: Pool, asset: Address, from_: Address, to: Address, amount: int, from_before: int, to_before: int
) -> None:
    """Judge an aToken transfer by both sides' positions; all figures in underlying units.

    The sender is checked with the flag still set. Solidity: `executeFinalizeTransfer`, until v3.4.
    """
    reserve = pool.reserves[asset]
    if bitmaps.is_paused(reserve.configuration):
        raise ReservePaused()
    earlier = earlier_flows(pool.revision)
    if from_ == to or earlier.is_empty_transfer(pool, reserve, amount):
        return
    if bitmaps.is_using_as_collateral(pool.users_config[from_], reserve.id):
        if bitmaps.is_borrowing_any(pool.users_config[from_]):
            validate_health_factor_and_ltv_zero(pool, asset, from_, pool.users_e_mode[from_])
        if from_before == amount:
            set_using_as_collateral(pool, reserve, asset, from_, False)
    if to_before == 0:
        supplier = earlier.supplier_of_transfer(from_, reserve.a_token)
        pool.revision.collateralise_received(pool, reserve, asset, reserve.configuration, supplier, to)


def execute_mint_to_treasury(pool: Pool, assets: Sequence[Address]) -> None:
    """Turn the treasury's accrued shares into an amount and that into aTokens. Until v3.4."""
    for asset in assets:
        reserve = pool.reserves[asset]
        accrued = reserve.accrued_to_treasury
        if not bitmaps.is_active(reserve.configuration) or accrued == 0:
            continue
        reserve.accrued_to_treasury = 0
        index = normalized_income(reserve, pool.chain.time)
        amount = ray_mul(accrued, index)
        mint_to_treasury(pool.chain.at(reserve.a_token), amount, index)
        pool.emit(MintedToTreasury(asset, amount))


def sender_supplies(from_: Address, _a_token: Address) -> Address:
    """The sender of a transfer, who must have the role. v3.4."""
    return from_


# --- borrowing ------------------------------------------------------------------------------------------------------


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
    borrower: Borrower | None = None,
) -> None:
    """Give `user` `amount` of underlying against debt of `on_behalf_of`, or of the `borrower` as known before.

    Solidity: `executeBorrow`, until v3.4.
    """
    borrower = borrower or borrower_now(pool, on_behalf_of)
    reserve, cache = open_reserve(pool, asset)
    validate_borrow(pool, reserve, cache, asset, on_behalf_of, amount, interest_rate_mode, borrower)
    had_debt = earlier_flows(pool.revision).has_borrowed(pool, reserve, cache, on_behalf_of)
    index = cache.next_variable_borrow_index
    cache.next_scaled_debt = mint_debt(cache.debt_token, user, on_behalf_of, amount, index)
    if not had_debt:
        set_borrowing(pool, reserve, on_behalf_of, True)
    pool.revision.increase_isolated_debt(pool, cache.configuration, on_behalf_of, amount)
    update_rates(pool, reserve, cache, asset, taken=amount if release_underlying else 0)
    if release_underlying:
        cache.a_token.pool_transfer_underlying_to(user, amount)
    rate = reserve.current_variable_borrow_rate
    pool.emit(Borrow(asset, user, on_behalf_of, amount, VARIABLE_RATE_MODE, rate, referral_code))


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
    """Repay debt of `on_behalf_of` with underlying or with aTokens of `user`. Returns the amount.

    Solidity: `executeRepay`, until v3.4.
    """
    earlier = earlier_flows(pool.revision)
    reserve, cache = open_reserve(pool, asset)
    index = cache.next_variable_borrow_index
    debt = variable_debt_of(cache, on_behalf_of)
    validate_repay(cache, user, on_behalf_of, amount, interest_rate_mode, debt)
    if use_a_tokens and amount == MAX_UINT256:
        amount = ray_mul(cache.a_token.scaled_balances[user], cache.next_liquidity_index)
    amount = min(amount, debt)
    nothing_left, cache.next_scaled_debt = burn_debt(cache.debt_token, on_behalf_of, amount, index)
    update_rates(pool, reserve, cache, asset, added=0 if use_a_tokens else amount)
    if earlier.is_debt_cleared(nothing_left, debt - amount):
        set_borrowing(pool, reserve, on_behalf_of, False)
    pool.revision.reduce_isolated_debt(pool, cache.configuration, on_behalf_of, amount)
    if use_a_tokens:
        burn_a_tokens(cache.a_token, user, reserve.a_token, amount, cache.next_liquidity_index)
        if cache.a_token.scaled_balances[user] == 0:
            earlier.release_repaid_collateral(pool, reserve, asset, user)
    else:
        safe_transfer_from(pool, asset, user, reserve.a_token, amount)
    pool.emit(Repay(asset, on_behalf_of, user, amount, use_a_tokens))
    return amount


def variable_debt_of(cache: ReserveCache, user: Address) -> int:
    """A user's variable debt to a reserve: from v3.2 on, all there is."""
    return ray_mul(cache.debt_token.scaled_balances[user], cache.next_variable_borrow_index)


def borrow_bit_is_set(pool: Pool, reserve: Reserve, _cache: ReserveCache, user: Address) -> bool:
    """Is the user's borrow bit set? v3.4."""
    return bitmaps.is_borrowing(pool.users_config[user], reserve.id)


def no_shares_left(nothing_left: bool, _outstanding: int) -> bool:
    """Are all shares of the debt gone? v3.4."""
    return nothing_left


def release_collateral(pool: Pool, reserve: Reserve, asset: Address, user: Address) -> None:
    """Disable a supply that repaying has used up, if it was collateral. From v3.3 to v3.4."""
    if bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id):
        set_using_as_collateral(pool, reserve, asset, user, False)
