"""A wire between one contract's storage and its records: which word means what, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.contracts.proxy import Proxied
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.places import Holding, Place, bits_of, places_of, with_members
from pooltwin.protocol.evm_storage.raw import contract_storage, entries_of
from pooltwin.protocol.evm_storage.words import INDEX, reader_of, string_at, tail_of
from pooltwin.protocol.state.storage import Ledger, RecordMap

from .keys import Key, Kinds, Named, is_number
from .sweeping import Words
from .terms import BytecodeChain

SETTLED = frozenset(
    (
        *("token_name", "token_symbol", "token_decimals", "domain", "underlying", "pool", "provider", "treasury"),
        *("implementation", "last_initialized_revision", "market_id", "reserves_list", "models", "sources"),
        *("addresses", "members", "role_admins", "owner_address", "flash_loan_premium"),
        *("reserves.a_token", "reserves.variable_debt_token", "reserves.interest_rate_strategy", "e_modes"),
    )
)
"""Variables that only governance writes."""

AHEAD = 4
"""How many elements behind the last of an array are looked at, and numbers behind the largest key."""
MOST_WORDS = 4096
"""So many words of an array are looked at: a longer one is none, or nobody can go through it."""

_SLOT = attrgetter("slot")

STRING_TAIL = Holding((Variable("a part of a string", "uint256", 0, derived=True),))
"""A word that holds a part of a long string."""


class Field(NamedTuple):
    """A variable in a word."""

    name: str
    member: str
    """The member of a struct; empty for none."""
    shift: int
    mask: int
    """The bits that it takes, before the shift."""
    value_of: Callable[[int], Any] | None
    """Turns the number into the value; None for a string."""


@cache
def fields_of(holding: Holding) -> tuple[Field, ...]:
    """List the variables in a word that are stored."""
    return tuple(
        Field(
            *variable.name.partition(".")[::2],
            8 * variable.offset,
            (1 << 8 * variable.size) - 1,
            None if variable.kind == "string" else reader_of(variable.kind),
        )
        for variable in holding.variables
        if not variable.derived
    )


def _is_settled(holding: Holding) -> bool:
    """Is it a word that only governance writes?"""
    first = holding.variables[0].name
    return holding is STRING_TAIL or first in SETTLED or first.partition(".")[0] in SETTLED


class Wire:
    """The words of one contract. The contract itself is looked up, since another may be put in its place."""

    def __init__(self, chain: BytecodeChain, where: Address) -> None:
        self.chain, self.where = chain, where
        contract = self.contract
        self.is_pool = isinstance(contract, Pool) and contract.proxy_admin != ZERO_ADDRESS
        self.places = places_of(contract)
        self.numbers: dict[int, None] = {}
        """The small numbers that entries were seen under, as those of e-mode categories."""
        self._is_own = contract is not None and contract.LAYOUT is not None
        """Does a fork keep variables of its own in it?"""
        self._plain = list(self.places.plain.values())
        """Plain variables whose word was never seen."""
        self._unseen: list[tuple[Kinds, bool, dict[Key, list[Place]]]] = [
            (kinds, wide, {}) for kinds, of in self.places.mappings.items() for wide in {each.is_wide for each in of}
        ]
        """By kinds of keys, and whether of wide structs: the words of entries that were looked at and never seen."""
        self._settled: set[Kinds] = {
            kinds
            for kinds, of in self.places.mappings.items()
            if self.is_pool and all(_is_settled(holding) for each in of for holding in each.words.values())
        }
        """Kinds of keys under which the pool has only what governance writes."""

    def copy_to(self, chain: BytecodeChain) -> Wire:
        """Tie the same words to the records of a copy of the chain."""
        copy = Wire.__new__(Wire)
        copy.chain, copy.where = chain, self.where
        copy.is_pool, copy.places, copy._is_own = self.is_pool, self.places, self._is_own
        copy.numbers, copy._settled = dict(self.numbers), self._settled
        copy._plain = list(self._plain)
        copy._unseen = [(kinds, wide, dict(unseen)) for kinds, wide, unseen in self._unseen]
        return copy

    @property
    def contract(self) -> Any:
        """The contract, as records."""
        return self.chain.contracts[self.where]

    # --- from the EVM ---------------------------------------------------------------------------------------------

    def look(self, named: Named) -> None:
        """Look at words that were never seen and may have been written: plain variables, and keys that were named."""
        storage, where, places = self.chain.evm.storage, self.where, list(self._plain)
        for kinds, wide, unseen in self._unseen:
            if (wide and not named.governs) or (kinds in self._settled and not named.settled):
                continue
            for key in self._keys(kinds, named):
                under = unseen.get(key)
                if under is None:
                    under = unseen[key] = self._not_seen(self.places.slots_of(kinds, key, wide=wide))
                places += under
        if any(map(storage, repeat(where), map(_SLOT, places))):
            self._find([place for place in places if storage(where, place.slot)])

    def _find(self, found: list[Place]) -> None:
        """See words that are not zero any more."""
        for place in found:
            self.see(place, self.chain.evm.storage(self.where, place.slot))
        self._plain = self._not_seen(self._plain)
        for key in {place.key for place in found}:
            for _, _, unseen in self._unseen:
                if key in unseen:
                    unseen[key] = self._not_seen(unseen[key])

    def _not_seen(self, places: Iterable[Place]) -> list[Place]:
        index, where = self.chain.seen.index, self.where
        return [place for place in places if (where, place.slot) not in index]

    def _keys(self, kinds: Kinds, named: Named) -> Iterable[Key]:
        if kinds[-1] == INDEX:
            return self._elements(kinds, named)
        if self._is_own and any(map(is_number, kinds)):
            last = max(self.numbers, default=-1)
            return named.keys_of(kinds, self.where, range(last + 1, last + 1 + AHEAD))
        return named.keys_of(kinds, self.where)

    def _elements(self, kinds: Kinds, named: Named) -> Iterator[Key]:
        """List the elements that arrays have, by their lengths; the arrays in mappings whose keys were named."""
        storage, arrays = self.chain.evm.storage, self.places.mappings[kinds]
        for outer in named.keys_of(kinds[:-1], self.where) if len(kinds) > 1 else ((),):
            words = max(storage(self.where, array.length_slot(outer)) * array.stride for array in arrays)
            yield from ((*outer, number) for number in range(min(words, MOST_WORDS)))

    def see(self, place: Place, word: int) -> None:
        """Take a word into the records, and look at it from now on; at all others of a wide struct too."""
        for other in self._with_struct(place):
            words, at = self.watch(other)
            new = word if other.slot == place.slot else self.chain.evm.storage(self.where, other.slot)
            if words.words[at] != new:
                self.take(other, self.chain.seen.note(words, at, new), new)

    def know(self, place: Place, word: int) -> None:
        """Take a word for one that the records hold already, and look at it from now on, and at its wide struct."""
        for other in self._with_struct(place):
            words, at = self.watch(other)
            if other.slot == place.slot:
                words.words[at] = word

    def _with_struct(self, place: Place) -> tuple[Place, ...]:
        """Give the place alone, or all places of the wide struct that it belongs to."""
        if place.key and place.holding is not STRING_TAIL:
            for mapping in self.places.mappings.get(place.holding.variables[0].keys, ()):
                if mapping.is_wide and place.holding in mapping.words.values():
                    return tuple(mapping.places(place.key))
        return (place,)

    def watch(self, place: Place) -> tuple[Words, int]:
        """Look at a word from now on. Returns where it is among the words that were seen."""
        key = place.key
        if key and type(key[0]) is int:
            self.numbers[key[0]] = None
        return self.chain.seen.watch(self.where, place.slot, place, settled=_is_settled(place.holding))

    def take(self, place: Place, old: int, word: int) -> None:
        """Write into the records what is different in a word."""
        contract, different, key = self.contract, old ^ word, place.key
        for name, member, shift, mask, value_of in fields_of(place.holding):
            if value_of is None:
                value: Any = self._text(place.slot, key)
            elif different >> shift & mask:
                value = value_of(word >> shift & mask)
            else:
                continue
            stored = getattr(contract, name)
            if type(stored) is Ledger:
                short = key[0] if len(key) == 1 else key
                stored[short] = with_members(stored[short], {member: value}) if member else value
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

    def _text(self, slot: int, key: Key) -> str:
        """Read a string, and look at the words behind its first from now on."""
        tail = tail_of(slot)

        def read(at: int) -> int:
            word = self.chain.evm.storage(self.where, at)
            if at >= tail:
                words, place = self.watch(Place(at, key, STRING_TAIL))
                if words.words[place] != word:
                    self.chain.seen.note(words, place, word)
            return word

        return string_at(slot, read)

    # --- to the EVM -----------------------------------------------------------------------------------------------

    def put(self, name: str, key: Key, value: Any) -> None:
        """Write a variable, or a member of a struct, that was changed from outside, into the EVM."""
        if name not in self.places.variables:
            return  # it is in no word: an immutable, or Python's own
        for bits in self.places.bits(name, key, value):
            found = self.chain.seen.index.get((self.where, bits.slot))
            words, at = found or self.watch(self._place_of(name, key, bits.slot))
            word = words.words[at] & ~bits.mask | bits.word
            if word != words.words[at]:
                self.chain.seen.note(words, at, word)
                self.chain.evm.set_word(self.where, bits.slot, word)

    def fill(self) -> None:
        """Write into an EVM that has none of them the words that the records render to, and know what each means."""
        contract = self.contract
        places = {}
        for variable in self.places.layout:
            for key, value in entries_of(contract, variable):
                for bits in bits_of(variable, key, value):
                    places[bits.slot] = self._place_of(variable.name, key, bits.slot)
        for slot, word in contract_storage(contract).items():
            self.know(places[slot], word)
            self.chain.evm.set_word(self.where, slot, word)

    def _place_of(self, name: str, key: Key, slot: int) -> Place:
        kinds = self.places.variables[name][0].keys
        near = self.places.slots_of(kinds, key) if kinds else self.places.plain.values()
        return next((place for place in near if place.slot == slot), Place(slot, key, STRING_TAIL))

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
