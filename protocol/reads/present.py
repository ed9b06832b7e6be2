"""The pool at one moment, made ready for many accounts: each price is asked for once, each index projected once.

The rules read it as they read the pool itself, so nothing about positions is said here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from ..address import ZERO_ADDRESS, Address
from ..errors import Revert
from ..logic.reserve import normalized_debt, normalized_income
from ..logic.terms import Revision
from ..revisions import REVISIONS
from ..state.records import Reserve
from ..state.storage import Journal, Ledger


class Listing(NamedTuple):
    """A listed reserve with its tokens."""

    id: int
    asset: Address
    a_token: Any
    debt_token: Any
    stable_debt_token: Any | None
    """Until v3.0.2."""
    ledgers: tuple[Ledger[Address, int], ...]
    """Shares of both tokens, and principals at stable rates."""


def listings(pool: Any) -> Iterator[Listing]:
    """List the reserves by id; those that were dropped are passed over."""
    contracts, has_stable_debt = pool.chain.contracts, pool.chain.revision.stable_rates
    for reserve_id in range(pool.reserves_count):
        asset = pool.reserves_list[reserve_id]
        if asset != ZERO_ADDRESS:
            reserve = pool.reserves[asset]
            a_token, debt_token = contracts[reserve.a_token], contracts[reserve.variable_debt_token]
            stable = contracts[reserve.stable_debt_token] if has_stable_debt else None
            tokens = (a_token, debt_token) if stable is None else (a_token, debt_token, stable)
            yield Listing(
                reserve_id, asset, a_token, debt_token, stable, tuple(token.scaled_balances for token in tokens)
            )


def is_read_as_released(pool: Any) -> bool:
    """Tell whether accounts are judged by a rule of a release; the rule of somebody's fork is asked as it stands."""
    revision: Revision = pool.chain.revision
    release = REVISIONS.get(revision.release)
    if release is None or revision.account_data is not release.account_data:
        return False
    released: Any = release.contracts[pool.KIND]
    return bool(type(pool).get_user_account_data is released.get_user_account_data)


class _Prices(dict[Address, int]):
    """Prices, each asked for when it is first needed: an asset that nobody uses may be without one."""

    def __init__(self, oracle: Any) -> None:
        super().__init__()
        self._ask = oracle.price_of
        self.price_of = self.__getitem__

    def __missing__(self, asset: Address) -> int:
        price: int = self._ask(asset)
        self[asset] = price
        return price


class _Reserves(dict[Address, Reserve]):
    """Copies of reserves with their indexes as they are now.

    A reserve whose index overflows is left as it is stored, so that whoever uses it fails as in the contract.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__()
        self._pool = pool

    def __missing__(self, asset: Address) -> Reserve:
        pool, stored = self._pool, self._pool.reserves[asset]
        self[asset] = stored
        try:
            income, debt = normalized_income(stored, pool.chain.time), normalized_debt(pool, stored)
        except Revert:
            return stored  # type: ignore[no-any-return]  # a Reserve
        now: Reserve = type(stored)(Journal())
        now.initialise(**{name: getattr(stored, name) for name in stored.FIELDS})
        now.initialise(liquidity_index=income, variable_borrow_index=debt, last_update_timestamp=pool.chain.time)
        self[asset] = now
        return now


class PoolNow:
    """A pool as the rules see it, good until anything is written or time passes."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.chain, self.revision = pool.chain, pool.chain.revision
        self.users_config, self.users_e_mode = pool.users_config, pool.users_e_mode
        self.e_modes, self.reserves_list = pool.e_modes, pool.reserves_list
        self.reserves = _Reserves(pool)

    @cached_property
    def oracle(self) -> _Prices:
        """The price oracle. Reverts as the pool's own does where there is none."""
        return _Prices(self._pool.oracle)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)
