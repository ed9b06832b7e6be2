"""Aave v3.0.2, told as its difference from v3.2.

What v3.1 changed and what v3.2 did is not kept apart: of v3.1 there is nothing to compare with. v3.1 brought the
virtual balance, one contract for all rates, the grace period of liquidations and a freeze that takes the LTV. Source:
aave-v3-core at v1.19.3; for v3.1, aave-dao/aave-v3-origin, `docs/3.1/Aave-v3.1-features.md`.

What ended with it: e-mode categories with a price of their own, stable rates, listings whose decimals are taken on
trust.
"""

from __future__ import annotations

from dataclasses import replace

from ...contracts.periphery.rewards.controller import RewardsController
from ...contracts.periphery.rewards.emission_manager import EmissionManager
from ...contracts.periphery.rewards.transfer_strategies import PullRewardsTransferStrategy, StakedTokenTransferStrategy
from ...contracts.periphery.ui_incentive_data_provider import UiIncentiveDataProvider
from ...contracts.periphery.ui_pool_data_provider import UiPoolDataProvider
from ...contracts.periphery.wallet_balance_provider import WalletBalanceProvider
from ...contracts.periphery.wrapped_token_gateway import WrappedTokenGateway
from ...contracts.registry import with_contracts, without_contracts
from ...logic.decisions import nothing
from ..v3_2.release import FLOWS as EARLIER_FLOWS
from ..v3_2.release import V3_2
from ..v3_6.test_token import TestnetERC20V36
from . import borrowing, e_modes, lending, stable_rates
from .configurator import PoolConfiguratorV302
from .data_provider import DataProviderV302
from .debt_token import VariableDebtTokenV302
from .layouts import LAYOUTS
from .pool import PoolV302
from .price_oracle_sentinel import PriceOracleSentinelV302, SequencerOracleV302
from .rate_strategy import FixedRateStrategyV302, RateStrategyV302
from .rollup import L2EncoderV302, L2PoolV302
from .stable_debt_token import StableDebtToken

FLOWS = replace(
    EARLIER_FLOWS,
    release_repaid_collateral=nothing,
    a_tokens_may_receive=True,
    is_empty_transfer=lending.moves_nothing,
    check_rate_mode=stable_rates.check_either_mode,
    check_stable_borrow=stable_rates.check_stable_borrow,
    price_to_borrow=e_modes.price_to_borrow,
    stable_debt=stable_rates.stable_debt,
    debt_of=stable_rates.debt_of,
    burn_liquidated_debt=borrowing.burn_liquidated_debt,
)

UNPUBLISHED = (
    UiPoolDataProvider,
    UiIncentiveDataProvider,
    WalletBalanceProvider,
    RewardsController,
    EmissionManager,
    PullRewardsTransferStrategy,
    StakedTokenTransferStrategy,
    WrappedTokenGateway,
)
"""What stood around the pool was published apart from it, and is not compared with anything here."""

V3_0_2 = replace(
    V3_2,
    name="3.0.2",
    pool_revision=1,
    configurator_revision=1,
    layouts=LAYOUTS,
    contracts=with_contracts(
        without_contracts(V3_2.contracts, *UNPUBLISHED),
        PoolV302,
        L2PoolV302,
        L2EncoderV302,
        PoolConfiguratorV302,
        DataProviderV302,
        VariableDebtTokenV302,
        StableDebtToken,
        RateStrategyV302,
        FixedRateStrategyV302,
        PriceOracleSentinelV302,
        SequencerOracleV302,
        TestnetERC20V36,  # the release brings none: its markets are tested with that of v3.6
    ),
    update_rates=stable_rates.update_rates,
    accrue_to_treasury=stable_rates.accrue_to_treasury,
    execute_borrow=borrowing.execute_borrow,
    execute_repay=borrowing.execute_repay,
    account_data=e_modes.account_data,
    execute_set_user_e_mode=e_modes.execute_set_user_e_mode,
    check_borrowable_in_e_mode=e_modes.check_same_category,
    min_decimals=0,
    liquidation_bonus=e_modes.liquidation_bonus,
    read_liquidation_prices=e_modes.read_liquidation_prices,
    known_borrower=e_modes.borrower_before_callback,
    flash_loans_may_repeat_assets=True,
    earlier=FLOWS,
)
