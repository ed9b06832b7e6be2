"""Liquidation, bad debt and its repayment by the umbrella. Solidity: `LiquidationLogic`."""

from __future__ import annotations

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    InvalidAmount,
    MustNotLeaveDust,
    NotEnoughAvailableUserBalance,
    ReserveInactive,
    ReserveNotInDeficit,
    UserCannotHaveDebt,
)
from ..events import DeficitCovered, DeficitCreated, LiquidationCall
from ..math.percentage import percent_mul
from ..math.token_math import (
    a_token_balance,
    a_token_burn_scaled,
    a_token_transfer_scaled,
    debt_balance,
    debt_burn_scaled,
)
from ..math.uint import add, add128, div, mul, sub, to_uint128
from ..state import bitmaps
from ..state.records import Reserve
from .borrow import set_borrowing
from .erc20 import safe_transfer_from
from .reserve import open_reserve, unit_of_checked, update_rates, update_state
from .supply import set_using_as_collateral
from .terms import Liquidation, Pool, ReserveCache
from .validation import validate_liquidation


def execute_liquidation_call(
    pool: Pool,
    liquidator: Address,
    collateral_asset: Address,
    debt_asset: Address,
    borrower: Address,
    debt_to_cover: int,
    receive_a_token: bool,
) -> None:
    """Repay up to `debt_to_cover` of an unhealthy borrower's debt and take collateral plus bonus for it.

    When no collateral is left, what remains of the borrower's debt in every reserve becomes deficit.
    Solidity: `executeLiquidationCall`, from v3.5 on.
    """
    revision = pool.revision
    run = Liquidation(pool, liquidator, collateral_asset, debt_asset, borrower, receive_a_token)
    revision.open_liquidation_caches(pool, run)
    health_factor, total_debt = _read_position(pool, run)
    bonus = revision.liquidation_bonus(pool, run)
    revision.read_liquidation_prices(pool, run)
    read_units(run)
    run.debt_to_liquidate = min(debt_to_cover, revision.max_liquidatable_debt(pool, run, health_factor, total_debt))
    calculate_available_collateral(pool, run, bonus)
    revision.refuse_dust(pool, run)
    no_collateral_left = revision.release_seized_collateral(pool, run)
    _burn_debt(
        pool,
        run.debt_reserve,
        run.debt_cache,
        debt_asset,
        borrower,
        run.borrower_debt,
        run.debt_to_liquidate,
        no_collateral_left,
    )
    revision.reduce_isolated_debt_in_liquidation(
        pool,
        borrower,
        collateral_asset,
        run.collateral_configuration,
        run.debt_cache.configuration,
        run.debt_to_liquidate,
    )
    _pay_liquidator(pool, run)
    if run.protocol_fee != 0:
        _pay_protocol_fee(run)
    if no_collateral_left and bitmaps.is_borrowing_any(pool.users_config[borrower]):
        _burn_bad_debt(pool, borrower)
    settle(pool, run)


def settle(pool: Pool, run: Liquidation) -> None:
    """Pull what the liquidator repays and emit LiquidationCall."""
    safe_transfer_from(pool, run.debt_asset, run.liquidator, run.debt_reserve.a_token, run.debt_to_liquidate)
    pool.emit(
        LiquidationCall(
            run.collateral_asset,
            run.debt_asset,
            run.borrower,
            run.debt_to_liquidate,
            run.collateral_to_liquidate,
            run.liquidator,
            run.receive_a_token,
        )
    )


def open_caches_in_turn(pool: Pool, run: Liquidation) -> None:
    """Bring the debt reserve to now, then read the collateral reserve: each interest is accrued once. From v3.7 on."""
    run.debt_cache = ReserveCache(pool, run.debt_reserve)
    update_state(pool, run.debt_reserve, run.debt_cache)
    run.collateral_cache = ReserveCache(pool, run.collateral_reserve)
    update_state(pool, run.collateral_reserve, run.collateral_cache)


