"""Events of what stands around the pool: rate strategy, oracle, addresses provider, sentinel."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event

# --- the rate strategy ------------------------------------------------------------------------------------------------


@event("RateDataUpdate(address indexed, uint256, uint256, uint256, uint256)")
class RateDataUpdate(NamedTuple):
    reserve: Address
    optimal_usage_ratio: int
    base_variable_borrow_rate: int
    variable_rate_slope1: int
    variable_rate_slope2: int


# --- the oracle -------------------------------------------------------------------------------------------------------


@event("BaseCurrencySet(address indexed, uint256)")
class BaseCurrencySet(NamedTuple):
    base_currency: Address
    base_currency_unit: int


@event("AssetSourceUpdated(address indexed, address indexed)")
class AssetSourceUpdated(NamedTuple):
    asset: Address
    source: Address


@event("FallbackOracleUpdated(address indexed)")
class FallbackOracleUpdated(NamedTuple):
    fallback_oracle: Address


# --- the addresses provider -------------------------------------------------------------------------------------------


@event("MarketIdSet(string indexed, string indexed)")
class MarketIdSet(NamedTuple):
    old_market_id: str
    new_market_id: str


@event("PoolUpdated(address indexed, address indexed)")
class PoolUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("PoolConfiguratorUpdated(address indexed, address indexed)")
class PoolConfiguratorUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("PriceOracleUpdated(address indexed, address indexed)")
class PriceOracleUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("ACLManagerUpdated(address indexed, address indexed)")
class ACLManagerUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("ACLAdminUpdated(address indexed, address indexed)")
class ACLAdminUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("PriceOracleSentinelUpdated(address indexed, address indexed)")
class PriceOracleSentinelUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("PoolDataProviderUpdated(address indexed, address indexed)")
class PoolDataProviderUpdated(NamedTuple):
    old_address: Address
    new_address: Address


@event("ProxyCreated(bytes32 indexed, address indexed, address indexed)")
class ProxyCreated(NamedTuple):
    id: bytes
    proxy_address: Address
    implementation_address: Address


@event("AddressSet(bytes32 indexed, address indexed, address indexed)")
class AddressSet(NamedTuple):
    id: bytes
    old_address: Address
    new_address: Address


@event("AddressSetAsProxy(bytes32 indexed, address indexed, address, address indexed)")
class AddressSetAsProxy(NamedTuple):
    id: bytes
    proxy_address: Address
    old_implementation_address: Address
    new_implementation_address: Address


# --- the sentinel -----------------------------------------------------------------------------------------------------


@event("SequencerOracleUpdated(address)")
class SequencerOracleUpdated(NamedTuple):
    """Until v3.6."""

    new_sequencer_oracle: Address


@event("GracePeriodUpdated(uint256)")
class GracePeriodUpdated(NamedTuple):
    """Until v3.6."""

    new_grace_period: int
