"""Aave v3.2.0, told as its difference from v3.3.

Against v3.1 it lets an asset be in several e-mode categories, without a price of their own, and takes away borrowing
at stable rates. Source: aave-dao/aave-v3-origin, `docs/3.2/Aave-v3.2-features.md`.

What ended with it: a close factor of half of a reserve's debt, bad debt that simply stays.
"""

from __future__ import annotations

from dataclasses import replace

from ...contracts.periphery.liquidation_data_provider import LiquidationDataProvider
from ...contracts.registry import with_contracts, without_contracts
from ...logic.decisions import nothing
from ..v3_3.release import FLOWS as EARLIER_FLOWS
from ..v3_3.release import V3_3
from . import isolation, lending, liquidation
from .data_provider import DataProviderV32
from .layouts import LAYOUTS
from .library import LibraryV32
from .pool import L2PoolV32, PoolV32
from .ui_pool_data_provider import UiPoolDataProviderV32
from .wrapped_token_gateway import WrappedTokenGatewayV32

FLOWS = replace(
    EARLIER_FLOWS,
    release_repaid_collateral=lending.release_collateral,
    is_first_receipt=liquidation.has_no_balance,
)

V3_2 = replace(
    V3_3,
    name="3.2",
    pool_revision=5,
    configurator_revision=4,
    max_liquidatable_debt=liquidation.max_liquidatable_debt,
    refuse_dust=nothing,
    layouts=LAYOUTS,
    contracts=with_contracts(
        without_contracts(V3_3.contracts, LiquidationDataProvider),
        L2PoolV32,
        UiPoolDataProviderV32,
        LibraryV32,
        WrappedTokenGatewayV32,
        PoolV32,
        DataProviderV32,
    ),
    execute_liquidation_call=liquidation.execute_liquidation_call,
    reduce_isolated_debt_in_liquidation=isolation.reduce_isolated_debt_in_liquidation,
    earlier=FLOWS,
)
