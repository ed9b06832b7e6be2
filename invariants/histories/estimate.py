"""An estimate of health by records, for whoever looks at many people and asks the pool of a few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pooltwin.protocol.address import ZERO_ADDRESS

from ..reference import BPS, RAY

if TYPE_CHECKING:
    from .sight import Sight

SAFE = 12_500
"""A health (bps) from which no rounding leads to a liquidation, nor does a fork's own rule unless it is far off."""
BORROW_BITS = sum(1 << 2 * number for number in range(128))


class Estimate:
    """Health by records, estimated too low rather than too high; each asset is valued once."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._worth: dict[str, tuple[int, int]] = {}
        self._seen: int = sum(3 << 2 * reserve.id for reserve in sight.reserves.values())
        """The bits of the reserves that are looked at."""

    def is_safe(self, who: str) -> bool:
        """Is somebody far from a liquidation? False where that would take a closer look."""
        sight = self._sight
        where, pool = sight.where(who), sight.pool
        flags, limit = pool.users_config[where], BPS
        if number := pool.users_e_mode[where]:
            category = pool.e_modes[number]
            limit = category.liquidation_threshold
            if sight.one_category_each and category.price_source != ZERO_ADDRESS:
                return False
        if flags & BORROW_BITS & ~self._seen:
            return False
        weighted = owed = 0
        for symbol, reserve in sight.reserves.items():
            bits = flags >> 2 * reserve.id
            if bits & 2:
                shares = sight.a_tokens[symbol].scaled_balances[where]
                weighted += shares * self._worth_of(symbol)[0] * min(limit, sight.threshold(symbol))
            if shares := sight.debt_tokens[symbol].scaled_balances[where]:
                owed += shares * self._worth_of(symbol)[1]
            if sight.stable_tokens and (stable := sight.stable_owed(symbol, who)):
                owed += stable * sight.price(symbol) * RAY // sight.unit(symbol)
        return weighted > owed * SAFE

    def _worth_of(self, symbol: str) -> tuple[int, int]:
        """Value a share of a supply and one of a debt, in base currency times 1e27; zero where there is no price."""
        worth = self._worth.get(symbol)
        if worth is None:
            sight = self._sight
            pool: Any = sight.pool
            asset, price, unit = sight.assets[symbol], sight.price(symbol), sight.unit(symbol)
            worth = pool.income_of(asset) * price // unit, pool.debt_index_of(asset) * price // unit
            self._worth[symbol] = worth
        return worth
