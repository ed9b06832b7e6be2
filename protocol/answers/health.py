"""A user's health, read from the pool, and bounds of it over whole ranges of prices or amounts.

The bounds hold for both ways in which releases reckon: from the weighted sum of the collateral, and from its average
threshold in whole basis points, which until v3.4 jumps as collateral leaves or a price moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..address import Address
from ..contracts.pool import Pool
from ..errors import Revert
from ..math.uint import MAX_UINT256

BPS = 10_000
WAD = 10**18


class Health(NamedTuple):
    """A user's whole position: amounts in base currency (8 decimals), ratios in basis points, the health factor a wad.

    Solidity: `getUserAccountData`.
    """

    total_collateral: int
    total_debt: int
    available_borrows: int
    liquidation_threshold_bps: int
    ltv_bps: int
    health_factor: int | None
    """None without debt, which the contract calls 2**256 - 1."""

    @property
    def has_debt(self) -> bool:
        """Does the user owe anything that is worth a unit of base currency?"""
        return self.health_factor is not None


def health_of(pool: Pool, user: Address) -> Health | None:
    """Read a user's position; None where the pool cannot tell it, as when a price is missing."""
    try:
        collateral, debt, borrows, threshold, ltv, factor = pool.get_user_account_data(user)
    except Revert:
        return None
    return Health(collateral, debt, borrows, threshold, ltv, None if factor == MAX_UINT256 else factor)


class Scale:
    """How the health factor comes of the values of some collaterals (base currency) and a debt, on one release.

    `thresholds` (basis points) belong to the collaterals, in order.
    """

    def __init__(self, thresholds: Sequence[int], *, from_average: bool) -> None:
        self.thresholds = tuple(thresholds)
        self.from_average = from_average

    def weighted(self, values: Sequence[int]) -> int:
        """The values times their thresholds."""
        return sum(value * threshold for value, threshold in zip(values, self.thresholds, strict=True))

    def average(self, values: Sequence[int]) -> int:
        """The average threshold, rounded down to a basis point; 0 of nothing."""
        total = sum(values)
        return self.weighted(values) // total if total else 0

    def factor(self, values: Sequence[int], debt: int) -> int:
        """The health factor (wad); 2**256 - 1 without debt."""
        return self._factor(sum(values), self.weighted(values), self.average(values), debt)

    def at_least(self, least: Sequence[int], most: Sequence[int], most_debt: int) -> int:
        """A bound below the health factor of all values from `least` to `most`, with debt up to `most_debt`."""
        average = self._least_average(least, most) if self.from_average else 0
        return self._factor(sum(least), self.weighted(least), average, most_debt)

    def at_most(self, least: Sequence[int], most: Sequence[int], least_debt: int) -> int:
        """A bound above the health factor of all values from `least` to `most`, with debt from `least_debt` on."""
        average = self._most_average(least, most) if self.from_average else 0
        return self._factor(sum(most), self.weighted(most), average, least_debt)

    def _factor(self, total: int, weighted: int, average: int, debt: int) -> int:
        if debt == 0:
            return MAX_UINT256
        if self.from_average:
            return _wad_div((total * average + BPS // 2) // BPS, debt)
        return _wad_div(weighted, debt) // BPS

    def _surplus(self, over: int, above: Sequence[int], below: Sequence[int]) -> int:
        """Weighted sum less `over` times the total: `above` counts where it adds, `below` where it takes away."""
        return sum(
            (threshold - over) * (more if threshold >= over else less)
            for threshold, more, less in zip(self.thresholds, above, below, strict=True)
        )

    def _least_average(self, least: Sequence[int], most: Sequence[int]) -> int:
        if not sum(least):
            return 0
        guess = min(self.average(least), self.average(most))
        for average in (guess, guess - 1):
            if self._surplus(average, least, most) >= 0:
                return average
        return self.weighted(least) // sum(most)

    def _most_average(self, least: Sequence[int], most: Sequence[int]) -> int:
        guess = max(self.average(least), self.average(most))
        for average in (guess, guess + 1):
            if self._surplus(average + 1, most, least) < 0:
                return average
        return self.weighted(most) // sum(least) if sum(least) else max(self.thresholds, default=0)


def _wad_div(a: int, b: int) -> int:
    return (a * WAD + b // 2) // b
