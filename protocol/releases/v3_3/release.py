"""Aave v3.3, told as its difference from v3.4.

Against v3.2 bad debt becomes a deficit that the umbrella covers, and a liquidation may take half of the whole position,
or all of a small debt, but must leave no dust. Source: aave-dao/aave-v3-origin, `docs/3.3/Aave-v3.3-features.md`.

What ended with it: the unbacked bridge, premiums shared with lenders, a rate strategy for each reserve, reserves
without a virtual balance, the binomial formula of compound interest, string codes as errors.
"""

from __future__ import annotations

from dataclasses import replace

from ...contracts import signatures
from ...contracts.periphery.stata.factory import StataTokenFactory
from ...contracts.periphery.stata.stata_token import StataToken
from ...contracts.periphery.stata.transparent import ProxyAdmin, TransparentProxyFactory, TransparentStataToken
from ...contracts.registry import with_contracts, without_contracts
from ...contracts.settable_a_token import SettableAToken
from ...errors import ErrorStyle
from ..v3_4.release import FLOWS as EARLIER_FLOWS
from ..v3_4.release import V3_4
from ..v3_6 import isolation
from . import flash_loan, interest, lending, token_rules
from .a_token import ATokenV33
from .configurator import PoolConfiguratorV33
from .data_provider import DataProviderV33
from .debt_token import VariableDebtTokenV33
from .layouts import LAYOUTS
from .library import LibraryV33
from .liquidation_data_provider import LiquidationDataProviderV33
from .pool import L2PoolV33, PoolV33
from .test_token import TestnetERC20V33
from .ui_pool_data_provider import UiPoolDataProviderV33
from .wallet_balance_provider import WalletBalanceProviderV33

VAULTS = StataToken, StataTokenFactory, TransparentProxyFactory, TransparentStataToken, ProxyAdmin
"""The vaults of aTokens are modelled from v3.4 on."""

FLOWS = replace(
    EARLIER_FLOWS,
    check_isolated_borrow=isolation.check_isolated_borrow,
    has_borrowed=lending.has_scaled_debt,
    is_debt_cleared=lending.no_amount_left,
    supplier_of_transfer=lending.a_token_supplies,
)

V3_3 = replace(
    V3_4,
    name="3.3",
    pool_revision=7,
    configurator_revision=5,
    layouts=LAYOUTS,
    contracts=with_contracts(
        without_contracts(V3_4.contracts, *VAULTS, SettableAToken),
        L2PoolV33,
        LiquidationDataProviderV33,
        UiPoolDataProviderV33,
        LibraryV33,
        WalletBalanceProviderV33,
        PoolV33,
        PoolConfiguratorV33,
        DataProviderV33,
        ATokenV33,
        VariableDebtTokenV33,
        TestnetERC20V33,
    ),
    token_revision=1,
    error_style=ErrorStyle.CODES,
    virtual_balance_optional=True,
    self_liquidation=True,
    implementations_are_locked=False,
    recover_signer=signatures.ecrecover,
    compounded_interest=interest.compounded_interest,
    share_bits=128,
    execute_use_reserve_as_collateral=lending.execute_use_reserve_as_collateral,
    transfer_a_tokens=token_rules.transfer,
    book_flash_premium=flash_loan.split_premium,
    earlier=FLOWS,
)
