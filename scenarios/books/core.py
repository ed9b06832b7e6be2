"""The book of Aave v3 Ethereum Core, early February 2026: shipped settings, with whatever totals are left for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pooltwin import fixtures
from pooltwin.protocol.market import Market

from ..units import BPS, from_units
from .book import Book
from .config import GeneratedBook
from .errors import BookError
from .generate import generate

NAME = "ethereum-core-2026-02"
STABLE_BORROWERS = (
    "stablecoins on ETH",
    "stablecoins on BTC",
    "stablecoins on LST",
    "stablecoins on others",
    "dust",
)
"""The classes that owe stablecoins on collateral whose price moves against them."""


def core_settings(**changed: Any) -> GeneratedBook:
    """Read the shipped settings, with other values of some fields, as a file would have them."""
    whole = fixtures.read_json(f"books/{NAME}.json") | changed
    return GeneratedBook.model_validate_json(json.dumps(whole))


def core_book(
    market: Market,
    *,
    supplied: Mapping[str, int],
    borrowed: Mapping[str, int],
    seed: int = 0,
    accounts: int = 20_000,
    stable_ltv_bps: int = BPS,
) -> Book:
    """Make the book that everybody else has: totals in units of the tokens, less those who are told one by one.

    The quantiles of loans-to-value are those of December 2025. `stable_ltv_bps` scales them for all who owe stablecoins
    on collateral that moves against them (basis points of the table's), for borrowers who had paid back by February.
    Raises BookError, naming reserve and class, where the totals do not suffice for what classes shall have.
    """
    decimals = {key: market.erc20(key).decimals() for key in market.assets}
    strange = [key for key in {**supplied, **borrowed} if key not in decimals]
    if strange:
        raise BookError(f"totals: {strange[0]!r} is no reserve; reserves are {', '.join(decimals)}")
    totals = {
        key: {
            "supplied": str(from_units(supplied.get(key, 0), places)),
            "borrowed": str(from_units(borrowed.get(key, 0), places)),
        }
        for key, places in decimals.items()
    }
    groups = [
        group | {"ltv_bps": [[share, max(1, level * stable_ltv_bps // BPS)] for share, level in group["ltv_bps"]]}
        if group["name"] in STABLE_BORROWERS
        else group
        for group in fixtures.read_json(f"books/{NAME}.json")["borrowers"]
    ]
    return generate(core_settings(totals=totals, seed=seed, accounts=accounts, borrowers=groups), market)
