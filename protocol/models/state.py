"""The state of a market: what its contracts remember beyond their parameters, and what accounts have.

Shares are scaled amounts, as the contracts store them: an amount in token units is shares times an index in ray
(10^27). Reserves are named by their keys. What is left out is derived where it follows from the rest; the room
`market_state` says how, and reports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, ModelWrapValidatorHandler, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from ..bulk import without_collecting
from ..math.wad_ray import RAY
from .fields import AddressField, DescribedModel, OrDecimalString, Timestamp, Uint256

T = TypeVar("T")


def _no_address_twice(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    found = validate(value)
    if isinstance(value, Mapping) and len(found) != len(value):
        seen: set[str] = set()
        for spelling in value:
            if spelling.lower() in seen:
                raise ValueError(f"{spelling} is there twice, in two spellings")
            seen.add(spelling.lower())
    return found


ByAddress = Annotated[dict[AddressField, T], WrapValidator(_no_address_twice)]
"""Something for each of some addresses; no address may be there in two spellings."""
Uint128 = Annotated[int, Field(ge=0, le=2**128 - 1), OrDecimalString()]
"""A number that the contracts keep in 128 bits."""
Index = Annotated[int, Field(ge=RAY, le=2**128 - 1), OrDecimalString()]
"""An index in ray, which begins at one ray."""
Category = Annotated[int, Field(ge=0, le=255), OrDecimalString()]
"""The number of an e-mode category; 0 for none."""
Count = Annotated[int, Field(ge=0), OrDecimalString()]
"""A number without a width."""


class StableDebtState(DescribedModel):
    """The debts of one reserve at stable rates. Until v3.0.2."""

    borrow_rate: Uint128 | None = None
    """What a new stable debt costs, in ray a year. Left out: what the reserve's rate strategy answers."""
    average_rate: Uint128 = 0
    """The average rate of all stable debt, in ray a year."""
    principal: Uint256 | None = None
    """All stable debt at `last_change_timestamp`, in token units; interest since then is not in it. Left out: the sum
    of what accounts owe."""
    last_change_timestamp: Timestamp = 0
    """When any stable debt last changed, in seconds since 1970."""


class ReserveState(DescribedModel):
    """The memory of one reserve: indexes, rates and totals."""

    liquidity_index: Index = RAY
    """What a share of supply was worth at the last update, in ray."""
    variable_borrow_index: Index = RAY
    """What a share of variable debt was worth at the last update, in ray."""
    liquidity_rate: Uint128 | None = None
    """What lenders earn, in ray a year. Left out: what the rate strategy answers for the rest of the state."""
    variable_borrow_rate: Uint128 | None = None
    """What variable debt costs, in ray a year. Left out: what the rate strategy answers."""
    last_update_timestamp: Timestamp | None = None
    """When indexes and rates were written, in seconds since 1970. Left out: the time of the state."""
    accrued_to_treasury: Uint128 = 0
    """What the treasury has earned and has not been given yet, in shares of supply."""
    deficit: Uint128 = 0
    """Bad debt that nobody has covered yet, in token units. From v3.3 on."""
    isolation_mode_total_debt: Uint128 | None = None
    """Debt counted against the asset's debt ceiling, in cents of a dollar. Left out: where there is a ceiling, what the
    accounts owe now whose only collateral the asset is. Until v3.6."""
    unbacked: Uint128 = 0
    """What a bridge has minted that is not backed yet, in token units. Until v3.3."""
    virtual_underlying_balance: Uint128 | None = None
    """The liquidity that the pool knows of, in token units. Left out: `underlying_balance`, or what follows from supply
    and debt. From v3.2 on."""
    underlying_balance: Uint256 | None = None
    """What the aToken holds of the underlying, gifts included, in token units. Left out: `virtual_underlying_balance`,
    or what follows from supply and debt."""
    scaled_supply: Uint256 | None = None
    """All aTokens, in shares. Left out: the sum of the accounts' shares."""
    scaled_variable_debt: Uint256 | None = None
    """All variable debt, in shares. Left out: the sum of the accounts' shares."""
    stable_debt: StableDebtState | None = None
    """Debts at stable rates. Until v3.0.2."""
    price: Annotated[int, Field(ge=-(2**255), le=2**255 - 1), OrDecimalString()] | None = None
    """What the asset's feed answers, in base currency with 8 decimals; nothing above 0 is no price. Left out: the price
    of the reserve's parameters."""


