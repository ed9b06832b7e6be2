"""The rules of a release as laws know them: what they ask about a version is asked here, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from .law import release
from .reference import binomial_growth, compound_growth


@dataclass(frozen=True, slots=True)
class Rules:
    """The answers of one release, written down from its documents rather than taken from the engine's record."""

    growth_of_debt: Callable[[int, int], int]
    """How a rate (ray) compounds over seconds."""
    debts_round_up: bool
    """Do debts round up and balances down? Until v3.4 both go to the nearest."""
    treasury_accrual_rounds_down: bool
    """Do growth of debt and the treasury's shares of it round down? Until v3.4 both go to the nearest."""
    gifts_are_no_collateral: bool
    """Do aTokens that arrive leave the recipient's collateral bits alone? Until v3.5 they may set them."""
    seizures_round_for_the_pool: bool
    """Do seizure, bonus part and fee round in favour of borrower and pool? Until v3.6 they go to the nearest."""


@cache
def rules_of(name: str) -> Rules:
    """Look up the rules of a release by its name, as "3.7". Raises ValueError for what is not like that."""
    version = release(name)
    return Rules(
        growth_of_debt=compound_growth if version >= (3, 4) else binomial_growth,
        debts_round_up=version >= (3, 5),
        treasury_accrual_rounds_down=version >= (3, 5),
        gifts_are_no_collateral=version >= (3, 6),
        seizures_round_for_the_pool=version >= (3, 7),
    )
