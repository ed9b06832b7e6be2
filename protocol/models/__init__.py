"""Outside data, validated: market configurations.

These pydantic models are the only validation of data that enters from files; everything behind them trusts plain ints.
Amounts and prices are integers in the unit the contracts use: basis points for percentages, 8 decimals for prices,
whole tokens for caps, cents of a dollar for debt ceilings. Each field says its unit (`docs/reference/market-file.md`).
"""

from __future__ import annotations

from .e_mode import EModeConfig
from .fields import AddressField, Bps, Cap, DescribedModel, StrictModel
from .market import BASE_CURRENCY_UNIT, MAX_RESERVES, MarketAddresses, MarketConfig, doubts_about_units
from .rates import RAY_PER_BPS, RateParameters, StableRateParameters
from .reserve import ReserveConfig
from .tokens import TEST_TOKEN, TokenKind
from .warnings import UnitsWarning, quiet_about_units

__all__ = [
    "BASE_CURRENCY_UNIT",
    "MAX_RESERVES",
    "RAY_PER_BPS",
    "TEST_TOKEN",
    "AddressField",
    "Bps",
    "Cap",
    "DescribedModel",
    "EModeConfig",
    "MarketAddresses",
    "MarketConfig",
    "RateParameters",
    "ReserveConfig",
    "StableRateParameters",
    "StrictModel",
    "TokenKind",
    "UnitsWarning",
    "doubts_about_units",
    "quiet_about_units",
]
