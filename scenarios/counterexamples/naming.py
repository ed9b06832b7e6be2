"""Names of words in storage: which variables of a contract lie in a slot, with the keys of mappings in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.evm_storage.places import places_of
from pooltwin.protocol.evm_storage.raw import known_keys


def variables_at(chain: Chain, where: Address, slot: int, names: Mapping[Address, str]) -> str:
    """Name the variables in a slot, as "scaled_balances[bob], previous_indexes[bob]"; the slot where none is known."""
    contract = chain.contracts[where]
    place = places_of(contract).find(slot, known_keys(chain), contract)
    if place is None:
        return f"slot {slot:#x}"
    keys = "".join(f"[{_shown(part, names)}]" for part in place.key)
    told = []
    for variable in place.holding.variables:
        name, dot, member = variable.name.partition(".")
        told.append(f"{name}{keys}{dot}{member}")
    return ", ".join(told)


def _shown(part: Any, names: Mapping[Address, str]) -> str:
    return "0x" + part.hex() if isinstance(part, bytes) else names.get(part, str(part))
