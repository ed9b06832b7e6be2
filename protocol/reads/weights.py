"""The worth of one share of a reserve, asked of the rule of the release by way of a sample.

Everything is rounded to the unsafe side, collateral down and debt up, so that who is called safe is.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from ..address import Address, named_address
from ..errors import Revert
from ..logic.reserve import unit_of
from ..logic.terms import AccountData
from ..math.wad_ray import RAY, WAD
from .present import PoolNow

SCALE = 2**96
"""One of the base currency at a threshold of one basis point, in the unit of weights."""

_ANYBODY = named_address("an account without anything")
_SAMPLE = 10**10
"""How many whole tokens are weighed, so that roundings of the sample do not show."""

_APART = 10**9
"""The part by which weights are moved to the unsafe side: twenty times what rounding the sample's balance comes to."""

_BASE_SLACK = 65_536 * SCALE
"""The cost of rounding one amount to base currency: at most a unit, times at most 65,535 basis points."""


class Weights(NamedTuple):
    """A share's worth in one reserve to accounts of one category: times a threshold, or times a limit on health."""

    collateral: int
    """Of one share, too low."""
    collateral_slack: int
    """By how much more an account's collateral may be overrated."""
    debt: int
    """Of one share, too high."""
    debt_slack: int
    """By how much more an account's debt may be underrated."""


def weigh(now: PoolNow, category_id: int, reserve_id: int, limit: int) -> Weights | None:
    """Ask the rule of the release what a share is worth; None where it cannot be told.

    An account whose collateral outweighs its debt has a health factor (wad) not below the limit. A basis point is taken
    off the threshold: until v3.4 averages are rounded down to a whole one.
    """
    reserve = now.reserves[now.reserves_list[reserve_id]]
    shares = unit_of(reserve.configuration) * _SAMPLE
    try:
        account = _Sample(now, reserve, reserve_id, shares).judged(category_id)
    except Revert:
        return None
    income, growth = reserve.liquidity_index, reserve.variable_borrow_index
    if not income or not growth:
        return None
    threshold = max(account.average_liquidation_threshold - 1, 0)
    collateral = account.total_collateral * threshold * SCALE * (_APART - 1) // (shares * _APART)
    base_debt = SCALE * 10_000 * limit // WAD + 1
    debt = (account.total_debt + 1) * base_debt * (_APART + 1) // (shares * _APART) + 1
    return Weights(
        collateral,
        2 * (collateral + 1) * RAY // income + _BASE_SLACK,
        debt,
        2 * (debt * RAY // growth + base_debt) + 1,
    )


class _Holding(NamedTuple):
    """A token of which everybody has as many shares."""

    scaled_balances: defaultdict[Address, int]


class _Sample:
    """A pool in which an account without anything has some shares on both sides of one reserve."""

    def __init__(self, now: PoolNow, reserve: Any, reserve_id: int, shares: int) -> None:
        self._now, self._real = now, now.chain
        self.chain: Any = self
        self.time, self.revision = now.chain.time, now.revision
        self.users_config = {_ANYBODY: 3 << 2 * reserve_id}
        token = _Holding(defaultdict(lambda: shares))
        self.contracts = {reserve.a_token: token, reserve.variable_debt_token: token}

    def judged(self, category_id: int) -> AccountData:
        """Tell the sample's position."""
        pool: Any = self
        account: AccountData = self.revision.account_data(pool, _ANYBODY, category_id)
        return account

    def answering(self, where: Address) -> Any:
        """As a chain: what stands at another address."""
        return self._real.answering(where)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now, name)
