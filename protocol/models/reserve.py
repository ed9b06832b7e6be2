"""One listed asset."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from ..math.percentage import PERCENTAGE_FACTOR, percent_mul
from .fields import Bps, Cap, Name, OrDecimalString, ReserveId, Share, Timestamp, looks_like_address
from .rates import RateParameters, StableRateParameters
from .tokens import TokenFields

MAX_PRICE = 2**255 - 1
WETH9_NAME = "Wrapped Ether"
WETH9_FACTS = ("WETH", 18, WETH9_NAME)


class ReserveConfig(TokenFields):
    """One listed asset: its token, its risk parameters and the price its feed starts with.

    A reserve is described as it is, also where the configurator would refuse to make it so today: fewer decimals than
    listings ask for, a fixed rate, a gap before it in the list.
    """

    symbol: Name
    """What the underlying calls itself. Several reserves may have the same symbol, each with a key of its own."""
    key: Name | None = None
    """What the file, the handles of a market and histories call the reserve; the symbol unless given. No two reserves
    have the same."""
    decimals: Annotated[int, Field(ge=0, le=77), OrDecimalString()]
    """How many decimals the token has."""
    price: Annotated[int, Field(ge=0, le=MAX_PRICE), OrDecimalString()]
    """What its feed answers at the start, in the base currency with 8 decimals: 100000000 is 1 USD (with another
    `base_currency_unit`, in that unit)."""
    rates: RateParameters
    """The interest rates of variable debts."""
    id: ReserveId | None = None
    """The number in the pool's list; the lowest free one, in the file's order, unless given. Numbers below it that no
    reserve has are gaps, as dropped reserves leave them."""
    ltv_bps: Bps = 0
    """What the asset lends as collateral, in basis points of its value; 0 for nothing."""
    liquidation_threshold_bps: Bps = 0
    """The part of the asset's value, in basis points, that debts may reach before a liquidation; 0 if it is no
    collateral outside e-mode."""
    liquidation_bonus_bps: Bps = 0
    """What a liquidator gets for what is repaid, in basis points: 10500 for a bonus of 5%; 0 if it is no collateral
    outside e-mode."""
    liquidation_protocol_fee_bps: Share = 0
    """The treasury's part of the liquidation bonus, in basis points."""
    reserve_factor_bps: Share = 0
    """The treasury's part of the interest, in basis points."""
    supply_cap: Cap = 0
    """How much can be supplied at most, in whole tokens; 0 for no limit."""
    borrow_cap: Cap = 0
    """How much can be borrowed at most, in whole tokens; 0 for no limit."""
    borrowing_enabled: bool = True
    """Can it be borrowed outside e-mode?"""
    flash_loan_enabled: bool = True
    """Can it be borrowed in a flash loan?"""
    active: bool = True
    """Is the reserve active? An inactive one answers nothing but views."""
    frozen: bool = False
    """Is the reserve frozen, so that nothing new is supplied or borrowed?"""
    paused: bool = False
    """Is the reserve paused, so that nothing moves?"""
    pending_ltv_bps: Bps | None = None
    """The LTV put aside, in basis points, as freezing does from v3.2 on, while `ltv_bps` is the LTV in force. Unless
    given, deployment freezes as governance does: from v3.2 on the `ltv_bps` of a frozen reserve becomes its pending
    LTV, and its LTV in force is 0 (from v3.6 on in its categories too)."""
    grace_period_until: Timestamp = 0
    """Until when positions with the asset cannot be liquidated, in seconds since 1970; 0 for no grace. From v3.2 on."""
    debt_ceiling: Annotated[int, Field(ge=0, le=1_099_511_627_775), OrDecimalString()] = 0
    """How much an isolated collateral can lend in all, in cents of the base currency (2 decimals); 0 if it is not
    isolated. Until v3.6."""
    siloed_borrowing: bool = False
    """Is the asset, once borrowed, its borrower's only debt? Until v3.6."""
    borrowable_in_isolation: bool = False
    """Can it be borrowed against an isolated collateral? Until v3.6."""
    a_token_votes: bool = False
    """Does the aToken carry votes that holders may give away, as that of Aave's own token? From v3.6 on."""
    virtual_accounting: bool | None = None
    """Does the pool keep a balance of its own of the reserve (`virtualUnderlyingBalance`)? It does unless the listing
    says no, as mainnet's for GHO; a choice in v3.2 and v3.3, always so from v3.4 on, never until v3.0.2."""
    stable_rates: StableRateParameters | None = None
    """The interest rates of stable debts; all 0 unless given. Until v3.0.2."""
    stable_borrowing_enabled: bool = False
    """Can it be borrowed at a stable rate? Until v3.0.2."""

    @property
    def handle(self) -> str:
        """What the reserve is called: its key, or its symbol where it has none."""
        return self.symbol if self.key is None else self.key

    @field_validator("symbol", "key")
    @classmethod
    def _no_name_is_an_address(cls, value: str | None) -> str | None:
        if value is not None and looks_like_address(value):
            raise ValueError(f"{value!r} is an address: handles take a reserve's key, its symbol or its address")
        return value

    @model_validator(mode="after")
    def _collateral_parameters_are_admissible(self) -> Self:
        wrong = []
        if self.ltv_bps > self.liquidation_threshold_bps:
            wrong.append("ltv_bps is above liquidation_threshold_bps")
        if self.liquidation_threshold_bps and self.liquidation_bonus_bps <= 10_000:
            wrong.append("liquidation_bonus_bps must be above 10000 for a collateral")
        if not self.liquidation_threshold_bps and self.liquidation_bonus_bps:
            wrong.append("liquidation_bonus_bps is set but liquidation_threshold_bps is 0")
        if percent_mul(self.liquidation_threshold_bps, self.liquidation_bonus_bps) > PERCENTAGE_FACTOR:
            wrong.append("liquidation_threshold_bps times liquidation_bonus_bps is above 100%")
        if self.token_kind == "WETH9" and (self.symbol, self.decimals, self.token_name or WETH9_NAME) != WETH9_FACTS:
            wrong.append("a WETH9 has the symbol WETH, 18 decimals and the name Wrapped Ether")
        if wrong:
            raise ValueError(f"{self.handle}: {'; '.join(wrong)}")
        return self
