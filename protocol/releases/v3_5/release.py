"""Aave v3.5, told as its difference from v3.6.

Against v3.4 it rounds every conversion in favour of the pool, tells tokens shares instead of amounts, and checks a
borrower's position once the debt exists. Source: aave-dao/aave-v3-origin, `docs/3.5/Aave-v3.5-features.md`.

What ended with it: an asset needs an LTV and a threshold of its own even in e-mode, an LTV comes back with the end of
a freeze, a role for suppliers of isolated collateral, events for spent allowances.
"""

from __future__ import annotations

from dataclasses import replace

from ...logic import allowances, generic, ltv_zero, validation
from ...logic.decisions import nothing
from ..v3_6 import isolation
from ..v3_6.release import V3_6

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
