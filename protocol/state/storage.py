"""Storage that can be undone.

Every write to a `Record` or a `Ledger` leaves the old value in one `Journal`. A snapshot is a position in that journal;
unwinding to it restores the old values in reverse order, in place, so every reference into the state stays good. The
cost of a snapshot, of a revert and of a read-only view of the past depends on what was touched, never on the size of
the state.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from copy import deepcopy
from typing import Any, ClassVar, Generic, Protocol, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R", bound="Record")

_set = object.__setattr__
_put = dict.__setitem__
NEVER_WRITTEN: Any = object()


class JournalReader(Protocol):
    """Somebody who has to know what was written, and reads it before it is gone."""

    def before_forgetting(self) -> None:
        """Read all entries: they are about to be dropped."""

    def before_unwinding(self, position: int) -> None:
        """Read the entries from a position on: they are about to be undone."""


class Journal:
    """The old values of everything written, oldest first: `(where, key, old value)`."""

    __slots__ = ("entries", "readers")

    def __init__(self) -> None:
        self.entries: list[tuple[Any, Any, Any]] = []
        self.readers: tuple[JournalReader, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """The past stays behind: a copy is empty."""
        return Journal, ()

    def position(self) -> int:
        """The place where the next entry will go: what a snapshot remembers."""
        return len(self.entries)

    def unwind(self, position: int) -> None:
        """Restore, newest first, every value written since `position`."""
        entries = self.entries
        for reader in self.readers:
            reader.before_unwinding(position)
        while len(entries) > position:
            where, key, old = entries.pop()
            where.restore(key, old)

    def forget(self) -> None:
        """Drop all entries: nobody can come back to what they tell."""
        for reader in self.readers:
            reader.before_forgetting()
        self.entries.clear()

    def touched(self, position: int) -> Iterator[tuple[Any, Any, Any]]:
        """Each place written since `position` once, with the value it had then."""
        seen: set[tuple[int, Any]] = set()
        for where, key, old in self.entries[position:]:
            if (id(where), key) not in seen:
                seen.add((id(where), key))
                yield where, key, old


class Record:
    """A slotted struct in storage. Assigning to a field is a journalled write; reading one costs nothing extra.

    `FIELDS` names the persistent fields in order; subclasses repeat them in `__slots__`.
    """

    __slots__ = ("_remember",)
    FIELDS: ClassVar[tuple[str, ...]] = ()
    _remember: Callable[[tuple[Any, Any, Any]], None]

    def __setattr__(self, name: str, value: Any) -> None:
        self._remember((self, name, getattr(self, name)))
        _set(self, name, value)

    def restore(self, name: str, old: Any) -> None:
        """Put an old value back without journalling it."""
        _set(self, name, old)

    def attach(self, journal: Journal) -> None:
        """Say which journal remembers this record's old values."""
        _set(self, "_remember", journal.entries.append)

    def initialise(self, **values: Any) -> None:
        """Give fields their first values, which no journal has to remember."""
        for name, value in values.items():
            _set(self, name, value)

    def field_values(self) -> tuple[Any, ...]:
        """List what the fields hold, in order."""
        return tuple(getattr(self, name) for name in self.FIELDS)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy belongs to nobody: it is attached to a journal of its own."""
        return _record, (type(self), self.field_values())


class Ledger(dict[K, V], Generic[K, V]):
    """A mapping in storage: a key that was never written reads as `default`, as in Solidity.

    Only item assignment writes; the mutating methods of `dict` are not journalled and refuse.
    """

    __slots__ = ("default", "journal", "remember")

    def __init__(self, journal: Journal, default: V) -> None:
        super().__init__()
        self.journal = journal
        self.remember = journal.entries.append
        self.default = default

    def __missing__(self, key: K) -> V:
        return self.default

    def __setitem__(self, key: K, value: V) -> None:
        self.remember((self, key, self.get(key, NEVER_WRITTEN)))
        _put(self, key, value)

    def restore(self, key: K, old: V) -> None:
        """Put an old value back, or forget a key that did not exist."""
        if old is NEVER_WRITTEN:
            dict.__delitem__(self, key)
        else:
            dict.__setitem__(self, key, old)

    def load(self, items: dict[K, V]) -> None:
        """Fill an empty ledger from outside, unjournalled: for loading and forking."""
        dict.update(self, items)

    def copy_to(self, journal: Journal) -> Ledger[K, V]:
        """An independent ledger with the same entries that writes to another journal."""
        copy: Ledger[K, V] = Ledger(journal, self.default)
        dict.update(copy, self)
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Ledger[K, V]:
        journal = memo.get(id(self.journal))
        if journal is None:
            raise TypeError("a ledger is copied with its chain only")
        copy: Ledger[K, V] = Ledger(journal, self.default)
        memo[id(self)] = copy
        copy.load({key: deepcopy(value, memo) for key, value in self.items()})
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        return _ledger, (self.journal, self.default, dict(self))

    def written(self) -> dict[K, V]:
        """The entries that differ from the default: what an EVM's storage would hold."""
        default = self.default
        return {key: value for key, value in self.items() if value != default}

    def __delitem__(self, key: K) -> None:
        raise TypeError("a storage slot cannot be deleted; write its default value instead")

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError("only item assignment writes to a ledger, because only that is journalled")

    update = pop = popitem = clear = setdefault = __ior__ = _refuse


class RecordMap(dict[K, R], Generic[K, R]):
    """A mapping of structs: a key that was never written reads as a zeroed struct, as in Solidity."""

    __slots__ = ("journal", "make")

    def __init__(self, journal: Journal, make: Callable[[Journal], R]) -> None:
        super().__init__()
        self.journal = journal
        self.make = make

    def __missing__(self, key: K) -> R:
        record = self[key] = self.make(self.journal)
        return record

    def __reduce__(self) -> tuple[Any, ...]:
        return _record_map, (self.journal, self.make, {key: record.field_values() for key, record in self.items()})

    def copy_to(self, journal: Journal) -> RecordMap[K, R]:
        """An independent map of equal structs that write to another journal."""
        copy = RecordMap[K, R](journal, self.make)
        for key, record in self.items():
            copy[key].initialise(**{name: getattr(record, name) for name in record.FIELDS})
        return copy

    def written(self) -> dict[K, R]:
        """The structs with a field that differs from the default."""
        blank = self.make(Journal())
        fields = blank.FIELDS
        default = [getattr(blank, name) for name in fields]
        return {key: record for key, record in self.items() if [getattr(record, name) for name in fields] != default}


# --- back from a pickle -----------------------------------------------------------------------------------------------


def _ledger(journal: Journal, default: Any, items: dict[Any, Any]) -> Ledger[Any, Any]:
    ledger: Ledger[Any, Any] = Ledger(journal, default)
    ledger.load(items)
    return ledger


def _record(cls: Any, values: tuple[Any, ...]) -> Record:
    record: Record = cls(Journal())
    record.initialise(**dict(zip(cls.FIELDS, values, strict=True)))
    return record


def _record_map(journal: Journal, make: Any, records: dict[Any, tuple[Any, ...]]) -> RecordMap[Any, Any]:
    copy: RecordMap[Any, Any] = RecordMap(journal, make)
    for key, values in records.items():
        record = copy[key]
        record.initialise(**dict(zip(record.FIELDS, values, strict=True)))
    return copy
