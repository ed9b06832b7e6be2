"""The result of a scenario's run: its record, and the figures that verdict, tables and files are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..engine.laws import LawsFound
from ..engine.record import Liquidation, Record, ReserveState, Row
from ..units import WAD
from .scenario import Scenario


@dataclass(frozen=True)
class Tightest:
    """The reserve and the moment at which least of what lenders were owed could be withdrawn."""

    asset: str
    time: int
    withdrawable: int
    owed: int

    @property
    def share_wad(self) -> int:
        """The part that could be withdrawn."""
        return self.withdrawable * WAD // self.owed


@dataclass(frozen=True)
class ScenarioResult:
    """Everything that came of a run."""

    scenario: Scenario
    revision: str
    market: str
    decimals: Mapping[str, int]
    """By key of the reserve."""
    entries: Mapping[str, int]
    """By name of an agent, the place of its entry in the file."""
    left_out: tuple[str, ...]
    """What of the market is not there."""
    assumes: tuple[str, ...]
    """What agents say that they take for granted."""
    record: Record
    laws: LawsFound
    state_digest: str

    @property
    def first(self) -> Row:
        """The measurements of the first block."""
        return self.record.rows[0]

    @property
    def last(self) -> Row:
        """The measurements of the last block."""
        return self.record.rows[-1]

    @property
    def lenders_lost(self) -> bool:
        """Have lenders lost anything since the start?"""
        return self.last.lenders_loss_base > 0

    @property
    def new_deficits(self) -> dict[str, int]:
        """The bad debt that was written off since the start and that nobody paid in, by asset."""
        first, last = self.first.reserves, self.last.reserves
        return {
            asset: state.deficit - first[asset].deficit
            for asset, state in last.items()
            if state.deficit > first[asset].deficit
        }

    @property
    def worst_at_print(self) -> Row:
        """The row with the most uncovered debt before anyone acted, then the most accounts that could be liquidated."""
        return max(self.record.rows, key=lambda row: (row.uncovered_at_print_base, row.liquidatable_at_print))

    @property
    def tightest(self) -> Tightest | None:
        """The tightest moment of all reserves; None where nobody ever supplied anything."""
        found: Tightest | None = None
        for row in self.record.rows:
            for asset, state in row.reserves.items():
                if state.owed_to_lenders:
                    here = Tightest(asset, row.time, state.withdrawable, state.owed_to_lenders)
                    if found is None or _share(here) < _share(found):
                        found = here
        return found

    def lowest_share(self, asset: str) -> int | None:
        """Tell the least part (wad) of what lenders were owed that could be withdrawn; None where there were none."""
        states = [row.reserves[asset] for row in self.record.rows]
        return min((_withdrawable_wad(state) for state in states if state.owed_to_lenders), default=None)

    @property
    def liquidations(self) -> list[Liquidation]:
        """All liquidations."""
        return self.record.liquidations

    def digest(self) -> str:
        """Hash the record (SHA-256)."""
        return self.record.digest()


def _share(tightest: Tightest) -> Fraction:
    return Fraction(tightest.withdrawable, tightest.owed)


def _withdrawable_wad(state: ReserveState) -> int:
    return state.withdrawable * WAD // state.owed_to_lenders
