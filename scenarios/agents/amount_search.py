"""Search of the amount that a liquidator repays: where the last unit brings at the venue just what it costs.

The pool's rules cut the amounts into pieces. Small ones up to the close factor leave a part of debt and collateral, as
much of both as the dust rule wants. Between them and the largest lies a gap where too little would be left. The
largest clear the debt or all of the collateral. A venue whose proceeds are concave makes the profit on the first
piece concave but for the rounding of the pool; the few amounts beyond are looked at one by one.

Because of the rounding the highest profit is bracketed: a concave function that lies above all profits has its crest
where no rounding would put it, and only amounts at which it is above the best profit found can be better. `slack` says
by how much at most: by some smallest units of either asset. Where that is worth looking for, up to `LOOKED_AT` such
amounts are tried one by one, and then the amount is the best there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from .concave import crest, first, reach
from .liquidation_terms import LiquidationTerms, Seizure

LOOKED_AT = 512
"""How many amounts are tried one by one to be sure of the very best."""
WORTH_LOOKING_FOR = Fraction(1, 10**6)
"""Dollars that a better amount could bring for which it is worth looking."""


@dataclass(frozen=True)
class Cost:
    """The cost of an amount of the debt's asset: in dollars, the flash loan's premium included."""

    of: Callable[[int], Fraction]
    """Dollars that an amount costs."""
    rate: Fraction
    """Dollars a unit, before any rounding."""
    rounding: Fraction = Fraction(0)
    """Dollars by which an amount can be cheaper than `rate` says."""


class Limits(NamedTuple):
    """The most that can be paid and taken, in the smallest units; None for no limit but the pool's own."""

    repaid: int | None = None
    received: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True)
class BestAmount:
    """The amount that a liquidator repays, and what comes of it."""

    seizure: Seizure
    is_all: bool
    """Is it as much as the pool allows? Then a call asks for everything, so that no unit is left."""
    profit: Fraction
    """Dollars: what the venue pays less what the amount costs."""
    slack: Fraction
    """Dollars by which another amount could be better; zero where all that could be were tried."""


def best_amount(
    terms: LiquidationTerms,
    proceeds: Callable[[int], Fraction],
    cost: Cost,
    limits: Limits = NO_LIMITS,
    *,
    rather_all: bool = True,
    looked_at: int = LOOKED_AT,
    worth_looking_for: Fraction = WORTH_LOOKING_FOR,
) -> BestAmount | None:
    """Search for the most profitable amount; None where the pool and the limits allow none. The profit may be negative.

    With `rather_all` it is as much as the pool allows wherever another amount is better by nothing but rounding, as
    bots ask for everything so as to leave no rest.

    `proceeds` are dollars for an amount of the collateral: never falling, and concave.
    """
    search = _Search(terms, proceeds, cost, limits, (looked_at, worth_looking_for))
    return search.rather_all(search.best()) if rather_all else search.best()


class _Search:
    def __init__(
        self,
        terms: LiquidationTerms,
        proceeds: Callable[[int], Fraction],
        cost: Cost,
        limits: Limits,
        effort: tuple[int, Fraction],
    ) -> None:
        self.terms, self.cost = terms, cost
        self.looked_at, self.worth_looking_for = effort
        self.proceeds = cache(proceeds)
        self.most_repaid = terms.owed if limits.repaid is None else limits.repaid
        self.most_received = terms.held if limits.received is None else limits.received
        self.found: BestAmount | None = None

    def best(self) -> BestAmount | None:
        """Look at the largest amounts one by one, then at all smaller ones."""
        closable = self.terms.closable
        if closable <= 0:
            return None
        clearing = first(1, closable, self.terms.clears_collateral)
        for amount in (closable, min(clearing, closable)):
            self._try(amount)
        end = min(clearing, closable, self.terms.owed) - 1
        if clearing > closable and closable < self.terms.owed:
            end = closable
        self._search_piece(first(1, end, self._goes_too_far) - 1)
        return self.found

    def rather_all(self, found: BestAmount | None) -> BestAmount | None:
        """Take all in place of what was found, if that costs less than the rounding of the pool can bring."""
        if found is None or found.is_all:
            return found
        seized = self.terms.seizure(self.terms.closable)
        if seized is None or not self._is_within(seized):
            return found
        profit, luck = self._profit(seized), self.terms.rounding * self.cost.rate / self.terms.rate
        if profit + luck < found.profit:
            return found
        return BestAmount(seized, True, profit, found.slack + found.profit - profit)

    def _goes_too_far(self, amount: int) -> bool:
        seized = self.terms.seizure(amount)
        return seized is None or not self._is_within(seized)

    def _is_within(self, seized: Seizure) -> bool:
        return seized.repaid <= self.most_repaid and seized.received <= self.most_received

    def _try(self, amount: int) -> None:
        """Remember the amount if it is allowed and better than what was found, or as good for less money."""
        seized = self.terms.seizure(amount)
        if seized is None or seized.repaid <= 0 or not self._is_within(seized):
            return
        profit = self._profit(seized)
        if self.found is None or (profit, -seized.repaid) > (self.found.profit, -self.found.seizure.repaid):
            self.found = BestAmount(seized, amount >= self.terms.closable, profit, Fraction(0))

    def _profit(self, seized: Seizure) -> Fraction:
        return self.proceeds(seized.received) - self.cost.of(seized.repaid)

    def _search_piece(self, end: int) -> None:
        """Search from 1 to `end`, all of which the pool allows and which all leave something."""
        if end < 1:
            return
        above = cache(self._above)
        top = crest(1, end, above)
        if self.found is not None and above(top) < self.found.profit:
            return
        self._try(end)
        self._try(top)
        self._try(self._first_to_bring(self._received(top), 1, top))
        if self.found is None or above(top) < self.found.profit:
            return
        for amount in self._candidates(end, top, above):
            self._try(amount)

    def _candidates(self, end: int, top: int, above: Callable[[int], Fraction]) -> Iterable[int]:
        """Amounts of which one is better, if any is; none, and the slack noted, where it is not worth looking."""
        found = self.found
        if found is None:
            return ()
        slack = above(top) - found.profit
        if slack > self.worth_looking_for:
            few = self._few(*reach(1, end, top, above, found.profit))
            if few is not None:
                return few
        self.found = BestAmount(found.seizure, found.is_all, found.profit, slack)
        return ()

    def _above(self, amount: int) -> Fraction:
        """Dollars that the profit of an amount cannot exceed: concave, because it knows no rounding."""
        received = self.terms.rate * amount + self.terms.rounding
        whole = received.numerator // received.denominator
        low = self.proceeds(whole)
        between = (received - whole) * (self.proceeds(whole + 1) - low)
        return low + between - self.cost.rate * amount + self.cost.rounding

    def _received(self, amount: int) -> int:
        return self.terms.uncut(amount).received

    def _few(self, low: int, high: int) -> Iterable[int] | None:
        """Amounts of a range of which one is the best; None where they are too many to be tried."""
        if high - low < self.looked_at:
            return range(low, high + 1)
        least, most = self._received(low), self._received(high)
        if most - least >= self.looked_at:
            return None
        return [low, *(self._first_to_bring(wanted, low, high) for wanted in range(least + 1, most + 1))]

    def _first_to_bring(self, received: int, low: int, high: int) -> int:
        """Find the least amount of a range that brings so much."""
        return first(low, high, lambda amount: self._received(amount) >= received)
