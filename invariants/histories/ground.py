"""The hunting ground: the market on which mutants are hunted, and what it finds around it."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.models import EModeConfig, MarketConfig, RateParameters, ReserveConfig, StableRateParameters
from pooltwin.protocol.revisions import NEWEST, revision_named

from .action import Stage, capping
from .bridged_token import make_bridged
from .outfit import SPARES

CAPPED = "wstETH"
"""The asset whose price source caps a ratio."""
BRIDGED = "WBTC"
"""The token that stands for something locked elsewhere."""

_RATES = RateParameters(optimal_usage_bps=8_000, base_rate_bps=100, slope1_bps=400, slope2_bps=6_000)


_STABLE_RATES = StableRateParameters(
    slope1_bps=100, slope2_bps=6_000, base_offset_bps=100, excess_offset_bps=800, optimal_share_bps=2_000
)


def _asset(symbol: str, decimals: int, price: int, ltv: int, threshold: int, bonus: int, **more: Any) -> ReserveConfig:
    settings: dict[str, Any] = {"liquidation_protocol_fee_bps": 1_000, "reserve_factor_bps": 1_500, **more}
    return ReserveConfig(
        symbol=symbol,
        decimals=decimals,
        price=price,
        rates=_RATES,
        ltv_bps=ltv,
        liquidation_threshold_bps=threshold,
        liquidation_bonus_bps=bonus,
        **settings,
    )


def hunting_ground(revision: str = NEWEST.name) -> MarketConfig:
    """Configure a market where every rule matters: decimals, caps, categories, collateral that lends nothing."""
    release = revision_named(revision)
    one_each = release.e_modes_have_prices
    stable: dict[str, Any] = {}
    if release.stable_rates:
        stable = {"stable_rates": _STABLE_RATES, "stable_borrowing_enabled": True}
    return MarketConfig(
        name="hunting ground",
        revision=revision,
        flash_loan_premium_bps=9,
        reserves=(
            _asset("WETH", 18, 2_500 * 10**8, 8_000, 8_300, 10_500, supply_cap=8_000, borrow_cap=2_500, **stable),
            _asset("USDC", 6, 10**8, 7_500, 7_800, 10_450, reserve_factor_bps=1_000, **stable),
            _asset("wstETH", 18, 3_000 * 10**8, 0, 0, 0, reserve_factor_bps=3_500),
            _asset("DAI", 18, 10**8, 0, 7_000, 10_500, reserve_factor_bps=10_000, liquidation_protocol_fee_bps=0),
            _asset("WBTC", 8, 60_000 * 10**8, 7_300, 7_800, 10_650, liquidation_protocol_fee_bps=10_000),
        ),
        e_modes=(
            EModeConfig(
                id=1,
                label="ether",
                ltv_bps=9_300,
                liquidation_threshold_bps=9_500,
                liquidation_bonus_bps=10_100,
                collateral=("WETH",) if one_each else ("WETH", "wstETH"),
                borrowable=("WETH", "wstETH") if one_each else ("WETH", "wstETH", "USDC"),
            ),
            EModeConfig(
                id=2,
                label="dollars",
                ltv_bps=9_000,
                liquidation_threshold_bps=9_300,
                liquidation_bonus_bps=10_200,
                collateral=("USDC", "DAI"),
                borrowable=("USDC", "DAI"),
                ltv_zero=("DAI",) if release.ltv_zero_in_e_modes else (),
                isolated=release.isolated_e_modes,
            ),
        ),
    )


def furnish(stage: Stage, config: MarketConfig) -> None:
    """Put around the market what governance and prices need: tokens to list, a capped price, a bridged token."""
    _make_spares(stage)
    price = next(reserve.price for reserve in config.reserves if reserve.symbol == CAPPED)
    for action in capping(CAPPED, price):
        stage.perform(action)
    make_bridged(stage, BRIDGED)


def _make_spares(stage: Stage) -> None:
    """Deploy the tokens that governance may list."""
    for symbol in SPARES:
        where = stage.book[symbol] = named_address(symbol)
        construct("TestnetERC20", stage.chain, where, [symbol, symbol, 18, stage.market.admin])
