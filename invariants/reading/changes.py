"""The changes of a step, taken from the undo journal: each place once, with the value that it had before."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.state.storage import NEVER_WRITTEN, Ledger

Changes = dict[int, tuple[Any, dict[Any, Any]]]
"""By the identity of a record or ledger: itself, and the old value of each of its places that was written."""


def read_changes(entries: list[tuple[Any, Any, Any]], start: int) -> Changes:
    """Collect what the journal says was written since a position, with the values of that moment."""
    changes: Changes = {}
    for where, key, old in reversed(entries[start:]):
        written = changes.get(id(where))
        if written is None:
            changes[id(where)] = (where, {key: old})
        else:
            written[1][key] = old
    return changes


def changed_places(changes: Changes) -> set[int]:
    """Leave out what was written and is as it was: a contract's storage does not tell that from no write."""
    return {
        identity
        for identity, (where, written) in changes.items()
        if any(_differs(where, key, old) for key, old in written.items())
    }


def _differs(where: Any, key: Any, old: Any) -> bool:
    """Compare a field or an entry; words that a chain of bytecode saw are neither, and told by what they mean."""
    if isinstance(where, Ledger):
        return bool(where[key] != (where.default if old is NEVER_WRITTEN else old))
    return isinstance(key, str) and bool(getattr(where, key) != old)


def value_before(changes: Changes, where: Any, key: Any) -> Any:
    """Tell what a field of a record, or an entry of a ledger, was before the step."""
    now = where[key] if isinstance(where, Ledger) else getattr(where, key)
    written = changes.get(id(where))
    old = now if written is None else written[1].get(key, now)
    return where.default if old is NEVER_WRITTEN else old


def written_keys(changes: Changes, ledger: Ledger[Any, Any]) -> list[Any]:
    """List the entries of a ledger that a step wrote."""
    written = changes.get(id(ledger))
    return [] if written is None else list(written[1])
