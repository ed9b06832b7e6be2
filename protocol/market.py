"""A whole market from one configuration: every contract deployed, wired and configured, with typed handles to all."""

from __future__ import annotations

from typing import Any

from .address import ZERO_ADDRESS, Address, address, named_address
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
from .contracts.erc20 import TestnetERC20
from .contracts.foreign import FlashLoanCallback, FlashLoanReceiver
from .contracts.oracle import AaveOracle, MockAggregator
from .contracts.pool import Pool
from .contracts.pool_configurator import PoolConfigurator
from .contracts.rate_strategy import RateStrategy
from .contracts.registry import construct
from .contracts.variable_debt_token import VariableDebtToken
from .machine.abi import encode_values
from .math.uint import MAX_UINT256
from .models import EModeConfig, MarketConfig, ReserveConfig
from .revisions import Revision, revision_named

BASE_CURRENCY_UNIT = 10**8
START_TIME = 1_770_000_000


class Market:
    """A chain with one market on it. Handles are looked up by address, so they follow forks and reverts."""

    def __init__(self, chain: Chain, provider: Address) -> None:
        self.chain = chain
        self._provider = address(provider)
        self._known_assets: dict[str, Address] = {}

    @classmethod
    def deploy(
        cls, config: MarketConfig, *, time: int = START_TIME, number: int = 1, revision: Revision | str | None = None
    ) -> Market:
        """Deploy and configure a market. Raises Revert, as the contracts would, for parameters they refuse.

        `revision` stands in for the one the configuration names: a release by name, or the record of a fork or of an
        engine with a deliberate fault.
        """
        chosen = revision_named(revision) if isinstance(revision, str) else revision
        chosen = chosen or revision_named(config.revision)
        chain = Chain(chosen, time=time, number=number, chain_id=config.chain_id)
        return _Deployment(chain, config).run()

    def fork(self) -> Market:
        """An independent copy: a parallel branch of the same history."""
        return Market(self.chain.fork(), self._provider)

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
        """Underlying addresses of the listed assets by symbol."""
        return {self.chain.at(asset).symbol(): asset for asset in self.pool.get_reserves_list()}

    def asset(self, symbol: str) -> Address:
        """The underlying address of one asset. Raises KeyError, naming the assets there are."""
        where = self._known_assets.get(symbol, ZERO_ADDRESS)
        if self.pool.reserves[where].a_token == ZERO_ADDRESS:  # not looked up before, or dropped since
            self._known_assets = assets = self.assets
            if symbol not in assets:
                raise KeyError(f"{symbol!r} is not listed; listed are {', '.join(assets)}")
            where = assets[symbol]
        return where

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

    def price_feed(self, symbol: str) -> MockAggregator:
        """The price feed."""
        contract: MockAggregator = self.chain.at(self.oracle.sources[self.asset(symbol)])
        return contract

    def set_price(self, symbol: str, price: int) -> None:
        """Set an asset's price (8 decimals)."""
        self.price_feed(symbol).set_answer(price)

    # --- conveniences -----------------------------------------------------------------------------------------------

    def fund(self, symbol: str, user: Address, amount: int) -> None:
        """Create `amount` of underlying for a user and let the pool move all of the user's."""
        token = self.erc20(symbol)
        token.mint(user, amount, sender=token.owner_address)
        if token.allowances[address(user), self.pool.address] < MAX_UINT256 // 2:
            token.approve(self.pool.address, MAX_UINT256, sender=user)

    def flash_loan_receiver(self, name: str, callback: FlashLoanCallback) -> Address:
        """Put a Python function at an address as a flash-loan receiver. Returns the address.

        The receiver must hold the premium and have approved the pool for amount and premium.
        """
        where = named_address(name)
        self.chain.deploy(lambda chain, at: FlashLoanReceiver(chain, at, callback), where)
        return where


