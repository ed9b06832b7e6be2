"""Appraisal: what a broken law is worth, at the indexes and prices of the moment after the step."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address

from ..law import Broken
from ..reference import NO_DEBT_HEALTH, RAY, WAD, ceil
from ..worth import BASE_DECIMALS, Unit, Worth
from .moment import Moment
from .position import NoPriceError
from .step import ReserveChange, UserChange
from .views import ReserveView


def appraise(broken: Broken, subject: Any, moment: Moment) -> Worth | None:
    """Turn the difference of a broken law's figures into tokens and money.

    None where the figures are no amounts, or of an asset that is not listed.
    """
    difference, unit = broken.difference, broken.unit
    if difference is None or unit is None:
        return None
    of = broken.of or _address_of(subject)
    if unit is Unit.BASE:
        return _in_base(difference, 1, broken.scale)
    if unit is Unit.HEALTH:
        return _of_health(difference, moment, of)
    if of not in moment.census.homes:
        return None
    view = moment.reserve(of)
    times, parts = _in_wei(unit, view)
    amount = ceil(difference, times, parts * broken.scale)
    price = price_of(moment, of)
    base = None if price is None else ceil(difference * price, times, parts * broken.scale * view.unit)
    return Worth(view.symbol, amount, view.bits(48, 8), base)


def _in_base(figure: int, times: int, parts: int) -> Worth:
    base = ceil(figure, times, parts)
    return Worth("", base, BASE_DECIMALS, base)


def _of_health(difference: int, moment: Moment, user: Address) -> Worth | None:
    """Value a difference of health factors; None where one of them is endless or the user's assets have no price."""
    position = moment.position(user)
    if not user or difference > NO_DEBT_HEALTH // 2 or not position.priced:
        return None
    return _in_base(difference, position.sums.debt, WAD)


def price_of(moment: Moment, asset: Address) -> int | None:
    """Read an asset's price (8 decimals); None where it has none."""
    try:
        return moment.price(asset)
    except NoPriceError:
        return None


def _address_of(subject: Any) -> Address:
    """Tell which asset or user a subject is about, by address; empty for a step, a category and a probe."""
    if isinstance(subject, ReserveChange):
        return subject.after.asset
    return subject.after.user if isinstance(subject, UserChange) else ""


def _in_wei(unit: Unit, view: ReserveView) -> tuple[int, int]:
    """Give one unit in wei, as a fraction."""
    if unit is Unit.SHARES:
        return view.income, RAY
    if unit is Unit.DEBT_SHARES:
        return view.debt_index, RAY
    if unit is Unit.LIQUIDITY_INDEX:
        return view.scaled_supply + view.accrued, RAY
    if unit is Unit.DEBT_INDEX:
        return view.scaled_debt, RAY
    return 1, 1
