"""The stored state as plain data, and back: what digests hash and files hold.

The form is canonical: entries sorted, defaults left out, so equal states have equal dumps whatever their histories
were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from .storage import Ledger, Record, RecordMap

Interner = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """A single value as JSON data: bytes as `{"hex": ...}`, strings that are not UTF-8 likewise, tuples as lists."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, tuple | list):
        return [plain(member) for member in value]
    if isinstance(value, str) and not value.isascii():
        encoded = value.encode("utf-8", "surrogateescape")
        return value if encoded.decode("utf-8", "replace") == value else {"text": encoded.hex()}
    return value


def restored(value: Any) -> Any:
    """A single value back from JSON data."""
    if isinstance(value, dict):
        if "text" in value:
            return bytes.fromhex(value["text"]).decode("utf-8", "surrogateescape")
        return bytes.fromhex(value["hex"])
    if isinstance(value, list):
        return tuple(restored(member) for member in value)
    return value


def dump_field(value: Any) -> Any:
    """One storage variable as JSON data."""
    if isinstance(value, Ledger):
        return {"ledger": [[plain(key), plain(entry)] for key, entry in sorted(value.written().items())]}
    if isinstance(value, RecordMap):
        return {"records": [[plain(key), dump_record(record)] for key, record in sorted(value.written().items())]}
    return plain(value)


def dump_record(record: Record) -> dict[str, Any]:
    """A struct as JSON data."""
    return {name: plain(getattr(record, name)) for name in record.FIELDS}


def load_field(current: Any, data: Any, intern: Interner) -> Any:
    """Fill a storage variable from JSON data. Returns plain values, fills ledgers and record maps in place."""
    if isinstance(current, Ledger):
        current.load({_key(key, intern): intern(restored(entry)) for key, entry in data["ledger"]})
        return current
    if isinstance(current, RecordMap):
        for key, fields in data["records"]:
            current[_key(key, intern)].initialise(**{name: restored(value) for name, value in fields.items()})
        return current
    return restored(data)


def _key(key: Any, intern: Interner) -> Any:
    if isinstance(key, list):
        return tuple(_key(part, intern) for part in key)
    return intern(restored(key))


def canonical(data: Any) -> str:
    """JSON with one spelling."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(parts: Iterator[str]) -> str:
    """SHA-256 over canonical lines."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode())
        total.update(b"\n")
    return total.hexdigest()
