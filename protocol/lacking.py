"""Refusal of what a configuration asks of a release that does not have it."""

from __future__ import annotations

from collections.abc import Iterator

from .contracts.a_token_with_delegation import ATokenWithDelegation
from .contracts.periphery.rewards.controller import RewardsController
from .logic.decisions import PlainDecisions
from .models import (
    RAY_PER_BPS,
    EModeConfig,
    MarketConfig,
    RateParameters,
    ReserveConfig,
    StableRateParameters,
)

ISOLATION_MODE = ("debt_ceiling", "siloed_borrowing", "borrowable_in_isolation")
STABLE_RATES = (
    *("stable_rates", "stable_borrowing_enabled", "stable_debt_token"),
    *("stable_debt_token_name", "stable_debt_token_symbol"),
)
SENTINEL = ("sentinel", "sequencer_oracle")
MAX_RATE_BPS = 100_000


def refuse_what_is_lacking(config: MarketConfig, release: PlainDecisions) -> None:
    """Raises ValueError, naming field, reserve or category, and release, for all that the release lacks."""
    found = complaints(config, release)
    if found:
        raise ValueError("; ".join(found))


def complaints(config: MarketConfig, release: PlainDecisions) -> list[str]:
    """Tell everything that a configuration asks for and a release lacks, a sentence each."""
    return list(_complaints(config, release))


def _complaints(config: MarketConfig, release: PlainDecisions) -> Iterator[str]:
    yield from _of_market(config, release)
    for reserve in config.reserves:
        yield from _of_reserve(reserve, release)
        yield from _of_rates(reserve, release)
    if release.stable_rates:
        yield from _of_shared_strategies(config, release)
    for category in config.e_modes:
        yield from _of_category(category, release)
    if release.e_modes_have_prices:
        yield from _of_members(config, release)


def _of_market(config: MarketConfig, release: PlainDecisions) -> Iterator[str]:
    given, lacks = config.addresses, f"which revision {release.name} lacks"
    if release.stable_rates and given.rate_strategy is not None:
        yield (
            f"addresses.rate_strategy: revision {release.name} has no strategy for all reserves, one for each; give "
            "each its rate_strategy"
        )
    if config.rewards and RewardsController.KIND not in release.contracts:
        yield f"rewards: revision {release.name} has no {RewardsController.KIND}"
    if not release.isolation_mode:
        for name in SENTINEL:
            if getattr(given, name) is not None:
                yield f"addresses.{name} is {getattr(given, name)}, {lacks}"
        if config.sentinel_grace_period is not None:
            yield f"sentinel_grace_period is {config.sentinel_grace_period}, {lacks}"
    share = config.flash_loan_premium_to_protocol_bps
    if not release.flash_premium_is_split and share not in (None, 10_000):
        yield (
            f"flash_loan_premium_to_protocol_bps is {share}, but in revision {release.name} all of the premium goes to "
            "the treasury (10000)"
        )


def _of_reserve(reserve: ReserveConfig, release: PlainDecisions) -> Iterator[str]:
    where, lacks = f"reserve {reserve.handle}", f"which revision {release.name} lacks"
    groups = (
        (ISOLATION_MODE, release.isolation_mode),
        (STABLE_RATES, release.stable_rates),
        (("rate_strategy",), release.strategies_per_reserve),
        (("pending_ltv_bps",), release.pending_ltv),
        (("grace_period_until",), release.grace_periods),
    )
    for fields, there in groups:
        for name in fields:
            value = getattr(reserve, name)
            if value and not there:
                yield f"{where}: {name} is {value}, {lacks}"
    if reserve.a_token_votes and ATokenWithDelegation.KIND not in release.contracts:
        yield f"{where}: a_token_votes is True, {lacks}"
    if reserve.virtual_accounting and not release.virtual_balances:
        yield f"{where}: virtual_accounting is True, {lacks}"
    if reserve.virtual_accounting is False and release.virtual_balances and not release.virtual_balance_optional:
        yield f"{where}: virtual_accounting is False, but every reserve of revision {release.name} has it"


