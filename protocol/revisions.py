"""The revisions of the protocol, each a frozen record of named decisions.

One engine runs them all: the rules ask for a decision, never for a version. A record is built from its neighbour by
naming what is different, so reading `V3_6` tells how it differs from `V3_7`.
"""

from __future__ import annotations

from dataclasses import replace

from .contracts import signatures
from .decisions import Revision, nothing
from .errors import ErrorStyle, UserHasAssetWithZeroLtv, UserInIsolationModeOrLtvZero
from .logic import (
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
from .math import interest, percentage, token_math, wad_ray
from .releases.v3_0_2 import e_modes as priced_e_modes
from .releases.v3_0_2 import stable_rates
from .releases.v3_2 import liquidation as close_factor
from .releases.v3_4 import lending as half_up
from .releases.v3_4 import liquidation as half_up_liquidation
from .releases.v3_4 import token_rules as half_up_tokens
from .releases.v3_6 import isolation

__all__ = [
    "REPLAYED",
    "REVISIONS",
    "V3_0_2",
    "V3_2",
    "V3_3",
    "V3_4",
    "V3_5",
    "V3_6",
    "V3_7",
    "Revision",
    "revision_named",
]

V3_7 = Revision(
    name="3.7",
    pool_revision=11,
    configurator_revision=8,
    token_revision=5,
    error_style=ErrorStyle.CUSTOM,
    modern_test_token=True,
    isolation_mode=False,
    isolated_e_modes=True,
    ltv_zero_in_e_modes=True,
    deficits=True,
    whole_reserve_view=False,
    shows_mock_stable_debt=True,
    strategies_per_reserve=False,
    virtual_balance_optional=False,
    unbacked_bridge=False,
    flash_premium_is_split=False,
    position_managers=True,
    self_liquidation=False,
    original_token_abi=False,
    implementations_are_locked=True,
    data_provider_binds_pool=True,
    recover_signer=signatures.recover,
    compounded_interest=interest.compounded_interest,
    tokens_take_shares=True,
    share_bits=120,
    returns_covered_deficit=True,
    receipt_enables_collateral=False,
    copies_listings=False,
    renounceable_allowances=True,
    user_ltv=generic.user_ltv_with_isolated_categories,
    account_data=generic.account_data,
    may_collateralise=supply.may_collateralise,
    may_collateralise_automatically=supply.may_collateralise_automatically,
    collateral_refused=UserHasAssetWithZeroLtv,
    validate_set_user_e_mode=validation.validate_set_user_e_mode,
    freeze_ltv=ltv_zero.freeze_ltv,
    new_ltv_clears_pending=True,
    prepare_e_mode_collateral=ltv_zero.prepare_e_mode_collateral,
    is_collateral=ltv_zero.is_collateral_somewhere,
    spend_allowance=allowances.spend_allowance,
    spend_borrow_allowance=allowances.spend_borrow_allowance,
    execute_supply=supply.execute_supply,
    execute_withdraw=supply.execute_withdraw,
    execute_borrow=borrow.execute_borrow,
    execute_repay=borrow.execute_repay,
    execute_liquidation_call=liquidation.execute_liquidation_call,
    execute_eliminate_deficit=liquidation.execute_eliminate_deficit,
    execute_use_reserve_as_collateral=supply.execute_use_reserve_as_collateral,
    execute_mint_to_treasury=pool.execute_mint_to_treasury,
    execute_finalize_transfer=supply.execute_finalize_transfer,
    transfer_a_tokens=a_token_transfer.transfer,
    transfer_a_tokens_from=a_token_transfer.transfer_from,
    a_token_balance=token_math.a_token_balance,
    debt_balance=token_math.debt_balance,
    credit_percent_mul=percentage.percent_mul_floor,
    debt_value=wad_ray.mul_div_ceil,
    needed_debt_percent_div=percentage.percent_div_ceil,
    flash_premium_percent_mul=percentage.percent_mul_ceil,
    book_flash_premium=flash_loan.book_premium,
    accrue_to_treasury=reserve.accrue_to_treasury,
    check_borrowable=validation.check_borrowable,
    is_liquidatable=validation.always_liquidatable,
    check_borrow_sentinel=nothing,
    check_liquidation_sentinel=nothing,
    check_siloed_borrowing=nothing,
    increase_isolated_debt=nothing,
    reduce_isolated_debt=nothing,
    reduce_isolated_debt_in_liquidation=nothing,
    open_liquidation_caches=liquidation.open_caches_in_turn,
    release_seized_collateral=liquidation.release_by_shares,
    seizure_percent_mul=percentage.percent_mul_floor,
    bonus_percent_div=percentage.percent_div_floor,
    protocol_fee_percent_mul=percentage.percent_mul_ceil,
)

V3_6 = replace(
    V3_7,
    name="3.6",
    pool_revision=10,
    configurator_revision=7,
    modern_test_token=False,
    copies_listings=True,
    isolation_mode=True,
    isolated_e_modes=False,
    may_collateralise=isolation.may_collateralise_isolated,
    may_collateralise_automatically=isolation.may_collateralise_isolated_automatically,
    collateral_refused=UserInIsolationModeOrLtvZero,
    check_borrow_sentinel=isolation.check_borrow_sentinel,
    check_liquidation_sentinel=isolation.check_liquidation_sentinel,
    check_siloed_borrowing=isolation.check_siloed_borrowing,
    increase_isolated_debt=isolation.increase_isolated_debt,
    reduce_isolated_debt=isolation.reduce_isolated_debt,
    reduce_isolated_debt_in_liquidation=isolation.reduce_isolated_debt_in_liquidation,
    open_liquidation_caches=liquidation.open_caches_together,
    release_seized_collateral=liquidation.release_by_amount,
    seizure_percent_mul=percentage.percent_mul,
    bonus_percent_div=percentage.percent_div,
    protocol_fee_percent_mul=percentage.percent_mul,
)

V3_5 = replace(
    V3_6,
    name="3.5",
    pool_revision=9,
    configurator_revision=6,
    token_revision=4,
    ltv_zero_in_e_modes=False,
    receipt_enables_collateral=True,
    renounceable_allowances=False,
    user_ltv=generic.base_ltv,
    account_data=generic.account_data_by_base_threshold,
    may_collateralise_automatically=isolation.may_collateralise_isolated_by_role,
    validate_set_user_e_mode=validation.validate_set_user_e_mode_for_debt,
    freeze_ltv=ltv_zero.swap_pending_ltv,
    new_ltv_clears_pending=False,
    prepare_e_mode_collateral=nothing,
    is_collateral=ltv_zero.has_own_threshold,
    spend_allowance=allowances.spend_allowance_aloud,
    spend_borrow_allowance=allowances.spend_borrow_allowance_aloud,
    check_borrowable=validation.check_borrowing_enabled,
    is_liquidatable=validation.has_threshold,
)

V3_4 = replace(
    V3_5,
    name="3.4",
    pool_revision=8,
    token_revision=3,
    tokens_take_shares=False,
    returns_covered_deficit=False,
    account_data=half_up.account_data,
    accrue_to_treasury=half_up.accrue_to_treasury,
    execute_supply=half_up.execute_supply,
    execute_withdraw=half_up.execute_withdraw,
    execute_borrow=half_up.execute_borrow,
    execute_repay=half_up.execute_repay,
    execute_liquidation_call=half_up_liquidation.execute_liquidation_call,
    execute_eliminate_deficit=half_up_liquidation.execute_eliminate_deficit,
    execute_mint_to_treasury=half_up.execute_mint_to_treasury,
    execute_finalize_transfer=half_up.execute_finalize_transfer,
    transfer_a_tokens=half_up_tokens.transfer,
    transfer_a_tokens_from=half_up_tokens.transfer_from,
    a_token_balance=wad_ray.ray_mul,
    debt_balance=wad_ray.ray_mul,
    credit_percent_mul=percentage.percent_mul,
    debt_value=liquidation.floor_value,
    needed_debt_percent_div=percentage.percent_div,
    flash_premium_percent_mul=percentage.percent_mul,
    book_flash_premium=flash_loan.book_premium_half_up,
)

V3_3 = replace(
    V3_4,
    name="3.3",
    pool_revision=7,
    configurator_revision=5,
    token_revision=1,
    error_style=ErrorStyle.CODES,
    strategies_per_reserve=True,
    virtual_balance_optional=True,
    unbacked_bridge=True,
    flash_premium_is_split=True,
    position_managers=False,
    self_liquidation=True,
    original_token_abi=True,
    implementations_are_locked=False,
    data_provider_binds_pool=False,
    recover_signer=signatures.ecrecover,
    compounded_interest=interest.binomial_interest,
    share_bits=128,
    execute_use_reserve_as_collateral=half_up.execute_use_reserve_as_collateral,
    transfer_a_tokens=half_up_tokens.transfer_reporting_shares_last,
    book_flash_premium=flash_loan.split_premium,
    check_isolated_borrow=isolation.check_isolated_borrow,
    has_borrowed=half_up.has_scaled_debt,
    is_debt_cleared=half_up.no_amount_left,
    supplier_of_transfer=half_up.a_token_supplies,
)

V3_2 = replace(
    V3_3,
    name="3.2",
    pool_revision=5,
    configurator_revision=4,
    deficits=False,
    whole_reserve_view=True,
    shows_mock_stable_debt=False,
    copies_categories=True,
    execute_liquidation_call=close_factor.execute_liquidation_call,
    reduce_isolated_debt_in_liquidation=isolation.reduce_isolated_debt_of_borrower,
    release_repaid_collateral=half_up.release_collateral_regardless,
    is_first_receipt=half_up_liquidation.has_no_balance,
)
"""v3.2.0."""

V3_0_2 = replace(
    V3_2,
    name="3.0.2",
    pool_revision=1,
    configurator_revision=1,
    stable_rates=True,
    update_rates=stable_rates.update_rates,
    account_data=priced_e_modes.account_data,
    execute_set_user_e_mode=priced_e_modes.execute_set_user_e_mode,
    check_borrowable_in_e_mode=priced_e_modes.check_same_category,
    known_borrower=priced_e_modes.borrower_before_callback,
    price_to_borrow=priced_e_modes.price_to_borrow,
    liquidation_terms=priced_e_modes.liquidation_terms,
    check_rate_mode=stable_rates.check_either_mode,
    check_stable_borrow=stable_rates.refuse_stable_borrow,
    validate_repay=stable_rates.validate_repay,
    release_repaid_collateral=nothing,
    a_tokens_may_receive=True,
    is_empty_transfer=half_up_tokens.moves_nothing,
    permits_may_fail=False,
    flash_loans_may_repeat_assets=True,
)
"""v3.0.2 in markets where stable-rate borrowing is enabled for no asset. What v3.1 changed and what v3.2 did is not
kept apart: of v3.1 there is nothing to compare with."""

REVISIONS = {revision.name: revision for revision in (V3_2, V3_3, V3_4, V3_5, V3_6, V3_7)}


REPLAYED = {V3_0_2.name: V3_0_2}
"""Revisions on which histories run, but in which `Market` builds nothing and from which nothing is upgraded."""


def revision_named(name: str) -> Revision:
    """Raises ValueError, naming the revisions there are, for any other."""
    known = {**REPLAYED, **REVISIONS}
    if name not in known:
        raise ValueError(f"revision {name!r} is not known; known are {', '.join(known)}")
    return known[name]
