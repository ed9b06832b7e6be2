"""Doubts about units: figures that are possible, but look like another unit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .reserve import ReserveConfig

_QUIET: ContextVar[bool] = ContextVar("quiet about units", default=False)
_DOLLAR = 10**8


class UnitsWarning(UserWarning):
    """A figure of a market that looks as if it were in another unit. The market is taken as it says."""

    def __init__(self, reserve: str, field: str, doubt: str) -> None:
        self.reserve = reserve
        """The key of the reserve; empty for a field of the market."""
        self.field = field
        """The field."""
        self.doubt = doubt
        """What is doubtful, in words."""
        super().__init__(reserve, field, doubt)

    def __str__(self) -> str:
        where = f"reserve {self.reserve}: " if self.reserve else ""
        return f"{where}{self.field} {self.doubt}"


@contextmanager
def quiet_about_units() -> Iterator[None]:
    """Build markets without a word about units: for those that are odd on purpose."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def speak_of(doubts: list[UnitsWarning]) -> None:
    """Give these warnings, unless built quietly."""
    if not _QUIET.get():
        for doubt in doubts:
            warnings.warn(doubt, stacklevel=2)


def doubts_about_premium(premium_bps: int) -> Iterator[UnitsWarning]:
    """Is a flash-loan premium likelier meant in another unit?"""
    if premium_bps > 100:
        doubt = f"{premium_bps} is {_percent(premium_bps)}: it is in basis points, 0.05% is 5"
        yield UnitsWarning("", "flash_loan_premium_bps", doubt)


def doubts_about_reserve(reserve: ReserveConfig, unit: int) -> Iterator[UnitsWarning]:
    """The figures of a reserve that look as if they were in another unit, where `unit` is one of the base currency."""
    for field, doubt in (*_of_price(reserve, unit), *_of_shares(reserve), *_of_amounts(reserve, unit)):
        yield UnitsWarning(reserve.handle, field, doubt)


def _of_price(reserve: ReserveConfig, unit: int) -> Iterator[tuple[str, str]]:
    """No asset that is lent costs less than a cent or more than ten million dollars."""
    price = reserve.price
    if unit == _DOLLAR and not _DOLLAR // 100 <= price <= 10**7 * _DOLLAR:
        yield "price", f"{price} is {_dollars(price)} USD: prices have 8 decimals"


def _of_shares(reserve: ReserveConfig) -> Iterator[tuple[str, str]]:
    """Percents where basis points are meant."""
    fields = ("ltv_bps", "liquidation_threshold_bps", "liquidation_protocol_fee_bps", "reserve_factor_bps")
    shares = [(field, getattr(reserve, field)) for field in fields]
    for field, value in (*shares, ("rates.optimal_usage_bps", reserve.rates.optimal_usage_bps)):
        if 0 < value < 100:
            yield field, f"{value} is {_percent(value)}: it is in basis points, {value}% is {value * 100}"
    if reserve.liquidation_bonus_bps > 15_000:
        bonus = reserve.liquidation_bonus_bps
        yield "liquidation_bonus_bps", f"{bonus} is a bonus of {_percent(bonus - 10_000)}: 5% is 10500"


def _of_amounts(reserve: ReserveConfig, unit: int) -> Iterator[tuple[str, str]]:
    """Caps in token units, ceilings in dollars, durations where a time is meant."""
    for field in ("supply_cap", "borrow_cap"):
        worth = getattr(reserve, field) * reserve.price
        if unit == _DOLLAR and worth > 10**12 * _DOLLAR:
            yield field, f"{getattr(reserve, field)} is worth {_dollars(worth)} USD: caps are in whole tokens"
    if 0 < reserve.debt_ceiling < 100_000:
        yield (
            "debt_ceiling",
            f"{reserve.debt_ceiling} is {_dollars(reserve.debt_ceiling * 10**6)} USD: ceilings are in cents",
        )
    if 0 < reserve.grace_period_until < 10**9:
        yield "grace_period_until", f"{reserve.grace_period_until} is long past: it is a time in seconds since 1970"


def _percent(bps: int) -> str:
    whole, part = divmod(bps, 100)
    return f"{whole}.{part:02}".rstrip("0").rstrip(".") + "%"


def _dollars(price: int) -> str:
    whole, part = divmod(price, _DOLLAR)
    return f"{whole:,}" + f".{part:08}".rstrip("0").rstrip(".")
