"""Frozen events. Topics and data are ABI-encoded only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from eth_hash.auto import keccak

from .address import Address
from .machine.abi import encode_values, encode_word, text_bytes

E = TypeVar("E")


class EventLike(Protocol):
    """What every event class below is: a named tuple that knows its Solidity declaration."""

    signature: ClassVar[str]
    topic0: ClassVar[bytes]
    kinds: ClassVar[tuple[str, ...]]
    indexed: ClassVar[tuple[bool, ...]]
    _fields: ClassVar[tuple[str, ...]]


EVENTS: dict[bytes, list[type[Any]]] = {}
"""Every event class by its first topic; classes that share one differ in what they index."""


def event(declaration: str) -> Callable[[type[E]], type[E]]:
    """Tie a named tuple to its Solidity declaration: `Name(type indexed, type, ...)`."""
    name, _, rest = declaration.partition("(")
    parts = [part.strip() for part in rest.rstrip(")").split(",")] if rest != ")" else []
    kinds = tuple(part.split()[0] for part in parts)
    indexed = tuple(part.endswith(" indexed") for part in parts)
    signature = f"{name}({','.join(kinds)})"

    def tie(cls: Any) -> Any:
        if len(cls._fields) != len(kinds):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, {declaration} has {len(kinds)}")
        cls.signature, cls.topic0 = signature, bytes(keccak(signature.encode()))
        cls.kinds, cls.indexed = kinds, indexed
        cls.__eq__ = lambda self, other: type(self) is type(other) and tuple.__eq__(self, other)
        cls.__ne__ = lambda self, other: not cls.__eq__(self, other)
        cls.__hash__ = lambda self: hash((type(self), tuple.__hash__(self)))
        EVENTS.setdefault(cls.topic0, []).append(cls)
        return cls

    return tie


def topics_of(entry: Any) -> list[bytes]:
    """The event's topics: its signature hash and its indexed values."""
    topics = [entry.topic0]
    for kind, is_indexed, value in zip(entry.kinds, entry.indexed, entry, strict=True):
        if is_indexed:
            topics.append(bytes(keccak(text_bytes(value))) if kind == "string" else encode_word(value))
    return topics


def data_of(entry: Any) -> bytes:
    """The event's data: its values that are not indexed, ABI-encoded."""
    plain = [
        (kind, value)
        for kind, is_indexed, value in zip(entry.kinds, entry.indexed, entry, strict=True)
        if not is_indexed
    ]
    return encode_values(tuple(kind for kind, _ in plain), [value for _, value in plain])


class Log(NamedTuple):
    """An event and the contract that emitted it."""

    address: Address
    event: Any

    @property
    def topics(self) -> list[bytes]:
        """ABI-encoded topics."""
        return topics_of(self.event)

    @property
    def data(self) -> bytes:
        """ABI-encoded data."""
        return data_of(self.event)


# Events of the pool.


@event("Supply(address indexed, address, address indexed, uint256, uint16 indexed)")
class Supply(NamedTuple):
    reserve: Address
    user: Address
    on_behalf_of: Address
    amount: int
    referral_code: int


@event("Withdraw(address indexed, address indexed, address indexed, uint256)")
class Withdraw(NamedTuple):
    reserve: Address
    user: Address
    to: Address
    amount: int


@event("Borrow(address indexed, address, address indexed, uint256, uint8, uint256, uint16 indexed)")
class Borrow(NamedTuple):
    reserve: Address
    user: Address
    on_behalf_of: Address
    amount: int
    interest_rate_mode: int
    borrow_rate: int
    referral_code: int


@event("Repay(address indexed, address indexed, address indexed, uint256, bool)")
class Repay(NamedTuple):
    reserve: Address
    user: Address
    repayer: Address
    amount: int
    use_a_tokens: bool


@event("UserEModeSet(address indexed, uint8)")
class UserEModeSet(NamedTuple):
    user: Address
    category_id: int


@event("ReserveUsedAsCollateralEnabled(address indexed, address indexed)")
class ReserveUsedAsCollateralEnabled(NamedTuple):
    reserve: Address
    user: Address


@event("ReserveUsedAsCollateralDisabled(address indexed, address indexed)")
class ReserveUsedAsCollateralDisabled(NamedTuple):
    reserve: Address
    user: Address


