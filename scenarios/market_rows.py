"""A market as rows for people and spreadsheets: a reserve or an e-mode category each, read from what is deployed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from pooltwin.invariants.reading.census import Census
from pooltwin.invariants.reading.moment import Moment
from pooltwin.invariants.reading.position import NoPriceError
from pooltwin.invariants.reading.views import ReserveView
from pooltwin.protocol.market import Market
from pooltwin.protocol.state import bitmaps

from .units import BPS, PRICE_UNIT, RAY, from_units

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReserveRow:
    """One reserve. Shares and rates in percent, rates a year, caps and amounts in tokens, prices in dollars."""

    reserve: str
    symbol: str
    price_usd: Decimal | None
    ltv_percent: Decimal
    liquidation_threshold_percent: Decimal
    liquidation_bonus_percent: Decimal
    liquidation_protocol_fee_percent: Decimal
    reserve_factor_percent: Decimal
    supply_cap: int
    """In whole tokens; 0 for none."""
    borrow_cap: int
    optimal_usage_percent: Decimal
    base_rate_percent: Decimal
    slope1_percent: Decimal
    slope2_percent: Decimal
    supply_rate_percent: Decimal
    """What lenders get as it stands."""
    borrow_rate_percent: Decimal
    flags: str
    supplied: Decimal
    borrowed: Decimal
    """At variable rates."""
    available: Decimal
    utilisation_percent: Decimal
    deficit: Decimal
    decimals: int
    underlying: str
    a_token: str
    variable_debt_token: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One e-mode category. Shares in percent; reserves by name, with spaces between."""

    id: int
    label: str
    ltv_percent: Decimal
    liquidation_threshold_percent: Decimal
    liquidation_bonus_percent: Decimal
    collateral: str
    borrowable: str
    ltv_zero: str
    isolated: bool


def columns_of(row: type[ReserveRow] | type[CategoryRow]) -> list[str]:
    """The names of a kind of row's columns, in order."""
    return [column.name for column in fields(row)]


def rows_of(market: Market) -> tuple[list[ReserveRow], list[CategoryRow]]:
    """Read a market's reserves and e-mode categories as they are now."""
    now = Moment(Census(market), {}, market.chain.time)
    reserves = {name: now.reserve(asset) for name, asset in market.assets.items()}
    return (
        [_reserve_row(market, name, view, now) for name, view in reserves.items()],
        [_category_row(market, number, reserves, now) for number in _categories(market)],
    )


def _reserve_row(market: Market, name: str, view: ReserveView, now: Moment) -> ReserveRow:
    record: Any = market.pool.reserves[view.asset]
    decimals = bitmaps.decimals(view.configuration)
    used = view.debt + view.virtual
    rates = _rates(market, view.asset)
    return ReserveRow(
        reserve=name,
        symbol=market.chain.at(view.asset).symbol(),
        price_usd=_price(view, now),
        ltv_percent=_of_bps(view.ltv),
        liquidation_threshold_percent=_of_bps(view.threshold),
        liquidation_bonus_percent=_of_bps(max(0, view.bonus - BPS)),
        liquidation_protocol_fee_percent=_of_bps(view.protocol_fee),
        reserve_factor_percent=_of_bps(view.reserve_factor),
        supply_cap=view.supply_cap,
        borrow_cap=view.borrow_cap,
        optimal_usage_percent=rates[0],
        base_rate_percent=rates[1],
        slope1_percent=rates[2],
        slope2_percent=rates[3],
        supply_rate_percent=_of_ray(view.liquidity_rate),
        borrow_rate_percent=_of_ray(view.borrow_rate),
        flags=", ".join(_flags(view, now.time)),
        supplied=from_units(view.supply, decimals),
        borrowed=from_units(view.debt, decimals),
        available=from_units(view.virtual, decimals),
        utilisation_percent=round(Decimal(view.debt * 100) / used, 2) if used else ZERO,
        deficit=from_units(view.deficit, decimals),
        decimals=decimals,
        underlying=view.asset,
        a_token=record.a_token,
        variable_debt_token=record.variable_debt_token,
    )


def _price(view: ReserveView, now: Moment) -> Decimal | None:
    try:
        return Decimal(now.price(view.asset)) / PRICE_UNIT
    except NoPriceError:
        return None


def _rates(market: Market, asset: str) -> list[Decimal]:
    """Read kink, base and slopes from a strategy of any release, in percent."""
    pool = market.pool
    strategy: Any = market.chain.at(pool.strategy_of(pool.reserves[asset]))
    names = ("optimal_usage_ratio", "base_variable_borrow_rate", "variable_rate_slope1", "variable_rate_slope2")
    model = strategy.models[asset].ray if hasattr(strategy, "models") else strategy
    return [_of_ray(getattr(model, name)) for name in names]


def _flags(view: ReserveView, time: int) -> list[str]:
    """Say what is not as usual with a reserve."""
    word = view.configuration
    told = {
        "inactive": not view.active,
        "frozen": view.frozen,
        "paused": view.paused,
        "not borrowable": not view.borrowing,
        "no flash loans": not view.flash_loans,
        "siloed": bitmaps.is_siloed(word),
        "borrowable in isolation": bitmaps.is_borrowable_in_isolation(word),
        f"isolated to {view.debt_ceiling // 100:,} USD": view.debt_ceiling > 0,
        "in a grace period": view.grace_until > time,
    }
    return [flag for flag, is_so in told.items() if is_so]


def _categories(market: Market) -> list[int]:
    return sorted(number for number, record in market.pool.e_modes.items() if record.liquidation_threshold)


def _category_row(market: Market, number: int, reserves: dict[str, ReserveView], now: Moment) -> CategoryRow:
    category = now.category(number)

    def named(bitmap: int) -> str:
        return " ".join(name for name, view in reserves.items() if bitmap >> view.id & 1)

    return CategoryRow(
        id=number,
        label=market.pool.e_modes[number].label,
        ltv_percent=_of_bps(category.ltv),
        liquidation_threshold_percent=_of_bps(category.threshold),
        liquidation_bonus_percent=_of_bps(max(0, category.bonus - BPS)),
        collateral=named(category.collateral_bitmap),
        borrowable=named(category.borrowable_bitmap),
        ltv_zero=named(category.ltvzero_bitmap),
        isolated=category.isolated,
    )


def _of_bps(bps: int) -> Decimal:
    return Decimal(bps) / 100


def _of_ray(ray: int) -> Decimal:
    """A rate in percent, to two places more than a basis point."""
    return round(Decimal(ray) * 100 / RAY, 4)
