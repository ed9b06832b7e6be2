"""How long a book of a million accounts takes: `python -m tests.bench.books [ACCOUNTS]` prints it, with memory.

The shipped book of Ethereum Core, 16 reserves. Seconds are of the processor. Memory is the most that the process had by
then. Accounts that enter a market, and a run on WETH, are timed on a book of 20,000.
"""

from __future__ import annotations

import sys

from pooltwin.fixtures import load_market
from pooltwin.protocol import Market
from pooltwin.scenarios import PlacedBook, book_settings, exits_of, make_book

from .load_accounts import timed

NAME = "ethereum-core-2026-02"
SMALL = 20_000


def main() -> None:
    """Measure generating, placing, entering and leaving."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    market = Market.deploy(load_market(NAME))
    print(f"{accounts} accounts in {len(market.assets)} reserves")
    whole = timed("generate the book", lambda: make_book(book_settings(NAME, accounts=accounts), market))
    positions = sum(len(side(key)) for key in whole.reserves for side in (whole.supplied, whole.owed))
    print(f"{positions} positions, digest {timed('hash it', whole.digest)[:16]}")
    small = make_book(book_settings(NAME, accounts=SMALL), market)
    placed = PlacedBook.place(market, small)
    branch = placed.fork(market.fork())
    timed(f"let {small.accounts} accounts enter a market", lambda: branch.materialise(range(small.accounts)))
    timed("play a run on WETH, turn by turn", lambda: exits_of(market, "WETH", placed=placed))


if __name__ == "__main__":
    main()
