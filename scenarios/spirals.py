"""Liquidation spirals: below a health factor of LT(1+b) each call makes an account worse.

A call that repays debt worth x takes collateral worth x(1+b). With collateral C and debt D it moves C/D away from 1+b,
whichever side of it that is on; and the health factor, LT times C/D, is at LT(1+b) when C/D is 1+b.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from pooltwin.protocol.models import MarketConfig

from .units import BPS


@dataclass(frozen=True, slots=True)
class SpiralRow:
    """One collateral outside categories, or one e-mode category, and where calls begin to make an account worse."""

    where: str
    """The reserve, or the category's label."""
    category: int
    """The category's number; 0 outside."""
    collateral: tuple[str, ...]
    liquidation_threshold_bps: int
    liquidation_bonus_bps: int
    """Of what is repaid: 10500 for a bonus of 5%."""

    @property
    def threshold(self) -> Fraction:
        """The health factor LT(1+b)."""
        return Fraction(self.liquidation_threshold_bps * self.liquidation_bonus_bps, BPS * BPS)

    @property
    def runway(self) -> Fraction:
        """How far the collateral falls, as a share, from being liquidatable to where calls make the account worse."""
        return 1 - self.threshold

    @property
    def to_insolvency(self) -> Fraction:
        """How far it falls from being liquidatable to being worth as much as the debt."""
        return 1 - Fraction(self.liquidation_threshold_bps, BPS)


def spiral_rows(config: MarketConfig) -> Iterator[SpiralRow]:
    """List the reserves that are collateral by themselves, then the e-mode categories, in the market's order."""
    for reserve in config.reserves:
        if reserve.liquidation_threshold_bps:
            terms = (reserve.liquidation_threshold_bps, reserve.liquidation_bonus_bps)
            yield SpiralRow(reserve.handle, 0, (reserve.handle,), *terms)
    for category in config.e_modes:
        terms = (category.liquidation_threshold_bps, category.liquidation_bonus_bps)
        yield SpiralRow(category.label, category.id, category.collateral, *terms)
