"""The outfit of a stage: tokens to list, a price source, a fallback, put beside the market when they are first named.

Each goes by its name in a history, so a history that never speaks of one is on a market without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.contracts.registry import construct

from .bridged_token import make_bridged
from .capped_feed import CappedFeed
from .hostile_token import Scene, make_hostile

SPARE = "SPARE"
"""A token that calls back, for governance to list."""
SPARES = ("SPARE1", "SPARE2")
"""Tokens that governance lists and drops."""
BRIDGED = "BRIDGED"
"""A token that stands for something locked elsewhere, for governance to list."""
CAPPED_FEED = "capped feed"
"""A price source that caps a ratio."""
FALLBACK = "fallback oracle"
"""A table of prices for the oracle to fall back on."""
_STRATEGY = re.compile(r"rates of (\d{1,4}|10000) (\d{1,9}) (\d{1,9}) (\d{1,9}) bps")
"""A rate strategy of its own for a new reserve: optimal usage, base rate and both slopes. Until v3.0.2."""
_RAY_OF_A_BPS = 10**23


class Outfitted(Scene, Protocol):
    """As much of a stage as the outfit knows."""

    book: dict[str, Address]


def _token(stage: Outfitted, name: str) -> None:
    construct("TestnetERC20", stage.chain, stage.book[name], [name, name, 18, stage.book["admin"]])


def _hostile(stage: Outfitted, name: str) -> None:
    _token(stage, name)
    make_hostile(stage, name)


def _bridged(stage: Outfitted, name: str) -> None:
    _token(stage, name)
    make_bridged(stage, name)


def _capped(stage: Outfitted, name: str) -> None:
    stage.chain.deploy(CappedFeed, stage.book[name])


def _fallback(stage: Outfitted, name: str) -> None:
    construct("PriceOracle", stage.chain, stage.book[name], [])


OUTFIT: dict[str, Callable[[Outfitted, str], None]] = {
    SPARE: _hostile,
    **dict.fromkeys(SPARES, _token),
    BRIDGED: _bridged,
    CAPPED_FEED: _capped,
    FALLBACK: _fallback,
}


def strategy_with(rates: bytes) -> str:
    """Name the strategy that has encoded rate parameters. Raises ValueError for what are none."""
    figures = [int.from_bytes(rates[start : start + 32], "big") for start in range(0, len(rates), 32)]
    name = f"rates of {' '.join(map(str, figures))} bps"
    if len(rates) != 128 or not _STRATEGY.fullmatch(name):
        raise ValueError(f"0x{rates.hex()} are no rates in bps that a strategy could have")
    return name


def rates_of(strategy: str) -> bytes:
    """Encode the rate parameters that a strategy's name tells. Raises ValueError for another name."""
    told = _STRATEGY.fullmatch(strategy)
    if told is None:
        raise ValueError(f"{strategy!r} does not tell its rates, as 'rates of 8000 0 400 20000 bps' does")
    return b"".join(int(figure).to_bytes(32, "big") for figure in told.groups())


def _strategy(stage: Outfitted, name: str) -> None:
    told = _STRATEGY.fullmatch(name)
    figures = [int(figure) * _RAY_OF_A_BPS for figure in told.groups()] if told else []
    stable = [0] * 5
    kind = "DefaultReserveInterestRateStrategy"
    construct(kind, stage.chain, stage.book[name], [stage.book["provider"], *figures, *stable])


def is_piece(name: str) -> bool:
    """Tell whether a name is that of a piece of the outfit."""
    return name in OUTFIT or _STRATEGY.fullmatch(name) is not None


def provide_inside(stage: Outfitted, actions: Iterable[Any]) -> None:
    """Provide what actions name that will happen inside a transaction: there nothing can be put anywhere."""
    for action in actions:
        for name in _names((action.target, *action.arguments)):
            if name not in stage.book and is_piece(name):
                provide(stage, name)
        provide_inside(stage, action.inside)


def _names(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _names(value)


def provide(stage: Outfitted, name: str) -> None:
    """Name a piece of the outfit, and put it there if it is not."""
    make = OUTFIT.get(name, _strategy)
    where = stage.book[name] = named_address(name)
    if stage.chain.contracts[where] is None:
        make(stage, name)
