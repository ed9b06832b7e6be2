"""The rates of a strategy, as every form of Aave's tools names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .draft import Fields
from .errors import ForeignFileError
from .values import count, finest

RATES = {
    "optimalUsageRatio": "rates.optimal_usage",
    "baseVariableBorrowRate": "rates.base_rate",
    "variableRateSlope1": "rates.slope1",
    "variableRateSlope2": "rates.slope2",
    "stableRateSlope1": "stable_rates.slope1",
    "stableRateSlope2": "stable_rates.slope2",
    "optimalStableToTotalDebtRatio": "stable_rates.optimal_share",
}


def read_rates(source: Mapping[str, Any], place: str) -> Fields:
    """The rates that a form tells, in ray there; stable rates begin at the variable slope below the kink."""
    found: Fields = {}
    for foreign, name in RATES.items():
        if foreign in source:
            found |= finest(name, count(source[foreign], f"{place}.{foreign}"))
    if {"baseStableBorrowRate", "variableRateSlope1"} <= source.keys():
        base = count(source["baseStableBorrowRate"], f"{place}.baseStableBorrowRate")
        offset = base - count(source["variableRateSlope1"], f"{place}.variableRateSlope1")
        if offset < 0:
            raise ForeignFileError(f"{place}.baseStableBorrowRate is {base}, below variableRateSlope1")
        found |= finest("stable_rates.base_offset", offset)
    return found
