"""The report of a state: what was derived, and what each reserve adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..logic.terms import Revision
from .figures import Derived, Figures, ReserveFigures

UNCOVERED_PART = 1_000
"""Claims uncovered by less than this part are ordinary: until v3.6 some interest is credited twice."""


class ReserveTotals(NamedTuple):
    """Totals of a reserve's lenders and borrowers, at the indexes of its last update (token units)."""

    reserve: str
    decimals: int
    lenders: int
    supplied: int
    treasury: int
    """What the treasury has earned and has not been given yet."""
    borrowers: int
    borrowed: int
    stably_borrowed: int
    deficit: int
    unbacked: int
    underlying_balance: int

    @property
    def slack(self) -> int:
        """What is owed, held or missing by a deficit, less what can be claimed; below 0, not everybody can be paid."""
        owed = self.borrowed + self.stably_borrowed + self.deficit + self.unbacked
        return owed + self.underlying_balance - self.supplied - self.treasury


@dataclass(frozen=True)
class StateReport:
    """The report of a check: totals, and what was derived."""

    accounts: int
    totals: tuple[ReserveTotals, ...]
    derived: tuple[Derived, ...]

    @property
    def doubts(self) -> list[str]:
        """What no reserve should have come to, though it can be loaded: claims that nothing covers."""
        return [
            f"{totals.reserve}: {-totals.slack} more can be claimed than is owed, held or missing by a deficit"
            for totals in self.totals
            if -totals.slack > (totals.supplied + totals.treasury) // UNCOVERED_PART
        ]

    def of(self, reserve: str) -> ReserveTotals:
        """The totals of one reserve. Raises KeyError, naming the reserves there are."""
        for totals in self.totals:
            if totals.reserve == reserve:
                return totals
        raise KeyError(f"{reserve!r} is no reserve; reserves are {', '.join(totals.reserve for totals in self.totals)}")


def report_of(figures: Figures, release: Revision) -> StateReport:
    """Tell what a complete state adds up to."""
    totals = tuple(_totals(key, reserve, release) for key, reserve in figures.reserves.items())
    return StateReport(len(figures.accounts), totals, tuple(figures.derived))


def _totals(key: str, reserve: ReserveFigures, release: Revision) -> ReserveTotals:
    given = reserve.given
    return ReserveTotals(
        key,
        reserve.config.decimals,
        reserve.lenders,
        release.a_token_balance(reserve.scaled_supply, given.liquidity_index),
        release.a_token_balance(given.accrued_to_treasury, given.liquidity_index),
        reserve.borrowers,
        release.debt_balance(reserve.scaled_variable_debt, given.variable_borrow_index),
        reserve.stable_principal,
        given.deficit,
        given.unbacked,
        reserve.underlying_balance,
    )
