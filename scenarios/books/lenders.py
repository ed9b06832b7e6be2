"""Lenders: they share what is left of each reserve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..units import BPS
from .columns import Indexes
from .config import GeneratedBook, LenderClass
from .errors import BookError
from .figures import MarketFigures
from .integers import telescoped
from .sizes import weights_by_rank


def lend(
    config: GeneratedBook, market: MarketFigures, rest: Mapping[str, int], members: Sequence[Indexes]
) -> Iterator[tuple[LenderClass, str, Indexes, list[int]]]:
    """Split what is left (shares) among the classes of lenders and their accounts.

    Yields class, key of the reserve, numbers of accounts and what each has. Every account lends to one reserve; where a
    class has fewer accounts than reserves, some lend to several.
    """
    parts = _parts(config.lenders, rest)
    for group, accounts, own in zip(config.lenders, members, parts, strict=True):
        if own and not len(accounts):
            raise BookError(f"{next(iter(own))}: {group.name!r} shall lend it, but has no account")
        values = [market.reserves[symbol].supply_value(shares) * BPS + 1 for symbol, shares in own.items()]
        counts = telescoped(max(0, len(accounts) - len(own)), values) if own else []
        place = 0
        for (symbol, shares), more in zip(own.items(), counts, strict=True):
            chosen = accounts.take(range(place, place + 1 + more), mode="wrap")
            place += 1 + more
            yield group, symbol, chosen, telescoped(shares, weights_by_rank(group.sizes, len(chosen)).tolist())


def _parts(groups: Sequence[LenderClass], rest: Mapping[str, int]) -> list[dict[str, int]]:
    parts: list[dict[str, int]] = [{} for _ in groups]
    for symbol, total in rest.items():
        if not total:
            continue
        asked = [1 if group.supplies is None else group.supplies.get(symbol, 0) for group in groups]
        if not any(asked):
            raise BookError(f"{symbol}: {total} shares are left for lenders, but no class lends a part of it")
        for number, amount in enumerate(telescoped(total, asked)):
            if amount:
                parts[number][symbol] = amount
    return parts
