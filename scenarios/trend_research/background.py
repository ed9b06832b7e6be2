"""Everybody else as a book of thousands of generated accounts: one account has it all, and those who act enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pooltwin.protocol.market import Market

from ..units import WAD
from .accounts import Account
from .parameters import ReplayParameters

if TYPE_CHECKING:
    from ..books.placed import PlacedBook

NEAR_WAD = WAD + WAD // 2_000
"""Accounts enter the market when their health factor may be below 1.0005."""

RETURNING_LOOPERS = 20
"""So many of the largest debtors of WETH may bring some back."""


class BookNeedsNumPyError(ValueError):
    """A book is asked for where NumPy is not installed."""


def place_book(
    market: Market, parameters: ReplayParameters, supplied: dict[str, int], borrowed: dict[str, int]
) -> Background:
    """Generate the book of the parameters with these totals, in units of the tokens, and put it into the market.

    Raises BookError where the totals do not suffice for what its classes shall have, BookNeedsNumPyError without NumPy.
    """
    try:
        from ..books.core import core_book  # noqa: PLC0415 - NumPy is an extra
        from ..books.placed import PlacedBook  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise BookNeedsNumPyError(
            "background: a book needs NumPy (pip install 'pooltwin[bulk]'); \"six accounts\" does without"
        ) from error
    book = core_book(
        market,
        supplied=supplied,
        borrowed=borrowed,
        seed=parameters.book_seed,
        accounts=parameters.book_accounts,
        stable_ltv_bps=parameters.book_stable_ltv_bps,
    )
    return Background(PlacedBook.place(market, book))


class Background:
    """The book in its market, and who of it has entered."""

    def __init__(self, placed: PlacedBook) -> None:
        self.placed = placed
        self.entered: dict[int, Account] = {}
        """By number in the book."""
        self.near: list[Account] = []
        """Those who may have been liquidatable when somebody last looked, and those who ever were liquidated."""
        self.hit: set[str] = set()
        """Names of those who were liquidated: what the book says of them is no longer so."""

    def look(self) -> None:
        """See who may be liquidatable at the prices of now, and let them enter."""
        from ..books.entering import perhaps_below  # noqa: PLC0415
        from ..books.figures import figures_of  # noqa: PLC0415

        found = perhaps_below(self.placed.book, figures_of(self.placed.market), NEAR_WAD)
        numbers = set(found.tolist()) | {number for number, one in self.entered.items() if one.name in self.hit}
        self.near = self.enter(sorted(numbers))

    def enter(self, numbers: list[int]) -> list[Account]:
        """Let accounts act; those who are there already stay as they are."""
        new = [number for number in numbers if number not in self.entered]
        for number, address in zip(new, self.placed.materialise(new), strict=True):
            self.entered[number] = Account.at(self.placed.book.name(number), address)
        return [self.entered[number] for number in numbers]

    def largest_debtors(self, symbol: str, count: int = RETURNING_LOOPERS) -> list[Account]:
        """Let those who owe most of an asset enter, the largest first."""
        owed: Any = self.placed.book.owed(symbol)
        shares = [high << 64 | low for high, low in zip(owed.high.tolist(), owed.low.tolist(), strict=True)]
        ranked = sorted(zip(shares, owed.accounts.tolist(), strict=True), reverse=True)
        return self.enter([number for _, number in ranked[:count]])
