"""A whole market: what is listed, where everything is, on which release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ..contracts.registry import LIBRARIES
from ..math.uint import MAX_UINT256
from ..revisions import REVISIONS, revision_named
from .e_mode import EModeConfig
from .fields import AddressField, DescribedModel, Name, OrDecimalString, Share, Timestamp
from .reserve import ReserveConfig
from .state import MarketState
from .warnings import UnitsWarning, doubts_about_premium, doubts_about_reserve, speak_of

MAX_RESERVES = 128
BASE_CURRENCY_UNIT = 10**8
ACCOUNTS = ("admin", "treasury", "umbrella")
"""Addresses of the market at which nothing is deployed: they may be the same."""
SHARED = ("price_feed", "rate_strategy")
"""Addresses that several reserves may share."""


def _a_number_of_reserves(reserves: tuple[ReserveConfig, ...]) -> tuple[ReserveConfig, ...]:
    if not 1 <= len(reserves) <= MAX_RESERVES:
        raise ValueError(f"a market has 1 to {MAX_RESERVES} reserves, not {len(reserves)}")
    return reserves


def _known_libraries(libraries: dict[str, str]) -> dict[str, str]:
    for name in libraries:
        if name not in LIBRARIES:
            raise ValueError(f"{name!r} is no linked library; known are {', '.join(LIBRARIES)}")
    return libraries


class MarketAddresses(DescribedModel):
    """Addresses of the market-wide contracts; what is left out is derived when the market is deployed."""

    provider: AddressField | None = None
    """The registry (`PoolAddressesProvider`)."""
    pool: AddressField | None = None
    """The pool."""
    configurator: AddressField | None = None
    """The pool's configurator."""
    acl_manager: AddressField | None = None
    """The contract that says who may do what."""
    oracle: AddressField | None = None
    """The price oracle."""
    rate_strategy: AddressField | None = None
    """The rate strategy for all reserves; until v3.3 for those that have none of their own. From v3.2 on."""
    data_provider: AddressField | None = None
    """The read-only summaries (`AaveProtocolDataProvider`)."""
    treasury: AddressField | None = None
    """The receiver of the protocol's fees."""
    admin: AddressField | None = None
    """The owner of the registry and holder of every role."""
    umbrella: AddressField | None = None
    """Who may cover deficits."""
    rewards_controller: AddressField | None = None
    """The contract that is told of every change of a balance; none unless given. Without `rewards` it records what it
    is told and gives none."""
    emission_manager: AddressField | None = None
    """The contract through which rewards are configured, where there are `rewards`."""
    sentinel: AddressField | None = None
    """The price-oracle sentinel, which stops borrowing and mild liquidations while a rollup's sequencer is down; none
    unless this or `sentinel_grace_period` is given. Until v3.6."""
    sequencer_oracle: AddressField | None = None
    """The contract that tells the sentinel whether the sequencer is up. Until v3.6."""


class MarketConfig(DescribedModel):
    """A whole market: the input of `Market.deploy`."""

    name: Name
    """What the market is called: addresses that are left out are derived from it."""
    revision: Annotated[str, Field(json_schema_extra={"enum": list(REVISIONS)})]
    """The release of the protocol that it runs, as `3.6`."""
    chain_id: Annotated[int, Field(ge=1), OrDecimalString()] = 1
    """The id of the chain, of which permits are signed."""
    flash_loan_premium_bps: Share = 5
    """What a flash loan costs, in basis points of the amount."""
    flash_loan_premium_to_protocol_bps: Share | None = None
    """The treasury's part of that, in basis points of the premium; the rest goes to lenders. 0 unless given until v3.3;
    from v3.4 on it is always 10000."""
    base_currency_unit: Annotated[int, Field(ge=1, le=MAX_UINT256), OrDecimalString()] = BASE_CURRENCY_UNIT
    """One of the base currency, in which prices are told: 100000000 (8 decimals) for a US dollar."""
    sentinel_grace_period: Timestamp | None = None
    """For how long after a sequencer's return the price-oracle sentinel waits, in seconds; 0 unless given. Until
    v3.6."""
    reserves_count: Annotated[int, Field(ge=1, le=MAX_RESERVES), OrDecimalString()] | None = None
    """How many numbers of reserves have been given out, dropped ones included; one more than the highest unless
    given."""
    l2_pool: bool = False
    """Whether the pool is that of a rollup (`L2Pool`), which takes calls packed into words besides."""
    rewards: bool = False
    """Whether the tokens tell a `RewardsController`, with an `EmissionManager` that the admin owns. From v3.2 on."""
    libraries: Annotated[dict[str, AddressField], AfterValidator(_known_libraries)] = {}
    """Where the linked libraries are, by their names, as `SupplyLogic`; the pool tells stand-ins for those that are
    left out."""
    addresses: MarketAddresses = MarketAddresses()
    """Where the market-wide contracts are; any may be left out."""
    reserves: Annotated[
        tuple[ReserveConfig, ...],
        AfterValidator(_a_number_of_reserves),
        Field(strict=False, json_schema_extra={"minItems": 1, "maxItems": MAX_RESERVES}),
    ]
    """The listed assets, in the order in which they are numbered."""
    e_modes: Annotated[tuple[EModeConfig, ...], Field(strict=False)] = ()
    """The efficiency-mode categories."""
    state: MarketState | None = None
    """What the market remembers beside all this, if it is not a new one: indexes, totals, accounts."""

    @field_validator("revision")
    @classmethod
    def _is_a_release(cls, value: str) -> str:
        return revision_named(value).name

    @model_validator(mode="after")
    def _names_are_consistent(self) -> Self:
        wrong = [*_of_keys(self), *_of_ids(self), *_of_categories(self), *_of_addresses(self)]
        if wrong:
            raise ValueError("; ".join(wrong))
        speak_of(doubts_about_units(self))
        return self

    def reserve(self, key: str) -> ReserveConfig:
        """The reserve of a key. Raises KeyError, naming the keys there are."""
        for reserve in self.reserves:
            if reserve.handle == key:
                return reserve
        raise KeyError(f"there is no reserve {key!r}; there are {', '.join(one.handle for one in self.reserves)}")

    @property
    def has_sentinel(self) -> bool:
        """Is there a price-oracle sentinel?"""
        return self.addresses.sentinel is not None or self.sentinel_grace_period is not None

    @property
    def ids(self) -> tuple[int, ...]:
        """The number of each reserve in the pool's list: what it says, or the lowest that is free."""
        given = {reserve.id for reserve in self.reserves}
        free = (number for number in range(len(self.reserves) + MAX_RESERVES) if number not in given)
        return tuple(next(free) if reserve.id is None else reserve.id for reserve in self.reserves)