def _read_position(pool: Pool, run: Liquidation) -> tuple[int, int]:
    """Read the borrower's balances and health. Returns the health factor (wad) and the debt in base currency."""
    account = pool.revision.account_data(pool, run.borrower, run.category_id)
    run.total_collateral = account.total_collateral
    run.collateral_configuration = run.collateral_cache.configuration
    run.borrower_scaled_collateral = run.collateral_cache.a_token.scaled_balances[run.borrower]
    run.borrower_collateral = a_token_balance(run.borrower_scaled_collateral, run.collateral_cache.next_liquidity_index)
    scaled_debt = run.debt_cache.debt_token.scaled_balances[run.borrower]
    run.borrower_debt = debt_balance(scaled_debt, run.debt_cache.next_variable_borrow_index)
    validate_liquidation(
        pool,
        run.collateral_reserve,
        run.debt_reserve,
        run.debt_cache,
        run.borrower,
        run.liquidator,
        run.borrower_debt,
        account.health_factor,
    )
    return account.health_factor, account.total_debt


def liquidation_bonus(pool: Pool, run: Liquidation) -> int:
    """The bonus (bps): the category's for collateral of the borrower's e-mode category, else the reserve's."""
    category = pool.e_modes[run.category_id]
    if run.category_id != 0 and bitmaps.is_in_bitmap(category.collateral_bitmap, run.collateral_reserve.id):
        return category.liquidation_bonus
    return bitmaps.liquidation_bonus(run.collateral_configuration)


def read_prices(pool: Pool, run: Liquidation) -> None:
    """Ask the oracle for both assets' prices in base currency, the collateral's first."""
    oracle = pool.oracle
    run.collateral_price = oracle.price_of(run.collateral_asset)
    run.debt_price = oracle.price_of(run.debt_asset)


def read_units(run: Liquidation) -> None:
    """Set what one whole token is of both assets. Raises Panic(0x11) from 78 decimals on."""
    run.collateral_unit = unit_of_checked(run.collateral_configuration)
    run.debt_unit = unit_of_checked(run.debt_cache.configuration)


def max_liquidatable_debt(pool: Pool, run: Liquidation, health_factor: int, total_debt_base: int) -> int:
    """The close factor's part of the whole position, if both sides are large and health is near 1; else all the debt.

    The close factor keeps half-up rounding even where everything around it does not.
    """
    revision = pool.revision
    debt_base = revision.debt_value(run.borrower_debt, run.debt_price, run.debt_unit)
    collateral_base = mul(run.borrower_collateral, run.collateral_price) // run.collateral_unit
    if (
        collateral_base >= revision.min_base_for_close_factor
        and debt_base >= revision.min_base_for_close_factor
        and health_factor > revision.close_factor_health_factor_threshold
    ):
        liquidatable_base = percent_mul(total_debt_base, revision.close_factor)
        if debt_base > liquidatable_base:
            return div(mul(liquidatable_base, run.debt_unit), run.debt_price)
    return run.borrower_debt


def calculate_available_collateral(pool: Pool, run: Liquidation, bonus: int) -> None:
    """Reckon the collateral for the debt covered, capped by what there is, and split off the treasury's part.

    Solidity: `_calculateAvailableCollateralToLiquidate`.
    """
    revision = pool.revision
    covered = mul(mul(run.debt_price, run.debt_to_liquidate), run.collateral_unit)
    base_collateral = div(covered, mul(run.collateral_price, run.debt_unit))
    with_bonus = revision.seizure_percent_mul(base_collateral, bonus)
    if with_bonus > run.borrower_collateral:
        seized = run.borrower_collateral
        value = mul(mul(run.collateral_price, seized), run.debt_unit)
        needed = div(value, mul(run.debt_price, run.collateral_unit))
        run.debt_to_liquidate = revision.needed_debt_percent_div(needed, bonus)
    else:
        seized = with_bonus
    run.protocol_fee = revision.liquidation_protocol_fee(pool, run, seized, bonus)
    run.collateral_to_liquidate = sub(seized, run.protocol_fee)


