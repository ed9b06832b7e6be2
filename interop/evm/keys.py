"""Keys of mappings that a transaction names: in its sender, its arguments and its events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts import acl_manager, addresses_provider

from .revm import RawLog

Key = tuple[Any, ...]

_NO_HEAD = bytes(12)
_NO_MIDDLE = bytes(8)
_ADDRESS_IN_TOPIC = "0x000000000000000000000000"

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

ALL_SMALL_NUMBERS = dict.fromkeys(range(256))


class Named:
    """The accounts, names and small numbers that a transaction named, in order and once each."""

    __slots__ = ("_by_kinds", "accounts", "names", "numbers", "spenders")

    def __init__(self) -> None:
        self.accounts: dict[Address, None] = {}
        self.spenders: dict[Address, None] = {}
        """Accounts that may be the second key of a pair: those that make calls and those in arguments."""
        self.names: dict[bytes, None] = dict(NAMES_IN_CODE)
        self.numbers: dict[int, None] = {}
        self._by_kinds: dict[tuple[str, ...], list[Key]] = {}

    def account(self, where: Address) -> None:
        """Name an account that may act."""
        self.accounts[where] = self.spenders[where] = None

    def arguments(self, values: Iterable[Any]) -> None:
        """Name what arguments say; byte strings are read word by word."""
        for value in values:
            kind = type(value)
            if kind is int:
                if 0 <= value < 256:
                    self.numbers[value] = None
            elif kind is str:
                if len(value) == 42:
                    self.accounts[value] = self.spenders[value] = None
            elif kind is bytes:
                self._bytes(value)
            elif kind is not bool:
                self.arguments(value)

    def _bytes(self, value: bytes) -> None:
        if len(value) == 32:
            self.names[value] = None
        self.data(value, 4 if len(value) % 32 == 4 else 0)

    def data(self, data: bytes, start: int = 0) -> None:
        """Name the words of some data that may be addresses."""
        for at in range(start, len(data) - 31, 32):
            if data[at : at + 12] == _NO_HEAD and data[at + 12 : at + 20] != _NO_MIDDLE:
                self.accounts["0x" + data[at + 12 : at + 32].hex()] = None

    def logs(self, logs: Iterable[RawLog]) -> None:
        """Name what events say."""
        for _, topics, data in logs:
            for topic in topics[1:]:
                if topic.startswith(_ADDRESS_IN_TOPIC):
                    self.accounts["0x" + topic[26:]] = None
                else:
                    self.names[bytes.fromhex(topic[2:])] = None
            self.data(data)

    def keys_of(self, kinds: tuple[str, ...]) -> list[Key]:
        """List the keys of a mapping, or of mappings in a mapping, that were named."""
        found = self._by_kinds.get(kinds)
        if found is None:
            found = self._by_kinds[kinds] = self._keys_of(kinds)
        return found

    def _keys_of(self, kinds: tuple[str, ...]) -> list[Key]:
        keys: list[Key] = [()]
        for place, kind in enumerate(kinds):
            parts: Iterable[Any]
            if kind == "address":
                parts = self.spenders if place and kinds[place - 1] == "address" else self.accounts
            elif kind == "bytes32":
                parts = self.names
            else:
                parts = self.numbers
            keys = [(*key, part) for key in keys for part in parts]
        return keys
