"""Storage layouts of the code that only v3.0.2 has."""

from __future__ import annotations

from ...evm_storage.layout import (
    CONFIGURATOR,
    DEBT_TOKEN_UNTIL_V3_3,
    E_MODE,
    SENTINEL,
    SEQUENCER,
    UNBACKED,
    Layout,
    pool_layout,
)
from .configurator import PoolConfiguratorV302
from .pool import PoolV302
from .price_oracle_sentinel import PriceOracleSentinelV302, SequencerOracleV302
from .stable_debt_token import StableDebtToken

_STABLE_RATES = (("current_stable_borrow_rate", "uint128", 3, 0), ("stable_debt_token", "address", 5, 0))
_PRICED = (*E_MODE, ("price_source", "address", 0, 6))

LAYOUTS_V3_0_2: dict[str, Layout] = {
    StableDebtToken.KIND: DEBT_TOKEN_UNTIL_V3_3,
    PoolV302.CODE: pool_layout((*_STABLE_RATES, UNBACKED), _PRICED),
    PoolConfiguratorV302.CODE: CONFIGURATOR[:-1],
    PriceOracleSentinelV302.CODE: SENTINEL,
    SequencerOracleV302.CODE: SEQUENCER,
}
"""By code. It outlives the release: an upgraded chain still holds some of it."""