def _of_rates(reserve: ReserveConfig, release: PlainDecisions) -> Iterator[str]:
    """The first strategies take any rates, in ray; the later ones whole basis points that rise."""
    where, rates = f"reserve {reserve.handle}", reserve.rates
    if release.stable_rates:
        return
    for name in _in_ray(rates):
        if rates.in_ray(name) % RAY_PER_BPS:
            yield (
                f"{where}: rates.{name}_ray is {rates.in_ray(name)}, but strategies of revision {release.name} have "
                "whole basis points"
            )
    if rates.slope1_bps > rates.slope2_bps:
        yield (
            f"{where}: rates.slope1_bps {rates.slope1_bps} is above slope2_bps {rates.slope2_bps}, which strategies of "
            f"revision {release.name} refuse"
        )
    highest = rates.base_rate_bps + rates.slope1_bps + rates.slope2_bps
    if highest > MAX_RATE_BPS:
        yield (
            f"{where}: rates.base_rate_bps + slope1_bps + slope2_bps is {highest}, but strategies of revision "
            f"{release.name} take at most {MAX_RATE_BPS} (1000% a year)"
        )


def _in_ray(rates: RateParameters | StableRateParameters) -> Iterator[str]:
    """The figures that are given in ray, by their names without a unit."""
    for name in type(rates).model_fields:
        if name.endswith("_ray") and getattr(rates, name) is not None:
            yield name.removesuffix("_ray")


def _of_shared_strategies(config: MarketConfig, release: PlainDecisions) -> Iterator[str]:
    """The first strategies know one curve each, so only reserves of the same rates can share one."""
    first_with: dict[str, ReserveConfig] = {}
    for reserve in config.reserves:
        if reserve.rate_strategy is None:
            continue
        first = first_with.setdefault(reserve.rate_strategy, reserve)
        if _curves(first) != _curves(reserve):
            yield (
                f"reserve {reserve.handle}: rate_strategy is {reserve.rate_strategy}, which is that of {first.handle} "
                f"too, but the rates differ; in revision {release.name} a strategy has one curve"
            )


def _curves(reserve: ReserveConfig) -> tuple[int, ...]:
    rates, stable = reserve.rates, reserve.stable_rates or StableRateParameters()
    return (
        *(rates.in_ray(name) for name in ("optimal_usage", "base_rate", "slope1", "slope2")),
        *(stable.in_ray(name) for name in ("slope1", "slope2", "base_offset", "excess_offset", "optimal_share")),
    )


def _of_category(category: EModeConfig, release: PlainDecisions) -> Iterator[str]:
    where, lacks = f"e-mode category {category.id}", f"which revision {release.name} lacks"
    if category.isolated and not release.isolated_e_modes:
        yield f"{where} is isolated, {lacks}"
    if category.ltv_zero and not release.ltv_zero_in_e_modes:
        yield f"{where}: ltv_zero names {', '.join(category.ltv_zero)}, {lacks}"
    if category.price_source is not None and not release.e_modes_have_prices:
        yield f"{where}: price_source is {category.price_source}, {lacks}"


def _of_members(config: MarketConfig, release: PlainDecisions) -> Iterator[str]:
    """An asset is in one category at most; there it can be borrowed, and is collateral if it is one elsewhere."""
    category_of: dict[str, int] = {}
    thresholds = {reserve.handle: reserve.liquidation_threshold_bps for reserve in config.reserves}
    for category in config.e_modes:
        where = f"e-mode category {category.id}"
        for key in dict.fromkeys((*category.collateral, *category.borrowable)):
            other = category_of.setdefault(key, category.id)
            if other != category.id:
                yield f"{where}: {key} is in category {other} too; in revision {release.name} an asset has only one"
            if key not in category.borrowable:
                yield f"{where}: borrowable lacks {key}; in revision {release.name} it holds all of a category"
            if key in category.collateral and not thresholds[key]:
                yield (
                    f"{where}: collateral names {key}, which has no liquidation_threshold_bps; revision "
                    f"{release.name} has no collateral in e-mode only"
                )
            if key not in category.collateral and thresholds[key]:
                yield f"{where}: collateral lacks {key}, which revision {release.name} takes as such in its category"
