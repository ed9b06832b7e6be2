"""Aave v3.5, told as its difference from v3.6.

Against v3.4 it rounds every conversion in favour of the pool, tells tokens shares instead of amounts, and checks a
borrower's position once the debt exists. Source: aave-dao/aave-v3-origin, `docs/3.5/Aave-v3.5-features.md`.

What ended with it: an asset needs an LTV and a threshold of its own even in e-mode, an LTV comes back with the end of
a freeze, a role for suppliers of isolated collateral, events for spent allowances.
"""

from __future__ import annotations

from dataclasses import replace

from ...contracts.a_token_with_delegation import ATokenWithDelegation
from ...contracts.registry import with_contracts, without_contracts
from ...logic.decisions import nothing
from ..v3_6.release import V3_6
from . import allowances, isolation, ltv_zero, positions, supply, validation
from .a_token import ATokenV35, SettableATokenV35
from .configurator import PoolConfiguratorV35
from .debt_token import VariableDebtTokenV35
from .layouts import LAYOUTS
from .liquidation_data_provider import LiquidationDataProviderV35
from .pool import L2PoolV35, PoolV35
from .ui_pool_data_provider import UiPoolDataProviderV35

V3_5 = replace(
    V3_6,
    name="3.5",
    pool_revision=9,
    configurator_revision=6,
    layouts=LAYOUTS,
    contracts=with_contracts(
        without_contracts(V3_6.contracts, ATokenWithDelegation),
        L2PoolV35,
        LiquidationDataProviderV35,
        UiPoolDataProviderV35,
        PoolV35,
        PoolConfiguratorV35,
        ATokenV35,
        SettableATokenV35,
        VariableDebtTokenV35,
    ),
    token_revision=4,
    user_ltv=positions.base_ltv,
    account_data=positions.account_data,
    may_collateralise_automatically=isolation.may_collateralise_automatically,
    collateralise_received=supply.collateralise_received,
    validate_set_user_e_mode=validation.validate_set_user_e_mode,
    freeze_ltv=ltv_zero.swap_pending_ltv,
    new_ltv_clears_pending=False,
    prepare_e_mode_collateral=nothing,
    spend_allowance=allowances.spend_allowance,
    spend_borrow_allowance=allowances.spend_borrow_allowance,
    check_borrowable=validation.check_borrowing_enabled,
    is_liquidatable=validation.has_threshold,
)
