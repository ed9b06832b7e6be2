"""E-mode categories, as every form of Aave's tools names their figures and members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .draft import Fields, members_of, some, strange_bits
from .errors import ForeignFileError
from .values import count, switch, text

LIMITS = {
    "label": ("label", text),
    "ltv": ("ltv_bps", count),
    "liquidationThreshold": ("liquidation_threshold_bps", count),
    "liquidationBonus": ("liquidation_bonus_bps", count),
}
ISOLATED = {"isolated": ("isolated", switch)}
BITMAPS = {"collateralBitmap": "collateral", "borrowableBitmap": "borrowable", "ltvzeroBitmap": "ltv_zero"}


def read_bitmaps(source: Mapping[str, Any], by_id: Mapping[int, str], place: str, unknown: str) -> Fields:
    """The members that a category names by bits, the bit of a reserve being its id; `unknown` says what others are."""
    found: Fields = {}
    for foreign, name in BITMAPS.items():
        if foreign in source:
            bitmap = count(source[foreign], f"{place}.{foreign}")
            if strange := strange_bits(bitmap, by_id):
                raise ForeignFileError(f"{place}.{foreign} names {unknown}: {some(strange)}")
            found[name] = members_of(bitmap, by_id)
    return found
