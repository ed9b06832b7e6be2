"""The clock of a chain: time, block number and chain id are arguments, set by whoever drives it."""

from __future__ import annotations

from typing import Any

from .machine.coercion import integer
from .snapshots import Rewindable

MAX_TIMESTAMP = 2**40 - 1


class Clocked(Rewindable):
    """A chain that knows what time it is."""

    __slots__ = ("chain_id", "number", "time")

    chain_id: int
    number: int
    time: int

    def restore(self, name: str, old: Any) -> None:
        """Put back an old time or block number."""
        setattr(self, name, old)

    def set_time(self, timestamp: int, number: int | None = None) -> None:
        """Move the clock. Raises ValueError when it would run backwards or past 40 bits."""
        self._refuse_inside_transaction("time cannot be moved")
        timestamp = checked_timestamp(timestamp)
        if timestamp < self.time:
            raise ValueError(f"time {timestamp} is before the present {self.time}")
        self.begin_step()
        self.journal.entries += [(self, "time", self.time), (self, "number", self.number)]
        self.time = timestamp
        self.number = self.number if number is None else integer(number, "a block number")
        if self.watcher is not None:
            self.watcher.time_passed()

    def advance(self, seconds: int, blocks: int = 1) -> None:
        """Let time pass."""
        self.set_time(
            self.time + integer(seconds, "a time in seconds"), self.number + integer(blocks, "a number of blocks")
        )

    def set_chain_id(self, chain_id: int) -> None:
        """Be another chain from now on, as a fork of a chain is. Raises ValueError for what is no chain id."""
        if type(chain_id) is not int or chain_id < 1:
            raise ValueError(f"{chain_id!r} is not a chain id")
        self._refuse_inside_transaction("the chain id cannot change")
        self.begin_step()
        self.journal.entries.append((self, "chain_id", self.chain_id))
        self.chain_id = chain_id


def checked_timestamp(timestamp: int) -> int:
    """Check a time in seconds since 1970. Raises ValueError for what is none, or past 40 bits."""
    what = "a time in seconds below 2**40"
    number = integer(timestamp, what)
    if not 0 <= number <= MAX_TIMESTAMP:
        raise ValueError(f"{timestamp!r} is not {what}")
    return number
