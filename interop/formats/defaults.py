"""Defaults: a JSON file with what a foreign file does not say, under the names that a market has for it.

    {
      "flash_loan_premium_bps": 5,
      "addresses": {"treasury": "0x..."},
      "state": {"time": 1742379500},
      "every_reserve": {"pending_ltv_bps": 0},
      "reserves": {"WETH": {"price": 200000000000}},
      "every_e_mode": {"isolated": false},
      "e_modes": {"1": {"ltv_zero": []}}
    }

A reserve is named by its key, by its symbol where only one has it, or by its underlying address. A null says nothing; a
`price_source` of zero says that a category has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pooltwin.protocol.models import (
    EModeConfig,
    MarketAddresses,
    MarketConfig,
    RateParameters,
    ReserveConfig,
    StableRateParameters,
)
from pooltwin.protocol.models.state import ReserveState, StableDebtState
from pydantic import BaseModel

from .draft import Fields
from .errors import ForeignFileError
from .values import json_in, read_text, shown, table

SECTIONS = ("addresses", "state", "every_reserve", "reserves", "every_e_mode", "e_modes")
PARTS: dict[str, type[BaseModel]] = {
    "rates": RateParameters,
    "stable_rates": StableRateParameters,
    "state": ReserveState,
    "state.stable_debt": StableDebtState,
}
"""Objects in a reserve, its state among them, which a market has in a place of its own."""
STATE_NAMES = frozenset({"time", "number", "rest_holder"})

MARKET_NAMES = frozenset(MarketConfig.model_fields) - {"revision", "reserves", "e_modes", "addresses", "state"}
ADDRESS_NAMES = frozenset(MarketAddresses.model_fields)
RESERVE_NAMES = frozenset(ReserveConfig.model_fields).union(
    f"{part}.{name}" for part, model in PARTS.items() for name in model.model_fields
) - frozenset(PARTS)
E_MODE_NAMES = frozenset(EModeConfig.model_fields) - {"id"}


@dataclass
class Defaults:
    """Fields to take where a file says nothing; fields of parts have dotted names."""

    market: Fields = field(default_factory=dict)
    addresses: Fields = field(default_factory=dict)
    state: Fields = field(default_factory=dict)
    every_reserve: Fields = field(default_factory=dict)
    reserves: dict[str, Fields] = field(default_factory=dict)
    every_e_mode: Fields = field(default_factory=dict)
    e_modes: dict[int, Fields] | None = None


def read_defaults(path: Path) -> Defaults:
    """Read a file of defaults. Raises ForeignFileError naming the file and the place."""
    try:
        return defaults_from(json_in(read_text(path), "defaults are a JSON object with the names of a market's fields"))
    except ForeignFileError as error:
        raise ForeignFileError(f"{path}: {error}") from error


def defaults_from(data: Any) -> Defaults:
    """Check defaults given as data. Raises ForeignFileError for a name that no market has, naming the place."""
    given = table(data, "the defaults")
    found = Defaults(market=_fields({k: v for k, v in given.items() if k not in SECTIONS}, MARKET_NAMES, ""))
    found.addresses = _fields(_section(given, "addresses"), ADDRESS_NAMES, "addresses")
    found.state = _fields(_section(given, "state"), STATE_NAMES, "state")
    found.every_reserve = _fields(_section(given, "every_reserve"), RESERVE_NAMES, "every_reserve")
    for name, fields in _section(given, "reserves").items():
        found.reserves[name] = _fields(table(fields, f"reserves.{name}"), RESERVE_NAMES, f"reserves.{name}")
    found.every_e_mode = _fields(_section(given, "every_e_mode"), E_MODE_NAMES, "every_e_mode")
    if given.get("e_modes") is not None:
        categories = _section(given, "e_modes")
        found.e_modes = {_category_id(name): _category(fields, name) for name, fields in categories.items()}
    return found


def _section(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    return {} if value is None else table(value, name)


def _category_id(name: str) -> int:
    if not name.isascii() or not name.isdigit():
        raise ForeignFileError(f"e_modes.{name}: e-mode categories are named by their ids, as 1")
    return int(name)


def _category(fields: Any, name: str) -> Fields:
    return _fields(table(fields, f"e_modes.{name}"), E_MODE_NAMES, f"e_modes.{name}")


def _fields(given: Mapping[str, Any], known: frozenset[str], place: str) -> Fields:
    """Dotted names and values of an object, without those that are null."""
    found: Fields = {}
    for name, value in given.items():
        if name in PARTS and place and value is not None:
            inner = table(value, f"{place}.{name}")
            found.update(_fields({f"{name}.{part}": of for part, of in inner.items()}, known, place))
        elif name not in known and name not in PARTS:
            where = f"{place}.{name}" if place else name
            raise ForeignFileError(f"{where}: a market has no such field; it is {shown(value)}")
        elif value is not None:
            found[name] = value
    return found
