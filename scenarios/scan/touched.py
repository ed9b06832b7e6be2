"""Accounts touched in a pool since they were last asked for, told by its undo journal."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from pooltwin.protocol.reads.changes import ChangedKeys
from pooltwin.protocol.reads.present import listings
from pooltwin.protocol.state.storage import Ledger


class Touched:
    """Watches the ledgers of a pool that positions are made of.

    It knows when it cannot tell: when the ledgers are others than it watches, after a listing or an upgrade, and when
    more entries came than were written, because something was loaded from outside.
    """

    def __init__(self, pool: Any) -> None:
        self._ledgers = list(_ledgers_of(pool))
        self._entries = self._count()
        self._changes = ChangedKeys(pool.chain.journal, self._ledgers)
        weakref.finalize(self, self._changes.close)

    def taken(self, pool: Any) -> set[str] | None:
        """Hand out the accounts written to since this was last called; None where it cannot tell."""
        if not self._changes.watches(list(_ledgers_of(pool))):
            return None
        touched, entries = self._changes.taken(), self._count()
        if entries - self._entries > len(touched) * len(self._ledgers):
            return None
        self._entries = entries
        return touched

    def _count(self) -> int:
        return sum(map(len, self._ledgers))


def _ledgers_of(pool: Any) -> Iterator[Ledger[Any, int]]:
    yield pool.users_config
    yield pool.users_e_mode
    for listing in listings(pool):
        yield from listing.ledgers
        if listing.stable_debt_token is not None:
            yield listing.stable_debt_token.previous_indexes
            yield listing.stable_debt_token.timestamps
