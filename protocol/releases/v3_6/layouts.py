"""Storage layouts of the contracts of v3.6, told as the difference from v3.7."""

from __future__ import annotations

from collections.abc import Mapping

from ...evm_storage import layout
from ...evm_storage.layout import Layout, pool_layout, pools
from ..v3_7.layouts import LAYOUTS as NEWER_LAYOUTS
from ..v3_7.layouts import RESERVE
from .test_token import TestnetERC20V36

LAYOUTS: Mapping[str, Layout] = {
    **NEWER_LAYOUTS,
    **pools(pool_layout(RESERVE, layout.E_MODE_FROM_V3_6, layout.POSITION_MANAGERS)),
    TestnetERC20V36.CODE: layout.TEST_TOKEN_UNTIL_V3_6,
}
