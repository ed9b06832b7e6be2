"""The release's own rule, asked of one account at any prices and any moment: what a scan is measured by.

A stand-in for the pool holds one account's flags and shares. So nothing about positions is said here a second time,
and every release, stable debt and category with a price of its own are what they are in the twin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address
from pooltwin.protocol.contracts.pool_storage import UserAccountData
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.logic.generic import available_borrows
from pooltwin.protocol.logic.reserve import normalized_debt, normalized_income
from pooltwin.protocol.logic.terms import AccountData
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.protocol.state.storage import Journal

SOMEBODY = named_address("somebody in a scan")


class Stable(NamedTuple):
    """A debt at a stable rate: its principal (units), its rate (ray), and since when it grows."""

    principal: int
    rate: int
    since: int


class Holding(NamedTuple):
    """An account's part in one reserve, in shares."""

    reserve_id: int
    is_debt: bool
    shares: int
    stable: Stable | None = None


class _Token(NamedTuple):
    scaled_balances: defaultdict[Address, int]


class Prices(dict[Address, int | None]):
    """Prices by address, as an oracle: None where it reverts. Remembers who was asked for."""

    def __init__(self, prices: Mapping[Address, int | None]) -> None:
        super().__init__(prices)
        self.asked: list[Address] = []

    def price_of(self, asset: Address) -> int:
        """The price. Reverts without data where there is none."""
        self.asked.append(asset)
        price = self.get(asset)
        if price is None:
            raise EmptyRevert("no price")
        return price


class Picture:
    """A pool's parameters, indexes and prices as they are when the picture is taken; positions are not in it.

    Raises ValueError for a fork whose view of accounts is its own.
    """

    def __init__(self, pool: Any) -> None:
        self.pool, self.chain = pool, pool.chain
        self.time: int = pool.chain.time
        self.revision: Any = pool.chain.revision
        if not _has_released_view(pool):
            raise ValueError(f"{type(pool).__name__} tells of accounts in a way of its own; a scan knows the rule only")
        self.reserves = pool.reserves.copy_to(Journal())
        self.reserves_list = pool.reserves_list.copy_to(Journal())
        self.e_modes = pool.e_modes.copy_to(Journal())
        self.sources: dict[int, Address] = {}
        """By category, whose price counts for all of it. Until v3.0.2."""
        if self.revision.e_modes_have_prices:
            stored = {number: getattr(each, "price_source", ZERO_ADDRESS) for number, each in self.e_modes.items()}
            self.sources = {number: source for number, source in stored.items() if number and source != ZERO_ADDRESS}
        self.prices = {asset: _price(pool, asset) for asset in (*self.reserves, *self.sources.values())}


def _has_released_view(pool: Any) -> bool:
    release = REVISIONS.get(pool.chain.revision.release)
    if release is None:
        return False
    released: Any = release.contracts[pool.KIND]
    return bool(type(pool).get_user_account_data is released.get_user_account_data)


def _price(pool: Any, asset: Address) -> int | None:
    try:
        return int(pool.oracle.price_of(asset))
    except Revert:
        return None


class Stand:
    """A pool in which one account stands, at a moment and at prices of one's choice."""

    def __init__(self, picture: Picture, time: int, prices: Mapping[Address, int | None]) -> None:
        self._pool, self._real = picture.pool, picture.chain
        self.chain: Any = self
        self.asked = None  # views of what stands here answer for themselves
        self.revision, self.time = picture.revision, time
        self.oracle = Prices(prices)
        self.users_config: dict[Address, int] = {}
        self.e_modes, self.reserves_list = picture.e_modes, picture.reserves_list
        self.reserves = {asset: _at(self, record) for asset, record in picture.reserves.items()}
        self.contracts: dict[Address, Any] = {}
        for reserve in self.reserves.values():
            self.contracts[reserve.a_token] = _Token(defaultdict(int))
            self.contracts[reserve.variable_debt_token] = _Token(defaultdict(int))
            if self.revision.stable_rates:
                token = self._real.contracts[reserve.stable_debt_token]
                self.contracts[reserve.stable_debt_token] = None if token is None else _stable_token(self, token)

    def answering(self, where: Address) -> Any:
        """As a chain: what stands at an address."""
        return self.contracts[where] if where in self.contracts else self._real.answering(where)

    def put(self, holdings: Sequence[Holding]) -> None:
        """Let the account have exactly this."""
        flags = 0
        for holding in holdings:
            reserve = self.reserves[self.reserves_list[holding.reserve_id]]
            flags |= (1 if holding.is_debt else 2) << 2 * holding.reserve_id
            token = reserve.variable_debt_token if holding.is_debt else reserve.a_token
            self.contracts[token].scaled_balances[SOMEBODY] = holding.shares
            if holding.is_debt and self.revision.stable_rates:
                _put_stable(self.contracts[reserve.stable_debt_token], holding.stable)
        self.users_config[SOMEBODY] = flags

    def account_data(self, category_id: int) -> AccountData:
        """Ask the rule of the release. Raises Revert."""
        pool: Any = self
        account: AccountData = self.revision.account_data(pool, SOMEBODY, category_id)
        return account

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


def _at(stand: Any, stored: Any) -> Any:
    """Copy a reserve with its indexes projected; one that overflows is left as it is stored, to fail as the pool."""
    now = type(stored)(Journal())
    now.initialise(**{name: getattr(stored, name) for name in stored.FIELDS})
    try:
        income, debt = normalized_income(stored, stand.time), normalized_debt(stand, stored)
    except Revert:
        return now
    now.initialise(liquidity_index=income, variable_borrow_index=debt, last_update_timestamp=stand.time)
    return now


def _stable_token(stand: Any, real: Any) -> Any:
    token = object.__new__(type(real))
    kept = ("scaled_balances", "previous_indexes", "timestamps")
    token.initialise(chain=stand, address=real.address, **{name: defaultdict(int) for name in kept})
    return token


def _put_stable(token: Any, stable: Stable | None) -> None:
    if token is not None:
        principal, rate, since = stable or (0, 0, 0)
        token.scaled_balances[SOMEBODY] = principal
        token.previous_indexes[SOMEBODY] = rate
        token.timestamps[SOMEBODY] = since


def told(stand: Stand, holdings: Sequence[Holding], category_id: int) -> UserAccountData | None:
    """Tell the six figures of an account as `getUserAccountData` does; None where it reverts."""
    stand.put(holdings)
    pool: Any = stand
    try:
        account = stand.account_data(category_id)
        borrows = available_borrows(pool, account.total_collateral, account.total_debt, account.average_ltv)
    except Revert:
        return None
    return UserAccountData(
        account.total_collateral,
        account.total_debt,
        borrows,
        account.average_liquidation_threshold,
        account.average_ltv,
        account.health_factor,
    )
