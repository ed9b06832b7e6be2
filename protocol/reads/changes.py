"""Keys written in some ledgers since they were last asked for, told by the undo journal."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from ..state.storage import Journal, Ledger


class ChangedKeys:
    """Reads the journal along, before it forgets and before it undoes.

    What is loaded into a ledger from outside leaves no trace in the journal, and so none here.
    """

    def __init__(self, journal: Journal, ledgers: Sequence[Ledger[Any, Any]]) -> None:
        self._journal = journal
        self._watched = {id(ledger): ledger for ledger in ledgers}
        self._keys: set[Hashable] = set()
        self._read_to = journal.position()
        journal.readers = (*journal.readers, self)

    def watches(self, ledgers: Sequence[Ledger[Any, Any]]) -> bool:
        """Are these the ledgers, the very same?"""
        return len(ledgers) == len(self._watched) and all(id(ledger) in self._watched for ledger in ledgers)

    def taken(self) -> set[Any]:
        """Hand out the keys written since this was last called, undone writes included."""
        self.before_forgetting()
        self._read_to = self._journal.position()
        keys, self._keys = self._keys, set()
        return keys

    def close(self) -> None:
        """Read no further."""
        self._journal.readers = tuple(reader for reader in self._journal.readers if reader is not self)

    def before_forgetting(self) -> None:
        """Read on: the journal is about to be emptied."""
        self._note(self._read_to)
        self._read_to = 0

    def before_unwinding(self, position: int) -> None:
        """Read what is about to be undone: it changes once more."""
        self._note(position)
        self._read_to = min(self._read_to, position)

    def _note(self, position: int) -> None:
        watched, keys = self._watched, self._keys
        for where, key, _ in self._journal.entries[position:]:
            if id(where) in watched:
                keys.add(key)
