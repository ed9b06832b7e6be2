"""Columns of scaled balances: one side of one reserve, as two arrays of 64 bits for each amount.

Amounts are shares, as the contracts store them, below 2^128.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

try:
    import numpy as np
except ImportError as error:
    raise ImportError("NumPy is needed for books of accounts: pip install 'pooltwin[bulk]'") from error
from numpy.typing import NDArray

Indexes = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

LOW = 2**64 - 1
MOST = 2**128


@dataclass(frozen=True, eq=False)
class Column:
    """The accounts that have something on one side of one reserve, and how much (shares, `high * 2**64 + low`)."""

    accounts: Indexes
    """Numbers of accounts, ascending, each once."""
    low: Words
    high: Words

    @classmethod
    def of(cls, accounts: Sequence[int] | Indexes, amounts: Iterable[int]) -> Column:
        """Make a column; accounts without an amount are left out.

        Raises ValueError for an account that is there twice, and for an amount below 0 or of more than 128 bits.
        """
        taken = list(amounts)
        numbers = np.asarray(accounts, dtype=np.int64)
        if len(numbers) != len(taken):
            raise ValueError(f"there are {len(numbers)} accounts, but {len(taken)} amounts")
        if taken and (min(taken) < 0 or max(taken) >= MOST):
            wrong = next(amount for amount in taken if not 0 <= amount < MOST)
            raise ValueError(f"{wrong} is no amount from 0 to 2**128 - 1")
        low = np.fromiter((amount & LOW for amount in taken), np.uint64, len(taken))
        high = np.fromiter((amount >> 64 for amount in taken), np.uint64, len(taken))
        order = np.argsort(numbers, kind="stable")
        order = order[(low[order] != 0) | (high[order] != 0)]
        numbers = numbers[order]
        if (numbers[1:] == numbers[:-1]).any():
            twice = int(numbers[1:][numbers[1:] == numbers[:-1]][0])
            raise ValueError(f"account {twice} is there twice")
        return cls(numbers, low[order], high[order])

    def __len__(self) -> int:
        return len(self.accounts)

    def amounts(self) -> list[int]:
        """List the amounts, in the order of `accounts`."""
        if not self.high.any():
            return [int(low) for low in self.low.tolist()]
        return [(high << 64) | low for low, high in zip(self.low.tolist(), self.high.tolist(), strict=True)]

    @property
    def total(self) -> int:
        """The sum of all amounts, exact."""
        halves = (
            int((part >> np.uint64(shift) & np.uint64(2**32 - 1)).sum(dtype=np.uint64)) << (base + shift)
            for part, base in ((self.low, 0), (self.high, 64))
            for shift in (0, 32)
        )
        return sum(halves)

    def entries(self, accounts: Indexes) -> dict[int, tuple[int, int]]:
        """Look up accounts: by number, the place in the column and the amount, of those who have something."""
        if not len(self.accounts):
            return {}
        places = np.minimum(np.searchsorted(self.accounts, accounts), len(self.accounts) - 1)
        places = places[self.accounts[places] == accounts]
        numbers, lows, highs = self.accounts[places].tolist(), self.low[places].tolist(), self.high[places].tolist()
        return {
            number: (place, (high << 64) | low)
            for number, place, low, high in zip(numbers, places.tolist(), lows, highs, strict=True)
        }

    def amount(self, account: int) -> int:
        """Read what one account has; 0 where it has nothing."""
        return self.entries(np.array([account])).get(account, (-1, 0))[1]

    def feed(self, digest: Any) -> None:
        """Feed the column into a hash, the same on every machine."""
        for array, kind in ((self.accounts, "<i8"), (self.low, "<u8"), (self.high, "<u8")):
            digest.update(array.astype(kind).tobytes())


EMPTY = Column(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint64))
"""A side on which nobody has anything."""


def sha256_of(parts: Iterable[bytes]) -> Any:
    """Begin a hash with some bytes, each with its length in front."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest
