"""A market's terms for a scan: what each reserve counts for in each e-mode category, and how the release rounds.

All of it is asked of the release's own rules by samples, so no release is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.logic.reserve import unit_of
from pooltwin.protocol.math.wad_ray import RAY, WAD
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.protocol.state.bitmaps import decimals

from .rule import Holding, Picture, Stand


class Rounding(Enum):
    """A way to make an integer of a number."""

    DOWN = (0, 0, 0)
    HALF_UP = (0, 1, 1)
    UP = (1, 1, 1)


class Weight(NamedTuple):
    """The weight of a reserve's collateral in one category: basis points, and whose price counts."""

    counts: bool
    ltv: int
    threshold: int
    source: Address | None
    """Whose price counts instead of the asset's own, for collateral and debt. Until v3.0.2."""


class Reserve(NamedTuple):
    """A listed reserve."""

    id: int
    key: str
    asset: Address
    decimals: int
    unit: int
    """One whole token in its smallest unit, as the contracts compute it."""


@dataclass(frozen=True)
class Terms:
    """Everything about a market that does not move with prices and time."""

    revision: Any
    reserves: Mapping[int, Reserve]
    weights: Mapping[tuple[int, int], Weight]
    """By category and reserve id; nothing where only the rule itself is asked."""
    sources: Mapping[int, Address]
    """By category, whose price counts for all of it. Until v3.0.2."""
    supply_rounding: Rounding | None
    debt_rounding: Rounding | None
    """From shares to units. None where a fork rounds in a way of its own."""
    debt_value_up: bool
    """Whether a debt's value in base currency is rounded up."""
    from_average: bool
    """Whether the health factor comes of the average threshold, in whole basis points. Until v3.4."""
    credit_half_up: bool
    threshold: int
    """Below which health factor (wad) an account can be liquidated."""
    is_released: bool
    """Whether accounts are judged by a released rule, at a threshold of 1; else only the rule itself is asked."""

    @property
    def by_key(self) -> dict[str, Reserve]:
        """Reserves by key."""
        return {reserve.key: reserve for reserve in self.reserves.values()}


def terms_of(picture: Picture, keys: Mapping[Address, str], categories: Iterable[int]) -> Terms:
    """Ask a pool for its terms in these categories; `keys` are the names of its assets."""
    revision = picture.revision
    reserves = {
        number: _reserve(number, keys.get(asset, asset), asset, picture.reserves[asset].configuration)
        for number, asset in sorted(picture.reserves_list.items())
        if asset != ZERO_ADDRESS
    }
    sources = {category: picture.sources[category] for category in categories if category in picture.sources}
    release = REVISIONS[revision.release]
    is_released = revision.account_data is release.account_data and revision.health_factor_liquidation_threshold == WAD
    weights = {
        (category, reserve.id): _weight(picture, reserve, category, sources.get(category))
        for category in sorted({0, *categories})
        for reserve in reserves.values()
        if is_released
    }
    return Terms(
        revision,
        reserves,
        weights,
        sources if is_released else {},
        _rounding(revision.a_token_balance),
        _rounding(revision.debt_balance),
        revision.debt_value(1, 1, 2) == 1,
        revision.earlier is not None,
        revision.credit_percent_mul(1, 5_000) == 1,
        revision.health_factor_liquidation_threshold,
        is_released,
    )


def _reserve(number: int, key: str, asset: Address, configuration: int) -> Reserve:
    return Reserve(number, key, asset, decimals(configuration), unit_of(configuration))


def _weight(picture: Picture, reserve: Reserve, category: int, source: Address | None) -> Weight:
    """Ask the rule about one unit of a token that is worth one of the base currency."""
    sample = Stand(picture, picture.time, {reserve.asset: reserve.unit, source or reserve.asset: reserve.unit})
    sample.reserves[reserve.asset].initialise(liquidity_index=RAY, last_update_timestamp=sample.time)
    sample.put([Holding(reserve.id, False, 1)])
    account = sample.account_data(category)
    priced_by = source if source is not None and reserve.asset not in sample.oracle.asked else None
    return Weight(account.total_collateral > 0, account.average_ltv, account.average_liquidation_threshold, priced_by)


def _rounding(multiply: Any) -> Rounding | None:
    """Tell how shares times an index are rounded, by a quarter, a half and three quarters."""
    seen = tuple(multiply(1, RAY * quarters // 4) for quarters in (1, 2, 3))
    return next((rounding for rounding in Rounding if rounding.value == seen), None)
