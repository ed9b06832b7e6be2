"""Names of words in storage: which variables of a contract lie in a slot, with the keys of mappings in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.raw import slot_of
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.machine.contract import Contract


def variables_at(contract: Contract, slot: int, names: Mapping[Address, str]) -> str:
    """Name the variables in a slot, as "scaled_balances[bob], previous_indexes[bob]"; the slot where none is known."""
    found = []
    for variable in layout_of(contract.code(), contract.chain.revision):
        for key in _keys(contract, variable):
            if slot_of(variable, key) == slot:
                shown = "".join(f"[{_shown(part, names)}]" for part in key)
                name, dot, member = variable.name.partition(".")
                found.append(f"{name}{shown}{dot}{member}")
    return ", ".join(found) or f"slot {slot:#x}"


def _keys(contract: Contract, variable: Variable) -> Iterator[tuple[Any, ...]]:
    if not variable.keys:
        yield ()
        return
    stored = getattr(contract, variable.name.partition(".")[0])
    for key in stored.written():
        yield key if isinstance(key, tuple) else (key,)


def _shown(part: Any, names: Mapping[Address, str]) -> str:
    return "0x" + part.hex() if isinstance(part, bytes) else names.get(part, str(part))