@event("FlashLoan(address indexed, address, address indexed, uint256, uint8, uint256, uint16 indexed)")
class FlashLoan(NamedTuple):
    target: Address
    initiator: Address
    asset: Address
    amount: int
    interest_rate_mode: int
    premium: int
    referral_code: int


@event("LiquidationCall(address indexed, address indexed, address indexed, uint256, uint256, address, bool)")
class LiquidationCall(NamedTuple):
    collateral_asset: Address
    debt_asset: Address
    user: Address
    debt_to_cover: int
    liquidated_collateral_amount: int
    liquidator: Address
    receive_a_token: bool


@event("ReserveDataUpdated(address indexed, uint256, uint256, uint256, uint256, uint256)")
class ReserveDataUpdated(NamedTuple):
    reserve: Address
    liquidity_rate: int
    stable_borrow_rate: int
    variable_borrow_rate: int
    liquidity_index: int
    variable_borrow_index: int


@event("DeficitCovered(address indexed, address, uint256)")
class DeficitCovered(NamedTuple):
    reserve: Address
    caller: Address
    amount_covered: int


@event("MintedToTreasury(address indexed, uint256)")
class MintedToTreasury(NamedTuple):
    reserve: Address
    amount_minted: int


@event("DeficitCreated(address indexed, address indexed, uint256)")
class DeficitCreated(NamedTuple):
    user: Address
    debt_asset: Address
    amount_created: int


@event("PositionManagerApproved(address indexed, address indexed)")
class PositionManagerApproved(NamedTuple):
    user: Address
    position_manager: Address


@event("PositionManagerRevoked(address indexed, address indexed)")
class PositionManagerRevoked(NamedTuple):
    user: Address
    position_manager: Address


@event("IsolationModeTotalDebtUpdated(address indexed, uint256)")
class IsolationModeTotalDebtUpdated(NamedTuple):
    """Until v3.6."""

    asset: Address
    total_debt: int


@event("MintUnbacked(address indexed, address, address indexed, uint256, uint16 indexed)")
class MintUnbacked(NamedTuple):
    """Until v3.3."""

    reserve: Address
    user: Address
    on_behalf_of: Address
    amount: int
    referral_code: int


@event("BackUnbacked(address indexed, address indexed, uint256, uint256)")
class BackUnbacked(NamedTuple):
    """Until v3.3."""

    reserve: Address
    backer: Address
    amount: int
    fee: int


# Events of scaled-balance tokens.


@event("Mint(address indexed, address indexed, uint256, uint256, uint256)")
class Mint(NamedTuple):
    caller: Address
    on_behalf_of: Address
    value: int
    balance_increase: int
    index_ray: int


@event("Burn(address indexed, address indexed, uint256, uint256, uint256)")
class Burn(NamedTuple):
    from_: Address
    target: Address
    value: int
    balance_increase: int
    index_ray: int


# Events of the aToken.


@event("BalanceTransfer(address indexed, address indexed, uint256, uint256)")
class BalanceTransfer(NamedTuple):
    from_: Address
    to: Address
    value: int
    index_ray: int


@event("Initialized(address indexed, address indexed, address, address, uint8, string, string, bytes)")
class ATokenInitialized(NamedTuple):
    underlying_asset: Address
    pool: Address
    treasury: Address
    incentives_controller: Address
    a_token_decimals: int
    a_token_name: str
    a_token_symbol: str
    params: bytes


# Events of the debt token.


@event("Initialized(address indexed, address indexed, address, uint8, string, string, bytes)")
class DebtTokenInitialized(NamedTuple):
    underlying_asset: Address
    pool: Address
    incentives_controller: Address
    debt_token_decimals: int
    debt_token_name: str
    debt_token_symbol: str
    params: bytes


@event("BorrowAllowanceDelegated(address indexed, address indexed, address indexed, uint256)")
class BorrowAllowanceDelegated(NamedTuple):
    from_user: Address
    to_user: Address
    asset: Address
    amount: int


# Events of the configurator.


@event("ReserveInitialized(address indexed, address indexed, address, address, address)")
class ReserveInitialized(NamedTuple):
    asset: Address
    a_token: Address
    stable_debt_token: Address
    variable_debt_token: Address
    interest_rate_strategy_address: Address