class AccountReserveState(DescribedModel):
    """The part of an account in one reserve, and in its underlying token."""

    scaled_supply: Uint128 = 0
    """Its aTokens, in shares."""
    scaled_variable_debt: Uint128 = 0
    """Its variable debt, in shares."""
    supply_index: Uint128 | None = None
    """The liquidity index when its shares of supply last changed, in ray: only amounts in events depend on it. Left
    out: the reserve's index where it has shares, 0 where it has none."""
    debt_index: Uint128 | None = None
    """The same for its shares of debt, with the variable borrow index, in ray."""
    collateral: bool = False
    """Is its supply collateral? Until v3.6 the flag can stay where rounding took the last share."""
    borrowing: bool | None = None
    """Is it flagged as a borrower? Left out: whether it owes anything, which is what the flag means. Until v3.3 the
    flag can stay where rounding took the last share."""
    stable_debt: Uint128 = 0
    """Its stable debt at `stable_since`, in token units. Until v3.0.2."""
    stable_rate: Uint128 = 0
    """The rate of its stable debt, in ray a year. Until v3.0.2."""
    stable_since: Timestamp = 0
    """When its stable debt last changed, in seconds since 1970. Until v3.0.2."""
    tokens: Uint256 = 0
    """The underlying that it holds itself, in token units."""
    token_allowances: ByAddress[Uint256] = Field(default_factory=dict)
    """By spender, what may be taken of its underlying, in token units."""
    a_token_allowances: ByAddress[Uint256] = Field(default_factory=dict)
    """By spender, what may be taken of its aTokens, in token units."""
    delegations: ByAddress[Uint256] = Field(default_factory=dict)
    """By delegatee, what may be borrowed in its name at the variable rate, in token units."""
    stable_delegations: ByAddress[Uint256] = Field(default_factory=dict)
    """By delegatee, what may be borrowed in its name at the stable rate, in token units. Until v3.0.2."""
    token_nonce: Uint256 = 0
    """How many permits of the underlying it has used."""
    a_token_nonce: Uint256 = 0
    """How many permits of the aToken it has used."""
    debt_token_nonce: Uint256 = 0
    """How many signed delegations of variable debt it has used."""
    stable_debt_token_nonce: Uint256 = 0
    """How many signed delegations of stable debt it has used. Until v3.0.2."""


class AccountState(DescribedModel):
    """One account: its category, its ether, and its part in each reserve."""

    e_mode: Category = 0
    """Its e-mode category; 0 for none."""
    position_managers: Annotated[tuple[AddressField, ...], Field(strict=False)] = ()
    """Who may set its e-mode and its collateral flags. From v3.4 on."""
    ether: Uint256 = 0
    """The chain's own currency that it holds, in wei."""
    reserves: dict[str, AccountReserveState] = Field(default_factory=dict)
    """By key of the reserve, what it has there."""


class MarketState(DescribedModel):
    """Everything that a market remembers beside its parameters, at one moment."""

    time: Timestamp
    """The moment, in seconds since 1970."""
    number: Count = 1
    """The block number."""
    reserves: dict[str, ReserveState] = Field(default_factory=dict)
    """By key, what each reserve remembers; one that is left out has not been used yet."""
    accounts: ByAddress[AccountState] = Field(default_factory=dict)
    """By address, what each account has."""
    rest_holder: AddressField | None = None
    """Who has the supply, and owes the variable debt, by which the totals that are given for reserves exceed what the
    accounts have. Left out: totals must be the sums of the accounts. Its supply is no collateral."""
    nonces: ByAddress[Count] = Field(default_factory=dict)
    """By address, the number of the next contract that it creates, where a deployment leaves another one."""

    @model_validator(mode="wrap")
    @classmethod
    def _many_at_once(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        with without_collecting():
            return validate(data)
