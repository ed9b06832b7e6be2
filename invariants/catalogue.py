"""All laws, collected from their modules, and the page that lists them."""

from __future__ import annotations

from types import ModuleType

from . import (
    access,
    deficit,
    emode,
    flags,
    health,
    indexes,
    liquidation,
    oracle,
    rates,
    rounding,
    solvency,
    system,
    tokens,
)
from .law import Law

MODULES: tuple[ModuleType, ...] = (
    solvency,
    indexes,
    rates,
    rounding,
    health,
    flags,
    emode,
    access,
    liquidation,
    deficit,
    tokens,
    oracle,
    system,
)

GROUPS = {
    "SOL": "solvency",
    "IDX": "indexes",
    "RAT": "rates",
    "RND": "rounding",
    "INF": "inflation and same-block profit",
    "HF": "health",
    "FLG": "user flags",
    "EMD": "e-mode",
    "CAP": "caps",
    "ACT": "activity and access",
    "LIQ": "liquidation",
    "DEF": "deficit, treasury, flash loans",
    "TOK": "tokens",
    "ORA": "oracle",
    "SYS": "the system as a whole",
}


def _order(law: Law) -> tuple[int, int]:
    group, _, number = law.id.partition("-")
    return list(GROUPS).index(group), int(number)


def laws_of(module: ModuleType) -> list[Law]:
    """The laws that a module defines."""
    return [value for value in vars(module).values() if isinstance(value, Law)]


def all_laws() -> list[Law]:
    """Every law of the catalogue, by group and number. Raises ValueError for an id given twice."""
    found = [law for module in MODULES for law in laws_of(module)]
    ids = [law.id for law in found]
    for identifier in ids:
        if ids.count(identifier) > 1:
            raise ValueError(f"two laws are called {identifier}")
    return sorted(found, key=_order)


def law_called(identifier: str) -> Law:
    """Raises KeyError, naming the laws there are, for an unknown id."""
    for law in all_laws():
        if law.id == identifier:
            return law
    raise KeyError(f"no law is called {identifier!r}; there are {', '.join(law.id for law in all_laws())}")
