"""Bringing into the EVM what Python wrote into records from outside: prices, edits by hand."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.state.storage import Record

from .sweeping import Words
from .terms import BytecodeChain
from .wires import Wire, key_of

Held = tuple[Any, tuple[Wire, str, Any] | None]
"""A record or ledger, and what it is: the wire of its contract, the variable, the key of a struct."""


class Pushed:
    """How far the journal has been looked through for what the EVM does not know yet."""

    __slots__ = ("_chain", "_known", "_position", "_wires")

    def __init__(self, chain: BytecodeChain) -> None:
        self._chain = chain
        self._position = 0
        self._known: dict[int, Held] = {}
        self._wires: Any = None
        """The wires that are known: another set of them comes with other contracts."""

    def to_here(self) -> None:
        """Say that the EVM knows whatever the journal holds: it was read from there."""
        self._position = len(self._chain.journal.entries)

    def forget_after(self) -> None:
        """Go on where the journal ends, if it has become shorter."""
        self._position = min(self._position, len(self._chain.journal.entries))

    def bring(self) -> None:
        """Write into the EVM what was written into records since the last time."""
        chain = self._chain
        entries = chain.journal.entries
        if len(entries) <= self._position:
            return
        new, self._position = entries[self._position :], len(entries)
        for where, key, _ in new:
            if where is chain:
                chain.evm.set_block(chain.time, chain.number)
                chain.answers.forget()
            elif where is chain.contracts:
                self._known.clear()
            elif where is chain.balances:
                chain.evm.set_ether(key, chain.balances[key])
            elif type(where) is not Words:
                self._put(where, key)
        self._position = len(entries)

    def _put(self, where: Any, key: Any) -> None:
        if self._wires is not self._chain.wires:
            self._wires = self._chain.wires
            self._known.clear()
        held = self._known.get(id(where))
        if held is None:
            held = self._looked_up(where)
        if held[1] is None:
            return
        wire, name, of = held[1]
        self._chain.answers.forget()
        if not isinstance(where, Record):
            wire.put(name, key_of(key), where[key])
        elif of is None:
            wire.put(key, (), getattr(where, key))
        else:
            wire.put(f"{name}.{key}", of, getattr(where, key))

    def _looked_up(self, where: Any) -> Held:
        for wire in self._chain.wires.values():
            if wire.contract is not None:
                for held, name, key in wire.stored():
                    self._known[id(held)] = held, (wire, name, key)
        return self._known.setdefault(id(where), (where, None))
