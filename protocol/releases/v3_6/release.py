"""Aave v3.6, told as its difference from v3.7.

Against v3.5 it takes e-mode apart from the reserve's own settings: an asset may be collateral, lend and be borrowed in
a category alone, and lose its LTV there alone. Received aTokens are no longer enabled as collateral by themselves,
unfreezing brings no LTV back, allowances can be renounced. Source: aave-dao/aave-v3-origin,
`docs/3.6/Aave-v3.6-features.md`.

Isolation mode, siloed borrowing, the price-oracle sentinel and `dropReserve` ended with it.
"""

from __future__ import annotations

from dataclasses import replace

from ...contracts.registry import with_contracts
from ...errors import UserInIsolationModeOrLtvZero
from ...math import percentage
from ..v3_7.release import V3_7
from . import isolation, liquidation, sentinel, siloed_borrowing
from .configurator import PoolConfiguratorV36
from .data_provider import DataProviderV36
from .layouts import LAYOUTS
from .liquidation_data_provider import LiquidationDataProviderV36
from .pool import L2PoolV36, PoolV36
from .test_token import TestnetERC20V36
from .ui_incentive_data_provider import UiIncentiveDataProviderV36
from .ui_pool_data_provider import UiPoolDataProviderV36

V3_6 = replace(
    V3_7,
    name="3.6",
    pool_revision=10,
    configurator_revision=7,
    layouts=LAYOUTS,
    contracts=with_contracts(
        V3_7.contracts,
        L2PoolV36,
        LiquidationDataProviderV36,
        UiPoolDataProviderV36,
        UiIncentiveDataProviderV36,
        PoolV36,
        PoolConfiguratorV36,
        DataProviderV36,
        TestnetERC20V36,
    ),
    copies_listings=True,
    may_collateralise=isolation.may_collateralise,
    may_collateralise_automatically=isolation.may_collateralise_automatically,
    collateral_refused=UserInIsolationModeOrLtvZero,
    check_borrow_sentinel=sentinel.check_borrow_sentinel,
    check_liquidation_sentinel=sentinel.check_liquidation_sentinel,
    check_siloed_borrowing=siloed_borrowing.check_siloed_borrowing,
    increase_isolated_debt=isolation.increase_isolated_debt,
    reduce_isolated_debt=isolation.reduce_isolated_debt,
    reduce_isolated_debt_in_liquidation=isolation.reduce_isolated_debt_in_liquidation,
    open_liquidation_caches=liquidation.open_caches_together,
    release_seized_collateral=liquidation.release_by_amount,
    seizure_percent_mul=percentage.percent_mul,
    bonus_percent_div=percentage.percent_div,
    protocol_fee_percent_mul=percentage.percent_mul,
)