@event("ReserveBorrowing(address indexed, bool)")
class ReserveBorrowing(NamedTuple):
    asset: Address
    enabled: bool


@event("ReserveFlashLoaning(address indexed, bool)")
class ReserveFlashLoaning(NamedTuple):
    asset: Address
    enabled: bool


@event("PendingLtvChanged(address indexed, uint256)")
class PendingLtvChanged(NamedTuple):
    asset: Address
    ltv: int


@event("CollateralConfigurationChanged(address indexed, uint256, uint256, uint256)")
class CollateralConfigurationChanged(NamedTuple):
    asset: Address
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int


@event("ReserveActive(address indexed, bool)")
class ReserveActive(NamedTuple):
    asset: Address
    active: bool


@event("ReserveFrozen(address indexed, bool)")
class ReserveFrozen(NamedTuple):
    asset: Address
    frozen: bool


@event("ReservePaused(address indexed, bool)")
class ReservePaused(NamedTuple):
    asset: Address
    paused: bool


@event("ReserveFactorChanged(address indexed, uint256, uint256)")
class ReserveFactorChanged(NamedTuple):
    asset: Address
    old_reserve_factor: int
    new_reserve_factor: int


@event("BorrowCapChanged(address indexed, uint256, uint256)")
class BorrowCapChanged(NamedTuple):
    asset: Address
    old_borrow_cap: int
    new_borrow_cap: int


@event("SupplyCapChanged(address indexed, uint256, uint256)")
class SupplyCapChanged(NamedTuple):
    asset: Address
    old_supply_cap: int
    new_supply_cap: int


@event("LiquidationProtocolFeeChanged(address indexed, uint256, uint256)")
class LiquidationProtocolFeeChanged(NamedTuple):
    asset: Address
    old_fee: int
    new_fee: int


@event("LiquidationGracePeriodChanged(address indexed, uint40)")
class LiquidationGracePeriodChanged(NamedTuple):
    asset: Address
    grace_period_until: int


@event("LiquidationGracePeriodDisabled(address indexed)")
class LiquidationGracePeriodDisabled(NamedTuple):
    asset: Address


@event("AssetCollateralInEModeChanged(address indexed, uint8, bool)")
class AssetCollateralInEModeChanged(NamedTuple):
    asset: Address
    category_id: int
    collateral: bool


@event("AssetBorrowableInEModeChanged(address indexed, uint8, bool)")
class AssetBorrowableInEModeChanged(NamedTuple):
    asset: Address
    category_id: int
    borrowable: bool


@event("AssetLtvzeroInEModeChanged(address indexed, uint8, bool)")
class AssetLtvzeroInEModeChanged(NamedTuple):
    asset: Address
    category_id: int
    ltvzero: bool


@event("EModeCategoryAdded(uint8 indexed, uint256, uint256, uint256, address, string)")
class EModeCategoryAdded(NamedTuple):
    category_id: int
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    oracle: Address
    label: str


@event("EModeCategoryIsolationChanged(uint8 indexed, bool)")
class EModeCategoryIsolationChanged(NamedTuple):
    category_id: int
    isolated: bool


@event("ReserveInterestRateStrategyChanged(address indexed, address, address)")
class ReserveInterestRateStrategyChanged(NamedTuple):
    asset: Address
    old_strategy: Address
    new_strategy: Address


@event("ReserveInterestRateDataChanged(address indexed, address indexed, bytes)")
class ReserveInterestRateDataChanged(NamedTuple):
    asset: Address
    strategy: Address
    data: bytes


@event("ATokenUpgraded(address indexed, address indexed, address indexed)")
class ATokenUpgraded(NamedTuple):
    asset: Address
    proxy: Address
    implementation: Address


@event("VariableDebtTokenUpgraded(address indexed, address indexed, address indexed)")
class VariableDebtTokenUpgraded(NamedTuple):
    asset: Address
    proxy: Address
    implementation: Address


@event("FlashloanPremiumTotalUpdated(uint128, uint128)")
class FlashloanPremiumTotalUpdated(NamedTuple):
    old_flashloan_premium_total: int
    new_flashloan_premium_total: int


