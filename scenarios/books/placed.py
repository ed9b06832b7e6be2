"""A book in a market: one account has everything, and those who act are taken out of it, share by share.

The account of the rest lends and owes for all who are not there themselves, so that totals, indexes and rates are those
of the whole book from the beginning. Nothing that it has is collateral: nobody can liquidate it, and its health factor
says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.market import Market
from pooltwin.protocol.market_state.adding import Adding
from pooltwin.protocol.models.state import AccountReserveState, AccountState

from ..units import WAD
from .book import Book
from .entering import perhaps_below
from .errors import BookError
from .figures import figures_of


class PlacedBook:
    """A book of which some accounts are in a market by themselves."""

    def __init__(self, market: Market, book: Book, rest: Address, inside: Iterable[int] = ()) -> None:
        self.market, self.book, self.rest = market, book, rest
        self.inside = set(inside)
        """Numbers of the accounts that were taken out of the rest."""

    @classmethod
    def place(cls, market: Market, book: Book, *, out_of: Address | None = None) -> Self:
        """Put a book into a market, as one account with everything; or let `out_of`, who has it already, be the rest.

        The caps of the market are not asked. Raises BookError for a reserve that the market does not list, StateError
        where more is owed than is supplied, and RuntimeError inside a transaction.
        """
        strange = [key for key in book.reserves if key not in market.assets]
        if strange:
            raise BookError(f"{strange[0]!r} is no reserve of the market; reserves are {', '.join(market.assets)}")
        rest = out_of or named_address(f"book {book.title}: the rest")
        if out_of is None:
            sides = {key: (book.supplied(key).total, book.owed(key).total) for key in book.reserves}
            own = {
                key: AccountReserveState(scaled_supply=supply, scaled_variable_debt=debt)
                for key, (supply, debt) in sides.items()
                if supply or debt
            }
            with _unwatched(market):
                _adding(market).add({rest: AccountState(reserves=own)}, lender=None, out_of=None)
        return cls(market, book, rest)

    def materialise(self, accounts: Iterable[int]) -> list[Address]:
        """Let accounts act: each gets its shares out of the rest. Returns their addresses, in the order given.

        Those that are inside already stay as they are. No total, index or rate changes. A monitor that watches begins
        anew afterwards. Raises IndexError for a number that no account has, StateError where the rest has less than an
        account shall have, and RuntimeError inside a transaction; nothing is changed then.
        """
        asked = list(accounts)
        where = {number: self.book.address(number) for number in asked}
        new = [number for number in where if number not in self.inside]
        states = {where[number]: state for number, state in self.book.states(new).items()}
        if states:
            with _unwatched(self.market):
                _adding(self.market).add(states, lender=None, out_of=self.rest)
            self.inside.update(new)
        return [where[number] for number in asked]

    def enter_below(self, health_factor: int = WAD) -> list[Address]:
        """Let all accounts enter whose health factor may be below a limit (wad) at the prices of now.

        Returns the addresses of those who are new; a few of them are just above. Call it after each print of a price,
        and before anybody looks for somebody to liquidate. Raises as `materialise` does.
        """
        numbers = perhaps_below(self.book, figures_of(self.market), health_factor).tolist()
        return self.materialise(number for number in numbers if number not in self.inside)

    def fork(self, market: Market) -> PlacedBook:
        """Make the same for a fork of the market: what enters there does not enter here."""
        return PlacedBook(market, self.book, self.rest, self.inside)


@contextmanager
def _unwatched(market: Market) -> Iterator[None]:
    """Have a monitor stop to watch, and begin anew afterwards: laws judge calls, and nobody called."""
    watcher = market.chain.watcher
    if not isinstance(watcher, Monitor):
        yield
        return
    watcher.detach()
    try:
        yield
    finally:
        watcher.attach()


def _adding(market: Market) -> Adding:
    return Adding(market.chain, market.provider.address, market.assets)
