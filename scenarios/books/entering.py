"""Finds who may have to act: accounts of a book whose health factor may be below a limit at the prices of now.

A sieve in floats that lets nobody slip through: whoever is below is found, and a few who are just above. The twin then
says exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..units import BPS, RAY, WAD
from .book import Book
from .columns import Column, Indexes
from .figures import MarketFigures, ReserveFigures

_RELATIVE = 1e-9
"""Far more than a sum of a few hundred doubles is off by."""
_CATEGORIES = 256

Values = NDArray[np.float64]


def perhaps_below(book: Book, market: MarketFigures, health_factor: int = WAD) -> Indexes:
    """List accounts whose health factor may be below a limit (wad), by number.

    Every account below is in the list. Others in it are above by less than a billionth, or by what roundings of single
    units come to.
    """
    weighed, debt = np.zeros(book.accounts), np.zeros(book.accounts)
    slack = 0.0
    for key in book.reserves:
        reserve = market.reserves[key]
        supplies, debts = book.supplied(key), book.owed(key)
        if len(supplies):
            thresholds = np.array([market.threshold(key, number) for number in range(_CATEGORIES)]) / BPS
            if market.from_average:
                thresholds = np.maximum(thresholds - 1 / BPS, 0)  # as far down as a cut average can be
            share = thresholds[book.e_modes[supplies.accounts]] * book.collateral[key]
            weighed[supplies.accounts] += _worth(supplies, reserve, reserve.income_index) * share
        if len(debts):
            debt[debts.accounts] += _worth(debts, reserve, reserve.debt_index)
        slack += 2 * (reserve.price / reserve.unit + 1)
    limit = health_factor / WAD
    found = (debt > 0) & (weighed <= debt * limit * (1 + _RELATIVE) + slack * (1 + limit))
    return np.flatnonzero(found).astype(np.int64)


def _worth(column: Column, reserve: ReserveFigures, index: int) -> Values:
    """What shares are worth, in base currency, about."""
    shares = column.low.astype(np.float64) + column.high.astype(np.float64) * 2.0**64
    return np.asarray(shares * (index / RAY * reserve.price / reserve.unit))
