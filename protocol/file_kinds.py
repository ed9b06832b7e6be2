"""Kinds of files, told by their content and never by their names."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from enum import Enum
from pathlib import Path
from typing import Any

GZIP = b"\x1f\x8b"
HEAD = 4_096
"""How much of a file is looked at first."""
_FORMAT = re.compile(rb'"format"\s*:\s*(?:"([^"]*)"|(\d+))')


_ACCOUNT = re.compile("(0x)?[0-9a-fA-F]{40}")


class FileKind(Enum):
    """Kinds of files that there are to tell from each other, each by what it is called."""

    MARKET = "a market"
    STATE = "a saved state"
    HISTORY = "a history"
    RECORDING = "a recording"
    SNAPSHOT = "a configuration snapshot of Aave's tooling (`pooltwin market import snapshot` takes it)"
    RECEIPT = "the receipt of a transaction"
    ACCOUNTS = "a list of accounts, as a genesis or the state of a Foundry test"
    JSON = "JSON of another kind"
    GZIP = "compressed, but not a recording"
    TEXT = "text that is no JSON"
    BINARY = "no text"


NAMED = {"pooltwin-history": FileKind.HISTORY, "pooltwin-state": FileKind.STATE}
"""Kinds by the format that they name."""


def kind_of(path: Path) -> FileKind:
    """Tell what a file is. Raises OSError for what cannot be read."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if head.startswith(GZIP):
        return FileKind.RECORDING if _named(_unpacked(path)) is FileKind.RECORDING else FileKind.GZIP
    return _named(head) or _of_content(path)


def is_gzipped(path: Path) -> bool:
    """Is a file compressed, whatever it is called? Raises OSError for what cannot be read."""
    with open(path, "rb") as file:
        return file.read(len(GZIP)) == GZIP


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read(HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""


def _named(head: bytes) -> FileKind | None:
    found = _FORMAT.search(head)
    if found is None or not head.lstrip().startswith(b"{"):
        return None
    name, number = found.groups()
    return FileKind.RECORDING if number else NAMED.get(name.decode("utf-8", "replace"))


def _of_content(path: Path) -> FileKind:
    try:
        data = json.loads(path.read_bytes())
    except UnicodeDecodeError:
        return FileKind.BINARY
    except (ValueError, RecursionError):
        return FileKind.TEXT
    return _of_data(data) if isinstance(data, dict) else FileKind.JSON


def _of_data(data: dict[str, Any]) -> FileKind:
    if isinstance(data.get("format"), str) and data["format"] in NAMED:
        return NAMED[data["format"]]
    if "poolConfig" in data or {"strategies", "reserves"} <= data.keys():
        return FileKind.SNAPSHOT
    if "reserves" in data and {"revision", "name", "e_modes", "addresses"} & data.keys():
        return FileKind.MARKET
    if data and all(map(_ACCOUNT.fullmatch, data)):
        return FileKind.ACCOUNTS
    return FileKind.RECEIPT if "logs" in data else FileKind.JSON
