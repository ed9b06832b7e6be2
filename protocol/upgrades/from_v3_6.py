"""From v3.6 to v3.7: isolation mode is wound down."""

from __future__ import annotations

from ..market import Market
from ..state import bitmaps
from .renewal import UpgradeError, reserves_of


def prepare(market: Market) -> None:
    """Wind isolation mode down: lift ceilings, clear flags, and refuse what is still siloed."""
    configurator, admin = market.configurator, market.admin
    for asset, reserve in reserves_of(market):
        if bitmaps.is_siloed(reserve.configuration):
            raise UpgradeError(f"{asset} still has siloed borrowing, which v3.7 does not know")
        if bitmaps.debt_ceiling(reserve.configuration) != 0:
            configurator.set_debt_ceiling(asset, 0, sender=admin)
        if bitmaps.is_borrowable_in_isolation(reserve.configuration):
            configurator.set_borrowable_in_isolation(asset, False, sender=admin)
