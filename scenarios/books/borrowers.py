"""Borrowers of one class: who owes what, how much of it their collateral bears, and what collateral they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..units import BPS
from .columns import Indexes
from .config import BorrowerClass
from .dealing import SECOND_PART, dealt_by_value
from .errors import BookError
from .figures import MarketFigures
from .integers import below, telescoped, words
from .loans import FINE, WHOLE, levels, repaired

_SINGLE_DEBTS = 200
"""The largest accounts of a class owe one asset each, so that no second debt of theirs outgrows a reserve's total."""

Shares = dict[str, tuple[Indexes, list[int]]]
"""By key of the reserve, places of accounts in the class and what they have (shares)."""


@dataclass
class Borrowers:
    """One class on its way into the book. Accounts are places from 0, by falling size."""

    group: BorrowerClass
    accounts: Indexes
    """Their numbers in the book."""
    weights: Indexes
    """What they owe beside each other."""
    first_debts: Indexes
    """The reserve that each owes to, as a place in `assets`."""
    assets: tuple[str, ...]
    """Reserves with a debt of this class."""
    seed: int
    values: Indexes = field(init=False)
    """What each owes, in base currency."""
    debts: Shares = field(default_factory=dict)
    supplies: Shares = field(default_factory=dict)

    def owe(self, totals: Mapping[str, int], market: MarketFigures) -> None:
        """Spread the class's part of each reserve's debt (shares) over its accounts."""
        self.values = np.zeros(len(self.accounts), np.int64)
        seconds = self._second_debts()
        for number, symbol in enumerate(self.assets):
            weights = np.where(self.first_debts == number, self.weights, 0)
            weights = np.where((seconds >= 0) & (self.first_debts == number), weights - weights // SECOND_PART, weights)
            weights = np.where(seconds == number, self.weights // SECOND_PART, weights)
            places = np.flatnonzero(weights)
            if not len(places):
                raise BookError(
                    f"{symbol}: {self.group.name!r} shall owe a part of it, but has too few accounts "
                    f"({len(self.accounts)}) for {len(self.assets)} debts"
                )
            shares = telescoped(totals[symbol], weights[places].tolist())
            reserve = market.reserve(symbol, self.group.name)
            self.values[places] += np.array([reserve.debt_value(amount) for amount in shares], dtype=np.int64)
            self.debts[symbol] = places, shares

    def _second_debts(self) -> Indexes:
        """The second reserve that an account owes to; -1 for none."""
        count = len(self.accounts)
        seconds = np.full(count, -1, np.int64)
        if len(self.assets) > 1 and self.group.two_debts_bps:
            label = f"{self.group.name}/second debt"
            chosen = below(self.seed, label, count, BPS) < self.group.two_debts_bps
            chosen[:_SINGLE_DEBTS] = False
            seconds = np.where(chosen, _others(self.seed, label, self.first_debts, len(self.assets)), seconds)
        return seconds

    def pledge(self, market: MarketFigures, least_health_bps: int) -> dict[str, int]:
        """Choose levels and collateral; returns what collateral the class needs in each reserve (base currency).

        Raises BookError, naming class and reserve, where the collateral of an account cannot bear what it owes and
        nobody near could swap.
        """
        group, count = self.group, len(self.accounts)
        assets = tuple(symbol for symbol, part in group.collateral.items() if part)
        given = levels(group.ltv_bps, count, self.seed, f"{group.name}/level")
        first, second = self._collateral(assets, _needed(self.values, given))
        thresholds = np.array([market.threshold(symbol, group.e_mode) for symbol in assets], dtype=np.int64)
        average = thresholds[first] * SECOND_PART
        average += np.where(second >= 0, thresholds[second] - thresholds[first], 0)
        limits = average * (FINE * BPS) // (SECOND_PART * least_health_bps)
        kept, above = repaired(given, limits)
        if above:
            worst = int(np.argmax(kept - limits))
            raise BookError(
                f"{assets[int(first[worst])]}: {above} of {count} accounts of {group.name!r} owe more than this "
                f"collateral bears, and nobody near in rank could swap: a loan-to-value of "
                f"{int(kept[worst]) // FINE} bps is above {int(limits[worst]) // FINE} bps"
            )
        needed = _needed(self.values, kept)
        return {symbol: self._pledged(number, symbol, first, second, needed) for number, symbol in enumerate(assets)}

    def _collateral(self, assets: tuple[str, ...], needed: Indexes) -> tuple[Indexes, Indexes]:
        """The first and the second collateral of each account, as places in `assets`; -1 for no second."""
        group, count = self.group, len(self.accounts)
        order = np.argsort(-needed, kind="stable")
        draws = (words(self.seed, f"{group.name}/collateral", count) >> np.uint64(32)).astype(np.int64)
        two = below(self.seed, f"{group.name}/second collateral", count, BPS) < group.two_collaterals_bps
        first, second = np.empty(count, np.int64), np.empty(count, np.int64)
        parts = [group.collateral[symbol] for symbol in assets]
        first[order], second[order] = dealt_by_value(needed[order], parts, draws, two[order])
        return first, second

    def _pledged(self, number: int, symbol: str, first: Indexes, second: Indexes, needed: Indexes) -> int:
        """Note who has a collateral, with its worth in place of its shares; returns the worth of all."""
        worth = np.where(first == number, needed, 0)
        worth = np.where((second >= 0) & (first == number), worth - worth // SECOND_PART, worth)
        worth = np.where(second == number, needed // SECOND_PART + 1, worth)
        places = np.flatnonzero(worth)
        self.supplies[symbol] = places, worth[places].tolist()
        return int(worth.sum())

    def supply(self, market: MarketFigures) -> dict[str, int]:
        """Turn the worth of collateral into shares; returns the shares that the class has in each reserve."""
        totals = {}
        for symbol, (places, worth) in self.supplies.items():
            totals[symbol] = market.reserve(symbol, self.group.name).supply_shares(sum(worth)) if worth else 0
            self.supplies[symbol] = places, telescoped(totals[symbol], worth)
        return totals


def _needed(values: Indexes, given: Indexes) -> Indexes:
    """The collateral (base currency) for debts at loans-to-value, rounded up."""
    whole, rest = values // given, values % given
    return np.asarray(whole * WHOLE + -(-rest * WHOLE // given), dtype=np.int64)


def _others(seed: int, label: str, first: Indexes, count: int) -> Indexes:
    """Draw another one of `count` than the first."""
    drawn = below(seed, f"{label}/which", len(first), count - 1)
    return np.where(drawn >= first, drawn + 1, drawn)
