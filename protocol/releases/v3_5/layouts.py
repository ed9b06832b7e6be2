"""Storage layouts of the contracts of v3.5, told as the difference from v3.6."""

from __future__ import annotations

from collections.abc import Mapping

from ...evm_storage import layout
from ...evm_storage.layout import Layout, pool_layout, pools
from ..v3_6.layouts import LAYOUTS as NEWER_LAYOUTS
from ..v3_7.layouts import RESERVE

LAYOUTS: Mapping[str, Layout] = {
    **NEWER_LAYOUTS,
    **pools(pool_layout(RESERVE, layout.E_MODE_FROM_V3_2, layout.POSITION_MANAGERS)),
}
