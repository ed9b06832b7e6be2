"""Arithmetic of Aave's price caps (CAPO): integers, rounded down where the adapter rounds down.

A ratio has 18 decimals. The largest that is believed is the snapshot's, grown in a straight line since its time.
"""

from __future__ import annotations

from typing import NamedTuple

from ..units import BPS, WAD

YEAR_S = 365 * 86_400
GROWTH_SCALE = 10**6
"""Growth a second has 6 decimals more than a ratio, as in the adapters since their second version; the first had none,
which makes less than one part in 10**9 a year."""


class CapParameters(NamedTuple):
    """Snapshot of a ratio, with how much it may grow in a year."""

    snapshot_ratio: int
    snapshot_second: int
    max_yearly_growth_bps: int

    def growth_per_second(self) -> int:
        """Growth of the ratio a second, with 24 decimals, rounded down twice."""
        return self.snapshot_ratio * self.max_yearly_growth_bps * GROWTH_SCALE // BPS // YEAR_S

    def largest_ratio(self, second: int) -> int:
        """The ratio that is believed at most. Raises ValueError for a time before the snapshot: an underflow there."""
        if second < self.snapshot_second:
            raise ValueError(f"a cap cannot be asked at second {second}, before its snapshot at {self.snapshot_second}")
        return self.snapshot_ratio + self.growth_per_second() * (second - self.snapshot_second) // GROWTH_SCALE


def capped_price(base_price: int, ratio: int, largest_ratio: int) -> int:
    """Price a staked token: the base asset's price times the ratio, as far as it is believed.

    Zero, which the pool's oracle passes on to its fallback, when either is zero or below.
    """
    if base_price <= 0 or ratio <= 0:
        return 0
    return base_price * min(ratio, largest_ratio) // WAD