def doubts_about_units(config: MarketConfig) -> list[UnitsWarning]:
    """The figures of a market that look as if they were in another unit, for a note to whoever wrote them."""
    return [
        *doubts_about_premium(config.flash_loan_premium_bps),
        *(doubt for reserve in config.reserves for doubt in doubts_about_reserve(reserve, config.base_currency_unit)),
    ]


def _twice(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _of_keys(config: MarketConfig) -> Iterator[str]:
    handles = [reserve.handle for reserve in config.reserves]
    for handle in _twice(handles):
        bare = any(reserve.handle == handle and reserve.key is None for reserve in config.reserves)
        advice = ": assets with the same symbol each need a key of their own" if bare else ""
        yield f"reserve {handle!r} is listed twice{advice}"
    for reserve in config.reserves:
        if reserve.key is not None and reserve.key != reserve.symbol:
            others = [one.handle for one in config.reserves if one.symbol == reserve.key and one is not reserve]
            if others:
                yield f"the key {reserve.key!r} of the reserve {reserve.symbol!r} is the symbol of {others[0]!r}"


def _of_ids(config: MarketConfig) -> Iterator[str]:
    given = [str(reserve.id) for reserve in config.reserves if reserve.id is not None]
    for number in _twice(given):
        both = [reserve.handle for reserve in config.reserves if str(reserve.id) == number]
        yield f"the reserves {' and '.join(both)} have the same id {number}"
    highest = max(config.ids)
    if highest >= MAX_RESERVES:
        yield f"with the ids that are given, a reserve without one would be number {highest}; the last is 127"
    if config.reserves_count is not None and config.reserves_count <= highest:
        yield f"reserves_count is {config.reserves_count}, but there is a reserve number {highest}"


def _of_categories(config: MarketConfig) -> Iterator[str]:
    handles = {reserve.handle for reserve in config.reserves}
    for number in _twice([str(category.id) for category in config.e_modes]):
        yield f"e-mode category {number} is defined twice"
    for category in config.e_modes:
        where = f"e-mode category {category.id}"
        for field, key in category.named:
            if key not in handles:
                same = [one.handle for one in config.reserves if one.symbol == key]
                advice = f"; the reserves with this symbol are {', '.join(same)}" if same else ""
                yield f"{where}: {field} names {key!r}, which is not a reserve{advice}"
        for key in category.ltv_zero:
            if key not in category.collateral:
                yield f"{where}: {key!r} is ltv-zero but not a collateral"


def _of_addresses(config: MarketConfig) -> Iterator[str]:
    """Two contracts cannot be at one address; a feed can be shared by assets of one price."""
    first_at: dict[str, tuple[str, str]] = {}
    price_at: dict[str, tuple[str, int]] = {}
    for field, where, place in _places(config):
        at, other = first_at.setdefault(where, (field, place))
        if other != place and not (at == field and field in SHARED):
            yield f"{place} and {other} are both {where}: each contract has an address of its own"
    for reserve in config.reserves:
        if reserve.price_feed is not None:
            other, price = price_at.setdefault(reserve.price_feed, (reserve.handle, reserve.price))
            if price != reserve.price:
                yield (
                    f"reserve {reserve.handle}: price is {reserve.price}, but {other} has the same price_feed "
                    f"{reserve.price_feed} and the price {price}"
                )


def _places(config: MarketConfig) -> Iterator[tuple[str, str, str]]:
    """The addresses at which something is deployed: field, address, and place in words."""
    for field, where in config.addresses:
        if where is not None and field not in ACCOUNTS:
            yield field, where, f"addresses.{field}"
    for name, where in config.libraries.items():
        yield name, where, f"libraries.{name}"
    for reserve in config.reserves:
        for field in (
            *("underlying", "a_token", "variable_debt_token", "stable_debt_token"),
            *("rate_strategy", "price_feed"),
        ):
            where = getattr(reserve, field)
            if where is not None:
                yield field, where, f"{field} of reserve {reserve.handle}"
