"""A whole market from one configuration: every contract deployed, wired and configured, with typed handles to all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .address import ZERO_ADDRESS, Address, address, named_address
from .answers.liquidation import LiquidationPreview, preview_liquidation
from .answers.liquidation_price import LiquidationPrice, liquidation_price
from .answers.most import LargestAmount, max_borrow, max_supply, max_withdraw
from .answers.preview import Preview, preview
from .chain import Chain
from .contracts.a_token import AToken
from .contracts.acl_manager import ACLManager
from .contracts.addresses_provider import (
    ACL_MANAGER,
    DATA_PROVIDER,
    POOL,
    POOL_CONFIGURATOR,
    PRICE_ORACLE,
    UMBRELLA,
    AddressesProvider,
)
from .contracts.data_provider import DataProvider
from .contracts.erc20 import WETH9, WETH9_DEPOSIT, TestnetERC20
from .contracts.foreign import FlashLoanCallback, FlashLoanReceiver
from .contracts.oracle import AaveOracle, MockAggregator
from .contracts.pool import Pool
from .contracts.pool_configurator import PoolConfigurator
from .contracts.pool_storage import UserAccountData
from .contracts.rate_strategy import RateStrategy
from .contracts.token_interface import let_spend
from .contracts.variable_debt_token import VariableDebtToken
from .machine.coercion import integer
from .market_state.loading import deployed
from .market_state.taking import config_of
from .math.uint import MAX_UINT256
from .models import MarketConfig
from .periphery import Periphery
from .reads.accounts import account_data_of, accounts_of, health_factors_below, health_factors_of
from .reads.positions import Position, positions_of
from .reads.record import EventRecord
from .revisions import Revision, revision_named
from .saved_state import SavedMarket, load, market_in, save

START_TIME = 1_770_000_000


class Market:
    """A chain with one market on it. Handles are looked up by address, so they follow forks and reverts."""

    def __init__(self, chain: Chain, provider: Address, keys: Mapping[Address, str] | None = None) -> None:
        """A market that stands on a chain already; `keys` by underlying address, where they are not the symbols."""
        self.chain = chain
        self._provider = address(provider)
        self.keys: dict[Address, str] = {address(asset): key for asset, key in (keys or {}).items()}
        """What the reserves are called, by underlying address, also while one is not listed."""
        if chain.contracts[self._provider] is not None and self.provider.addresses[POOL] != ZERO_ADDRESS:
            self.keys.update({asset: key for key, asset in self.assets.items()})
        self._by_key = {key: asset for asset, key in self.keys.items()}

    @classmethod
    def deploy(
        cls,
        config: MarketConfig,
        *,
        time: int | None = None,
        number: int | None = None,
        revision: Revision | str | None = None,
    ) -> Market:
        """Deploy and configure a market, with its state if it has one.

        It begins at the moment of its state, or at `START_TIME` in block 1, unless `time` and `number` say otherwise.
        Raises ValueError, naming fields, reserves and release, for all that the release does not have; StateError for a
        state that does not fit, telling every fault.
        `revision` stands in for the one the configuration names: a release by name, or the record of a fork or of an
        engine with a deliberate fault.
        """
        chosen = revision_named(revision) if isinstance(revision, str) else revision
        chosen = chosen or revision_named(config.revision)
        moment = (START_TIME, 1) if config.state is None else (config.state.time, config.state.number)
        time, number = moment[0] if time is None else time, moment[1] if number is None else number
        chain, (provider, keys) = deployed(config, chosen, time=time, number=number)
        return cls(chain, provider, keys)

    def config(self) -> MarketConfig:
        """The market as a configuration with its state: deployed anew, it has the same digest, which is tried once.

        Raises InexpressibleError, naming contract and field, for what no configuration says: contracts of one's own,
        roles beyond the deployment's, replaced code.
        """
        return config_of(self.chain, self._provider, self.assets)

    def fork(self) -> Market:
        """An independent copy: a parallel branch of the same history."""
        return Market(self.chain.fork(), self._provider, self.keys)

    def save(self, path: Path) -> None:
        """Write the chain, the registry's address and the keys to one file, whole or not at all.

        Contracts of one's own go along as in `pooltwin.protocol.save`, which raises ValueError for what it cannot tell.
        """
        save(self.chain, path, SavedMarket(provider=self._provider, keys=self.keys))

    @classmethod
    def load(cls, path: Path, revision: Revision | None = None, *, own_code: bool = False) -> Market:
        """Read a market back, also from a file of `pooltwin.protocol.save` that has one market on its chain.

        `revision` is the record of a fork, if the state is one of a fork. `own_code` allows to import the contracts of
        one's own that the file names, which runs code of their modules. Raises SavedStateError as
        `pooltwin.protocol.load` does, and where the market is not on the chain.
        """
        chain = load(path, revision, own_code=own_code)
        market = market_in(path, chain)
        return cls(chain, market.provider, market.keys)

    # --- contracts --------------------------------------------------------------------------------------------------

    @property
    def provider(self) -> AddressesProvider:
        """The registry of the market."""
        contract: AddressesProvider = self.chain.at(self._provider)
        return contract

    def _registered(self, identifier: bytes) -> Any:
        return self.chain.at(self.provider.addresses[identifier])

    @property
    def pool(self) -> Pool:
        """The pool."""
        contract: Pool = self._registered(POOL)
        return contract

    @property
    def configurator(self) -> PoolConfigurator:
        """The pool's configurator."""
        contract: PoolConfigurator = self._registered(POOL_CONFIGURATOR)
        return contract

    @property
    def oracle(self) -> AaveOracle:
        """The price oracle."""
        contract: AaveOracle = self._registered(PRICE_ORACLE)
        return contract

    @property
    def acl_manager(self) -> ACLManager:
        """Who may do what."""
        contract: ACLManager = self._registered(ACL_MANAGER)
        return contract

    @property
    def data_provider(self) -> DataProvider:
        """Read-only summaries."""
        contract: DataProvider = self._registered(DATA_PROVIDER)
        return contract

    @property
    def rate_strategy(self) -> RateStrategy:
        """The interest-rate strategy; where each reserve has one, the first reserve's."""
        pool = self.pool
        contract: RateStrategy = self.chain.at(pool.strategy_of(pool.reserves[pool.reserves_list[0]]))
        return contract

    def rate_strategy_of(self, symbol: str) -> Any:
        """The interest-rate strategy of an asset; until v3.0.2 each has one, of a class of its own."""
        pool = self.pool
        return self.chain.at(pool.strategy_of(pool.reserves[self.asset(symbol)]))

    @property
    def periphery(self) -> Periphery:
        """The contracts around the market: encoders for rollups, views of everything, rewards, a gateway for ether."""
        return Periphery(self.chain, self._provider)

    @property
    def admin(self) -> Address:
        """Owner of the registry and, unless roles were changed, holder of every role."""
        return self.provider.owner_address

    @property
    def umbrella(self) -> Address:
        """Who may cover deficits; zero for nobody."""
        return self.provider.addresses[UMBRELLA]

    # --- assets -----------------------------------------------------------------------------------------------------

    @property
    def assets(self) -> dict[str, Address]:
        """Underlying addresses of the listed assets by key.

        An asset that was listed later is called by its symbol, or by its address where the symbol is another's too.
        """
        listed, keys = self.pool.get_reserves_list(), self.keys
        if all(asset in keys for asset in listed):
            return {keys[asset]: asset for asset in listed}
        taken = {keys[asset] for asset in listed if asset in keys}
        taken |= {self._symbol_of(asset) for asset in listed if asset in keys}
        found: dict[str, Address] = {}
        for asset in listed:
            key = keys.get(asset)
            if key is None:
                symbol = self._symbol_of(asset)
                key = asset if symbol in taken else symbol
                taken.add(symbol)
            found[key] = asset
        return found

    def _symbol_of(self, asset: Address) -> str:
        symbol: str = self.chain.at(asset).symbol()
        return symbol

    def asset(self, name: str) -> Address:
        """The underlying address of one asset: by its key, its address, or its symbol where only one has it.

        Raises KeyError, naming keys, for an asset that is not listed, and for a symbol that several assets have.
        """
        where = self._by_key.get(name)
        if where is not None and self.pool.reserves[where].a_token != ZERO_ADDRESS:
            return where
        return self._looked_up(name)

    def _looked_up(self, name: str) -> Address:
        """The address of an asset that has no key here, or was dropped, or is named by its symbol or its address."""
        assets = self.assets
        if name in assets:
            return assets[name]
        if name.lower() in assets.values():
            return name.lower()
        same = {key: asset for key, asset in assets.items() if self._symbol_of(asset) == name}
        if len(same) > 1:
            which = ", ".join(f"{key} ({asset})" for key, asset in same.items())
            raise KeyError(f"{name!r} is the symbol of {len(same)} assets: {which}; name one by its key or its address")
        for asset in same.values():
            return asset
        raise KeyError(f"{name!r} is not listed; listed are {', '.join(assets)}")

    def erc20(self, symbol: str) -> TestnetERC20:
        """The underlying token."""
        contract: TestnetERC20 = self.chain.at(self.asset(symbol))
        return contract

    def a_token(self, symbol: str) -> AToken:
        """The aToken."""
        contract: AToken = self.chain.at(self.pool.reserves[self.asset(symbol)].a_token)
        return contract

    def debt_token(self, symbol: str) -> VariableDebtToken:
        """The variable debt token."""
        contract: VariableDebtToken = self.chain.at(self.pool.reserves[self.asset(symbol)].variable_debt_token)
        return contract

    def stable_debt_token(self, symbol: str) -> Any:
        """The stable debt token. Until v3.0.2; raises LookupError on a later release."""
        if not self.chain.revision.stable_rates:
            raise LookupError(f"{symbol} has no stable debt token on v{self.chain.revision.name}")
        reserve: Any = self.pool.reserves[self.asset(symbol)]
        return self.chain.at(reserve.stable_debt_token)

    def price_feed(self, symbol: str) -> MockAggregator:
        """The price feed."""
        contract: MockAggregator = self.chain.at(self.oracle.sources[self.asset(symbol)])
        return contract

    def set_price(self, symbol: str, price: int) -> None:
        """Set an asset's price (8 decimals), and that of all assets that share its feed."""
        self.price_feed(symbol).set_answer(price)

    # --- many accounts at once --------------------------------------------------------------------------------------

    def accounts(self) -> list[Address]:
        """All accounts that hold a share, a debt or a flag, in the order of their addresses."""
        return accounts_of(self.pool)

    def positions(self, accounts: Iterable[Address] | None = None) -> list[Position]:
        """What accounts have in each reserve at the present second: of all, or of those named, in their order.

        One row for each reserve in which an account holds a share, a debt or a flag, by reserve id.
        """
        names = {asset: name for name, asset in self.assets.items()}
        return positions_of(self.pool, names, accounts)

    def account_data(self, accounts: Iterable[Address] | None = None) -> dict[Address, UserAccountData]:
        """The six figures of `pool.get_user_account_data` for all accounts, or for those named.

        Exactly what the view says of each, with prices and indexes read once. Reverts where it would for one of them.
        """
        return account_data_of(self.pool, accounts)

    def health_factors(
        self, accounts: Iterable[Address] | None = None, *, below: int | None = None
    ) -> dict[Address, int]:
        """The health factors (wad) of all accounts, or of those named; 2**256 - 1 for who owes nothing.

        `below` leaves only those below a health factor, as `below=10**18` for who can be liquidated. Asked of all
        accounts, again and again, that is by far the quickest: only those that may be below it are computed. Every
        figure is exactly the view's. Reverts where the view would for an account that is computed.
        """
        if below is None:
            return health_factors_of(self.pool, accounts)
        return health_factors_below(self.pool, integer(below, "a health factor (wad)"), accounts)

    def record(self) -> EventRecord:
        """A record of the events from where its `with` begins to where it ends; `tables()` has one for each kind."""
        return EventRecord(self.chain)

    # --- conveniences -----------------------------------------------------------------------------------------------

    def fund(self, symbol: str, user: Address, amount: int) -> None:
        """Create `amount` of underlying for a user and let the pool move all of the user's. WETH9 wraps new ether."""
        token: Any = self.erc20(symbol)
        if token.KIND == WETH9.KIND:
            self._wrap(token.address, address(user), amount)
        else:
            token.mint(user, amount, sender=token.owner_address)
        allowance = token.allowances[address(user), self.pool.address]
        if allowance < MAX_UINT256 // 2:
            let_spend(token, address(user), self.pool.address, MAX_UINT256)

    def _wrap(self, weth: Address, user: Address, amount: int) -> None:
        self.chain.balances[user] += integer(amount, "an amount")
        wrapped = self.chain.transact(user, weth, WETH9_DEPOSIT, value=amount)
        if wrapped.revert is not None:
            raise wrapped.revert

    def flash_loan_receiver(self, name: str, callback: FlashLoanCallback) -> Address:
        """Put a Python function at an address as a flash-loan receiver. Returns the address.

        The receiver must hold the premium and have approved the pool for amount and premium. A callback with a
        parameter `market` is given the market of the loan: on a fork of this one, the fork.
        """
        where = named_address(name)
        self.chain.deploy(lambda chain, at: FlashLoanReceiver(chain, at, callback, self), where)
        return where

    # --- answers ----------------------------------------------------------------------------------------------------

    def preview(self, call: Callable[[], Any], accounts: Iterable[Address] = ()) -> Preview:
        """Play `call` and undo it: result or revert, events, the health before and after of all concerned.

        It takes nothing and calls this market however it likes: `lambda: market.pool.supply(asset, 10**18, sender=me)`.
        """
        return preview(self, call, accounts)

    def max_supply(self, symbol: str, user: Address | None = None) -> LargestAmount:
        """The most that a user can supply now; without a user, what a newcomer with enough of it could."""
        return max_supply(self, self.asset(symbol), None if user is None else address(user))

    def max_borrow(self, symbol: str, user: Address) -> LargestAmount:
        """The most that a user can borrow now at the variable rate."""
        return max_borrow(self, self.asset(symbol), address(user))

    def max_withdraw(self, symbol: str, user: Address) -> LargestAmount:
        """The most that a user can withdraw now."""
        return max_withdraw(self, self.asset(symbol), address(user))

    def liquidation_price(self, user: Address, symbol: str) -> LiquidationPrice | None:
        """The price of an asset at which the user's health factor falls below 1, all else unchanged; None for none."""
        return liquidation_price(self, address(user), self.asset(symbol))

    def liquidation(self, user: Address, collateral: str, debt: str, amount: int = MAX_UINT256) -> LiquidationPreview:
        """Play the liquidation of a user and undo it: what is paid, who gets what, what is left."""
        return preview_liquidation(self, address(user), self.asset(collateral), self.asset(debt), amount)
