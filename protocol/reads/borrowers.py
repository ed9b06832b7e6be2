"""Borrowers in boxes, so that those near liquidation are found without computing everybody's health factor.

A health factor is a weighed sum of collateral over a sum of debt, and prices and indexes are the same for all. So
accounts that use the same reserves in the same e-mode category are points, with shares as coordinates, and "below a
health factor" is one side of a plane, which moves with prices and time. Points are kept in small boxes: most boxes lie
wholly on the safe side, which one sum tells; in the others one sum for each account. Collateral is counted too low and
debt too high by more than any release rounds, so an account that a sum calls safe is safe. Whoever is left is computed
exactly, by the rule of the release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..address import Address
from ..state.bitmaps import BORROWING_MASK
from ..state.storage import Ledger
from .boxes import Group, Point
from .changes import ChangedKeys
from .present import PoolNow, listings
from .weights import Weights, weigh


class Kind(NamedTuple):
    """A category and flags: what a group of accounts has in common."""

    category_id: int
    flags: int

    def sides(self, listed: Iterable[int]) -> list[tuple[int, bool]]:
        """List the reserves used, by id, each with whether it is owed; collateral first."""
        return [(number, side == 1) for side in (2, 1) for number in listed if self.flags >> 2 * number & side]


class Borrowers(ChangedKeys):
    """All borrowers of a pool, kept up to date by what is written."""

    def __init__(self, pool: Any, ledgers: Sequence[Ledger[Address, int]]) -> None:
        super().__init__(pool.chain.journal, ledgers)
        self.pool = pool
        self._listings = {listing.id: listing for listing in listings(pool)}
        self._ledgers, self._entries = ledgers, sum(map(len, ledgers))
        self._groups: dict[Kind, Group] = {}
        self._group_of: dict[Address, Group] = {}
        self._unbounded: set[Address] = set()
        """Those with debts at stable rates, each of which grows in its own way."""
        for account in pool.users_config:
            self._put(account)

    def perhaps_below(self, now: PoolNow, limit: int) -> Iterator[Address]:
        """List all accounts whose health factor may be below a limit (wad), and others."""
        weights: dict[tuple[int, int], Weights | None] = {}
        yield from self._unbounded
        for kind, group in self._groups.items():
            yield from group.perhaps_below(self._plane(now, kind.category_id, group.sides, limit, weights))

    def catch_up(self) -> bool:
        """Look again at every account that was written to.

        Returns False where more has come than was written: something was loaded from outside.
        """
        changed, entries = self.taken(), sum(map(len, self._ledgers))
        if entries - self._entries > len(changed) * len(self._ledgers):
            return False
        self._entries = entries
        for account in changed:
            self._unbounded.discard(account)
            group = self._group_of.pop(account, None)
            if group is not None:
                group.drop(account)
            self._put(account)
        return True

    def _put(self, account: Address) -> None:
        pool = self.pool
        flags = pool.users_config[account]
        if not flags & BORROWING_MASK:
            return
        stable = [listing.stable_debt_token for listing in self._listings.values()]
        if any(token is not None and token.scaled_balances[account] for token in stable):
            self._unbounded.add(account)
            return
        kind = Kind(pool.users_e_mode[account], flags)
        group = self._groups.get(kind)
        if group is None:
            group = self._groups[kind] = Group(kind.sides(self._listings))
        self._group_of[account] = group
        group.put(account, self._point(account, group.sides))

    def _point(self, account: Address, sides: Sequence[tuple[int, bool]]) -> Point:
        point = []
        for reserve_id, is_debt in sides:
            listing = self._listings[reserve_id]
            token = listing.debt_token if is_debt else listing.a_token
            point.append(token.scaled_balances[account])
        return (*point, 1)

    def _plane(
        self,
        now: PoolNow,
        category_id: int,
        sides: Sequence[tuple[int, bool]],
        limit: int,
        known: dict[tuple[int, int], Weights | None],
    ) -> Point | None:
        """Weigh collateral less the limit times debt; None where a reserve cannot be weighed."""
        plane, slack = [], 0
        for reserve_id, is_debt in sides:
            key = category_id, reserve_id
            if key not in known:
                known[key] = weigh(now, category_id, reserve_id, limit)
            weights = known[key]
            if weights is None:
                return None
            plane.append(-weights.debt if is_debt else weights.collateral)
            slack += weights.debt_slack if is_debt else weights.collateral_slack
        return (*plane, -slack)


def borrowers_of(pool: Any) -> Borrowers:
    """Get the borrowers of a pool as they are now, kept with the journal from one call to the next."""
    journal = pool.chain.journal
    ledgers = [pool.users_config, pool.users_e_mode]
    ledgers += [ledger for listing in listings(pool) for ledger in listing.ledgers]
    for book in journal.readers:
        if isinstance(book, Borrowers) and book.pool.address == pool.address:
            if book.pool is pool and book.watches(ledgers) and book.catch_up():
                return book
            book.close()
    return Borrowers(pool, ledgers)
