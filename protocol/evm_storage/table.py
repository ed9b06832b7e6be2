"""The table of storage layouts: which code, on a chain of which release, is laid out how."""

from __future__ import annotations

from ..contracts.a_token import AToken
from ..contracts.acl_manager import ACLManager
from ..contracts.addresses_provider import AddressesProvider
from ..contracts.erc20 import WETH9, TestnetERC20
from ..contracts.oracle import AaveOracle, MockAggregator, PriceOracle, PriceOracleSentinel, SequencerOracle
from ..contracts.pool import Pool
from ..contracts.pool_configurator import PoolConfigurator
from ..contracts.proxy import ProxiedReceiver
from ..contracts.rate_strategy import RateStrategy
from ..contracts.variable_debt_token import VariableDebtToken
from ..releases.v3_0_2.layouts import LAYOUTS_V3_0_2
from ..releases.v3_3.test_token import TestnetERC20V33
from ..releases.v3_6.test_token import TestnetERC20V36
from ..revisions import V3_0_2, V3_2, V3_3, V3_4, V3_5, V3_6, V3_7, Revision
from . import layout
from .layout import Layout, a_token_layout, debt_token_layout, pool_layout

_AROUND: dict[str, Layout] = {
    AddressesProvider.KIND: layout.PROVIDER,
    ACLManager.KIND: layout.ACL,
    PoolConfigurator.KIND: layout.CONFIGURATOR,
    ProxiedReceiver.KIND: layout.PROXIED,
    RateStrategy.KIND: layout.STRATEGY,
    AaveOracle.KIND: layout.ORACLE,
    MockAggregator.KIND: layout.FEED,
    PriceOracle.KIND: layout.PRICE_TABLE,
    PriceOracleSentinel.KIND: layout.SENTINEL,
    SequencerOracle.KIND: layout.SEQUENCER,
    TestnetERC20.KIND: layout.TEST_TOKEN,
    TestnetERC20V36.CODE: layout.TEST_TOKEN_UNTIL_V3_6,
    TestnetERC20V33.CODE: layout.TEST_TOKEN_UNTIL_V3_6,
    WETH9.KIND: layout.WRAPPED_ETHER,
    **LAYOUTS_V3_0_2,
}
"""What is the same in every release, and the code of single releases, which outlives them."""

_TOKENS: dict[str, Layout] = {
    AToken.KIND: a_token_layout("uint120", layout.LEFT_CONTROLLER_OF_A_TOKEN, layout.LEFT_TREASURY),
    VariableDebtToken.KIND: debt_token_layout("uint120", layout.LEFT_CONTROLLER_OF_DEBT_TOKEN),
}
_TOKENS_UNTIL_V3_3: dict[str, Layout] = {
    AToken.KIND: layout.A_TOKEN_UNTIL_V3_3,
    VariableDebtToken.KIND: layout.DEBT_TOKEN_UNTIL_V3_3,
}
_RESERVE = (layout.DEFICIT, layout.GRACE_PERIOD, layout.VIRTUAL_BALANCE)
_RESERVE_OF_V3_2 = (layout.GRACE_PERIOD, layout.UNBACKED, layout.VIRTUAL_BALANCE_UNTIL_V3_3)


def _with_pool(tokens: dict[str, Layout], pool: Layout) -> dict[str, Layout]:
    return {**_AROUND, **tokens, Pool.KIND: pool}


_BITMAPS = _with_pool(_TOKENS, pool_layout(_RESERVE, layout.E_MODE_FROM_V3_2, layout.POSITION_MANAGERS))

LAYOUTS: dict[str, dict[str, Layout]] = {
    V3_0_2.name: {**_AROUND, **_TOKENS_UNTIL_V3_3},
    V3_2.name: _with_pool(_TOKENS_UNTIL_V3_3, pool_layout(_RESERVE_OF_V3_2, layout.E_MODE_FROM_V3_2)),
    V3_3.name: _with_pool(
        _TOKENS_UNTIL_V3_3, pool_layout((layout.DEFICIT, *_RESERVE_OF_V3_2), layout.E_MODE_FROM_V3_2)
    ),
    V3_4.name: _BITMAPS,
    V3_5.name: _BITMAPS,
    V3_6.name: _with_pool(_TOKENS, pool_layout(_RESERVE, layout.E_MODE_FROM_V3_6, layout.POSITION_MANAGERS)),
    V3_7.name: _with_pool(_TOKENS, pool_layout(_RESERVE, layout.E_MODE_FROM_V3_7, layout.POSITION_MANAGERS)),
}
"""What may stand on a chain of each release, by its code."""


def layout_of(code: str, revision: Revision) -> Layout:
    """The layout of code on a revision's chain; empty without storage. Raises ValueError for other revisions."""
    if revision.name not in LAYOUTS:
        raise ValueError(f"no storage layout for revision {revision.name}; there are {', '.join(LAYOUTS)}")
    return LAYOUTS[revision.name].get(code, ())
