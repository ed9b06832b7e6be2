"""Settings of books for tests: the shipped one, small."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pooltwin.fixtures import load_market, read_json
from pooltwin.protocol import Market, MarketConfig
from pooltwin.scenarios.books.config import GeneratedBook

MARKET = "ethereum-core-2026-02"


@cache
def core() -> MarketConfig:
    """The market that the shipped book is for."""
    return load_market(MARKET)


def core_market() -> Market:
    """The same, deployed and empty."""
    return Market.deploy(core())


def settings(**changed: Any) -> GeneratedBook:
    """The shipped settings with 4000 accounts, and other changes."""
    whole = read_json(f"books/{MARKET}.json") | {"accounts": 4000} | changed
    return GeneratedBook.model_validate_json(json.dumps(whole))


def changed_class(name: str, **changed: Any) -> GeneratedBook:
    """The shipped settings with one class of borrowers changed."""
    groups = read_json(f"books/{MARKET}.json")["borrowers"]
    return settings(borrowers=[group | changed if group["name"] == name else group for group in groups])