def protocol_fee(pool: Pool, run: Liquidation, seized: int, bonus: int) -> int:
    """The treasury's part of a seized amount: a percentage of what the bonus (bps) has added to it."""
    fee_percentage = bitmaps.liquidation_protocol_fee(run.collateral_configuration)
    if fee_percentage == 0:
        return 0
    bonus_part = sub(seized, pool.revision.bonus_percent_div(seized, bonus))
    return pool.revision.protocol_fee_percent_mul(bonus_part, fee_percentage)


def refuse_dust(pool: Pool, run: Liquidation) -> None:
    """Raise MustNotLeaveDust unless debt or collateral is cleared, or enough of both is left."""
    seized = add(run.collateral_to_liquidate, run.protocol_fee)
    if run.debt_to_liquidate >= run.borrower_debt or seized >= run.borrower_collateral:
        return
    least = pool.revision.min_leftover_base
    debt_left = pool.revision.debt_value(run.borrower_debt - run.debt_to_liquidate, run.debt_price, run.debt_unit)
    collateral_left = mul(run.borrower_collateral - seized, run.collateral_price) // run.collateral_unit
    if debt_left < least or collateral_left < least:
        raise MustNotLeaveDust()


def release_by_shares(pool: Pool, run: Liquidation) -> bool:
    """Clear the collateral bit when the shares run out or no value is left. Returns whether no collateral is left.

    Counts shares as the token will, each rounded up and together capped, so a leftover too small to exist is none.
    Solidity: `executeLiquidationCall`, from v3.7 on.
    """
    index = run.collateral_cache.next_liquidity_index
    used = a_token_burn_scaled(run.collateral_to_liquidate, index) + a_token_transfer_scaled(run.protocol_fee, index)
    used = min(used, run.borrower_scaled_collateral)
    used_base = mul(a_token_balance(used, index), run.collateral_price) // run.collateral_unit
    no_collateral_left = used_base == run.total_collateral
    if used == run.borrower_scaled_collateral or no_collateral_left:
        set_using_as_collateral(pool, run.collateral_reserve, run.collateral_asset, run.borrower, False)
    return no_collateral_left


def _burn_debt(
    pool: Pool,
    reserve: Reserve,
    cache: ReserveCache,
    asset: Address,
    borrower: Address,
    debt: int,
    repaid: int,
    no_collateral_left: bool,
) -> None:
    """Burn what is repaid, or everything when no collateral is left, the rest becoming deficit.

    Solidity: `_burnDebtTokens`.
    """
    debt_cleared = True  # a borrow bit without debt, left over from old revisions, is cleared too
    if debt != 0:
        index = cache.next_variable_borrow_index
        scaled = debt_burn_scaled(debt if no_collateral_left else repaid, index)
        debt_cleared, cache.next_scaled_debt = cache.debt_token.pool_burn(borrower, scaled, index)
    outstanding = sub(debt, repaid, "more is repaid than is owed")
    if no_collateral_left and outstanding != 0:
        reserve.deficit = add128(reserve.deficit, to_uint128(outstanding))
        pool.emit(DeficitCreated(borrower, asset, outstanding))
    if debt_cleared:
        set_borrowing(pool, reserve, borrower, False)
    update_rates(pool, reserve, cache, asset, added=repaid)


def _pay_liquidator(pool: Pool, run: Liquidation) -> None:
    """Hand over the seized collateral as aTokens, or burn it and send the underlying."""
    cache, amount = run.collateral_cache, run.collateral_to_liquidate
    index = cache.next_liquidity_index
    if run.receive_a_token:
        _hand_over_a_tokens(pool, run, amount, index)
        return
    if run.collateral_asset == run.debt_asset:  # two caches of one reserve: carry the burned debt over by hand
        cache.next_scaled_debt = run.debt_cache.next_scaled_debt
    update_rates(pool, run.collateral_reserve, cache, run.collateral_asset, taken=amount)
    cache.a_token.pool_burn(run.borrower, run.liquidator, amount, a_token_burn_scaled(amount, index), index)


