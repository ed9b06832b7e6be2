"""A wire between one contract's storage and its records: which word means what, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.contracts.oracle import MockAggregator
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.contracts.proxy import Proxied
from pooltwin.protocol.contracts.rate_strategy import NO_PARAMETERS, RateData, rate_model
from pooltwin.protocol.evm_storage.layout import FEED, Variable
from pooltwin.protocol.evm_storage.raw import _FROM_NUMBER, _slot_of_key, _string_start
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.machine.abi import encode_word
from pooltwin.protocol.state.storage import Ledger, RecordMap

from .keys import Key, Named
from .terms import BytecodeChain

Variables = tuple[Variable, ...]
Place = tuple[int, Variables]
"""A slot, and the variables in it."""

WIDE = 3
"""Structs of more words than this are kept for assets only, where their key is an address."""


class Wire:
    """The words of one contract. The contract itself is looked up, since another may be put in its place."""

    def __init__(self, chain: BytecodeChain, where: Address) -> None:
        self.chain, self.where = chain, where
        contract = chain.contracts[where]
        self.layout = FEED if isinstance(contract, MockAggregator) else layout_of(contract.code(), chain.revision)
        self.variables = {variable.name: variable for variable in self.layout if not variable.derived}
        self.plain: dict[int, Variables] = {}
        self.mappings: dict[tuple[str, ...], dict[tuple[int, int], dict[int, Variables]]] = {}
        """By kinds of keys, by slot and inner offset, by member: the variables."""
        for variable in self.variables.values():
            if variable.keys:
                of = self.mappings.setdefault(variable.keys, {}).setdefault((variable.slot, variable.inner), {})
                of[variable.member] = (*of.get(variable.member, ()), variable)
            else:
                self.plain[variable.slot] = (*self.plain.get(variable.slot, ()), variable)
        self.is_pool = isinstance(contract, Pool) and contract.proxy_admin != ZERO_ADDRESS
        self._unseen: dict[tuple[str, ...], dict[Key, list[Place]]] = {kinds: {} for kinds in self.mappings}
        self._unseen_plain = list(self.plain.items())

    @property
    def contract(self) -> Any:
        """The contract, as records."""
        return self.chain.contracts[self.where]

    # --- from the EVM ---------------------------------------------------------------------------------------------

    def look(self, named: Named) -> None:
        """Look at words that were never seen and may have been written: plain variables, and keys that were named."""
        found: list[tuple[Place, Key]] = []
        storage, where = self.chain.evm.storage, self.where
        if self._unseen_plain:
            found += [(place, ()) for place in self._unseen_plain if storage(where, place[0])]
            if found:
                self._unseen_plain = [place for place in self._unseen_plain if (place, ()) not in found]
        for kinds, of in self._unseen.items():
            for key in named.keys_of(kinds):
                places = of.get(key)
                if places is None:
                    places = self._places_of(kinds, key)
                    if kinds != ("address",) or key[0] in self.chain.wires:  # a person may become an asset later
                        of[key] = places
                for place in places:
                    if storage(where, place[0]):
                        found.append((place, key))
        for place, key in found:
            if key and key in (of := self._unseen[place[1][0].keys]):
                of[key] = [left for left in of[key] if left is not place]
            self.see(place[0], key, place[1], storage(where, place[0]))

    def _places_of(self, kinds: tuple[str, ...], key: Key) -> list[Place]:
        found = []
        index, where = self.chain.seen.index, self.where
        stranger = kinds == ("address",) and key[0] not in self.chain.wires
        for (slot, inner), members in self.mappings[kinds].items():
            if stranger and len(members) > WIDE:
                continue
            at = _slot_of_key(slot, kinds, inner, key)
            found += [(at + m, variables) for m, variables in members.items() if (where, at + m) not in index]
        return found

    def see(self, slot: int, key: Key, variables: Variables, word: int) -> None:
        """Take a word into the records, and look at it from now on."""
        seen = self.chain.seen
        place = seen.watch(self.where, slot, (self, key, variables))
        if seen.words[place] != word:
            self.take(slot, key, variables, seen.note(place, word), word)

    def take(self, slot: int, key: Key, variables: Variables, old: int, word: int) -> None:
        """Write into the records what is different in a word."""
        contract, different = self.contract, old ^ word
        for variable in variables:
            name, _, member = variable.name.partition(".")
            stored = getattr(contract, name)
            if variable.kind == "string":
                value: Any = self._text(slot, key, word)
            else:
                shift, mask = 8 * variable.offset, (1 << 8 * variable.size) - 1
                if not different >> shift & mask:
                    continue
                value = _FROM_NUMBER.get(variable.kind, int)(word >> shift & mask)
            if type(stored) is RecordMap:
                setattr(stored[key[0]], member, value)
            elif type(stored) is Ledger:
                if member:  # a rate model
                    changed = {**stored[key[0]].bps._asdict(), member: value} if key[0] in stored else {member: value}
                    value = rate_model(RateData(**{**NO_PARAMETERS.bps._asdict(), **changed}))
                stored[key[0] if len(key) == 1 else key] = value
            elif stored != value:
                setattr(contract, name, value)
                if name == "implementation":
                    self._follow(contract, value)

    def _follow(self, proxy: Any, implementation: Address) -> None:
        """Take over the kind and the immutables of a proxy's new code."""
        code = self.chain.contracts[implementation]
        if not isinstance(proxy, Proxied) or code is None:
            return
        if type(code) is not type(proxy):
            proxy.chain.journal.entries.append((proxy, "__class__", type(proxy)))
            proxy.restore("__class__", type(code))
        for name, value in code.immutables().items():
            if getattr(proxy, name, None) != value:
                setattr(proxy, name, value)

    def _text(self, slot: int, key: Key, word: int) -> str:
        if not word & 1:
            return word.to_bytes(32, "big")[: (word & 0xFF) >> 1].decode("utf-8", "surrogateescape")
        length, first, seen = word >> 1, _string_start(slot), self.chain.seen
        parts = []
        for at in range((length + 31) // 32):
            part = self.chain.evm.storage(self.where, first + at)
            place = seen.watch(self.where, first + at, (self, key, ()))
            if seen.words[place] != part:
                seen.note(place, part)
            parts.append(part.to_bytes(32, "big"))
        return b"".join(parts)[:length].decode("utf-8", "surrogateescape")

    # --- to the EVM -----------------------------------------------------------------------------------------------

    def put(self, name: str, key: Key, value: Any) -> None:
        """Write a variable, or a member of a struct, that was changed from outside, into the EVM."""
        variable = self.variables.get(name)
        if variable is None:
            return  # it is in no word: an immutable, or Python's own
        slot = _slot_of_key(variable.slot, variable.keys, variable.inner, key) + variable.member
        shift, mask = 8 * variable.offset, (1 << 8 * variable.size) - 1
        number = int.from_bytes(encode_word(value), "big") & mask
        seen = self.chain.seen
        variables = tuple(
            other
            for other in self.variables.values()
            if (other.slot, other.inner, other.member, other.keys)
            == (variable.slot, variable.inner, variable.member, variable.keys)
        )
        place = seen.watch(self.where, slot, (self, key, variables))
        word = seen.words[place] & ~(mask << shift) | number << shift
        if word != seen.words[place]:
            seen.note(place, word)
            self.chain.evm.set_word(self.where, slot, word)

    def stored(self) -> Iterator[tuple[Any, str, Key | None]]:
        """List what holds this contract's records: itself, its ledgers and its structs, each with name and key."""
        contract = self.contract
        yield contract, "", None
        for name in contract.STORAGE:
            held = getattr(contract, name)
            if isinstance(held, Ledger):
                yield held, name, None
            elif isinstance(held, RecordMap):
                for key, record in held.items():
                    yield record, name, (key,)


def key_of(key: Any) -> Key:
    """Give the key of a ledger as the key of mappings."""
    return key if isinstance(key, tuple) else (key,)
