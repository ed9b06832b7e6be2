"""Appraisal: what a broken law is worth, at the indexes and prices of the moment after the step."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address

from ..law import Broken
from ..reference import RAY, ceil
from ..worth import BASE_DECIMALS, Unit, Worth
from .moment import Moment
from .position import NoPriceError
from .step import ReserveChange
from .views import ReserveView


def appraise(broken: Broken, subject: Any, moment: Moment) -> Worth | None:
    """Turn the difference of a broken law's figures into tokens and money.

    None where the figures are no amounts, or of an asset that is not listed.
    """
    difference, unit = broken.difference, broken.unit
    if difference is None or unit is None:
        return None
    if unit is Unit.BASE:
        base = ceil(difference, 1, broken.scale)
        return Worth("", base, BASE_DECIMALS, base)
    asset = broken.asset or _asset_of(subject)
    if asset not in moment.census.homes:
        return None
    view = moment.reserve(asset)
    times, parts = _in_wei(unit, view)
    decimals = view.bits(48, 8)
    amount = ceil(difference, times, parts * broken.scale)
    price = price_of(moment, asset)
    base_value = None if price is None else ceil(difference * price, times, parts * broken.scale * view.unit)
    return Worth(view.symbol, amount, decimals, base_value)


def price_of(moment: Moment, asset: Address) -> int | None:
    """Read an asset's price (8 decimals); None where it has none."""
    try:
        return moment.price(asset)
    except NoPriceError:
        return None


def _asset_of(subject: Any) -> Address:
    return subject.after.asset if isinstance(subject, ReserveChange) else ""


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
