"""Makes a book from its settings and a market: totals exact to the smallest unit, every account feasible.

Debts come first: sizes by rank are dealt to the classes and the reserves they owe to, and each reserve's total is split
by them. Each account's loan-to-value then says what collateral it has. Lenders have the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pooltwin.protocol.market import Market

from ..units import RAY, to_units
from .book import Book
from .borrowers import Borrowers
from .columns import Indexes
from .config import BorrowerClass, GeneratedBook
from .dealing import dealt
from .errors import BookError
from .figures import MarketFigures, ReserveFigures, figures_of
from .gathering import Gathering
from .integers import shuffled, telescoped
from .lenders import lend
from .sizes import weights_by_rank


@dataclass(frozen=True)
class Totals:
    """Totals of a book, in shares by key of the reserve."""

    supply: dict[str, int]
    debt: dict[str, int]


def generate(config: GeneratedBook, market: Market) -> Book:
    """Make a book for a market as it is now: its prices, indexes and thresholds.

    Equal settings and markets make equal books on every machine. Raises BookError, naming reserve, class and figures,
    where totals do not suffice for what classes shall have.
    """
    figures = figures_of(market)
    totals = _totals(config, market, figures)
    book = Gathering(config, tuple(figures.reserves), figures)
    book.add_named(totals.supply, totals.debt)
    _check_classes(config, figures)
    counts = telescoped(config.accounts, [group.share for group in config.classes])
    order = shuffled(config.seed, "accounts", config.accounts) + len(config.named)
    owing = sum(counts[: len(config.borrowers)])
    taken: dict[str, dict[str, int]] = {}
    for borrowers in _borrowers(config, figures, totals, counts, order[:owing]):
        borrowers.pledge(figures, config.least_health_bps)
        taken[borrowers.group.name] = borrowers.supply(figures)
        book.add_borrowers(borrowers)
    rest = _rest(totals.supply, taken, figures)
    members = np.split(order[owing:], np.cumsum(counts[len(config.borrowers) :])[:-1])
    for group, symbol, accounts, shares in lend(config, figures, rest, members):
        book.add_lenders(group, symbol, accounts, shares)
    return book.book()


def _totals(config: GeneratedBook, market: Market, figures: MarketFigures) -> Totals:
    """The totals of the settings, in shares: none of them is worth more than was asked for."""
    if config.totals == "market":
        who = str(config.out_of)
        return Totals(
            {key: int(market.a_token(key).scaled_balance_of(who)) for key in figures.reserves},
            {key: int(market.debt_token(key).scaled_balance_of(who)) for key in figures.reserves},
        )
    totals = Totals({}, {})
    for key, given in config.totals.items():
        if key not in figures.reserves:
            raise BookError(f"totals: {key!r} is no reserve; reserves are {', '.join(figures.reserves)}")
        reserve = figures.reserves[key]
        try:
            supplied, borrowed = (to_units(amount, reserve.decimals) for amount in (given.supplied, given.borrowed))
        except ValueError as error:
            raise BookError(f"totals: {key}: {error}") from None
        totals.supply[key] = supplied * RAY // reserve.income_index
        totals.debt[key] = borrowed * RAY // reserve.debt_index
    return totals


def _check_classes(config: GeneratedBook, market: MarketFigures) -> None:
    """Check that the market allows what the classes do."""
    for group in config.borrowers:
        category = market.category(group.e_mode, group.name)
        for symbol, part in group.collateral.items():
            reserve = market.reserve(symbol, group.name)
            if part and not market.threshold(symbol, group.e_mode):
                raise BookError(f"{symbol}: no collateral, but {group.name!r} has it as one")
            if part and reserve.debt_ceiling:
                raise BookError(f"{symbol}: isolated collateral, which {group.name!r} cannot have in a generated book")
        owed = [symbol for symbol, part in group.debts.items() if part]
        for symbol in owed:
            if market.reserve(symbol, group.name).siloed and len(owed) > 1:
                raise BookError(f"{symbol}: siloed, so {group.name!r} can owe nothing else")
            if category is not None and symbol not in category.borrowable:
                raise BookError(f"{symbol}: cannot be borrowed in e-mode {group.e_mode}, but {group.name!r} owes it")


def _borrowers(
    config: GeneratedBook, market: MarketFigures, totals: Totals, counts: list[int], order: Indexes
) -> list[Borrowers]:
    """Deal sizes to classes and reserves, and let every class owe its part."""
    parts = _parts_of_debts(config.borrowers, totals.debt)
    cells = [(number, symbol) for number, owed in enumerate(parts) for symbol in owed]
    values = [market.reserve(symbol, "totals").debt_value(parts[number][symbol]) for number, symbol in cells]
    if not cells:
        return []
    sizes = _cell_sizes(config.borrowers, parts, cells, values, counts)
    weights = weights_by_rank(config.sizes, sum(sizes))
    groups = dealt(weights, values, sizes)
    found = []
    for number, group in enumerate(config.borrowers):
        assets = tuple(parts[number])
        own = [cells.index((number, symbol)) for symbol in assets]
        if not own:
            continue
        places = np.flatnonzero(np.isin(groups, own))
        first = groups[places] - own[0]
        one = Borrowers(group, order[places], weights[places], first, assets, config.seed)
        one.owe(parts[number], market)
        found.append(one)
    return found


def _parts_of_debts(groups: tuple[BorrowerClass, ...], debt: Mapping[str, int]) -> list[dict[str, int]]:
    """Every class's part of each reserve's debt (shares); they sum to the total."""
    parts: list[dict[str, int]] = [{} for _ in groups]
    for symbol, total in debt.items():
        if not total:
            continue
        asked = [group.debts.get(symbol, 0) for group in groups]
        if not any(asked):
            raise BookError(f"{symbol}: {total} shares are owed, but no class owes a part of it")
        for number, amount in enumerate(telescoped(total, asked)):
            if amount:
                parts[number][symbol] = amount
    return parts


def _cell_sizes(
    groups: tuple[BorrowerClass, ...],
    parts: list[dict[str, int]],
    cells: list[tuple[int, str]],
    values: list[int],
    counts: list[int],
) -> list[int]:
    """How many accounts of each class owe to each reserve first: by what is owed, at least one."""
    sizes: list[int] = []
    for number, group in enumerate(groups):
        worth = [value for cell, value in zip(cells, values, strict=True) if cell[0] == number]
        if not worth:
            continue
        if counts[number] < len(worth):
            raise BookError(
                f"{next(iter(parts[number]))}: {group.name!r} owes to {len(worth)} reserves, but has only "
                f"{counts[number]} accounts; give it a larger share or the book more accounts"
            )
        sizes += [1 + more for more in telescoped(counts[number] - len(worth), [max(1, value) for value in worth])]
    return sizes


def _rest(supply: Mapping[str, int], taken: Mapping[str, Mapping[str, int]], market: MarketFigures) -> dict[str, int]:
    """What lenders have: everything that is no borrower's collateral (shares)."""
    rest = {}
    wanted = dict.fromkeys(symbol for needs in taken.values() for symbol in needs)
    for symbol in {**dict.fromkeys(supply), **wanted}:
        there = supply.get(symbol, 0)
        needs = {name: shares[symbol] for name, shares in taken.items() if shares.get(symbol)}
        rest[symbol] = there - sum(needs.values())
        if rest[symbol] < 0:
            reserve = market.reserves[symbol]
            told = ", ".join(f"{name!r} {_tokens(shares, reserve)}" for name, shares in needs.items())
            raise BookError(
                f"{symbol}: borrowers need {_tokens(sum(needs.values()), reserve)} tokens as collateral, but "
                f"{_tokens(there, reserve)} are supplied; needed by {told}"
            )
    return rest


def _tokens(shares: int, reserve: ReserveFigures) -> str:
    return f"{shares * reserve.income_index // (RAY * reserve.unit):,}"
