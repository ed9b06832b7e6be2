"""Liquidation until v3.2: half of a reserve's debt at a time, and bad debt simply stays.

Solidity: `LiquidationLogic`, v3.0.2 and v3.2.
"""

from __future__ import annotations

from ...address import Address
from ...logic.borrow import set_borrowing
from ...logic.liquidation import (
    calculate_available_collateral,
    settle,
)
from ...logic.reserve import open_reserve, unit_of, update_rates
from ...logic.supply import set_using_as_collateral
from ...logic.terms import AToken, Liquidation, Pool
from ...logic.validation import validate_liquidation
from ...math.percentage import PERCENTAGE_FACTOR, percent_mul
from ...math.uint import add
from ..v3_4.liquidation import pay_liquidator, pay_protocol_fee
from ..v3_4.validation import earlier_flows

MAX_LIQUIDATION_CLOSE_FACTOR = PERCENTAGE_FACTOR


def execute_liquidation_call(
    pool: Pool,
    liquidator: Address,
    collateral_asset: Address,
    debt_asset: Address,
    borrower: Address,
    debt_to_cover: int,
    receive_a_token: bool,
) -> None:
    """Repay up to `debt_to_cover`, at most half of this debt unless the position is far under water.

    Nothing keeps a liquidation from leaving dust. Solidity: `executeLiquidationCall`, v3.2.
    """
    run = Liquidation(pool, liquidator, collateral_asset, debt_asset, borrower, receive_a_token)
    _, run.debt_cache = open_reserve(pool, debt_asset)
    account = pool.revision.account_data(pool, borrower, run.category_id)
    earlier = earlier_flows(pool.revision)
    run.borrower_debt = earlier.debt_of(run.debt_cache, borrower)
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
    run.collateral_configuration = run.collateral_reserve.configuration
    a_token: AToken = pool.chain.at(run.collateral_reserve.a_token)
    run.borrower_collateral = a_token.balance_of(borrower)
    bonus = pool.revision.liquidation_bonus(pool, run)
    pool.revision.read_liquidation_prices(pool, run)
    run.collateral_unit = unit_of(run.collateral_configuration)  # computed unchecked, unlike later
    run.debt_unit = unit_of(run.debt_cache.configuration)
    closable = pool.revision.max_liquidatable_debt(pool, run, account.health_factor, account.total_debt)
    run.debt_to_liquidate = min(debt_to_cover, closable)
    calculate_available_collateral(pool, run, bonus)
    pool.revision.refuse_dust(pool, run)
    _clear_bits(pool, run)
    earlier.burn_liquidated_debt(run)
    update_rates(pool, run.debt_reserve, run.debt_cache, debt_asset, added=run.debt_to_liquidate)
    pool.revision.reduce_isolated_debt_in_liquidation(
        pool,
        borrower,
        collateral_asset,
        run.collateral_configuration,
        run.debt_cache.configuration,
        run.debt_to_liquidate,
    )
    pay_liquidator(pool, run, a_token)
    if run.protocol_fee != 0:
        pay_protocol_fee(pool, run, a_token)
    settle(pool, run)


def max_liquidatable_debt(pool: Pool, run: Liquidation, health_factor: int, _total_debt_base: int) -> int:
    """The close factor's part of this reserve's debt, or all of it when the position is far under water.

    Solidity: `_calculateDebt`, until v3.2.
    """
    revision = pool.revision
    is_close = health_factor > revision.close_factor_health_factor_threshold
    return percent_mul(run.borrower_debt, revision.close_factor if is_close else MAX_LIQUIDATION_CLOSE_FACTOR)


def _clear_bits(pool: Pool, run: Liquidation) -> None:
    """Clear the borrow bit when all debt is covered, the collateral bit when all collateral is taken."""
    if run.borrower_debt == run.debt_to_liquidate:
        set_borrowing(pool, run.debt_reserve, run.borrower, False)
    if add(run.collateral_to_liquidate, run.protocol_fee) == run.borrower_collateral:
        set_using_as_collateral(pool, run.collateral_reserve, run.collateral_asset, run.borrower, False)


def has_no_balance(run: Liquidation, a_token: AToken) -> bool:
    """Had the liquidator no aTokens before? v3.2."""
    return a_token.balance_of(run.liquidator) == 0
