"""Keys of mappings that a transaction names: in its sender, its arguments and its events."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, product
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts import acl_manager, addresses_provider
from pooltwin.protocol.events import BalanceTransfer, Burn, Mint, Transfer
from pooltwin.protocol.evm_storage.words import TEXT
from pooltwin.protocol.machine.abi import address_in

from .revm import RawLog

Key = tuple[Any, ...]
Kinds = tuple[str, ...]
"""The types of a mapping's keys, outermost first."""

_NO_HEAD = bytes(12)
_NO_MIDDLE = bytes(8)

NAMES_IN_CODE = dict.fromkeys(
    (
        bytes(32),
        *(
            value
            for module in (acl_manager, addresses_provider)
            for value in vars(module).values()
            if isinstance(value, bytes) and len(value) == 32
        ),
    )
)
"""Roles, and entries of the registry: constants of the contracts, which no argument has to name."""

_MOVES: tuple[Any, ...] = (BalanceTransfer, Burn, Mint, Transfer)
MOVES = {moved.topic0 for moved in _MOVES}
"""Events that tell of amounts that moved, and so of two accounts that need not be the keys of anything."""

LONGEST_TEXT = 1024
"""A longer text (bytes) is not looked for as a key."""

ALL_SMALL_NUMBERS = dict.fromkeys(range(256))


def is_number(kind: str) -> bool:
    """Are keys of this type numbers?"""
    return kind.startswith(("uint", "int"))


class Named:
    """The accounts, names and small numbers that a transaction named.

    Those in an event are named to the contract that emitted it. Those in the sender and the arguments, too, and all of
    them in pairs, are named to the contracts that are told `everything`: the pool, and whatever was called.
    """

    __slots__ = (
        *("_all", "_in_logs", "_large", "_pairs", "actors", "everything", "governs", "names", "numbers", "pool"),
        *("settled", "texts"),
    )

    def __init__(self, *actors: Address) -> None:
        self.actors: dict[Address, None] = dict.fromkeys(actors)
        self.everything: set[Address] = set()
        self.pool: Address | None = None
        """The pool, to which only pairs with the sender are named: the first of the actors."""
        self.governs = False
        """Is it a call that may list assets?"""
        self.settled = True
        """Is it a call that may write what only governance writes?"""
        self.names: dict[bytes, None] = {}
        self.numbers: dict[int, None] = {}
        self.texts: dict[str, None] = {}
        self._large: dict[int, None] = {}
        self._all: dict[Address, None] = {}
        self._in_logs: dict[Address, dict[Address, None]] = {}
        self._pairs: dict[Address, dict[Key, None]] = {}

    def arguments(self, values: Iterable[Any]) -> None:
        """Name what arguments say; byte strings are read word by word."""
        for value in values:
            kind = type(value)
            if kind is int:
                if 0 <= value < 256:
                    self.numbers[value] = None
                else:
                    self._large[value] = None
            elif kind is str:
                if len(value) == 42:
                    self.actors[value] = None
                else:
                    self.texts[value] = None
            elif kind is bytes:
                if len(value) == 32:
                    self.names[value] = None
                start = 4 if len(value) % 32 == 4 else 0
                self.actors.update(dict.fromkeys(_addresses_in(value, start)))
                self._large.update(dict.fromkeys(_numbers_in(value, start)))
                self.texts.update(dict.fromkeys(_texts_in(value, start)))
            elif kind is not bool:
                self.arguments(value)

    def logs(self, logs: Iterable[RawLog]) -> None:
        """Name what events say."""
        for where, topics, data in logs:
            told = self._in_logs.setdefault(where, {})
            first = []
            for topic in topics[1:]:
                account = address_in(topic)
                if account is None:
                    self.names[topic] = None
                else:
                    first.append(account)
            for account in (*first, *_addresses_in(data)) if data else first:
                told[account] = self._all[account] = None
            if len(first) > 1 and topics[0] not in MOVES:
                self._pairs.setdefault(where, {}).update(dict.fromkeys(pairwise(first)))

    def everybody(self) -> dict[Address, None]:
        """List all accounts that were named."""
        return {**self.actors, **self._all}

    def keys_of(self, kinds: Kinds, where: Address, more: Iterable[int] | None = None) -> Iterable[Key]:
        """List the keys of a contract's mapping, or of mappings in its mappings, that were named.

        With `more` numbers, large ones that were named count too: those of the twin's own mappings are all small.
        """
        if kinds == ("address",):
            return zip(self._accounts(where))
        if kinds == ("address", "address"):
            own = self._pairs.get(where, ())
            return (*self._pairs_of_actors(where), *own) if where in self.everything else own
        parts: list[Iterable[Any]] = []
        numbers = self.numbers if more is None else self._all_numbers(more)
        for kind in kinds:
            if kind == "address":
                parts.append(self._accounts(where))
            elif kind == TEXT:
                parts.append(self.texts)
            else:
                parts.append({**NAMES_IN_CODE, **self.names} if kind == "bytes32" else numbers)
        return product(*parts)

    def _all_numbers(self, more: Iterable[int]) -> dict[int, None]:
        told = (int.from_bytes(name) for name in self.names)
        return {**self.numbers, **self._large, **dict.fromkeys(told), **dict.fromkeys(more)}

    def _pairs_of_actors(self, where: Address) -> Iterable[Key]:
        if where != self.pool:
            return product(self.actors, self.actors)
        sender, *others = self.actors
        return ((sender, sender), *[(sender, other) for other in others], *[(other, sender) for other in others])

    def _accounts(self, where: Address) -> Iterable[Address]:
        if where in self.everything:
            return self.everybody()
        return self._in_logs.get(where, ())


def _addresses_in(data: bytes, start: int = 0) -> Iterable[Address]:
    """Find the words that may be addresses."""
    for at in range(start, len(data) - 31, 32):
        if data[at + 12 : at + 20] != _NO_MIDDLE and data[at : at + 12] == _NO_HEAD:  # most hold amounts
            yield "0x" + data[at + 12 : at + 32].hex()


def _numbers_in(data: bytes, start: int) -> Iterable[int]:
    """Read every word as a number."""
    return (int.from_bytes(data[at : at + 32]) for at in range(start, len(data) - 31, 32))


def _texts_in(data: bytes, start: int) -> Iterable[str]:
    """Find what may be texts: a length, and behind it so many bytes, with zeros up to the end of their last word."""
    for at in range(start, len(data) - 63, 32):
        length = int.from_bytes(data[at : at + 32])
        if 0 < length <= LONGEST_TEXT:
            end = at + 32 + length
            padding = data[end : end + -length % 32]
            if len(padding) == -length % 32 and not any(padding):
                yield data[at + 32 : end].decode("utf-8", "surrogateescape")
