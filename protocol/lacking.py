"""Refusal of what a configuration asks of a release that does not have it."""

from __future__ import annotations

from collections.abc import Iterator

from .logic.decisions import PlainDecisions
from .models import EModeConfig, MarketConfig, ReserveConfig

ISOLATION_MODE = ("debt_ceiling", "siloed_borrowing", "borrowable_in_isolation")
STABLE_RATES = ("stable_rates", "stable_borrowing_enabled", "stable_debt_token", "rate_strategy")


def refuse_what_is_lacking(config: MarketConfig, release: PlainDecisions) -> None:
    """Raises ValueError, naming field, reserve or category, and release, for the first thing that the release lacks."""
    for complaint in _complaints(config, release):
        raise ValueError(complaint)


def complaints(config: MarketConfig, release: PlainDecisions) -> list[str]:
    """Tell everything that a configuration asks for and a release lacks, a sentence each."""
    return list(_complaints(config, release))


def _complaints(config: MarketConfig, release: PlainDecisions) -> Iterator[str]:
    if release.stable_rates and config.addresses.rate_strategy is not None:
        yield (
            f"addresses.rate_strategy: revision {release.name} has no strategy for all reserves, one for each; give "
            "each its rate_strategy"
        )
    for reserve in config.reserves:
        yield from _of_reserve(reserve, release)
    for category in config.e_modes:
        yield from _of_category(category, release)
    if release.e_modes_have_prices:
        yield from _of_members(config, release)


def _of_reserve(reserve: ReserveConfig, release: PlainDecisions) -> Iterator[str]:
    for fields, there in ((ISOLATION_MODE, release.isolation_mode), (STABLE_RATES, release.stable_rates)):
        for name in fields:
            value = getattr(reserve, name)
            if value and not there:
                yield f"reserve {reserve.symbol}: {name} is {value}, which revision {release.name} lacks"


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
    thresholds = {reserve.symbol: reserve.liquidation_threshold_bps for reserve in config.reserves}
    for category in config.e_modes:
        where = f"e-mode category {category.id}"
        for symbol in dict.fromkeys((*category.collateral, *category.borrowable)):
            other = category_of.setdefault(symbol, category.id)
            if other != category.id:
                yield f"{where}: {symbol} is in category {other} too; in revision {release.name} an asset has only one"
            if symbol not in category.borrowable:
                yield f"{where}: borrowable lacks {symbol}; in revision {release.name} it holds all of a category"
            if symbol in category.collateral and not thresholds[symbol]:
                yield (
                    f"{where}: collateral names {symbol}, which has no liquidation_threshold_bps; revision "
                    f"{release.name} has no collateral in e-mode only"
                )
            if symbol not in category.collateral and thresholds[symbol]:
                yield f"{where}: collateral lacks {symbol}, which revision {release.name} takes as such in its category"
