"""A market as a foreign file tells it: each field that it says, under the name that a `MarketConfig` has for it.

What belongs to a part of a reserve has a dotted name (`rates.slope1_bps`). A field that the file does not say is not
there; what a release needs beyond that is asked for later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .values import shown

Fields = dict[str, Any]
Reader = Callable[[Any, str], Any]


@dataclass
class Draft:
    """Fields of the market, of its addresses, of each reserve by its underlying address, of each e-mode category.

    `e_modes` is None where the form says nothing of categories at all. A category's members are underlying addresses.
    """

    kind: str
    """The form of the file in words, as "a snapshot of the old form"."""
    market: Fields = field(default_factory=dict)
    addresses: Fields = field(default_factory=dict)
    reserves: dict[str, Fields] = field(default_factory=dict)
    e_modes: dict[int, Fields] | None = None
    states: dict[str, Fields] = field(default_factory=dict)
    """What the form says of the state of each reserve, by underlying address; nothing where it carries none."""
    presumed: dict[str, Fields] = field(default_factory=dict)
    """Fields of a reserve that the form does not say in so many words; defaults go before them."""
    notes: list[str] = field(default_factory=list)
    """What a reader of the result should know, one sentence each."""


def take(source: Mapping[str, Any], wanted: Mapping[str, tuple[str, Reader]], place: str) -> Fields:
    """Read what a foreign object says: `wanted` has the name and the reader for each foreign name."""
    return {
        name: read(source[foreign], f"{place}.{foreign}")
        for foreign, (name, read) in wanted.items()
        if foreign in source
    }


def keys_of(reserves: Mapping[str, Fields]) -> dict[str, str]:
    """A key for each underlying address: the symbol, or with the address's first digits where two have the symbol."""
    symbols = {asset: str(fields.get("symbol", asset)) for asset, fields in reserves.items()}
    times = Counter(symbols.values())
    taken = {symbol for symbol, number in times.items() if number == 1}
    keys = {}
    for asset, symbol in symbols.items():
        key = str(reserves[asset].get("key", symbol))
        digits = 4
        while "key" not in reserves[asset] and times[symbol] > 1 and (key == symbol or key in taken):
            key, digits = f"{symbol}-{asset[2 : 2 + digits].lower()}", digits + 2
        taken.add(key)
        keys[asset] = key
    return keys


def members_of(bitmap: int, by_id: Mapping[int, str]) -> list[str]:
    """The assets whose bits a bitmap of reserve ids has, in the order of the ids; an id that nobody has is left out."""
    return [asset for number, asset in sorted(by_id.items()) if bitmap >> number & 1]


def strange_bits(bitmap: int, by_id: Mapping[int, str]) -> list[int]:
    """The reserve ids in a bitmap that no reserve has."""
    return [number for number in range(bitmap.bit_length()) if bitmap >> number & 1 and number not in by_id]


def describe(data: Any) -> str:
    """Say in a few words what a JSON value is, for a file that is of another kind than wanted."""
    if isinstance(data, list):
        return f"a list of {len(data)}" + (f", each {describe(data[0])}" if data else "")
    if not isinstance(data, dict):
        return shown(data)
    if "format" in data:
        return f"a file of the format {shown(data['format'])}"
    if {"name", "revision", "reserves"} <= data.keys():
        return "a market of pooltwin already"
    return f"an object with {some(list(data))}" if data else "an empty object"


def some(names: Sequence[object], most: int = 5) -> str:
    """A few of many names, and how many more there are."""
    more = len(names) - most
    listed = ", ".join(str(name) for name in names[:most])
    return f"{listed} and {more} more" if more > 0 else listed
