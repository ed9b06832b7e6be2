"""Gathers what classes and named accounts have into the columns of a book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from pooltwin.protocol.address import named_address

from ..units import RAY, to_units
from .book import Book
from .borrowers import Borrowers
from .columns import Column, Indexes
from .config import GeneratedBook, LenderClass, NamedAccount
from .errors import BookError
from .figures import MarketFigures


@dataclass
class _Side:
    """One side of one reserve, piece by piece."""

    columns: list[Column] = field(default_factory=list)
    flags: list[bool] = field(default_factory=list)

    def add(self, accounts: Indexes, shares: list[int], flag: bool) -> None:
        self.columns.append(Column.of(accounts, shares))
        self.flags.append(flag)

    def column(self) -> tuple[Column, Indexes]:
        """All pieces as one column, and its order in the pieces behind each other."""
        accounts = np.concatenate([piece.accounts for piece in self.columns])
        order = np.argsort(accounts, kind="stable")
        low = np.concatenate([piece.low for piece in self.columns])[order]
        high = np.concatenate([piece.high for piece in self.columns])[order]
        return Column(accounts[order], low, high), order.astype(np.int64)


class Gathering:
    """A book in the making."""

    def __init__(self, config: GeneratedBook, reserves: tuple[str, ...], market: MarketFigures) -> None:
        self.config, self.reserves, self.market = config, reserves, market
        self.supplies: dict[str, _Side] = defaultdict(_Side)
        self.debts: dict[str, _Side] = defaultdict(_Side)
        self.class_names = (*(["named"] if config.named else []), *(group.name for group in config.classes))
        count = config.accounts + len(config.named)
        self.e_modes, self.classes = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
        self.count = count

    def add_named(self, supply: dict[str, int], debt: dict[str, int]) -> None:
        """Give the named accounts what they have, out of totals (shares), which become less."""
        for number, one in enumerate(self.config.named):
            self.market.category(one.e_mode, one.name)
            self.e_modes[number] = one.e_mode
            self._take(one, number, one.supplied, supply, is_debt=False)
            self._take(one, number, one.borrowed, debt, is_debt=True)

    def _take(
        self, one: NamedAccount, number: int, amounts: Mapping[str, Decimal], left: dict[str, int], *, is_debt: bool
    ) -> None:
        for symbol, amount in amounts.items():
            reserve = self.market.reserve(symbol, one.name)
            try:
                units = to_units(amount, reserve.decimals)
            except ValueError as error:
                raise BookError(f"{one.name}: {symbol}: {error}") from None
            # Against the account, as a market rounds: a supply has a unit less, a debt a unit more.
            shares = -(-units * RAY // reserve.debt_index) if is_debt else units * RAY // reserve.income_index
            side = "owe" if is_debt else "have supplied"
            if shares > left.get(symbol, 0):
                raise BookError(f"{symbol}: {one.name!r} shall {side} {amount}, which is more than all of it")
            left[symbol] -= shares
            sides = self.debts if is_debt else self.supplies
            sides[symbol].add(np.array([number]), [shares], one.collateral)

    def add_borrowers(self, group: Borrowers) -> None:
        """Add the accounts of a class of borrowers."""
        self.classes[group.accounts] = self.class_names.index(group.group.name)
        self.e_modes[group.accounts] = group.group.e_mode
        for sides, given in ((self.debts, group.debts), (self.supplies, group.supplies)):
            for symbol, (places, shares) in given.items():
                sides[symbol].add(group.accounts[places], shares, True)

    def add_lenders(self, group: LenderClass, symbol: str, accounts: Indexes, shares: list[int]) -> None:
        """Add the accounts of a class that lend to one reserve."""
        self.classes[accounts] = self.class_names.index(group.name)
        flagged = group.collateral and self.market.threshold(symbol, 0) > 0
        self.supplies[symbol].add(accounts, shares, flagged)

    def book(self) -> Book:
        """Make the book of everything that was added."""
        supplied, flags = {}, {}
        for key in self.reserves:
            if key in self.supplies:
                side = self.supplies[key]
                supplied[key], order = side.column()
                lengths = [len(piece) for piece in side.columns]
                flags[key] = np.repeat(np.array(side.flags, dtype=np.bool_), lengths)[order]
        return Book(
            title=self.config.title,
            accounts=self.count,
            reserves=self.reserves,
            supplied_scaled=supplied,
            debt_scaled={key: self.debts[key].column()[0] for key in self.reserves if key in self.debts},
            collateral=flags,
            e_modes=self.e_modes,
            class_names=self.class_names,
            classes=self.classes,
            named={
                number: (one.name, one.address or named_address(f"book {self.config.title}: {one.name}"))
                for number, one in enumerate(self.config.named)
            },
        )
