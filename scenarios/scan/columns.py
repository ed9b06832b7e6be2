"""Accounts as columns: which have what on each side of each reserve. Read from a running market, or given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pooltwin.protocol.address import Address
from pooltwin.protocol.reads.accounts import accounts_of
from pooltwin.protocol.reads.present import Listing, listings

from .numeric import Array, Mask, Rows, Words, np
from .rule import Stable

_WORD = (1 << 64) - 1


@dataclass(frozen=True, eq=False)
class Side:
    """One side of one reserve: the accounts that use it, and their shares as two words of 64 bits."""

    reserve_id: int
    is_debt: bool
    rows: Rows
    """Rows of accounts, each once."""
    low: Words
    high: Words
    stable: Mapping[int, Stable] = field(default_factory=dict)
    """Debts at stable rates, by row. Until v3.0.2."""


@dataclass(frozen=True, eq=False)
class Columns:
    """All accounts: as many rows as there are e-modes, and the sides that count for them.

    A supply counts where it is flagged as collateral, a debt where the pool has its account down as a borrower.
    """

    e_modes: Array
    sides: tuple[Side, ...]
    accounts: Sequence[Address]
    """Address of each row."""

    def __len__(self) -> int:
        return len(self.e_modes)


class HeldShares(Protocol):
    """A column of a book: numbers of accounts, ascending, and shares as two words of 64 bits."""

    @property
    def accounts(self) -> Array: ...
    @property
    def low(self) -> Words: ...
    @property
    def high(self) -> Words: ...


class BookOfAccounts(Protocol):
    """A book as a scan reads it: accounts are numbers, reserves are named by key."""

    @property
    def reserves(self) -> Sequence[str]: ...
    @property
    def e_modes(self) -> Array: ...
    @property
    def collateral(self) -> Mapping[str, Mask]: ...
    def supplied(self, symbol: str) -> HeldShares: ...
    def owed(self, symbol: str) -> HeldShares: ...
    def address(self, account: int) -> Address: ...


class _Addresses(Sequence[Address]):
    """Addresses of a book's accounts, each made when it is asked for."""

    def __init__(self, book: BookOfAccounts) -> None:
        self._book = book

    def __len__(self) -> int:
        return len(self._book.e_modes)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        return self._book.address(range(len(self))[row])


def of_book(book: BookOfAccounts, ids: Mapping[str, int]) -> Columns:
    """Read a book; `ids` are the reserves' by key. Raises ValueError for a reserve that the market does not list."""
    sides = []
    for key in book.reserves:
        supplied, owed = book.supplied(key), book.owed(key)
        if not len(supplied.accounts) and not len(owed.accounts):
            continue
        if key not in ids:
            raise ValueError(f"the book has accounts in {key}, which the market does not list")
        counts = book.collateral[key] if len(supplied.accounts) else np.zeros(0, np.bool_)
        held = (supplied.accounts[counts], supplied.low[counts], supplied.high[counts])
        for is_debt, (rows, low, high) in ((False, held), (True, (owed.accounts, owed.low, owed.high))):
            sides.append(Side(ids[key], is_debt, rows.astype(np.int32), low, high))
    return Columns(np.asarray(book.e_modes, np.uint8), tuple(sides), _Addresses(book))


def of_pool(pool: Any, accounts: Iterable[Address] | None = None) -> Columns:
    """Read a running pool: all accounts that hold a share, a debt or a flag, or those named."""
    names = accounts_of(pool) if accounts is None else list(accounts)
    flags = _words([pool.users_config[name] for name in names], 4)
    modes = np.fromiter((pool.users_e_mode[name] for name in names), np.uint8, len(names))
    row_of = {name: row for row, name in enumerate(names)}
    sides = [side for listing in listings(pool) for side in _sides(listing, row_of, flags)]
    return Columns(modes, tuple(sides), names)


def _sides(listing: Listing, row_of: Mapping[Address, int], flags: Words) -> Iterator[Side]:
    for is_debt, token in ((False, listing.a_token), (True, listing.debt_token)):
        bit = 2 * listing.id + (not is_debt)
        rows = np.flatnonzero(flags[:, bit // 64] >> np.uint64(bit % 64) & np.uint64(1)).astype(np.int32)
        shares = _shares(token.scaled_balances, row_of)[rows]
        stable = _stable(listing.stable_debt_token, row_of) if is_debt else {}
        yield Side(listing.id, is_debt, rows, shares[:, 0].copy(), shares[:, 1].copy(), stable)


def _shares(ledger: Mapping[Address, int], row_of: Mapping[Address, int]) -> Words:
    """Give all rows' shares in one ledger, two words each."""
    found = np.zeros((len(row_of), 2), np.uint64)
    if len(row_of) * 8 < len(ledger):
        ledger = {name: ledger[name] for name in row_of if name in ledger}
    rows = np.fromiter((row_of.get(name, -1) for name in ledger), np.int64, len(ledger))
    shares = _words(list(ledger.values()), 2)
    found[rows[rows >= 0]] = shares[rows >= 0]
    return found


def _words(numbers: Sequence[int], words: int) -> Words:
    """Write integers as so many words of 64 bits, lowest first; those that do not fit raise OverflowError."""
    raw = b"".join(number.to_bytes(8 * words, "little") for number in numbers)
    return np.frombuffer(raw, "<u8").astype(np.uint64).reshape(len(numbers), words)


def _stable(token: Any, row_of: Mapping[Address, int]) -> dict[int, Stable]:
    if token is None:
        return {}
    rates, since = token.previous_indexes, token.timestamps
    return {
        row_of[name]: Stable(principal, rates[name], since[name])
        for name, principal in token.scaled_balances.items()
        if principal and name in row_of
    }
