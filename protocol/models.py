"""Outside data, validated: market configurations.

These pydantic models are the only validation of data that enters from files; everything behind them trusts plain ints.
Amounts and prices are integers in the unit the contracts use: basis points for percentages, 8 decimals for prices,
whole tokens for caps, cents of a dollar for debt ceilings.
"""

from __future__ import annotations

from typing import Annotated, Self

from eth_utils.address import is_hex_address
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_RESERVES = 128


def _canonical_address(value: str) -> str:
    if not is_hex_address(value) or not value.startswith("0x"):
        raise ValueError(f"{value!r} is not an address of 20 bytes in hex with 0x in front")
    return value.lower()


AddressField = Annotated[str, AfterValidator(_canonical_address)]
Bps = Annotated[int, Field(ge=0, le=65_535)]
Cap = Annotated[int, Field(ge=0, le=68_719_476_735)]


class StrictModel(BaseModel):
    """A frozen model that refuses unknown keys and silent type conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RateParameters(StrictModel):
    """Two-slope interest rate parameters in basis points.

    Solidity: `IDefaultInterestRateStrategyV2.InterestRateData`.
    """

    optimal_usage_bps: Annotated[int, Field(ge=100, le=9_900)]
    base_rate_bps: Annotated[int, Field(ge=0, le=100_000)]
    slope1_bps: Annotated[int, Field(ge=0, le=100_000)]
    slope2_bps: Annotated[int, Field(ge=0, le=100_000)]

    @model_validator(mode="after")
    def _rates_are_admissible(self) -> Self:
        if self.slope1_bps > self.slope2_bps:
            raise ValueError(f"slope1_bps {self.slope1_bps} is above slope2_bps {self.slope2_bps}")
        if self.base_rate_bps + self.slope1_bps + self.slope2_bps > 100_000:
            raise ValueError("base_rate_bps + slope1_bps + slope2_bps is above 100000 (1000% a year)")
        return self


class StableRateParameters(StrictModel):
    """Stable interest rate parameters in basis points; the rate begins at the variable slope below the kink.

    Solidity: the last five parameters of `DefaultReserveInterestRateStrategy`, v3.0.2. All zero by default.
    """

    slope1_bps: Annotated[int, Field(ge=0, le=100_000)] = 0
    slope2_bps: Annotated[int, Field(ge=0, le=100_000)] = 0
    base_offset_bps: Annotated[int, Field(ge=0, le=100_000)] = 0
    excess_offset_bps: Annotated[int, Field(ge=0, le=100_000)] = 0
    optimal_share_bps: Annotated[int, Field(ge=0, le=10_000)] = 0


class ReserveConfig(StrictModel):
    """One listed asset: its token, its risk parameters and the price its feed starts with."""

    symbol: Annotated[str, Field(min_length=1)]
    decimals: Annotated[int, Field(ge=6, le=77)]
    price: Annotated[int, Field(ge=0)]
    rates: RateParameters
    ltv_bps: Bps = 0
    liquidation_threshold_bps: Bps = 0
    liquidation_bonus_bps: Bps = 0
    liquidation_protocol_fee_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    reserve_factor_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    supply_cap: Cap = 0
    borrow_cap: Cap = 0
    borrowing_enabled: bool = True
    flash_loan_enabled: bool = True
    frozen: bool = False
    paused: bool = False
    debt_ceiling: Annotated[int, Field(ge=0, le=1_099_511_627_775)] = 0
    siloed_borrowing: bool = False
    borrowable_in_isolation: bool = False
    stable_rates: StableRateParameters | None = None
    stable_borrowing_enabled: bool = False
    underlying: AddressField | None = None
    a_token: AddressField | None = None
    variable_debt_token: AddressField | None = None
    stable_debt_token: AddressField | None = None
    rate_strategy: AddressField | None = None
    price_feed: AddressField | None = None

    @model_validator(mode="after")
    def _collateral_parameters_are_admissible(self) -> Self:
        if self.ltv_bps > self.liquidation_threshold_bps:
            raise ValueError(f"{self.symbol}: ltv_bps is above liquidation_threshold_bps")
        if self.liquidation_threshold_bps and self.liquidation_bonus_bps <= 10_000:
            raise ValueError(f"{self.symbol}: liquidation_bonus_bps must be above 10000 for a collateral")
        if not self.liquidation_threshold_bps and self.liquidation_bonus_bps:
            raise ValueError(f"{self.symbol}: liquidation_bonus_bps is set but liquidation_threshold_bps is 0")
        return self


class EModeConfig(StrictModel):
    """One efficiency-mode category; assets are named by symbol.

    Until v3.1 a category may have a price of its own, that of the asset `price_source`.
    """

    id: Annotated[int, Field(ge=1, le=255)]
    label: str
    ltv_bps: Annotated[int, Field(ge=1, le=10_000)]
    liquidation_threshold_bps: Annotated[int, Field(ge=1, le=10_000)]
    liquidation_bonus_bps: Annotated[int, Field(gt=10_000, le=65_535)]
    collateral: tuple[str, ...] = Field(default=(), strict=False)
    borrowable: tuple[str, ...] = Field(default=(), strict=False)
    ltv_zero: tuple[str, ...] = Field(default=(), strict=False)
    isolated: bool = False
    price_source: str | None = None


class MarketAddresses(StrictModel):
    """Addresses of the market-wide contracts; what is left out is derived when the market is deployed."""

    provider: AddressField | None = None
    pool: AddressField | None = None
    configurator: AddressField | None = None
    acl_manager: AddressField | None = None
    oracle: AddressField | None = None
    rate_strategy: AddressField | None = None
    data_provider: AddressField | None = None
    treasury: AddressField | None = None
    admin: AddressField | None = None
    umbrella: AddressField | None = None


class MarketConfig(StrictModel):
    """A whole market: the input of `Market.deploy`."""

    name: Annotated[str, Field(min_length=1)]
    revision: Annotated[str, Field(pattern=r"^3\.\d(\.\d)?$")]
    chain_id: Annotated[int, Field(ge=1)] = 1
    flash_loan_premium_bps: Annotated[int, Field(ge=0, le=10_000)] = 5
    addresses: MarketAddresses = MarketAddresses()
    reserves: Annotated[tuple[ReserveConfig, ...], Field(min_length=1, max_length=MAX_RESERVES, strict=False)]
    e_modes: tuple[EModeConfig, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _names_are_consistent(self) -> Self:
        symbols = [reserve.symbol for reserve in self.reserves]
        for symbol in symbols:
            if symbols.count(symbol) > 1:
                raise ValueError(f"reserve {symbol!r} is listed twice")
        ids = [category.id for category in self.e_modes]
        for category in self.e_modes:
            if ids.count(category.id) > 1:
                raise ValueError(f"e-mode category {category.id} is defined twice")
            for symbol in (
                *category.collateral,
                *category.borrowable,
                *category.ltv_zero,
                *_named(category.price_source),
            ):
                if symbol not in symbols:
                    raise ValueError(f"e-mode category {category.id} names {symbol!r}, which is not a reserve")
            for symbol in category.ltv_zero:
                if symbol not in category.collateral:
                    raise ValueError(f"e-mode category {category.id}: {symbol!r} is ltv-zero but not a collateral")
        return self


def _named(symbol: str | None) -> tuple[str, ...]:
    return () if symbol is None else (symbol,)
