"""The outfit of a stage: tokens to list, a price source, a fallback, put beside the market when they are first named.

Each goes by its name in a history, so a history that never speaks of one is on a market without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

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


def provide(stage: Outfitted, name: str) -> None:
    """Name a piece of the outfit, and put it there if it is not. Raises KeyError for a name that is no piece."""
    make = OUTFIT[name]
    where = stage.book[name] = named_address(name)
    if stage.chain.contracts[where] is None:
        make(stage, name)
