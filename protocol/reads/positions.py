"""Positions in bulk: one row for each account and reserve, in exact integers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..address import Address
from ..state import bitmaps
from .accounts import chosen
from .present import Listing, listings


class Position(NamedTuple):
    """One account in one reserve, at the present second. Amounts are in the asset's smallest unit."""

    account: Address
    reserve: str
    """The name by which the market knows the reserve."""
    asset: Address
    scaled_supply: int
    """Shares of the aToken."""
    supply: int
    """The same in underlying units, with interest to now."""
    scaled_debt: int
    """Shares of the variable debt token."""
    debt: int
    """The same in underlying units, with interest to now."""
    stable_debt: int
    """Debt at a stable rate, with interest to now. Zero from v3.2 on."""
    is_collateral: bool
    """Whether the supply is enabled as collateral."""
    is_borrowed: bool
    """Whether the pool has the account down as a borrower of the reserve."""
    e_mode: int
    """The account's e-mode category, 0 for none: the same in all of its rows."""


def positions_of(pool: Any, names: Mapping[Address, str], accounts: Iterable[Address] | None) -> list[Position]:
    """List every reserve in which an account holds a share, a debt or a flag: account by account, then by reserve id.

    `names` gives each asset's name.
    """
    listed = list(listings(pool))
    readers: dict[int, _Reader] = {}
    flags_of, category_of = pool.users_config, pool.users_e_mode
    rows = []
    for user in chosen(pool, accounts):
        flags, category = flags_of[user], category_of[user]
        for listing in listed:
            flag = flags >> 2 * listing.id & 3
            if not (flag or any(ledger.get(user) for ledger in listing.ledgers)):
                continue
            if listing.id not in readers:
                readers[listing.id] = _Reader(pool, names[listing.asset], listing)
            rows.append(readers[listing.id].position(user, flag, category))
    return rows


class _Reader:
    """Reads one reserve: its indexes are asked for once, where somebody holds anything."""

    def __init__(self, pool: Any, name: str, listing: Listing) -> None:
        revision = pool.chain.revision
        self.name, self.asset = name, listing.asset
        self.supplies, self.debts = listing.a_token.scaled_balances, listing.debt_token.scaled_balances
        self.supply_of = _balance_reader(listing.a_token, revision.a_token_balance, revision.own_kinds)
        self.debt_of = _balance_reader(listing.debt_token, revision.debt_balance, revision.own_kinds)
        self.stable = listing.stable_debt_token

    def position(self, user: Address, flag: int, category: int) -> Position:
        """Tell what the user has here."""
        supply, debt = self.supplies[user], self.debts[user]
        return Position(
            user,
            self.name,
            self.asset,
            supply,
            self.supply_of(user, supply) if supply else 0,
            debt,
            self.debt_of(user, debt) if debt else 0,
            self.stable.balance_of(user) if self.stable is not None else 0,
            bitmaps.is_using_as_collateral(flag, 0),
            bitmaps.is_borrowing(flag, 0),
            category,
        )


def _balance_reader(
    token: Any, rounding: Callable[[int, int], int], own_kinds: frozenset[str]
) -> Callable[[Address, int], int]:
    """Make what turns an account's shares into underlying; a token of somebody's fork is asked itself."""
    if token.KIND in own_kinds:
        return lambda user, _: int(token.balance_of(user))
    index: list[int] = []

    def balance(_: Address, scaled: int) -> int:
        if not index:
            index.append(token.index_now())
        return rounding(scaled, index[0])

    return balance