def _hand_over_a_tokens(pool: Pool, run: Liquidation, amount: int, index: int) -> None:
    """Give the seized aTokens to the liquidator. Solidity: `transferOnLiquidation`; until v3.5, `_liquidateATokens`."""
    a_token, scaled = run.collateral_cache.a_token, a_token_transfer_scaled(amount, index)
    first_receipt = a_token.scaled_balances[run.liquidator] == 0
    a_token.pool_transfer_on_liquidation(run.borrower, run.liquidator, amount, scaled, index)
    if first_receipt:
        configuration, liquidator = run.collateral_configuration, run.liquidator
        pool.revision.collateralise_received(
            pool, run.collateral_reserve, run.collateral_asset, configuration, liquidator, liquidator
        )


def _pay_protocol_fee(run: Liquidation) -> None:
    """Send the fee to the treasury in aTokens, no more than the rounding before it has left."""
    a_token, index = run.collateral_cache.a_token, run.collateral_cache.next_liquidity_index
    fee, scaled_fee = run.protocol_fee, a_token_transfer_scaled(run.protocol_fee, index)
    scaled_left = a_token.scaled_balances[run.borrower]
    if scaled_fee > scaled_left:
        fee, scaled_fee = a_token_balance(scaled_left, index), scaled_left
    a_token.pool_transfer_on_liquidation(run.borrower, a_token.treasury, fee, scaled_fee, index)


def _burn_bad_debt(pool: Pool, borrower: Address) -> None:
    """Turn every remaining debt into deficit, in paused and frozen reserves too. Solidity: `_burnBadDebt`."""
    flags, reserve_id = pool.users_config[borrower], 0
    while flags:
        asset = pool.reserves_list[reserve_id]
        if flags & 1 and asset != ZERO_ADDRESS:
            reserve = pool.reserves[asset]
            cache = ReserveCache(pool, reserve)
            if bitmaps.is_active(cache.configuration):
                update_state(pool, reserve, cache)
                scaled_debt = cache.debt_token.scaled_balances[borrower]
                debt = debt_balance(scaled_debt, cache.next_variable_borrow_index)
                _burn_debt(pool, reserve, cache, asset, borrower, debt, 0, True)
        flags >>= 2
        reserve_id += 1


def execute_eliminate_deficit(pool: Pool, user: Address, asset: Address, amount: int) -> int:
    """Burn the umbrella's aTokens against a reserve's deficit, at most all of it. Returns what was covered.

    Solidity: `executeEliminateDeficit`, from v3.5 on.
    """
    if amount == 0:
        raise InvalidAmount()
    reserve = pool.reserves[asset]
    deficit = reserve.deficit
    if deficit == 0:
        raise ReserveNotInDeficit()
    if bitmaps.is_borrowing_any(pool.users_config[user]):
        raise UserCannotHaveDebt()
    reserve, cache = open_reserve(pool, asset)
    if not bitmaps.is_active(cache.configuration):
        raise ReserveInactive()
    covered = min(amount, deficit)
    index = cache.next_liquidity_index
    scaled_balance, scaled = cache.a_token.scaled_balances[user], a_token_burn_scaled(covered, index)
    if scaled > scaled_balance:
        raise NotEnoughAvailableUserBalance()
    if bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id) and scaled == scaled_balance:
        set_using_as_collateral(pool, reserve, asset, user, False)
    cache.a_token.pool_burn(user, reserve.a_token, covered, scaled, index)
    reserve.deficit = sub(reserve.deficit, to_uint128(covered))
    update_rates(pool, reserve, cache, asset)
    pool.emit(DeficitCovered(asset, user, covered))
    return covered
