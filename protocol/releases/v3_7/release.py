"""Aave v3.7, the newest release: the ground on which the others are told as differences.

Against v3.6 it takes away isolation mode, siloed borrowing, the price-oracle sentinel and `dropReserve`; lets an e-mode
category be isolated; rounds a liquidation's collateral in favour of the borrower; and reads the two reserves of a
liquidation one after the other. Source: aave-dao/aave-v3-origin, `docs/3.7/Aave-v3.7-changelog.md`.

Nothing has ended with it.
"""

from __future__ import annotations

from ...contracts import signatures
from ...contracts.registry import CONTRACTS
from ...errors import ErrorStyle, UserHasAssetWithZeroLtv
from ...logic import (
    a_token_transfer,
    allowances,
    borrow,
    flash_loan,
    generic,
    liquidation,
    ltv_zero,
    pool,
    reserve,
    supply,
    validation,
)
from ...logic.decisions import nothing
from ...logic.terms import Revision
from ...math import interest, percentage, token_math, wad_ray
from .layouts import LAYOUTS

V3_7 = Revision(
    # names and numbers
    name="3.7",
    pool_revision=11,
    configurator_revision=8,
    token_revision=5,
    layouts=LAYOUTS,
    contracts=CONTRACTS,
    error_style=ErrorStyle.CUSTOM,
    collateral_refused=UserHasAssetWithZeroLtv,
    share_bits=120,
    # limits
    health_factor_liquidation_threshold=10**18,
    close_factor=5_000,
    close_factor_health_factor_threshold=95 * 10**16,
    min_base_for_close_factor=2_000 * 10**8,
    min_leftover_base=1_000 * 10**8,
    min_decimals=6,
    # what exists
    new_ltv_clears_pending=True,
    virtual_balance_optional=False,
    flash_loans_may_repeat_assets=False,
    self_liquidation=False,
    implementations_are_locked=True,
    copies_listings=False,
    # arithmetic and rounding
    recover_signer=signatures.recover,
    compounded_interest=interest.compounded_interest,
    user_ltv=generic.user_ltv,
    is_liquidatable=validation.always_liquidatable,
    a_token_balance=token_math.a_token_balance,
    debt_balance=token_math.debt_balance,
    credit_percent_mul=percentage.percent_mul_floor,
    debt_value=wad_ray.mul_div_ceil,
    needed_debt_percent_div=percentage.percent_div_ceil,
    seizure_percent_mul=percentage.percent_mul_floor,
    bonus_percent_div=percentage.percent_div_floor,
    protocol_fee_percent_mul=percentage.percent_mul_ceil,
    flash_premium_percent_mul=percentage.percent_mul_ceil,
    # positions
    account_data=generic.account_data,
    may_collateralise=supply.may_collateralise,
    may_collateralise_automatically=supply.may_collateralise_automatically,
    collateralise_received=nothing,
    # checks and steps
    a_token_supply=validation.a_token_supply,
    check_borrowable=validation.check_borrowable,
    check_borrowable_in_e_mode=validation.check_borrowable_in_e_mode,
    check_borrow_sentinel=nothing,
    check_liquidation_sentinel=nothing,
    check_siloed_borrowing=nothing,
    increase_isolated_debt=nothing,
    reduce_isolated_debt=nothing,
    reduce_isolated_debt_in_liquidation=nothing,
    validate_set_user_e_mode=validation.validate_set_user_e_mode,
    known_borrower=flash_loan.borrower_after_callback,
    spend_allowance=allowances.spend_allowance,
    spend_borrow_allowance=allowances.spend_borrow_allowance,
    update_rates=reserve.update_rates_and_virtual_balance,
    accrue_to_treasury=reserve.accrue_to_treasury,
    book_flash_premium=flash_loan.book_premium,
    open_liquidation_caches=liquidation.open_caches_in_turn,
    max_liquidatable_debt=liquidation.max_liquidatable_debt,
    refuse_dust=liquidation.refuse_dust,
    liquidation_bonus=liquidation.liquidation_bonus,
    liquidation_protocol_fee=liquidation.protocol_fee,
    read_liquidation_prices=liquidation.read_prices,
    release_seized_collateral=liquidation.release_by_shares,
    freeze_ltv=ltv_zero.freeze_ltv,
    prepare_e_mode_collateral=ltv_zero.prepare_e_mode_collateral,
    # flows
    execute_supply=supply.execute_supply,
    execute_withdraw=supply.execute_withdraw,
    execute_borrow=borrow.execute_borrow,
    execute_repay=borrow.execute_repay,
    execute_liquidation_call=liquidation.execute_liquidation_call,
    execute_eliminate_deficit=liquidation.execute_eliminate_deficit,
    execute_use_reserve_as_collateral=supply.execute_use_reserve_as_collateral,
    execute_set_user_e_mode=supply.execute_set_user_e_mode,
    execute_mint_to_treasury=pool.execute_mint_to_treasury,
    execute_finalize_transfer=supply.execute_finalize_transfer,
    transfer_a_tokens=a_token_transfer.transfer,
    transfer_a_tokens_from=a_token_transfer.transfer_from,
    earlier=None,
)
