"""The registry of a market, which owns the pool's and the configurator's proxies. Solidity: `PoolAddressesProvider`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..errors import EmptyRevert, selector_of
from ..events import (
    ACLAdminUpdated,
    ACLManagerUpdated,
    AddressSet,
    AddressSetAsProxy,
    MarketIdSet,
    PoolConfiguratorUpdated,
    PoolDataProviderUpdated,
    PoolUpdated,
    PriceOracleSentinelUpdated,
    PriceOracleUpdated,
    ProxyCreated,
)
from ..machine.contract import Contract, ledger_of
from ..machine.function import IN_MEMORY, external, view
from ..state.storage import Ledger
from .ownable import Ownable
from .proxy import Proxied, create_proxy, upgrade_and_call

if TYPE_CHECKING:
    from ..chain import Chain


def identifier(name: str) -> bytes:
    """An id of the registry: ASCII, left-aligned in 32 bytes."""
    return name.encode().ljust(32, b"\0")


POOL = identifier("POOL")
POOL_CONFIGURATOR = identifier("POOL_CONFIGURATOR")
PRICE_ORACLE = identifier("PRICE_ORACLE")
ACL_MANAGER = identifier("ACL_MANAGER")
ACL_ADMIN = identifier("ACL_ADMIN")
PRICE_ORACLE_SENTINEL = identifier("PRICE_ORACLE_SENTINEL")
DATA_PROVIDER = identifier("DATA_PROVIDER")
UMBRELLA = identifier("UMBRELLA")
MOCK_STABLE_DEBT = identifier("MOCK_STABLE_DEBT")


class AddressesProvider(Ownable):
    """Addresses by id."""

    KIND = "PoolAddressesProvider"
    STORAGE = {**Ownable.STORAGE, "market_id": "", "addresses": ledger_of(ZERO_ADDRESS)}
    __slots__ = ("addresses", "market_id")

    market_id: str
    addresses: Ledger[bytes, Address]

    def __init__(self, chain: Chain, at: Address, market_id: str, owner: Address):
        Contract.__init__(self, chain, at)
        self._set_owner(chain.deployer)
        self._set_market_id(market_id)
        self._set_owner(self._fit_owner(owner))

    # --- for other contracts ----------------------------------------------------------------------------------------

    @property
    def acl_manager_address(self) -> Address:
        """Where the roles are kept."""
        return self.addresses[ACL_MANAGER]

    @property
    def acl_admin_address(self) -> Address:
        """Who starts as admin of all roles."""
        return self.addresses[ACL_ADMIN]

    @property
    def registered_pool(self) -> Address:
        """The market's pool."""
        return self.addresses[POOL]

    @property
    def pool_configurator_address(self) -> Address:
        """Who may set the pool's parameters."""
        return self.addresses[POOL_CONFIGURATOR]

    def _set_market_id(self, market_id: str) -> None:
        self.emit(MarketIdSet(self.market_id, market_id))
        self.market_id = market_id

    def _replace(self, identifier: bytes, new: Address, event: Any) -> None:
        old = self.addresses[identifier]
        self.addresses[identifier] = new
        self.emit(event(old, new))

    def _proxy_implementation(self, identifier: bytes) -> Address:
        where = self.addresses[identifier]
        if where == ZERO_ADDRESS:
            return ZERO_ADDRESS
        proxy = self.chain.at(where)
        if not isinstance(proxy, Proxied) or proxy.proxy_admin != self.address:
            raise EmptyRevert(f"{where} is no proxy of this registry")
        return proxy.implementation

    def _update_implementation(self, identifier: bytes, implementation: Address) -> None:
        """Create the proxy, or upgrade it, and initialise it with this registry. Solidity: `_updateImpl`."""
        data = selector_of("initialize(address)") + bytes(12) + bytes.fromhex(self.address[2:])
        where = self.addresses[identifier]
        if where != ZERO_ADDRESS:
            proxy = self.chain.at(where)
            upgrade_and_call(proxy, implementation, self.address, data)
            return
        # The registry knows the proxy before the proxy's initializer runs.
        proxy = create_proxy(
            self.chain,
            self.address,
            implementation,
            data,
            before_initialize=lambda created: self.addresses.__setitem__(identifier, created.address),
        )
        self.emit(ProxyCreated(identifier, proxy.address, implementation))

    # --- setters, for the owner -------------------------------------------------------------------------------------

    @external("setMarketId(string)", lazy={0: IN_MEMORY})
    def set_market_id(self, new_market_id: str, *, sender: Address) -> None:
        """Rename the market."""
        self.only_owner(sender)
        self._set_market_id(new_market_id)

    @external("setAddress(bytes32,address)")
    def set_address(self, identifier: bytes, new_address: Address, *, sender: Address) -> None:
        """Register an address under any id."""
        self.only_owner(sender)
        old = self.addresses[identifier]
        self.addresses[identifier] = new_address
        self.emit(AddressSet(identifier, old, new_address))

    @external("setAddressAsProxy(bytes32,address)")
    def set_address_as_proxy(self, identifier: bytes, implementation: Address, *, sender: Address) -> None:
        """Put an implementation behind the id's proxy, making one if needed."""
        self.only_owner(sender)
        proxy = self.addresses[identifier]
        old = self._proxy_implementation(identifier)
        self._update_implementation(identifier, implementation)
        self.emit(AddressSetAsProxy(identifier, proxy, old, implementation))

    @external("setPoolImpl(address)")
    def set_pool_impl(self, new_pool_impl: Address, *, sender: Address) -> None:
        """Create or upgrade the pool."""
        self.only_owner(sender)
        old = self._proxy_implementation(POOL)
        self._update_implementation(POOL, new_pool_impl)
        self.emit(PoolUpdated(old, new_pool_impl))

    @external("setPoolConfiguratorImpl(address)")
    def set_pool_configurator_impl(self, new_pool_configurator_impl: Address, *, sender: Address) -> None:
        """Create or upgrade the configurator."""
        self.only_owner(sender)
        old = self._proxy_implementation(POOL_CONFIGURATOR)
        self._update_implementation(POOL_CONFIGURATOR, new_pool_configurator_impl)
        self.emit(PoolConfiguratorUpdated(old, new_pool_configurator_impl))

    @external("setPriceOracle(address)")
    def set_price_oracle(self, new_price_oracle: Address, *, sender: Address) -> None:
        """Choose the oracle."""
        self.only_owner(sender)
        self._replace(PRICE_ORACLE, new_price_oracle, PriceOracleUpdated)

    @external("setACLManager(address)")
    def set_acl_manager(self, new_acl_manager: Address, *, sender: Address) -> None:
        """Choose where roles are kept."""
        self.only_owner(sender)
        self._replace(ACL_MANAGER, new_acl_manager, ACLManagerUpdated)

    @external("setACLAdmin(address)")
    def set_acl_admin(self, new_acl_admin: Address, *, sender: Address) -> None:
        """Choose who starts as admin of an ACL manager."""
        self.only_owner(sender)
        self._replace(ACL_ADMIN, new_acl_admin, ACLAdminUpdated)

    @external("setPriceOracleSentinel(address)")
    def set_price_oracle_sentinel(self, new_price_oracle_sentinel: Address, *, sender: Address) -> None:
        """Choose the sentinel; zero for none."""
        self.only_owner(sender)
        self._replace(PRICE_ORACLE_SENTINEL, new_price_oracle_sentinel, PriceOracleSentinelUpdated)

    @external("setPoolDataProvider(address)")
    def set_pool_data_provider(self, new_data_provider: Address, *, sender: Address) -> None:
        """Choose the data provider, which the configurator asks for totals."""
        self.only_owner(sender)
        self._replace(DATA_PROVIDER, new_data_provider, PoolDataProviderUpdated)

    # --- views ------------------------------------------------------------------------------------------------------

    @view("getMarketId()", "string")
    def get_market_id(self) -> str:
        """The market's name."""
        return self.market_id

    @view("getAddress(bytes32)", "address")
    def get_address(self, identifier: bytes) -> Address:
        """The address under an id; zero for none."""
        return self.addresses[identifier]

    @view("getPool()", "address")
    def get_pool(self) -> Address:
        """The pool."""
        return self.addresses[POOL]

    @view("getPoolConfigurator()", "address")
    def get_pool_configurator(self) -> Address:
        """The configurator."""
        return self.addresses[POOL_CONFIGURATOR]

    @view("getPriceOracle()", "address")
    def get_price_oracle(self) -> Address:
        """The oracle."""
        return self.addresses[PRICE_ORACLE]

    @view("getACLManager()", "address")
    def get_acl_manager(self) -> Address:
        """Where roles are kept."""
        return self.addresses[ACL_MANAGER]

    @view("getACLAdmin()", "address")
    def get_acl_admin(self) -> Address:
        """Who starts as admin."""
        return self.addresses[ACL_ADMIN]

    @view("getPriceOracleSentinel()", "address")
    def get_price_oracle_sentinel(self) -> Address:
        """The sentinel; zero for none."""
        return self.addresses[PRICE_ORACLE_SENTINEL]

    @view("getPoolDataProvider()", "address")
    def get_pool_data_provider(self) -> Address:
        """The data provider."""
        return self.addresses[DATA_PROVIDER]
