"""An engine of bytecode in one string, as "bytecode:3.6:out": the release that compiled contracts come from, and where.

After the artifacts may follow a file of layouts, and which contracts stand in for those of the release, as
"bytecode:3.6:artifacts.json:layout.json:PoolInstance=MyPool"; and the state of a chain whose own code runs, as
"bytecode:3.6:out:state=dump.json". Such a string goes into histories and to other processes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

SCHEME = "bytecode"
STATE, ACCOUNTS, PROVIDER = "state", "accounts", "provider"
"""What tells of a running market, each as KEY=VALUE."""
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_DRIVE = re.compile(r"(\w+=)?[A-Za-z]")
_NAME = re.compile(r"[\w$]+|[\w$@./ -]+\.sol(/[\w$]+)?")


@dataclass(frozen=True)
class BytecodeName:
    """The contents of such a string."""

    release: str
    """The release that the contracts come from, and whose laws they are held to."""
    artifacts: Path
    """What a compiler wrote: a folder or a file."""
    layout: Path | None = None
    """Where the contracts keep variables of their own."""
    contracts: Mapping[str, str] = field(default_factory=dict)
    """Contracts that stand in for others: by the name that the release has, their own."""
    state: Path | None = None
    """The state of a chain on which a market runs, with its own code; the compiled contracts are for what comes new."""
    accounts: Path | None = None
    """A file with the addresses of accounts that the state has something about and does not name."""
    provider: str = ""
    """The market's registry or pool, where the state has several markets."""

    def __str__(self) -> str:
        paths = [self.artifacts, *([self.layout] if self.layout is not None else [])]
        running = {STATE: self.state, ACCOUNTS: self.accounts}
        told = [f"{key}={path.as_posix()}" for key, path in running.items() if path is not None]
        told += [f"{PROVIDER}={self.provider}"] if self.provider else []
        told += [f"{kind}={name}" for kind, name in self.contracts.items()]
        return ":".join((SCHEME, self.release, *(path.as_posix() for path in paths), *told))

    def seen_from(self, folder: Path) -> BytecodeName:
        """Return it with paths as they are told in a folder, relative to it."""
        return self._with_paths(lambda path: Path(os.path.relpath(path.resolve(), folder.resolve())))

    def found_from(self, folder: Path) -> BytecodeName:
        """Return it with whole paths, where those of the string were told in a folder."""
        return self._with_paths(lambda path: Path(os.path.normpath(folder.resolve().joinpath(path))))

    def _with_paths(self, told: Callable[[Path], Path]) -> BytecodeName:
        layout, state, accounts = (
            None if path is None else told(path) for path in (self.layout, self.state, self.accounts)
        )
        return replace(self, artifacts=told(self.artifacts), layout=layout, state=state, accounts=accounts)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files and folders that it names."""
        return tuple(path for path in (self.artifacts, self.layout, self.state, self.accounts) if path is not None)


def is_bytecode(engine: str) -> bool:
    """Does a string name an engine of bytecode, and no import path?"""
    return engine.startswith(f"{SCHEME}:")


def bytecode_named(engine: str) -> BytecodeName:
    """Read such a string. Raises ValueError for one of another form, saying which form it should have."""
    scheme, *parts = _whole_paths(engine.split(":"))
    paths = [part for part in parts[1:] if "=" not in part]
    if scheme != SCHEME or not all(parts) or not 1 <= len(paths) <= 2 or parts[1] != paths[0]:
        raise ValueError(
            f"{engine!r} names no bytecode: expected bytecode:RELEASE:ARTIFACTS, as bytecode:3.6:out, and behind it, "
            "if needed, :LAYOUT, :state=FILE and :KIND=NAME"
        )
    artifacts, layout = Path(paths[0]), Path(paths[1]) if len(paths) == 2 else None
    told = [part for part in parts if "=" in part]
    running = _running(part for part in told if part.startswith(_RUNNING))
    return BytecodeName(
        parts[0], artifacts, layout, stand_ins(part for part in told if not part.startswith(_RUNNING)), **running
    )


_RUNNING = (f"{STATE}=", f"{ACCOUNTS}=", f"{PROVIDER}=")


def _running(texts: Iterable[str]) -> dict[str, Any]:
    """Read what tells of a running market. Raises ValueError for what is told twice, or of no state."""
    found: dict[str, Any] = {}
    for text in texts:
        key, _, value = text.partition("=")
        if key in found or not value:
            raise ValueError(f"{text!r}: {key} is told once, as {key}={'0x...' if key == PROVIDER else 'FILE'}")
        if key == PROVIDER and not _ADDRESS.fullmatch(value):
            raise ValueError(f"{text!r}: {value!r} is not an address: expected 0x and 40 hex digits")
        found[key] = value.lower() if key == PROVIDER else Path(value)
    if found and STATE not in found:
        raise ValueError(
            f"{next(iter(found))}={next(iter(found.values()))}: is of a running market, but no state is told"
        )
    return found


def _whole_paths(parts: list[str]) -> list[str]:
    """Put drives back before the paths that they belong to, as in "C:/out"."""
    found: list[str] = []
    for part in parts:
        if len(found) > 1 and _DRIVE.fullmatch(found[-1]) and part[:1] in ("/", "\\"):
            found[-1] += f":{part}"
        else:
            found.append(part)
    return found


def stand_ins(texts: Iterable[str]) -> dict[str, str]:
    """Read which contracts stand in for others, each as "PoolInstance=MyPool". Raises ValueError for another form.

    A contract may be named with its file, or by it: "src/MyPool.sol/MyPool", "src/MyPool.sol".
    """
    found: dict[str, str] = {}
    for text in texts:
        kind, equals, name = text.partition("=")
        if not equals or not kind.isidentifier() or not _NAME.fullmatch(name):
            raise ValueError(f"{text!r} names no contract: expected KIND=NAME, as PoolInstance=MyPool")
        if found.setdefault(kind, name) != name:
            raise ValueError(f"{kind} is told twice: {found[kind]} and {name}")
    return found
