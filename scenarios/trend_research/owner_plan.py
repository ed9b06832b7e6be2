"""Plan of the owner: what each wallet holds and owes at any moment, so that the reported figures are met.

The collateral is split by constant shares. At a milestone one wallet gets the highest reported trigger, one the lowest,
and the common middle of the others is solved from the reported total debt. Between milestones everything moves on
straight lines; after the last reported debt, the book keeps one trigger until it is closed.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..units import BPS, WAD, timestamp
from .parameters import ReplayParameters, WalletPlan
from .timeline import Milestone, Timeline


class Target(NamedTuple):
    """Target of a wallet: what it should hold (wei of WETH) and owe (dollars, exact)."""

    weth: int
    debt_usd: Fraction


class OwnerPlan:
    """The target of every wallet at any moment. Exact fractions; only the collateral is rounded down to wei."""

    def __init__(self, timeline: Timeline, parameters: ReplayParameters) -> None:
        self.timeline = timeline
        self.parameters = parameters
        self.threshold = Fraction(timeline.liquidation_threshold_bps, BPS)
        self.times = [timestamp(milestone.time) for milestone in timeline.milestones]
        self.points = [self._at_milestone(milestone) for milestone in timeline.milestones]

    def target(self, wallet: int, time: int) -> Target:
        """Give the target of wallet number `wallet` at `time`, the delay of the owner included."""
        time -= self.parameters.seller_delay_hours * 3600
        if time <= self.times[0]:
            weth, debt = self.points[0][wallet]
        elif time >= self.times[-1]:
            weth, debt = self.points[-1][wallet]
        else:
            later = next(index for index, at in enumerate(self.times) if at > time)
            span = self.times[later] - self.times[later - 1]
            passed = Fraction(time - self.times[later - 1], span)
            before, after = self.points[later - 1][wallet], self.points[later][wallet]
            weth = before[0] + (after[0] - before[0]) * passed
            debt = before[1] + (after[1] - before[1]) * passed
        return Target(int(weth * WAD), debt)

    def _at_milestone(self, milestone: Milestone) -> list[tuple[Fraction, Fraction]]:
        """Compute WETH and dollars of debt of every wallet at a milestone."""
        weth = Fraction(milestone.weth)
        shares = [Fraction(wallet.share_bps, BPS) for wallet in self.parameters.wallets]
        triggers = self._triggers(milestone, weth)
        return [
            (weth * share, weth * share * self.threshold * trigger)
            for share, trigger in zip(shares, triggers, strict=True)
        ]

    def _triggers(self, milestone: Milestone, weth: Fraction) -> list[Fraction]:
        book = self._book_trigger(milestone, weth)
        band = self._band(milestone)
        if band is None:
            return [book] * len(self.parameters.wallets)
        ends = {"lowest": band[0], "highest": band[1]}
        middle = _solve_middle(self.parameters.wallets, ends, book)
        return [
            ends[wallet.trigger] if wallet.trigger in ends else middle + Fraction(wallet.offset_usd)
            for wallet in self.parameters.wallets
        ]

    def _band(self, milestone: Milestone) -> tuple[Fraction, Fraction] | None:
        low, high = milestone.liquidation_low_usd, milestone.liquidation_high_usd
        if low is None or high is None:
            return None
        changed = self.parameters.highest_trigger_02_06_usd
        if changed is not None and milestone is self._last_with_band():
            high = changed
        return Fraction(low), Fraction(high)

    def _last_with_band(self) -> Milestone:
        return [milestone for milestone in self.timeline.milestones if milestone.liquidation_high_usd is not None][-1]

    def _book_trigger(self, milestone: Milestone, weth: Fraction) -> Fraction:
        """Compute the price at which the whole position would be liquidatable: debt / (collateral x threshold)."""
        if weth == 0:
            return Fraction(0)
        if milestone.debt_usd is not None:
            return Fraction(milestone.debt_usd) / (weth * self.threshold)
        if self.parameters.late_book_trigger_usd is not None:
            return Fraction(self.parameters.late_book_trigger_usd)
        known = [earlier for earlier in self.timeline.milestones if earlier.time < milestone.time and earlier.debt_usd]
        return Fraction(known[-1].debt_usd or Decimal(0)) / (Fraction(known[-1].weth) * self.threshold)


def _solve_middle(wallets: tuple[WalletPlan, ...], ends: dict[str, Fraction], book: Fraction) -> Fraction:
    """Solve for the middle wallets' common trigger that makes the share-weighted mean of all equal to the book's."""
    rest, middle_share = book, Fraction(0)
    for wallet in wallets:
        share = Fraction(wallet.share_bps, BPS)
        if wallet.trigger in ends:
            rest -= share * ends[wallet.trigger]
        else:
            rest -= share * Fraction(wallet.offset_usd)
            middle_share += share
    return rest / middle_share
