"""Books from tables: rows of accounts become columns, and a running market becomes a book."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pooltwin.interop.tables.accounts import Amounts, read_accounts
from pooltwin.protocol.address import Address
from pooltwin.protocol.market import Market
from pooltwin.protocol.models.state import AccountState

from .book import Book
from .columns import Column
from .config import GeneratedBook, Settings, ShippedBook
from .generate import generate
from .placed import PlacedBook
from .shipped import shipped_settings


def load_book(
    table: Any,
    market: Market,
    *,
    title: str = "loaded",
    amounts: Amounts = "tokens",
    columns: Mapping[str, str] | None = None,
) -> Book:
    """Read a book from a table, as `load_accounts` reads it into a market: CSV, Parquet, data frame, list of mappings.

    Amounts are turned into shares at the market's indexes of now. Raises TableError with every wrong cell.
    """
    return book_of(read_accounts(market, table, amounts=amounts, columns=columns), market, title)


def book_of(accounts: Mapping[Address, AccountState], market: Market, title: str) -> Book:
    """Make a book of accounts as they are; each keeps its address, and is named by it."""
    reserves = tuple(market.assets)
    supplied, debts, flags = {}, {}, {}
    for key in reserves:
        own = [(number, state.reserves[key]) for number, state in enumerate(accounts.values()) if key in state.reserves]
        supplies = [(number, there) for number, there in own if there.scaled_supply]
        owed = [(number, there.scaled_variable_debt) for number, there in own if there.scaled_variable_debt]
        if supplies:
            supplied[key] = Column.of(
                [number for number, _ in supplies], [there.scaled_supply for _, there in supplies]
            )
            flags[key] = np.array([there.collateral for _, there in supplies], dtype=np.bool_)
        if owed:
            debts[key] = Column.of([number for number, _ in owed], [amount for _, amount in owed])
    return Book(
        title=title,
        accounts=len(accounts),
        reserves=reserves,
        supplied_scaled=supplied,
        debt_scaled=debts,
        collateral=flags,
        e_modes=np.array([state.e_mode for state in accounts.values()], dtype=np.uint8),
        named={number: (where, where) for number, where in enumerate(accounts)},
    )


def open_book(config: Settings, market: Market, *, folder: Path | None = None) -> PlacedBook:
    """Make the book that a scenario's file asks for, and put it into the market.

    Raises what `make_book` and `PlacedBook.place` raise.
    """
    return PlacedBook.place(market, make_book(config, market, folder=folder), out_of=config.out_of)


def make_book(config: Settings, market: Market, *, folder: Path | None = None) -> Book:
    """Make the book that a scenario's file asks for. `folder` is where the paths of tables begin.

    Raises BookError or TableError where it cannot be made.
    """
    if isinstance(config, ShippedBook):
        config = shipped_settings(config)
    if isinstance(config, GeneratedBook):
        return generate(config, market)
    path = (folder or Path()) / config.path
    return load_book(path, market, title=config.title, amounts=config.amounts, columns=config.columns)
