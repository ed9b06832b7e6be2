"""Storage layouts of the contracts of v3.0.2, told as the difference from v3.2."""

from __future__ import annotations

from collections.abc import Mapping

from ...contracts.l2_pool import L2Pool
from ...contracts.pool import Pool
from ...evm_storage.layout import (
    CONFIGURATOR,
    DEBT_TOKEN_UNTIL_V3_3,
    E_MODE,
    SENTINEL,
    SEQUENCER,
    UNBACKED,
    Layout,
    Variable,
    pool_layout,
)
from ..v3_2.layouts import LAYOUTS as NEWER_LAYOUTS
from .configurator import PoolConfiguratorV302
from .pool import PoolV302
from .price_oracle_sentinel import PriceOracleSentinelV302, SequencerOracleV302
from .rollup import L2PoolV302
from .stable_debt_token import StableDebtToken

_STABLE_RATES = (("current_stable_borrow_rate", "uint128", 3, 0), ("stable_debt_token", "address", 5, 0))
_PRICED = (*E_MODE, ("price_source", "address", 0, 6))
_POOL = pool_layout((*_STABLE_RATES, UNBACKED), _PRICED)

LAYOUTS: Mapping[str, Layout] = {
    **{code: layout for code, layout in NEWER_LAYOUTS.items() if code not in (Pool.KIND, L2Pool.KIND)},
    StableDebtToken.KIND: (
        *DEBT_TOKEN_UNTIL_V3_3,
        Variable("timestamps", "uint40", 62, keys=("address",)),
        Variable("average_stable_rate", "uint128", 63),
        Variable("total_supply_timestamp", "uint40", 63, 16),
    ),
    PoolV302.CODE: _POOL,
    L2PoolV302.CODE: _POOL,
    PoolConfiguratorV302.CODE: CONFIGURATOR[:-1],
    PriceOracleSentinelV302.CODE: SENTINEL,
    SequencerOracleV302.CODE: SEQUENCER,
}
