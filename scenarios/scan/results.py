"""Results of a scan: columns of exact integers, in the order of the accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.pool_storage import UserAccountData
from pooltwin.protocol.math.uint import MAX_UINT256

from .numeric import Array, Mask, Rows, Words, np

FIELDS = UserAccountData._fields
_WORD = 1 << 64


@dataclass(frozen=True, eq=False)
class HealthFactors:
    """The health factor (wad) of each account, as two words of 64 bits."""

    accounts: Sequence[Address]
    low: Words
    high: Words
    owes: Mask
    """Whether there is a debt; else the health factor is 2**256 - 1, and both words are 0."""
    fails: Mask
    """Whose view reverts; both words are 0."""
    beyond: Mapping[int, int]
    """Health factors of 2**128 and more, by row."""
    by_rule: int
    """How many accounts were left to the release's own rule, in Python's integers."""

    def __len__(self) -> int:
        return len(self.low)

    def below(self, limit: int = 10**18) -> Mask:
        """Tell of each account whether its health factor is below a limit (wad), 10**18 by default."""
        if limit > MAX_UINT256:
            return ~self.fails
        high, low = divmod(min(limit, _WORD**2 - 1), _WORD)
        less = (self.high < np.uint64(high)) | ((self.high == np.uint64(high)) & (self.low < np.uint64(low)))
        found: Mask = less & self.owes & ~self.fails
        for row, factor in self.beyond.items():
            found[row] = factor < limit
        return found

    def exact(self) -> Array:
        """Give all as a column of Python's integers (dtype object), None where the view reverts."""
        column: Array = self.high.astype(object) * _WORD + self.low.astype(object)
        column[~self.owes] = MAX_UINT256
        for row, factor in self.beyond.items():
            column[row] = factor
        column[self.fails] = None
        return column


@dataclass(frozen=True, eq=False)
class AccountTable:
    """The six figures of `getUserAccountData` for each account; also of 64 bits and more, exact."""

    health: HealthFactors
    words: Mapping[str, Words]
    """By name, the figures but for the health factor; where they do not fit into 64 bits, see `beyond`."""
    beyond: Mapping[int, UserAccountData]
    """By row, the accounts with figures of 2**64 or more."""
    in_python: int
    """How many positions were valued by Python's integers, because a rounding was too near to tell."""

    @property
    def accounts(self) -> Sequence[Address]:
        """The address of each row."""
        return self.health.accounts

    @property
    def fails(self) -> Mask:
        """Whose view reverts: its figures are 0, and None in `column`."""
        return self.health.fails

    @property
    def by_rule(self) -> int:
        """How many accounts were left to the release's own rule, in Python's integers."""
        return self.health.by_rule

    def __len__(self) -> int:
        return len(self.health)

    def column(self, name: str) -> Array:
        """Give a figure of all accounts by its name in `getUserAccountData`.

        Of 64-bit integers where all fit, else of Python's integers (dtype object), None where the view reverts. Raises
        KeyError for another name.
        """
        if name == "health_factor":
            return self.health.exact()
        if name not in self.words:
            raise KeyError(f"there is no column {name!r}: there are {', '.join(FIELDS)}")
        words = self.words[name]
        if not self.beyond and not self.fails.any() and words.max(initial=np.uint64(0)) < _WORD // 2:
            return words.astype(np.int64)
        column = words.astype(object)
        for row, account in self.beyond.items():
            column[row] = getattr(account, name)
        column[self.fails] = None
        return column

    def columns(self) -> dict[str, Array]:
        """Give all figures, and the addresses."""
        return {"account": np.array(list(self.accounts), object), **{name: self.column(name) for name in FIELDS}}

    def __getitem__(self, row: int) -> UserAccountData | None:
        """Give the figures of one row; None where the view reverts."""
        row = range(len(self))[row]
        if self.fails[row]:
            return None
        if row in self.beyond:
            return self.beyond[row]
        health = self.health
        factor = health.beyond.get(row, int(health.high[row]) * _WORD + int(health.low[row]))
        figures = [int(self.words[name][row]) for name in FIELDS[:-1]]
        return UserAccountData._make([*figures, factor if health.owes[row] else MAX_UINT256])

    def __iter__(self) -> Iterator[UserAccountData | None]:
        return (self[row] for row in range(len(self)))


@dataclass(frozen=True, eq=False)
class LiquidatableSet:
    """The accounts that can be liquidated at one vector of prices: those whose health factor is below 1."""

    accounts: Sequence[Address]
    mask: Mask
    """Of each account, whether it can."""
    close: int
    """How many accounts were too close to 1 for floats; they were decided by the release's own rule."""
    odd: int
    """How many accounts only that rule can tell, as one with a position beyond what 57 bits hold."""
    fails: Rows
    """Rows of accounts whose view reverts; they are not counted as liquidatable."""
    prices: Mapping[str, int | None]

    @property
    def count(self) -> int:
        """How many there are."""
        return int(np.count_nonzero(self.mask))

    @property
    def rows(self) -> Array:
        """The rows of those who can be liquidated."""
        return np.flatnonzero(self.mask)

    def addresses(self) -> list[Address]:
        """The addresses of those who can be liquidated."""
        accounts: Any = self.accounts
        return [accounts[row] for row in self.rows.tolist()]