class _Deployment:
    """The steps of a deployment, in the order governance takes them."""

    def __init__(self, chain: Chain, config: MarketConfig) -> None:
        self.chain = chain
        self.config = config
        given = config.addresses
        self.admin = given.admin or self._derived("admin")
        self.treasury = given.treasury or self._derived("treasury")
        self.umbrella = given.umbrella or self._derived("umbrella")
        self.provider_address = given.provider or self._derived("provider")

    def _derived(self, role: str) -> Address:
        return named_address(f"{self.config.name}/{role}")

    def run(self) -> Market:
        """Deploy everything. Returns the market."""
        self._deploy_registry()
        self._deploy_pool()
        self._deploy_oracle_and_views()
        named = (
            self.chain.revision.tokens_name_their_treasury
        )  # else each listing tells treasury and rewards controller
        self.a_token_impl = self._construct(
            "ATokenInstance", None, [self.pool, ZERO_ADDRESS, self.treasury] if named else [self.pool]
        )
        self.debt_token_impl = self._construct(
            "VariableDebtTokenInstance", None, [self.pool, ZERO_ADDRESS] if named else [self.pool]
        )
        market = Market(self.chain, self.provider_address)
        for index, reserve in enumerate(self.config.reserves):
            self._list(market, index, reserve)
        for category in self.config.e_modes:
            self._define_category(market, category)
        for reserve in self.config.reserves:
            self._freeze_and_pause(market, reserve)
        self._set_flash_loan_premium(market)
        return market

    def _set_flash_loan_premium(self, market: Market) -> None:
        """Until v3.3 all of it goes to lenders, as long as governance does not give the treasury a share."""
        premium, configurator = self.config.flash_loan_premium_bps, market.configurator
        if self.chain.revision.flash_premium_is_split:
            configurator.update_flashloan_premium_total(premium, sender=self.admin)
        else:
            configurator.update_flashloan_premium(premium, sender=self.admin)

    def _construct(self, kind: str, where: Address | None, args: list[Any]) -> Address:
        where = where or self._derived(kind)
        construct(kind, self.chain, where, args)
        return where

    def _deploy_registry(self) -> None:
        given, admin = self.config.addresses, self.admin
        self._construct("PoolAddressesProvider", self.provider_address, [self.config.name, admin])
        self.provider: AddressesProvider = self.chain.at(self.provider_address)
        self.provider.set_acl_admin(admin, sender=admin)
        acl_address = self._construct("ACLManager", given.acl_manager, [self.provider_address])
        self.provider.set_acl_manager(acl_address, sender=admin)
        acl: ACLManager = self.chain.at(acl_address)
        for grant in (acl.add_pool_admin, acl.add_emergency_admin, acl.add_risk_admin, acl.add_asset_listing_admin):
            grant(admin, sender=admin)

    def _deploy_pool(self) -> None:
        given, admin = self.config.addresses, self.admin
        for nonce, where in ((1, given.pool), (2, given.configurator)):
            if where is not None:
                self.chain.preset_address(self.provider_address, nonce, where)
        provider, kind = self.provider_address, "DefaultReserveInterestRateStrategyV2"
        self.strategy = self._construct(kind, given.rate_strategy, [provider])
        own_strategies = self.chain.revision.strategies_per_reserve
        pool_impl = self._construct("PoolInstance", None, [provider] if own_strategies else [provider, self.strategy])
        configurator_impl = self._construct("PoolConfiguratorInstance", None, [])
        self.provider.set_pool_impl(pool_impl, sender=admin)
        self.provider.set_pool_configurator_impl(configurator_impl, sender=admin)
        self.pool = self.provider.addresses[POOL]
        self.configurator = self.provider.addresses[POOL_CONFIGURATOR]
        self.provider.set_address(UMBRELLA, self.umbrella, sender=admin)

    def _deploy_oracle_and_views(self) -> None:
        given, admin = self.config.addresses, self.admin
        oracle_args: list[Any] = [self.provider_address, [], [], ZERO_ADDRESS, ZERO_ADDRESS, BASE_CURRENCY_UNIT]
        self.provider.set_price_oracle(self._construct("AaveOracle", given.oracle, oracle_args), sender=admin)
        data_provider = self._construct("AaveProtocolDataProvider", given.data_provider, [self.provider_address])
        self.provider.set_pool_data_provider(data_provider, sender=admin)

    def _list(self, market: Market, index: int, reserve: ReserveConfig) -> None:
        symbol, admin = reserve.symbol, self.admin
        asset = self._construct(
            "TestnetERC20", reserve.underlying or self._derived(symbol), [symbol, symbol, reserve.decimals, admin]
        )
        feed = self._construct("MockAggregator", reserve.price_feed or self._derived(f"{symbol} feed"), [reserve.price])
        market.oracle.set_asset_sources([asset], [feed], sender=admin)
        for nonce, where in ((2 * index + 1, reserve.a_token), (2 * index + 2, reserve.variable_debt_token)):
            if where is not None:
                self.chain.preset_address(self.configurator, nonce, where)
        rates = reserve.rates
        rate_data = encode_values(
            ("uint16", "uint32", "uint32", "uint32"),
            (rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps),
        )
        self._init_reserve(market, symbol, asset, rate_data)
        self._set_risk_parameters(market, asset, reserve)

    def _init_reserve(self, market: Market, symbol: str, asset: Address, rate_data: bytes) -> None:
        """The listing itself; until v3.3 it names the reserve's own strategy, treasury and rewards controller."""
        names = (f"Aave {symbol}", f"a{symbol}", f"Aave Variable Debt {symbol}", f"variableDebt{symbol}")
        configurator, code = market.configurator, (self.a_token_impl, self.debt_token_impl)
        if self.chain.revision.strategies_per_reserve:
            settings = (True, self.strategy, asset, self.treasury, ZERO_ADDRESS)
            configurator.init_reserves_with_strategies([(*code, *settings, *names, b"", rate_data)], sender=self.admin)
        else:
            configurator.init_reserves([(*code, asset, *names, b"", rate_data)], sender=self.admin)

    def _set_risk_parameters(self, market: Market, asset: Address, reserve: ReserveConfig) -> None:
        configurator, admin = market.configurator, self.admin
        configurator.set_reserve_factor(asset, reserve.reserve_factor_bps, sender=admin)
        configurator.set_liquidation_protocol_fee(asset, reserve.liquidation_protocol_fee_bps, sender=admin)
        configurator.set_supply_cap(asset, reserve.supply_cap, sender=admin)
        configurator.set_borrow_cap(asset, reserve.borrow_cap, sender=admin)
        configurator.set_reserve_borrowing(asset, reserve.borrowing_enabled, sender=admin)
        configurator.set_reserve_flash_loaning(asset, reserve.flash_loan_enabled, sender=admin)
        if reserve.liquidation_threshold_bps:
            configurator.configure_reserve_as_collateral(
                asset,
                reserve.ltv_bps,
                reserve.liquidation_threshold_bps,
                reserve.liquidation_bonus_bps,
                sender=admin,
            )
        if reserve.debt_ceiling:
            configurator.set_debt_ceiling(asset, reserve.debt_ceiling, sender=admin)
        if reserve.siloed_borrowing:
            configurator.set_siloed_borrowing(asset, True, sender=admin)
        if reserve.borrowable_in_isolation:
            configurator.set_borrowable_in_isolation(asset, True, sender=admin)

    def _define_category(self, market: Market, category: EModeConfig) -> None:
        configurator, admin = market.configurator, self.admin
        parameters = (
            category.id,
            category.ltv_bps,
            category.liquidation_threshold_bps,
            category.liquidation_bonus_bps,
            category.label,
        )
        if self.chain.revision.isolated_e_modes:
            configurator.set_e_mode_category(*parameters, category.isolated, sender=admin)
        elif category.isolated:
            raise ValueError(
                f"e-mode category {category.id} is isolated, which revision {self.chain.revision.name} lacks"
            )
        else:
            configurator.set_e_mode_category_without_isolation(*parameters, sender=admin)
        for symbol in category.collateral:
            configurator.set_asset_collateral_in_e_mode(market.asset(symbol), category.id, True, sender=admin)
        for symbol in category.borrowable:
            configurator.set_asset_borrowable_in_e_mode(market.asset(symbol), category.id, True, sender=admin)
        for symbol in category.ltv_zero:
            configurator.set_asset_ltvzero_in_e_mode(market.asset(symbol), category.id, True, sender=admin)

    def _freeze_and_pause(self, market: Market, reserve: ReserveConfig) -> None:
        asset = market.asset(reserve.symbol)
        if reserve.frozen:
            market.configurator.set_reserve_freeze(asset, True, sender=self.admin)
        if reserve.paused:
            market.configurator.set_reserve_pause(asset, True, sender=self.admin)
