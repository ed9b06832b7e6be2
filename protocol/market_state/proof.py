"""The proof that a configuration says everything: what it deploys is compared with the market, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..chain import Chain

MOST = 40
"""How many differences are told."""


def differences(chain: Chain, other: Chain) -> list[str]:
    """Differences between a market's chain and the one deployed from its configuration: contracts and their fields."""
    if chain.digest() == other.digest():
        return []
    found: list[str] = []
    for difference in _differences(chain, other):
        found.append(difference)
        if len(found) == MOST:
            break
    return found


def _differences(chain: Chain, other: Chain) -> Iterator[str]:
    (heading, contracts), (heading_there, contracts_there) = _read(chain), _read(other)
    for name, value in heading.items():
        if value != heading_there[name]:
            yield f"chain: {name} {_first_of_lists(value, heading_there[name])}"
    for where, line in contracts.items():
        there = contracts_there.get(where)
        if there is None:
            yield f"{_called(where, line)}: no field of a configuration puts a contract there"
        elif there != line:
            yield from _of_contract(where, json.loads(line), json.loads(there))
    for where, line in contracts_there.items():
        if where not in contracts:
            yield f"{_called(where, line)}: deployment puts it there, the market has none"


def _read(chain: Chain) -> tuple[dict[str, Any], dict[str, str]]:
    lines = chain.state_lines()
    heading = json.loads(next(lines))
    return heading, {json.loads(line)["address"]: line for line in lines}


def _called(where: str, line: str) -> str:
    return f"{json.loads(line)['kind']} at {where}"


def _of_contract(where: str, here: dict[str, Any], there: dict[str, Any]) -> Iterator[str]:
    name = f"{here['kind']} at {where}"
    if here["kind"] != there["kind"]:
        yield f"{name}: deployment puts {there['kind']} there"
        return
    fields, fields_there = here["fields"], there["fields"]
    for field in sorted(fields.keys() | fields_there.keys()):
        value, value_there = fields.get(field), fields_there.get(field)
        if value != value_there:
            yield f"{name}: {field} {_told(value, value_there)}"


def _told(value: Any, there: Any) -> str:
    for kind in ("ledger", "records"):
        if isinstance(value, dict) and isinstance(there, dict) and kind in value and kind in there:
            return _first_of_lists(value[kind], there[kind])
    return f"is {_short(value)}, a configuration makes it {_short(there)}"


def _first_of_lists(value: Any, there: Any) -> str:
    """Tell the first entry in which two mappings differ, written as lists of pairs."""
    if not (isinstance(value, list) and isinstance(there, list)):
        return f"is {_short(value)}, a configuration makes it {_short(there)}"
    entries = {json.dumps(key): entry for key, entry in value}
    entries_there = {json.dumps(key): entry for key, entry in there}
    for key in sorted(entries.keys() | entries_there.keys()):
        if entries.get(key) != entries_there.get(key):
            told = _short(entries.get(key)), _short(entries_there.get(key))
            return f"of {key.strip(chr(34))} is {told[0]}, a configuration makes it {told[1]}"
    return "differs"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
