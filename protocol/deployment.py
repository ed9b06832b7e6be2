"""The deployment of a market, step by step, as governance takes the steps.

A release is asked what it has; what a configuration wants of it beyond that is refused before anything is deployed.
"""

from __future__ import annotations

from typing import Any

from .address import ZERO_ADDRESS, Address, named_address
from .chain import Chain
from .contracts.acl_manager import ACLManager
from .contracts.addresses_provider import POOL, POOL_CONFIGURATOR, UMBRELLA, AddressesProvider
from .contracts.oracle import AaveOracle
from .contracts.registry import construct
from .lacking import refuse_what_is_lacking
from .machine.abi import encode_values
from .math.wad_ray import RAY
from .models import EModeConfig, MarketConfig, RateParameters, ReserveConfig, StableRateParameters

BASE_CURRENCY_UNIT = 10**8
_RAY_PER_BPS = RAY // 10_000
_NO_STABLE_RATES = StableRateParameters()


class Deployment:
    """The steps of a deployment, in the order governance takes them. Raises ValueError for what the release lacks."""

    def __init__(self, chain: Chain, config: MarketConfig) -> None:
        refuse_what_is_lacking(config, chain.revision)
        self.chain = chain
        self.release = chain.revision
        self.config = config
        given = config.addresses
        self.admin = given.admin or self._derived("admin")
        self.treasury = given.treasury or self._derived("treasury")
        self.umbrella = given.umbrella or self._derived("umbrella")
        self.provider_address = given.provider or self._derived("provider")

    def _derived(self, role: str) -> Address:
        return named_address(f"{self.config.name}/{role}")

    def run(self) -> Address:
        """Deploy everything. Returns the address of the market's registry."""
        self._deploy_registry()
        self._deploy_pool()
        self._deploy_oracle_and_views()
        self._deploy_code_of_tokens()
        self.assets: dict[str, Address] = {}
        for index, reserve in enumerate(self.config.reserves):
            self._list(index, reserve)
        for category in self.config.e_modes:
            self._define_category(category)
        for reserve in self.config.reserves:
            self._freeze_and_pause(reserve)
        self._set_flash_loan_premium()
        return self.provider_address

    def _deploy_code_of_tokens(self) -> None:
        """Deploy what all tokens have in common. Where it does not name treasury and rewards, each listing does."""
        pool, named = [self.pool], self.release.tokens_name_their_treasury
        self.a_token_impl = self._construct(
            "ATokenInstance", None, [*pool, ZERO_ADDRESS, self.treasury] if named else pool
        )
        self.debt_token_impl = self._construct(
            "VariableDebtTokenInstance", None, [*pool, ZERO_ADDRESS] if named else pool
        )
        if self.release.stable_rates:
            self.stable_debt_token_impl = self._construct("StableDebtToken", None, pool)

    def _set_flash_loan_premium(self) -> None:
        """Until v3.3 all of it goes to lenders, as long as governance does not give the treasury a share."""
        premium, configurator = self.config.flash_loan_premium_bps, self._configurator()
        if self.release.flash_premium_is_split:
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
        if not self.release.stable_rates:  # where there are, each reserve has a contract of its own
            self.strategy = self._construct(kind, given.rate_strategy, [provider])
        named = [] if self.release.strategies_per_reserve else [self.strategy]
        for name, where in self.config.libraries.items():
            self._construct(name, where, [])
        kind = "L2PoolInstance" if self.config.l2_pool else "PoolInstance"
        pool_impl = self._construct(kind, None, [provider, *named])
        configurator_impl = self._construct("PoolConfiguratorInstance", None, [])
        self.provider.set_pool_impl(pool_impl, sender=admin)
        self.provider.set_pool_configurator_impl(configurator_impl, sender=admin)
        self.pool = self.provider.addresses[POOL]
        self.configurator = self.provider.addresses[POOL_CONFIGURATOR]
        self.provider.set_address(UMBRELLA, self.umbrella, sender=admin)

    def _deploy_oracle_and_views(self) -> None:
        given, admin = self.config.addresses, self.admin
        oracle_args: list[Any] = [self.provider_address, [], [], ZERO_ADDRESS, ZERO_ADDRESS, BASE_CURRENCY_UNIT]
        self.oracle = self._construct("AaveOracle", given.oracle, oracle_args)
        self.provider.set_price_oracle(self.oracle, sender=admin)
        data_provider = self._construct("AaveProtocolDataProvider", given.data_provider, [self.provider_address])
        self.provider.set_pool_data_provider(data_provider, sender=admin)

    def _configurator(self) -> Any:
        """The configurator: a function that a release has under another name is called by that name."""
        return self.chain.at(self.configurator)

    def _list(self, index: int, reserve: ReserveConfig) -> None:
        symbol, admin = reserve.symbol, self.admin
        where = reserve.underlying or self._derived(symbol)
        asset = self._construct("TestnetERC20", where, [symbol, symbol, reserve.decimals, admin])
        feed = self._construct("MockAggregator", reserve.price_feed or self._derived(f"{symbol} feed"), [reserve.price])
        oracle: AaveOracle = self.chain.at(self.oracle)
        oracle.set_asset_sources([asset], [feed], sender=admin)
        stable = (reserve.stable_debt_token,) if self.release.stable_rates else ()
        tokens = (reserve.a_token, *stable, reserve.variable_debt_token)
        for number, token in enumerate(tokens, 1):
            if token is not None:
                self.chain.preset_address(self.configurator, len(tokens) * index + number, token)
        self._init_reserve(reserve, asset)
        self.assets[symbol] = asset
        self._set_risk_parameters(asset, reserve)

    def _init_reserve(self, reserve: ReserveConfig, asset: Address) -> None:
        """The listing itself; until v3.3 it names the reserve's own strategy, treasury and rewards controller."""
        symbol, configurator = reserve.symbol, self._configurator()
        names = (f"Aave {symbol}", f"a{symbol}", f"Aave Variable Debt {symbol}", f"variableDebt{symbol}")
        a_token, debt_token = self.a_token_impl, self.debt_token_impl
        if self.release.stable_rates:
            code = (a_token, self.stable_debt_token_impl, debt_token)
            settings = (reserve.decimals, self._own_strategy(reserve), asset, self.treasury, ZERO_ADDRESS)
            stable_names = (f"Aave Stable Debt {symbol}", f"stableDebt{symbol}")
            listing: tuple[Any, ...] = (*code, *settings, *names, *stable_names, b"")
        elif self.release.strategies_per_reserve:
            owners = (self.treasury, ZERO_ADDRESS)
            data = _rate_data(reserve.rates)
            listing = (a_token, debt_token, True, self.strategy, asset, *owners, *names, b"", data)
        else:
            listing = (a_token, debt_token, asset, *names, b"", _rate_data(reserve.rates))
        init = (
            configurator.init_reserves_with_strategies
            if self.release.strategies_per_reserve
            else configurator.init_reserves
        )
        init([listing], sender=self.admin)

    def _own_strategy(self, reserve: ReserveConfig) -> Address:
        """Deploy a reserve's own rate strategy. Until v3.0.2."""
        rates, stable = reserve.rates, reserve.stable_rates or _NO_STABLE_RATES
        values = (
            rates.optimal_usage_bps,
            rates.base_rate_bps,
            rates.slope1_bps,
            rates.slope2_bps,
            stable.slope1_bps,
            stable.slope2_bps,
            stable.base_offset_bps,
            stable.excess_offset_bps,
            stable.optimal_share_bps,
        )
        where = reserve.rate_strategy or self._derived(f"{reserve.symbol} rates")
        parameters = [self.provider_address, *(value * _RAY_PER_BPS for value in values)]
        return self._construct("DefaultReserveInterestRateStrategy", where, parameters)

    def _set_risk_parameters(self, asset: Address, reserve: ReserveConfig) -> None:
        configurator, admin = self._configurator(), self.admin
        configurator.set_reserve_factor(asset, reserve.reserve_factor_bps, sender=admin)
        configurator.set_liquidation_protocol_fee(asset, reserve.liquidation_protocol_fee_bps, sender=admin)
        configurator.set_supply_cap(asset, reserve.supply_cap, sender=admin)
        configurator.set_borrow_cap(asset, reserve.borrow_cap, sender=admin)
        configurator.set_reserve_borrowing(asset, reserve.borrowing_enabled, sender=admin)
        if reserve.stable_borrowing_enabled:
            configurator.set_reserve_stable_rate_borrowing(asset, True, sender=admin)
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

    def _define_category(self, category: EModeConfig) -> None:
        configurator, admin = self._configurator(), self.admin
        limits = (category.ltv_bps, category.liquidation_threshold_bps, category.liquidation_bonus_bps)
        if self.release.e_modes_have_prices:
            source = self.assets[category.price_source] if category.price_source else ZERO_ADDRESS
            configurator.set_priced_e_mode_category(category.id, *limits, source, category.label, sender=admin)
            for symbol in category.borrowable:
                configurator.set_asset_e_mode_category(self.assets[symbol], category.id, sender=admin)
            return
        if self.release.isolated_e_modes:
            configurator.set_e_mode_category(category.id, *limits, category.label, category.isolated, sender=admin)
        else:
            configurator.set_e_mode_category_without_isolation(category.id, *limits, category.label, sender=admin)
        for symbol in category.collateral:
            configurator.set_asset_collateral_in_e_mode(self.assets[symbol], category.id, True, sender=admin)
        for symbol in category.borrowable:
            configurator.set_asset_borrowable_in_e_mode(self.assets[symbol], category.id, True, sender=admin)
        for symbol in category.ltv_zero:
            configurator.set_asset_ltvzero_in_e_mode(self.assets[symbol], category.id, True, sender=admin)

    def _freeze_and_pause(self, reserve: ReserveConfig) -> None:
        asset = self.assets[reserve.symbol]
        if reserve.frozen:
            self._configurator().set_reserve_freeze(asset, True, sender=self.admin)
        if reserve.paused:
            self._configurator().set_reserve_pause(asset, True, sender=self.admin)


def _rate_data(rates: RateParameters) -> bytes:
    """Encode rate parameters as listings name them. From v3.2 on."""
    return encode_values(
        ("uint16", "uint32", "uint32", "uint32"),
        (rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps),
    )
