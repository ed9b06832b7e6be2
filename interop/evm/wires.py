"""A wire between one contract's storage and its records: which word means what, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.contracts.oracle import MockAggregator
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.contracts.proxy import Proxied
from pooltwin.protocol.contracts.rate_strategy import NO_PARAMETERS, RateData, rate_model
from pooltwin.protocol.evm_storage.layout import FEED, Variable
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.evm_storage.words import reader_of, slot_of_entry, tail_of
from pooltwin.protocol.machine.abi import encode_word
from pooltwin.protocol.state.storage import Ledger, RecordMap

from .keys import Key, Kinds, Named
from .sweeping import Meaning, Words
from .terms import BytecodeChain

WIDE = 3
"""Structs of more words than this are kept for assets only, where their key is an address."""

SETTLED = frozenset(
    (
        *("token_name", "token_symbol", "token_decimals", "domain", "underlying", "pool", "provider", "treasury"),
        *("implementation", "last_initialized_revision", "market_id", "reserves_list", "models", "sources"),
        *("addresses", "members", "role_admins", "owner_address"),
    )
)
"""Variables that only governance writes."""


class Field(NamedTuple):
    """A variable in a word."""

    variable: Variable
    name: str
    member: str
    """The member of a struct; empty for none."""
    shift: int
    mask: int
    """The bits that it takes, before the shift."""
    value_of: Callable[[int], Any] | None
    """Turns the number into the value; None for a string."""


Fields = tuple[Field, ...]
Place = tuple[int, Fields]
"""A slot, and the variables in it."""
Struct = list[tuple[int, Fields]]
"""The words of a mapping's entry: how far each lies from the first, and its variables."""


def _field(variable: Variable) -> Field:
    name, _, member = variable.name.partition(".")
    value_of = None if variable.kind == "string" else reader_of(variable.kind)
    return Field(variable, name, member, 8 * variable.offset, (1 << 8 * variable.size) - 1, value_of)