@event("FlashloanPremiumToProtocolUpdated(uint128, uint128)")
class FlashloanPremiumToProtocolUpdated(NamedTuple):
    old_flashloan_premium_to_protocol: int
    new_flashloan_premium_to_protocol: int


@event("ReserveDropped(address indexed)")
class ReserveDropped(NamedTuple):
    """Until v3.6."""

    asset: Address


@event("DebtCeilingChanged(address indexed, uint256, uint256)")
class DebtCeilingChanged(NamedTuple):
    """Until v3.6."""

    asset: Address
    old_debt_ceiling: int
    new_debt_ceiling: int


@event("SiloedBorrowingChanged(address indexed, bool, bool)")
class SiloedBorrowingChanged(NamedTuple):
    """Until v3.6."""

    asset: Address
    old_state: bool
    new_state: bool


@event("BridgeProtocolFeeUpdated(uint256, uint256)")
class BridgeProtocolFeeUpdated(NamedTuple):
    """Until v3.3."""

    old_bridge_protocol_fee: int
    new_bridge_protocol_fee: int


@event("UnbackedMintCapChanged(address indexed, uint256, uint256)")
class UnbackedMintCapChanged(NamedTuple):
    """Until v3.3."""

    asset: Address
    old_unbacked_mint_cap: int
    new_unbacked_mint_cap: int


@event("BorrowableInIsolationChanged(address, bool)")
class BorrowableInIsolationChanged(NamedTuple):
    """Until v3.6."""

    asset: Address
    borrowable: bool


# Events of the rate strategy.


@event("RateDataUpdate(address indexed, uint256, uint256, uint256, uint256)")
class RateDataUpdate(NamedTuple):
    reserve: Address
    optimal_usage_ratio: int
    base_variable_borrow_rate: int
    variable_rate_slope1: int
    variable_rate_slope2: int


# Events of the oracle.


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


# Events of the addresses provider.


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


# Events of the sentinel.


@event("SequencerOracleUpdated(address)")
class SequencerOracleUpdated(NamedTuple):
    """Until v3.6."""

    new_sequencer_oracle: Address


@event("GracePeriodUpdated(uint256)")
class GracePeriodUpdated(NamedTuple):
    """Until v3.6."""

    new_grace_period: int


# Events of ERC-20 tokens, ownership, roles, proxies and price feeds.


@event("Transfer(address indexed, address indexed, uint256)")
class Transfer(NamedTuple):
    from_: Address
    to: Address
    value: int


@event("Approval(address indexed, address indexed, uint256)")
class Approval(NamedTuple):
    owner: Address
    spender: Address
    value: int


@event("Deposit(address indexed, uint256)")
class Deposit(NamedTuple):
    dst: Address
    wad: int


@event("Withdrawal(address indexed, uint256)")
class Withdrawal(NamedTuple):
    src: Address
    wad: int


@event("OwnershipTransferred(address indexed, address indexed)")
class OwnershipTransferred(NamedTuple):
    previous_owner: Address
    new_owner: Address


@event("RoleAdminChanged(bytes32 indexed, bytes32 indexed, bytes32 indexed)")
class RoleAdminChanged(NamedTuple):
    role: bytes
    previous_admin_role: bytes
    new_admin_role: bytes


@event("RoleGranted(bytes32 indexed, address indexed, address indexed)")
class RoleGranted(NamedTuple):
    role: bytes
    account: Address
    sender: Address


@event("RoleRevoked(bytes32 indexed, address indexed, address indexed)")
class RoleRevoked(NamedTuple):
    role: bytes
    account: Address
    sender: Address


@event("Upgraded(address indexed)")
class Upgraded(NamedTuple):
    implementation: Address


@event("AnswerUpdated(int256 indexed, uint256 indexed, uint256)")
class AnswerUpdated(NamedTuple):
    current: int
    round_id: int
    updated_at: int


@event("AssetPriceUpdated(address, uint256, uint256)")
class AssetPriceUpdated(NamedTuple):
    asset: Address
    price: int
    timestamp: int


@event("EthPriceUpdated(uint256, uint256)")
class EthPriceUpdated(NamedTuple):
    price: int
    timestamp: int
