"""A market of v3.0.2, which `Market` does not deploy: each reserve has a rate strategy and a stable-debt token."""

from __future__ import annotations

from pooltwin.protocol.address import ZERO_ADDRESS
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.addresses_provider import POOL, POOL_CONFIGURATOR
from pooltwin.protocol.market import Market, _Deployment
from pooltwin.protocol.models import MarketConfig, RateParameters, ReserveConfig
from pooltwin.protocol.revisions import revision_named

RAY_PER_BPS = 10**23

CONFIG = MarketConfig(
    name="first release",
    revision="3.2",
    flash_loan_premium_bps=9,
    reserves=tuple(
        ReserveConfig(
            symbol=symbol,
            decimals=decimals,
            price=price,
            rates=RateParameters(optimal_usage_bps=4500, base_rate_bps=0, slope1_bps=400, slope2_bps=30000),
            ltv_bps=7000,
            liquidation_threshold_bps=7500,
            liquidation_bonus_bps=10800,
            reserve_factor_bps=1000,
        )
        for symbol, decimals, price in (("WETH", 18, 2000 * 10**8), ("USDC", 6, 10**8))
    ),
)


class FirstRelease(_Deployment):
    """The steps of a deployment that v3.0.2 takes otherwise."""

    def _deploy_pool(self) -> None:
        admin, provider = self.admin, self.provider_address
        self.provider.set_pool_impl(self._construct("PoolInstance", None, [provider]), sender=admin)
        self.provider.set_pool_configurator_impl(self._construct("PoolConfiguratorInstance", None, []), sender=admin)
        self.pool = self.provider.addresses[POOL]
        self.configurator = self.provider.addresses[POOL_CONFIGURATOR]
        self.stable_debt = self._construct("StableDebtToken", None, [self.pool])

    def _init_reserve(self, market: Market, symbol: str, asset: str, rate_data: object) -> None:
        reserve = next(reserve for reserve in self.config.reserves if reserve.symbol == symbol)
        rates = reserve.rates
        curve = (rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps, 0, 0, 0, 0, 2000)
        strategy = self._construct(
            "DefaultReserveInterestRateStrategy",
            self._derived(f"rates of {symbol}"),
            [self.provider_address, *(value * RAY_PER_BPS for value in curve)],
        )
        names = (f"a{symbol}", f"a{symbol}", f"debt{symbol}", f"debt{symbol}", f"stable{symbol}", f"stable{symbol}")
        tokens = (self.a_token_impl, self.stable_debt, self.debt_token_impl)
        listing = (*tokens, reserve.decimals, strategy, asset, self.treasury, ZERO_ADDRESS, *names, b"")
        market.configurator.init_reserves_with_strategies([listing], sender=self.admin)


def first_market() -> Market:
    """Deploy the market."""
    return FirstRelease(Chain(revision_named("3.0.2"), time=1_700_000_000), CONFIG).run()