class Wire:
    """The words of one contract. The contract itself is looked up, since another may be put in its place."""

    def __init__(self, chain: BytecodeChain, where: Address) -> None:
        self.chain, self.where = chain, where
        contract = chain.contracts[where]
        layout = FEED if isinstance(contract, MockAggregator) else layout_of(contract.code(), chain.revision)
        self.is_pool = isinstance(contract, Pool) and contract.proxy_admin != ZERO_ADDRESS
        self.fields = {variable.name: _field(variable) for variable in layout if not variable.derived}
        self._groups: dict[tuple[Any, ...], Fields] = {}
        """The variables of each word, by slot, inner offset, member and kinds of keys."""
        for field in self.fields.values():
            group = _group(field.variable)
            self._groups[group] = (*self._groups.get(group, ()), field)
        self._plain = [(group[0] + group[2], fields) for group, fields in self._groups.items() if not group[3]]
        """Plain variables whose word was never seen."""
        self.mappings: dict[Kinds, list[tuple[int, int, Struct]]] = {}
        """By kinds of keys: slot, inner offset and words of an entry."""
        for (slot, inner, member, kinds), fields in self._groups.items():
            if kinds:
                of = self.mappings.setdefault(kinds, [])
                struct = next((words for at, within, words in of if (at, within) == (slot, inner)), None)
                if struct is None:
                    of.append((slot, inner, struct := []))
                struct.append((member, fields))
        self.numbers: dict[int, None] = {}
        """The small numbers that entries were seen under, as those of e-mode categories."""
        self._unseen: dict[Kinds, dict[Key, list[Place]]] = {kinds: {} for kinds in self.mappings}
        """By key, the words of entries that were looked at and are zero."""

    @property
    def contract(self) -> Any:
        """The contract, as records."""
        return self.chain.contracts[self.where]

    # --- from the EVM ---------------------------------------------------------------------------------------------

    def look(self, named: Named) -> None:
        """Look at words that were never seen and may have been written: plain variables, and keys that were named."""
        storage, where, wires = self.chain.evm.storage, self.where, self.chain.wires
        found = [((), place) for place in self._plain if storage(where, place[0])]
        if found:
            written = {place[0] for _, place in found}
            self._plain = [place for place in self._plain if place[0] not in written]
        entries: list[tuple[Key, Place]] = []
        for kinds, unseen in self._unseen.items():
            for key in named.keys_of(kinds, where):
                places = unseen.get(key)
                if places is None:
                    places = unseen[key] = self._places_of(kinds, key, assets=key[0] in wires)
                for place in places:
                    if storage(where, place[0]):
                        entries.append((key, place))
        for key, (slot, fields) in (*found, *entries):
            if key:
                unseen = self._unseen[fields[0].variable.keys]
                unseen[key] = [place for place in unseen[key] if place[0] != slot]
            self.see(slot, key, fields, storage(where, slot))

    def learn_assets(self, key: Key) -> None:
        """Look at all that may be kept of an address, which has become a contract."""
        self._unseen.get(("address",), {}).pop(key, None)

    def _places_of(self, kinds: Kinds, key: Key, *, assets: bool) -> list[Place]:
        found = []
        index, where = self.chain.seen.index, self.where
        for slot, inner, struct in self.mappings[kinds]:
            if kinds == ("address",) and not assets and len(struct) > WIDE:
                continue
            at = slot_of_entry(slot, kinds, inner, key)
            found += [(at + member, fields) for member, fields in struct if (where, at + member) not in index]
        return found

    def see(self, slot: int, key: Key, fields: Fields, word: int) -> None:
        """Take a word into the records, and look at it from now on."""
        words, place = self._watch(slot, key, fields)
        if words.words[place] != word:
            self.take(slot, key, fields, self.chain.seen.note(words, place, word), word)

    def hold(self, slot: int, key: Key, fields: Fields, word: int) -> None:
        """Know a word that the records hold already."""
        words, place = self._watch(slot, key, fields)
        words.words[place] = word

    def _watch(self, slot: int, key: Key, fields: Fields) -> tuple[Words, int]:
        if key and type(key[0]) is int:
            self.numbers[key[0]] = None
        settled = not fields or fields[0].name in SETTLED
        return self.chain.seen.watch(self.where, slot, Meaning(self, key, fields), settled=settled)

    def take(self, slot: int, key: Key, fields: Fields, old: int, word: int) -> None:
        """Write into the records what is different in a word."""
        contract, different = self.contract, old ^ word
        for _, name, member, shift, mask, value_of in fields:
            if value_of is None:
                value: Any = self._text(slot, key, word)
            elif different >> shift & mask:
                value = value_of(word >> shift & mask)
            else:
                continue
            stored = getattr(contract, name)
            if type(stored) is Ledger:
                if member:  # a rate model
                    model = stored[key[0]]
                    known = (NO_PARAMETERS if model is None else model).bps._asdict()
                    value = rate_model(RateData(**{**known, member: value}))
                stored[key[0] if len(key) == 1 else key] = value
            elif type(stored) is RecordMap:
                setattr(stored[key[0]], member, value)
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
            self.chain.journal.entries.append((proxy, "__class__", type(proxy)))
            proxy.restore("__class__", type(code))
        for name, value in code.immutables().items():
            if getattr(proxy, name, None) != value:
                setattr(proxy, name, value)

    def _text(self, slot: int, key: Key, word: int) -> str:
        if not word & 1:
            return word.to_bytes(32, "big")[: (word & 0xFF) >> 1].decode("utf-8", "surrogateescape")
        length, first, seen = word >> 1, tail_of(slot), self.chain.seen
        parts = []
        for at in range((length + 31) // 32):
            part = self.chain.evm.storage(self.where, first + at)
            words, place = self._watch(first + at, key, ())
            if words.words[place] != part:
                seen.note(words, place, part)
            parts.append(part.to_bytes(32, "big"))
        return b"".join(parts)[:length].decode("utf-8", "surrogateescape")

    # --- to the EVM -----------------------------------------------------------------------------------------------

    def put(self, name: str, key: Key, value: Any) -> None:
        """Write a variable, or a member of a struct, that was changed from outside, into the EVM."""
        field = self.fields.get(name)
        if field is None:
            return  # it is in no word: an immutable, or Python's own
        variable = field.variable
        slot = slot_of_entry(variable.slot, variable.keys, variable.inner, key) + variable.member
        number = int.from_bytes(encode_word(value), "big") & field.mask
        words, place = self._watch(slot, key, self._groups[_group(variable)])
        word = words.words[place] & ~(field.mask << field.shift) | number << field.shift
        if word != words.words[place]:
            self.chain.seen.note(words, place, word)
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


def _group(variable: Variable) -> tuple[Any, ...]:
    return variable.slot, variable.inner, variable.member, variable.keys


def key_of(key: Any) -> Key:
    """Give the key of a ledger as the key of mappings."""
    return key if isinstance(key, tuple) else (key,)
