"""Events that only v3.0.2 and v3.1 have. They are declared like those in `events`."""

from __future__ import annotations

from typing import NamedTuple

from ...address import Address
from ...events import event


@event("ReserveStableRateBorrowing(address indexed, bool)")
class ReserveStableRateBorrowing(NamedTuple):
    """Stable rates were enabled or disabled."""

    asset: Address
    enabled: bool


@event("EModeAssetCategoryChanged(address indexed, uint8, uint8)")
class EModeAssetCategoryChanged(NamedTuple):
    """An asset went to another e-mode category."""

    asset: Address
    old_category_id: int
    new_category_id: int


@event("StableDebtTokenUpgraded(address indexed, address indexed, address indexed)")
class StableDebtTokenUpgraded(NamedTuple):
    """A stable debt token has new code."""

    asset: Address
    proxy: Address
    implementation: Address
