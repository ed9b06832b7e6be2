"""Faults in indexes, rates and the treasury's share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pooltwin.protocol.contracts import pool_administration
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.addresses_provider import POOL
from pooltwin.protocol.contracts.rate_strategy import RateStrategy
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.logic import pool as pool_logic
from pooltwin.protocol.logic import reserve
from pooltwin.protocol.market import START_TIME
from pooltwin.protocol.math.interest import compounded_interest, linear_interest
from pooltwin.protocol.math.percentage import percent_mul
from pooltwin.protocol.math.wad_ray import RAY, ray_div_ceil, ray_div_floor, ray_mul_ceil, ray_mul_floor

from ..mutant import Mutant, Patch, nothing

_update_indexes = reserve._update_indexes
_update_state = reserve.update_state
_rates_for = RateStrategy.rates_for

# --- indexes ----------------------------------------------------------------------------------------------------------


def _index_gated_on_liquidity_rate(pool: Any, stored: Any, cache: Any, now: int) -> None:
    if cache.liquidity_rate != 0:
        _update_indexes(pool, stored, cache, now)


def _debt_index_grows_without_debt(pool: Any, stored: Any, cache: Any, now: int) -> None:
    kept, cache.scaled_debt = cache.scaled_debt, 1
    _update_indexes(pool, stored, cache, now)
    cache.scaled_debt = kept


def _update_without_timestamp(pool: Any, stored: Any, cache: Any) -> None:
    """Bring everything to now, except the time of the last update."""
    before = stored.last_update_timestamp
    _update_state(pool, stored, cache)
    stored.last_update_timestamp = before


def _also_update_the_first(pool: Any, stored: Any, cache: Any) -> None:
    """Age the first reserve of the list without its interest whenever any is touched."""
    _update_state(pool, stored, cache)
    pool.reserves[pool.reserves_list[0]].last_update_timestamp = pool.chain.time


def _shrinking_income(rate_ray: int, elapsed_seconds: int) -> int:
    return 2 * RAY - linear_interest(rate_ray, elapsed_seconds)


INDEXES = (
    Mutant(
        "M30",
        "the debt index grows only when the liquidity rate is not zero",
        "FEI on Aave v2, 2022: reserve factor 100%",
        ("IDX-7",),
        (Patch(reserve, "_update_indexes", _index_gated_on_liquidity_rate),),
    ),
    Mutant(
        "M64",
        "the debt index grows without debt",
        "own: the gate on scaled debt left out",
        ("IDX-6",),
        (Patch(reserve, "_update_indexes", _debt_index_grows_without_debt),),
    ),
    Mutant(
        "M65",
        "the time of the update is not remembered: interest accrues again",
        "own",
        ("IDX-5", "IDX-13", "IDX-4"),
        (Patch(reserve, "update_state", _update_without_timestamp),),
    ),
    Mutant(
        "M66",
        "an update of any reserve marks the first one as updated",
        "own: two storage references mixed up",
        ("IDX-9", "IDX-5"),
        (Patch(reserve, "update_state", _also_update_the_first),),
    ),
    Mutant(
        "M67",
        "lenders' interest compounds within the period",
        "own: the two growth formulas exchanged",
        ("IDX-5", "IDX-10", "SOL-3"),
        (Patch(reserve, "linear_interest", compounded_interest),),
    ),
    Mutant(
        "M68",
        "borrowers' interest does not compound",
        "own: the two growth formulas exchanged",
        ("IDX-13", "IDX-3"),
        decisions={"compounded_interest": linear_interest},
    ),
    Mutant(
        "M69",
        "the liquidity index shrinks by the interest",
        "own: a sign",
        ("IDX-1", "IDX-5"),
        (Patch(reserve, "linear_interest", _shrinking_income),),
    ),
)

# --- rates ------------------------------------------------------------------------------------------------------------


def _rates_without_deficit(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    return _rates_for(strategy, asset, **{**figures, "unbacked": 0})


def _rates_without_reserve_factor(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    return _rates_for(strategy, asset, **{**figures, "reserve_factor": 0})


def _rates_with_deficit_for_borrowers(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    """Count bad debt as liquidity for the borrow rate too."""
    balance = figures["virtual_balance"] + figures["unbacked"]
    return _rates_for(strategy, asset, **{**figures, "virtual_balance": balance, "unbacked": 0})


def _rates_without_the_flow(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    """Compute the rates for the liquidity before the operation."""
    return _rates_for(strategy, asset, **{**figures, "added": 0, "taken": 0})


def _rates_without_base(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    income, rate = _rates_for(strategy, asset, **figures)
    return income, rate - strategy.models[asset].ray.base_variable_borrow_rate


def _rates_cliff(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    """Forget the first slope above the kink, so that the rate drops."""
    income, rate = _rates_for(strategy, asset, **figures)
    model = strategy.models[asset].ray
    above = rate > model.base_variable_borrow_rate + model.variable_rate_slope1
    return income, rate - model.variable_rate_slope1 if above else rate


def _income_without_debt(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    income, rate = _rates_for(strategy, asset, **figures)
    return (rate if figures["total_debt"] == 0 else income), rate


def _income_is_the_borrow_rate(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    _, rate = _rates_for(strategy, asset, **figures)
    return percent_mul(rate, 10_000 - figures["reserve_factor"]), rate


def _strategy_fails_for_the_first(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    """Fail from the second day on, as when governance replaced a strategy of a live market."""
    pool = strategy.chain.at(strategy.chain.at(strategy.provider).addresses[POOL])
    if asset == pool.reserves_list[0] and strategy.chain.time > START_TIME + 86_400:
        raise EmptyRevert("the strategy has no such function")
    return _rates_for(strategy, asset, **figures)


def _strategy(identifier: str, change: str, origin: str, expected: tuple[str, ...], faulty: Any) -> Mutant:
    return Mutant(identifier, change, origin, expected, (Patch(RateStrategy, "rates_for", faulty),))


RATES = (
    _strategy(
        "M27",
        "the deficit is left out of the supply usage",
        "v3.3 Certora M-01",
        ("RAT-8", "RAT-1", "RAT-2", "SOL-3"),
        _rates_without_deficit,
    ),
    _strategy(
        "M34",
        "the rate strategy reverts for one reserve",
        "Aave v2 Polygon, May 2023: a strategy of the wrong interface",
        ("SOL-10",),
        _strategy_fails_for_the_first,
    ),
    Mutant(
        "M33",
        "a change of reserve factor or rate parameters applies to the time before it",
        "Aave v3.1, section 4",
        ("RAT-10",),
        (Patch(pool_administration, "execute_sync_indexes", nothing),),
    ),
    _strategy(
        "M70",
        "the reserve factor is left out of the liquidity rate",
        "own",
        ("RAT-6", "RAT-2", "SOL-3"),
        _rates_without_reserve_factor,
    ),
    _strategy(
        "M71",
        "the deficit lowers the borrow rate too",
        "own: v3.3's two usages made one",
        ("RAT-8", "RAT-1"),
        _rates_with_deficit_for_borrowers,
    ),
    _strategy(
        "M72", "rates are set for the liquidity before the operation", "own", ("RAT-1",), _rates_without_the_flow
    ),
    _strategy("M73", "the base rate is forgotten", "own", ("RAT-3", "RAT-5"), _rates_without_base),
    _strategy("M74", "above the kink the first slope is forgotten", "own", ("RAT-4", "RAT-11"), _rates_cliff),
    _strategy("M75", "a reserve without debt pays its lenders", "own", ("RAT-5", "RAT-2"), _income_without_debt),
    _strategy(
        "M76",
        "lenders earn the borrow rate whatever the usage",
        "own",
        ("RAT-2", "SOL-3"),
        _income_is_the_borrow_rate,
    ),
)

# --- treasury ---------------------------------------------------------------------------------------------------------


def _accrue(mul_growth: Callable[[int, int], int], to_shares: Callable[[int, int], int], factor: int = 1) -> Any:
    """Accrue to the treasury with chosen roundings."""

    def faulty(stored: Any, cache: Any) -> None:
        growth = cache.next_variable_borrow_index - cache.variable_borrow_index
        share = percent_mul(mul_growth(cache.scaled_debt, growth), cache.reserve_factor) * factor
        stored.accrued_to_treasury += to_shares(share, cache.next_liquidity_index)

    return faulty


def _mint_through_amounts(token: AToken, scaled: int, index: int) -> None:
    """Convert shares to an amount and back, each rounded down: some shares are owed to nobody any more."""
    _mint_to_treasury(token, ray_div_floor(ray_mul_floor(scaled, index), index), index)


def _mint_and_keep_accrued(pool: Any, assets: Any) -> None:
    accrued = {asset: pool.reserves[asset].accrued_to_treasury for asset in assets}
    pool_logic.execute_mint_to_treasury(pool, assets)
    for asset, shares in accrued.items():
        pool.reserves[asset].accrued_to_treasury = shares


_mint_to_treasury = AToken.pool_mint_to_treasury

TREASURY = (
    Mutant(
        "M35",
        "the treasury's accrual is rounded up",
        "fixed in 98148ea1",
        ("RND-6", "DEF-9"),
        decisions={"accrue_to_treasury": _accrue(ray_mul_ceil, ray_div_ceil)},
    ),
    Mutant(
        "M36",
        "the treasury's shares are minted by way of an amount, rounded down twice",
        "v3.5 Certora L-01; fixed in 070cd23",
        ("DEF-7",),
        (Patch(AToken, "pool_mint_to_treasury", _mint_through_amounts),),
    ),
    Mutant(
        "M77",
        "the treasury takes its share of the interest twice",
        "v3.5 and v3.6 in same-asset liquidations; here always",
        ("DEF-8", "DEF-9", "SOL-3"),
        decisions={"accrue_to_treasury": _accrue(ray_mul_floor, ray_div_floor, factor=2)},
    ),
    Mutant(
        "M78",
        "minting to the treasury does not clear what was accrued",
        "own",
        ("DEF-7", "SOL-2"),
        decisions={"execute_mint_to_treasury": _mint_and_keep_accrued},
    ),
    Mutant(
        "M79",
        "the treasury accrues nothing",
        "own",
        ("DEF-8", "RND-6"),
        decisions={"accrue_to_treasury": nothing},
    ),
)

INTEREST = (*INDEXES, *RATES, *TREASURY)
