"""Liquidation until v3.4: the collateral reserve is read through views and only updated when underlying leaves it.

Solidity: `LiquidationLogic`, v3.3 and v3.4.
"""

from __future__ import annotations

from ...address import Address
from ...errors import (
    InvalidAmount,
    NotEnoughAvailableUserBalance,
    ReserveInactive,
    ReserveNotInDeficit,
    UserCannotHaveDebt,
)
from ...events import DeficitCovered, DeficitCreated
from ...logic.borrow import set_borrowing
from ...logic.liquidation import (
    calculate_available_collateral,
    read_units,
    settle,
)
from ...logic.reserve import normalized_income, open_reserve, update_rates
from ...logic.supply import set_using_as_collateral
from ...logic.terms import AToken, Liquidation, Pool, ReserveCache
from ...logic.validation import validate_liquidation
from ...math.uint import add, add128, div, mul, sub, to_uint128
from ...math.wad_ray import ray_div, ray_mul
from ...state import bitmaps
from ...state.records import Reserve
from ..v3_5.positions import used_reserves
from .token_rules import burn_a_tokens, burn_debt, transfer_on_liquidation
from .validation import earlier_flows


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

    Solidity: `executeLiquidationCall`, v3.3 and v3.4.
    """
    run = Liquidation(pool, liquidator, collateral_asset, debt_asset, borrower, receive_a_token)
    _, run.debt_cache = open_reserve(pool, debt_asset)
    run.collateral_configuration = run.collateral_reserve.configuration
    account = pool.revision.account_data(pool, borrower, run.category_id)
    run.total_collateral = account.total_collateral
    a_token: AToken = pool.chain.at(run.collateral_reserve.a_token)
    run.borrower_collateral = a_token.balance_of(borrower)
    scaled_debt = run.debt_cache.debt_token.scaled_balances[borrower]
    run.borrower_debt = ray_mul(scaled_debt, run.debt_cache.next_variable_borrow_index)
    validate_liquidation(
        pool,
        run.collateral_reserve,
        run.debt_reserve,
        run.debt_cache,
        borrower,
        liquidator,
        run.borrower_debt,
        account.health_factor,
    )
    bonus = pool.revision.liquidation_bonus(pool, run)
    pool.revision.read_liquidation_prices(pool, run)
    read_units(run)
    closable = pool.revision.max_liquidatable_debt(pool, run, account.health_factor, account.total_debt)
    run.debt_to_liquidate = min(debt_to_cover, closable)
    calculate_available_collateral(pool, run, bonus)
    pool.revision.refuse_dust(pool, run)
    no_collateral_left = pool.revision.release_seized_collateral(pool, run)
    repaid = run.debt_to_liquidate
    _burn_debt(
        pool, run.debt_reserve, run.debt_cache, debt_asset, borrower, run.borrower_debt, repaid, no_collateral_left
    )
    pool.revision.reduce_isolated_debt_in_liquidation(
        pool, borrower, collateral_asset, run.collateral_configuration, run.debt_cache.configuration, repaid
    )
    pay_liquidator(pool, run, a_token)
    if run.protocol_fee != 0:
        pay_protocol_fee(pool, run, a_token)
    if no_collateral_left and bitmaps.is_borrowing_any(pool.users_config[borrower]):
        _burn_bad_debt(pool, borrower)
    settle(pool, run)


def pay_liquidator(pool: Pool, run: Liquidation, a_token: AToken) -> None:
    """Hand over the seized collateral as aTokens, or burn it and send the underlying.

    The collateral reserve is opened after the debt has gone, so a same-asset liquidation sees it gone.
    """
    amount, asset = run.collateral_to_liquidate, run.collateral_asset
    if not run.receive_a_token:
        reserve, cache = open_reserve(pool, asset)
        update_rates(pool, reserve, cache, asset, taken=amount)
        burn_a_tokens(a_token, run.borrower, run.liquidator, amount, cache.next_liquidity_index)
        return
    reserve = run.collateral_reserve
    first_receipt = earlier_flows(pool.revision).is_first_receipt(run, a_token)
    index = normalized_income(reserve, pool.chain.time)
    transfer_on_liquidation(a_token, run.borrower, run.liquidator, amount, index)
    if first_receipt:
        pool.revision.collateralise_received(
            pool, reserve, asset, reserve.configuration, run.liquidator, run.liquidator
        )


def has_no_balance_or_takes_all_of_own(run: Liquidation, a_token: AToken) -> bool:
    """Had the liquidator no aTokens before, or does it take all of an own collateral? v3.3.

    v3.4 asks for shares instead of a balance, and nobody liquidates itself: the same answers.
    """
    takes_all = add(run.collateral_to_liquidate, run.protocol_fee) == run.borrower_collateral
    return a_token.balance_of(run.liquidator) == 0 or (run.liquidator == run.borrower and takes_all)


def pay_protocol_fee(pool: Pool, run: Liquidation, a_token: AToken) -> None:
    """Send the fee to the treasury in aTokens, no more than the rounding before it has left."""
    index = normalized_income(run.collateral_reserve, pool.chain.time)
    fee, scaled_left = run.protocol_fee, a_token.scaled_balances[run.borrower]
    if ray_div(fee, index) > scaled_left:
        fee = ray_mul(scaled_left, index)
    transfer_on_liquidation(a_token, run.borrower, a_token.treasury, fee, index)


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
    nothing_left = True  # a borrow bit without debt, left over from old revisions, is cleared too
    if debt != 0:
        burned = debt if no_collateral_left else repaid
        nothing_left, cache.next_scaled_debt = burn_debt(
            cache.debt_token, borrower, burned, cache.next_variable_borrow_index
        )
    outstanding = sub(debt, repaid, "more is repaid than is owed")
    if no_collateral_left and outstanding != 0:
        reserve.deficit = add128(reserve.deficit, to_uint128(outstanding))
        pool.emit(DeficitCreated(borrower, asset, outstanding))
        outstanding = 0
    if earlier_flows(pool.revision).is_debt_cleared(nothing_left, outstanding):
        set_borrowing(pool, reserve, borrower, False)
    update_rates(pool, reserve, cache, asset, added=repaid)


def _burn_bad_debt(pool: Pool, borrower: Address) -> None:
    """Turn every remaining debt into deficit, in paused and frozen reserves too. Solidity: `_burnBadDebt`."""
    for flag, _, asset in used_reserves(pool, pool.users_config[borrower]):
        if flag & 1 and bitmaps.is_active(pool.reserves[asset].configuration):
            reserve, cache = open_reserve(pool, asset)
            debt = ray_mul(cache.debt_token.scaled_balances[borrower], cache.next_variable_borrow_index)
            _burn_debt(pool, reserve, cache, asset, borrower, debt, 0, True)


def execute_eliminate_deficit(pool: Pool, user: Address, asset: Address, amount: int) -> int:
    """Burn the umbrella's aTokens against a reserve's deficit, at most all of it. Returns what was covered.

    Solidity: `executeEliminateDeficit`, v3.3 and v3.4.
    """
    if amount == 0:
        raise InvalidAmount()
    if pool.reserves[asset].deficit == 0:
        raise ReserveNotInDeficit()
    if bitmaps.is_borrowing_any(pool.users_config[user]):
        raise UserCannotHaveDebt()
    reserve, cache = open_reserve(pool, asset)
    if not bitmaps.is_active(cache.configuration):
        raise ReserveInactive()
    covered, index = min(amount, reserve.deficit), cache.next_liquidity_index
    balance = ray_mul(cache.a_token.scaled_balances[user], index)
    if covered > balance:
        raise NotEnoughAvailableUserBalance()
    if bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id) and covered == balance:
        set_using_as_collateral(pool, reserve, asset, user, False)
    burn_a_tokens(cache.a_token, user, reserve.a_token, covered, index)
    reserve.deficit = sub(reserve.deficit, to_uint128(covered))
    update_rates(pool, reserve, cache, asset)
    pool.emit(DeficitCovered(asset, user, covered))
    return covered


def floor_value(amount: int, price: int, unit: int) -> int:
    """A debt in base currency, rounded down. Until v3.4."""
    return div(mul(amount, price), unit)


def burn_liquidated_debt(run: Liquidation) -> None:
    """Burn the variable debt that a liquidation repays; the flow until v3.2 asks for this."""
    cache = run.debt_cache
    index = cache.next_variable_borrow_index
    _, cache.next_scaled_debt = burn_debt(cache.debt_token, run.borrower, run.debt_to_liquidate, index)
