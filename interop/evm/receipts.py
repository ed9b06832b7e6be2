"""Receipts of transactions of bytecode, whose events are read from the logs when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.receipt import Receipt

Emitted = list[tuple[Address, Any]]


class ReceiptOfLogs(Receipt):
    """A receipt like any other: most of what laws try is looked at for its outcome only, not for its events."""

    __slots__ = ("_emitted", "_read")
    _emitted: Emitted
    _read: Callable[[], Emitted] | None

    @property
    def emitted(self) -> Emitted:
        """The events in order, each with the address that emitted it; none when the transaction reverted."""
        if self._read is not None:
            self.emitted = self._read()
        return self._emitted

    @emitted.setter
    def emitted(self, emitted: Emitted) -> None:
        self._emitted, self._read = emitted, None

    def read_when_asked(self, read: Callable[[], Emitted]) -> None:
        """Say what reads the events."""
        self._read = read
