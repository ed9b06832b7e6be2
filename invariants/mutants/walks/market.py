"""The market on which mutants are hunted, and what its governance may do to it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.models import EModeConfig, MarketConfig, RateParameters, ReserveConfig

from ...histories.action import Stage, capping
from ...histories.bridged_token import make_bridged

if TYPE_CHECKING:
    from .walk import Walk

SPARES = ("SPARE1", "SPARE2")
"""Tokens that governance may list."""
CAPPED = "wstETH"
"""The asset whose price source caps a ratio."""
BRIDGED = "WBTC"
"""The token that stands for something locked elsewhere."""

Change = tuple[str, tuple[Any, ...], tuple[Any, ...] | None]


def governance(walk: Walk, symbol: str, category: int) -> tuple[Change, ...]:
    """Function, arguments, and the arguments that take the change back, if it should be."""
    rng, config = walk.rng, walk.reserve(symbol).configuration
    factor, supply_cap, borrow_cap = config >> 64 & 0xFFFF, config >> 116 & 0xFFFFFFFFF, config >> 80 & 0xFFFFFFFFF
    threshold, bonus = config >> 16 & 0xFFFF, config >> 32 & 0xFFFF
    grace = rng.choice((0, 1, 3_600, 14_400, 14_401))
    e_mode = walk.pool.e_modes[category]
    return (
        ("setReserveFactor", (symbol, rng.choice((0, 1_000, 5_000, 10_000, factor))), None),
        ("setReserveFreeze", (symbol, True), (symbol, False)),
        ("setReservePause", (symbol, True, 0), (symbol, False, grace)),
        ("setSupplyCap", (symbol, rng.choice((1, 1_000, 5_000))), (symbol, supply_cap)),
        ("setBorrowCap", (symbol, rng.choice((1, 100, 1_000))), (symbol, borrow_cap)),
        ("setLiquidationProtocolFee", (symbol, rng.choice((0, 1, 1_000, 10_000))), None),
        ("setReserveLtvzero", (symbol, True), (symbol, False)),
        ("setAssetLtvzeroInEMode", (symbol, category, True), (symbol, category, False)),
        ("setAssetBorrowableInEMode", (symbol, category, rng.random() < 0.6), (symbol, category, True)),
        ("setAssetCollateralInEMode", (symbol, category, rng.random() < 0.6), (symbol, category, True)),
        ("setReserveBorrowing", (symbol, False), (symbol, True)),
        ("updateFlashloanPremium", (rng.choice((0, 1, 9, 100)),), None),
        ("setEModeCategoryIsolated", (category, True), (category, False)),
        ("setReserveFlashLoaning", (symbol, False), (symbol, True)),
        ("configureReserveAsCollateral", (symbol, threshold // 2, threshold, bonus), None),
        ("configureReserveAsCollateral", (symbol, threshold, threshold, min(65_535, 2 * bonus)), None),
        ("setReserveInterestRateData", (symbol, rate_data(rng)), None),
        (
            "setEModeCategory",
            (category, e_mode.ltv, e_mode.liquidation_threshold, rng.choice((10_050, 10_200, 11_500)), "", False),
            None,
        ),
    )


def rate_data(rng: Random) -> bytes:
    """ABI-encoded rate parameters the strategy accepts."""
    values = (rng.choice((4_500, 8_000, 9_000)), rng.choice((0, 100)), rng.choice((0, 400)), rng.choice((400, 6_000)))
    return b"".join(value.to_bytes(32, "big") for value in values)


_RATES = RateParameters(optimal_usage_bps=8_000, base_rate_bps=100, slope1_bps=400, slope2_bps=6_000)


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


def hunting_ground(revision: str = "3.7") -> MarketConfig:
    """A market in which every rule matters to somebody: decimals, caps, categories, collateral that lends nothing."""
    return MarketConfig(
        name="hunting ground",
        revision=revision,
        flash_loan_premium_bps=9,
        reserves=(
            _asset("WETH", 18, 2_500 * 10**8, 8_000, 8_300, 10_500, supply_cap=8_000, borrow_cap=2_500),
            _asset("USDC", 6, 10**8, 7_500, 7_800, 10_450, reserve_factor_bps=1_000),
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
                collateral=("WETH", "wstETH"),
                borrowable=("WETH", "wstETH", "USDC"),
            ),
            EModeConfig(
                id=2,
                label="dollars",
                ltv_bps=9_000,
                liquidation_threshold_bps=9_300,
                liquidation_bonus_bps=10_200,
                collateral=("USDC", "DAI"),
                borrowable=("USDC", "DAI"),
                ltv_zero=("DAI",) if revision in ("3.6", "3.7") else (),
                isolated=revision == "3.7",
            ),
        ),
    )


def furnish(stage: Stage, config: MarketConfig) -> None:
    """What the market finds around it: tokens to list, a capped price, a bridged token."""
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
