"""From v3.5 to v3.6: what lends nothing in e-mode is marked in its categories."""

from __future__ import annotations

from collections.abc import Iterator

from ..market import Market
from ..state import bitmaps
from .renewal import reserves_of

MAX_CATEGORIES = 256
EMPTY_CATEGORIES = 10
"""After so many categories without collateral governance looked no further."""


def migrate(market: Market) -> None:
    """Mark in its categories what has no LTV of its own: it lent nothing in e-mode either.

    As governance did, for each asset looks no further than ten categories without collateral.
    """
    for asset, reserve in reserves_of(market):
        if bitmaps.ltv(reserve.configuration) == 0:
            for category_id in _categories_of(market, reserve.id):
                market.configurator.set_asset_ltvzero_in_e_mode(asset, category_id, True, sender=market.admin)


def _categories_of(market: Market, reserve_id: int) -> Iterator[int]:
    empty = 0
    for category_id in range(1, MAX_CATEGORIES):
        bitmap = market.pool.get_e_mode_category_collateral_bitmap(category_id)
        if bitmaps.is_in_bitmap(bitmap, reserve_id):
            yield category_id
            empty = 0
        empty += bitmap == 0
        if empty == EMPTY_CATEGORIES:
            return
