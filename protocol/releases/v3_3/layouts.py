"""Storage layouts of the contracts of v3.3, told as the difference from v3.4."""

from __future__ import annotations

from collections.abc import Mapping

from ...contracts.a_token import AToken
from ...contracts.variable_debt_token import VariableDebtToken
from ...evm_storage import layout
from ...evm_storage.layout import Layout, pool_layout, pools
from ..v3_5.layouts import LAYOUTS as NEWER_LAYOUTS
from .test_token import TestnetERC20V33

OLD_RESERVE = (layout.GRACE_PERIOD, layout.UNBACKED, layout.VIRTUAL_BALANCE_UNTIL_V3_3)
"""The fields of a reserve whose places changed with v3.4."""

LAYOUTS: Mapping[str, Layout] = {
    **NEWER_LAYOUTS,
    AToken.KIND: layout.A_TOKEN_UNTIL_V3_3,
    VariableDebtToken.KIND: layout.DEBT_TOKEN_UNTIL_V3_3,
    **pools(pool_layout((layout.DEFICIT, *OLD_RESERVE), layout.E_MODE_FROM_V3_2)),
    TestnetERC20V33.CODE: layout.TEST_TOKEN_UNTIL_V3_6,
}
