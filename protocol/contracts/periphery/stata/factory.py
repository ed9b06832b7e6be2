"""Registry and factory of vaults: one for each asset of a pool. Solidity: `StataTokenFactory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....address import ZERO_ADDRESS, Address
from ....events import Initialized, StataTokenCreated
from ....machine.abi import calldata_of
from ....machine.contract import ledger_of
from ....machine.function import IN_MEMORY, external, view
from ....state.storage import Ledger
from ...proxy import Proxied
from ..asking import Asking
from .errors import InvalidInitialization, NotListedUnderlying
from .shares import LOCKED

if TYPE_CHECKING:
    from ....chain import Chain

INITIALIZE = "initialize(address,string,string)"
REVISION = 1


class StataTokenFactory(Proxied, Asking):
    """Anybody may have the vault of a listed asset made; there is one of each."""

    KIND = "StataTokenFactory"
    STORAGE = {
        **Proxied.STORAGE,
        "stata_tokens_by_asset": ledger_of(ZERO_ADDRESS),
        "stata_tokens": ledger_of(ZERO_ADDRESS),
        "stata_tokens_count": 0,
    }
    IMMUTABLES = (*Proxied.IMMUTABLES, "pool", "initial_owner", "transparent_proxy_factory", "stata_token_impl")
    __slots__ = (
        "initial_owner",
        "pool",
        "stata_token_impl",
        "stata_tokens",
        "stata_tokens_by_asset",
        "stata_tokens_count",
        "transparent_proxy_factory",
    )

    chain: Chain

    pool: Address
    initial_owner: Address
    transparent_proxy_factory: Address
    stata_token_impl: Address
    stata_tokens_by_asset: Ledger[Address, Address]
    stata_tokens: Ledger[int, Address]
    stata_tokens_count: int

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        initial_owner: Address,
        transparent_proxy_factory: Address,
        stata_token_impl: Address,
        *,
        code_revision: int = REVISION,
    ) -> None:
        super().__init__(chain, at, code_revision)
        self.initialise(pool=pool, initial_owner=initial_owner, last_initialized_revision=LOCKED)
        self.initialise(transparent_proxy_factory=transparent_proxy_factory, stata_token_impl=stata_token_impl)
        self.emit(Initialized(LOCKED))

    @external("initialize()")
    def initialize(self, *, sender: Address) -> None:
        """Set up the proxy. Raises InvalidInitialization the second time."""
        if self.last_initialized_revision:
            raise InvalidInitialization()
        self.last_initialized_revision = 1
        self.emit(Initialized(1))

    @external("createStataTokens(address[])", "address[]", lazy={0: IN_MEMORY})
    def create_stata_tokens(self, underlyings: list[Address], *, sender: Address) -> list[Address]:
        """Make the vaults of assets that have none. Returns all of them. Raises NotListedUnderlying."""
        vaults = []
        for asset in underlyings:
            known = self.stata_tokens_by_asset[asset]
            vaults.append(self._created(asset) if known == ZERO_ADDRESS else known)
        return vaults

    def _created(self, asset: Address) -> Address:
        a_token = self.ask(self.pool, "getReserveAToken(address)", "address", asset)
        if a_token == ZERO_ADDRESS:
            raise NotListedUnderlying(a_token)
        symbol = "w" + self.ask(a_token, "symbol()", "string")
        name = "Wrapped " + self.ask(a_token, "name()", "string")
        data = calldata_of(INITIALIZE, [a_token, name, symbol])
        signature, salt = "createDeterministic(address,address,bytes,bytes32)", bytes.fromhex(asset[2:].zfill(64))
        arguments = self.stata_token_impl, self.initial_owner, data, salt
        token: Address = self.ask(self.transparent_proxy_factory, signature, "address", *arguments)
        self.stata_tokens_by_asset[asset] = token
        self.stata_tokens[self.stata_tokens_count] = token
        self.stata_tokens_count += 1
        self.emit(StataTokenCreated(token, asset))
        return token

    @view("getStataTokens()", "address[]")
    def get_stata_tokens(self) -> list[Address]:
        """Every vault, in the order in which they were made."""
        return [self.stata_tokens[number] for number in range(self.stata_tokens_count)]

    @view("getStataToken(address)", "address")
    def get_stata_token(self, underlying: Address) -> Address:
        """The vault of an asset; zero for none."""
        return self.stata_tokens_by_asset[underlying]

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool

    @view("INITIAL_OWNER()", "address")
    def initial_owner_address(self) -> Address:
        """Who owns the vaults' admins."""
        return self.initial_owner

    @view("TRANSPARENT_PROXY_FACTORY()", "address")
    def transparent_proxy_factory_address(self) -> Address:
        """What makes the proxies."""
        return self.transparent_proxy_factory

    @view("STATA_TOKEN_IMPL()", "address")
    def stata_token_impl_address(self) -> Address:
        """The vaults' code."""
        return self.stata_token_impl
