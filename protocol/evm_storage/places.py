"""Raw storage by the word: which variables lie in a slot, which slots a key has, and a word read into the records.

The whole-contract functions of `raw` stand on it, and so does whoever follows an EVM step by step.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from ..address import ZERO_ADDRESS, Address
from ..contracts.rate_strategy import NO_PARAMETERS, RateData, rate_model
from ..machine.contract import Contract
from ..state.bitmaps import MAX_RESERVES
from ..state.storage import Ledger, RecordMap
from .layout import Layout, Variable
from .table import layout_of
from .words import (
    ALL_BITS,
    INDEX,
    TEXT,
    Key,
    Reader,
    StorageError,
    number_of,
    slot_of_entry,
    string_at,
    string_words,
    tail_of,
    value_of,
)

MAX_CATEGORIES = 256
HASHED = 1 << 64
"""From here on a slot is a hash."""
NEAR = 64
"""How many words behind a known one a slot is still said to be near it."""
WIDE = 4
"""From so many words on a struct is wide: no account has one, only a reserve."""

_SMALL = frozenset(range(MAX_RESERVES))
_NUMBERS = {"uint8": frozenset(range(MAX_CATEGORIES)), "bool": frozenset((False, True)), INDEX: _SMALL}


@dataclass(frozen=True)
class KnownKeys:
    """Preimages of mapping keys: accounts and contracts, the names of roles and registry entries, and texts."""

    addresses: frozenset[Address]
    names: frozenset[bytes]
    texts: frozenset[str] = frozenset()

    def of(self, kind: str) -> frozenset[Any]:
        """All keys of an ABI type that may occur."""
        if kind == "address":
            return self.addresses
        if kind == "bytes32":
            return self.names
        if kind == TEXT:
            return self.texts
        return _NUMBERS.get(kind, _SMALL if kind.startswith(("uint", "int")) else frozenset())


NOTHING: tuple[Any, ...] = (0, "", ZERO_ADDRESS, bytes(32))
"""What a zero word reads as."""

Choices = tuple[frozenset[Any], ...]
"""For each key of a mapping, what it may be."""


Listed = Callable[[str], Iterable[Any]]
"""Answers what is in a list of the contract, by the list's name."""


def lists_of(contract: Contract) -> Listed:
    """The lists of a contract as they are now."""
    return lambda name: getattr(contract, name).values()


class Bits(NamedTuple):
    """The part of a word that a value takes."""

    slot: int
    mask: int
    word: int
    """The value where it lies in the word; zero outside of the mask."""


class Holding:
    """The variables that share one word."""

    __slots__ = ("is_string", "mask", "variables")

    def __init__(self, variables: tuple[Variable, ...]) -> None:
        self.variables = variables
        self.is_string = variables[0].kind == "string"
        self.mask = ALL_BITS if self.is_string else 0
        for variable in variables:
            self.mask |= mask_of(variable)


def mask_of(variable: Variable) -> int:
    """The bits of its word that a variable takes."""
    return (1 << 8 * variable.size) - 1 << 8 * variable.offset


class Place(NamedTuple):
    """One word that a layout knows: where it is, the key it is found by, and what it holds."""

    slot: int
    key: Key
    holding: Holding

    def unexplained(self, word: int) -> int:
        """The bits of a word that are set and belong to no variable."""
        return word & ~self.holding.mask

    def fields(self, read: Reader) -> Iterator[tuple[Variable, Any]]:
        """Each variable in the word with its value. Raises StorageError for a string that is none."""
        if self.holding.is_string:
            yield self.holding.variables[0], string_at(self.slot, read)
            return
        word = read(self.slot)
        for variable in self.holding.variables:
            yield variable, value_of(variable.kind, word >> 8 * variable.offset & ((1 << 8 * variable.size) - 1))

    def write(self, contract: Contract, read: Reader) -> bool:
        """Have the contract's records say what the word says, through the journal and only where they differ.

        Returns whether they did. Raises StorageError as `fields`, and for a word that is not what the twin computes.
        """
        changed = False
        parts: dict[str, dict[str, Any]] = {}
        for variable, value in self.fields(read):
            name, _, member = variable.name.partition(".")
            stored = getattr(contract, name)
            if variable.derived:
                if stored() != value:
                    raise StorageError(f"{contract!r}: {name} at slot {self.slot:#x} is {value!r}, not {stored()!r}")
            elif isinstance(stored, RecordMap):
                changed |= _write_member(stored, self.key[0], member, value)
            elif member:
                parts.setdefault(name, {})[member] = value
            elif isinstance(stored, Ledger):
                changed |= _write_entry(stored, self.key, value)
            elif stored != value:
                setattr(contract, name, value)
                changed = True
        for name, members in parts.items():
            changed |= _write_entry(getattr(contract, name), self.key, members)
        return changed


def _write_member(stored: RecordMap[Any, Any], key: Any, member: str, value: Any) -> bool:
    if key not in stored and value in NOTHING:
        return False  # a struct that nobody wrote reads as zeros: none has to be made
    record = stored[key]
    if getattr(record, member) == value:
        return False
    setattr(record, member, value)
    return True


def _write_entry(stored: Ledger[Any, Any], key: Key, value: Any) -> bool:
    short = key[0] if len(key) == 1 else key
    if isinstance(value, dict):
        value = with_members(stored[short], value)
    if stored[short] == value:
        return False
    stored[short] = value
    return True


def with_members(model: Any, members: dict[str, Any]) -> Any:
    """A rate model with other members, in basis points."""
    return rate_model(RateData(**{**(model or NO_PARAMETERS).bps._asdict(), **members}))


@dataclass(frozen=True, eq=False)
class Mapping:
    """A mapping or an array: where its hashes start, its kinds of keys, and the words of each entry."""

    slot: int
    kinds: tuple[str, ...]
    inner: int
    among: tuple[str, ...]
    words: dict[int, Holding] = field(default_factory=dict)
    """What each word of an entry holds, by its distance from the entry's first."""

    @property
    def is_wide(self) -> bool:
        """Is an entry a record of many words, as a reserve's? A fork's own structs are no records, however long."""
        return len(self.words) >= WIDE and "." in self.words[min(self.words)].variables[0].name

    @property
    def stride(self) -> int:
        """Words that an element of an array takes."""
        return max(variable.stride for holding in self.words.values() for variable in holding.variables)

    def length_slot(self, key: Key) -> int:
        """Where the length of an array is, under the keys of the mappings around it."""
        kinds = self.kinds[:-1]
        return (slot_of_entry(self.slot, kinds, 0, key) if kinds else self.slot) + self.inner

    def places(self, key: Key) -> Iterator[Place]:
        """The words of the entry under a key."""
        start = slot_of_entry(self.slot, self.kinds, self.inner, key)
        for member, holding in self.words.items():
            yield Place(start + member, key, holding)

    def index(self, choices: Choices) -> dict[int, Key]:
        """The first slot of the entry under each possible key, back to the key."""
        return _entry_index(self.slot, self.kinds, self.inner, choices)

    def choices(self, known: KnownKeys, listed: Listed) -> Choices:
        """All keys of the right types; where the layout names a list of the contract, only what is in it."""
        among = self.among or ("",) * len(self.kinds)
        return tuple(
            frozenset(listed(name)) if name else known.of(kind) for kind, name in zip(self.kinds, among, strict=True)
        )


@lru_cache(maxsize=64)
def _entry_index(slot: int, kinds: tuple[str, ...], inner: int, choices: Choices) -> dict[int, Key]:
    return {slot_of_entry(slot, kinds, inner, key): key for key in product(*choices)}


class Places:
    """The places of one code's variables in storage, made once of a layout: `places_of(contract)`."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.plain: dict[int, Place] = {}
        """Words that no key leads to, by slot."""
        self.mappings: dict[tuple[str, ...], list[Mapping]] = {}
        """Mappings and arrays by their kinds of keys; `("index",)` are the arrays."""
        self.variables: dict[str, list[Variable]] = {}
        """By name: one, or all members of a mapping of rate models."""
        words: dict[tuple[Any, ...], list[Variable]] = {}
        for variable in layout:
            mapping = (variable.slot, variable.keys, variable.inner, variable.among)
            words.setdefault((mapping, variable.member), []).append(variable)
            self.variables.setdefault(variable.name, []).append(variable)
            name, _, member = variable.name.partition(".")
            if member:
                self.variables.setdefault(name, []).append(variable)
        mappings: dict[Any, Mapping] = {}
        for (mapping, member), variables in words.items():
            slot, kinds, *_ = mapping
            if not kinds:
                self.plain[slot] = Place(slot, (), Holding(tuple(variables)))
                continue
            if mapping not in mappings:
                mappings[mapping] = Mapping(*mapping)
                self.mappings.setdefault(kinds, []).append(mappings[mapping])
            mappings[mapping].words[member] = Holding(tuple(variables))
        self.all_mappings = tuple(mappings.values())
        self._slots: dict[Any, tuple[Place, ...]] = {}

    def slots_of(self, kinds: tuple[str, ...], key: Key, *, wide: bool = True) -> tuple[Place, ...]:
        """Every word under a key of these kinds; those of wide structs only on demand."""
        found = self._slots.get((kinds, key, wide))
        if found is None:
            mappings = [mapping for mapping in self.mappings.get(kinds, ()) if wide or not mapping.is_wide]
            found = tuple([place for mapping in mappings for place in mapping.places(key)])
            if len(self._slots) > 500_000:
                self._slots.clear()
            self._slots[kinds, key, wide] = found
        return found

    def find(self, slot: int, known: KnownKeys, contract: Contract) -> Place | None:
        """The word that a slot is, if a known key leads there; of a slot inside a long string, the string's."""
        plain = self.plain.get(slot)
        if plain is not None:
            return plain
        for mapping in self.all_mappings:
            index = mapping.index(mapping.choices(known, lists_of(contract)))
            for member, holding in mapping.words.items():
                key = index.get(slot - member)
                if key is not None:
                    return Place(slot, key, holding)
        strings = ((tail_of(place.slot), place) for place in self._strings(known, contract))
        return next((place for first, place in strings if 0 <= slot - first < NEAR), None)

    def _strings(self, known: KnownKeys, contract: Contract) -> Iterator[Place]:
        yield from (place for place in self.plain.values() if place.holding.is_string)
        for mapping in self.all_mappings:
            members = [(member, holding) for member, holding in mapping.words.items() if holding.is_string]
            for start, key in mapping.index(mapping.choices(known, lists_of(contract))).items() if members else ():
                yield from (Place(start + member, key, holding) for member, holding in members)

    def bits(self, name: str, key: Key, value: Any) -> list[Bits]:
        """Where a variable's value lies under a key. A member of a struct is named after a dot.

        Of a string that was longer before, the words behind its end are not among them. Raises StorageError for a name
        that the layout does not place.
        """
        if name not in self.variables:
            raise StorageError(f"no layout gives {name} a place in storage")
        found = []
        for variable in self.variables[name]:
            member = variable.name.partition(".")[2] if variable.name != name else ""
            found += bits_of(variable, key, getattr(value.bps, member) if member else value)
        return found

    def nearest(self, slot: int, known: KnownKeys, contract: Contract) -> str:
        """Words for where a slot is: in which variable, or how far behind which one."""
        place = self.find(slot, known, contract)
        if place is not None:
            return f"in {_shown(place)}{''.join(f'[{_shown_key(part)}]' for part in place.key)}"
        starts = {place.slot: _shown(place) for place in self.plain.values()}
        for mapping in self.all_mappings:
            name = next(iter(mapping.words.values())).variables[0].name.partition(".")[0]
            starts.setdefault(mapping.slot, name)
            entries = mapping.index(mapping.choices(known, lists_of(contract))) if slot >= HASHED else {}
            for start, key in entries.items():
                starts[start + max(mapping.words)] = f"{name}[{']['.join(map(_shown_key, key))}]"
        ordered = sorted(starts)
        at = bisect_right(ordered, slot)
        if at and slot - ordered[at - 1] <= NEAR:
            distance, label = slot - ordered[at - 1], starts[ordered[at - 1]]
            if not distance:
                return f"in the slot of {label} itself, which stays zero"
            return f"{distance} word{'s' * (distance > 1)} behind {label}"
        if slot >= HASHED:
            return "of a mapping or an array, under a key that nobody named"
        return f"before {starts[ordered[at]]}" if at < len(ordered) else "of no variable"


def _shown(place: Place) -> str:
    return ", ".join(variable.name for variable in place.holding.variables)


def _shown_key(part: Any) -> str:
    return f"0x{part.hex()}" if isinstance(part, bytes) else str(part)


def bits_of(variable: Variable, key: Key, value: Any) -> list[Bits]:
    """The bits in which a value lies: one part of one word, or all words of a string."""
    slot = slot_of(variable, key)
    if variable.kind == "string":
        return [Bits(at, ALL_BITS, word) for at, word in string_words(slot, value).items()]
    mask = mask_of(variable)
    return [Bits(slot, mask, number_of(value) << 8 * variable.offset & mask)]


def slot_of(variable: Variable, key: Key) -> int:
    """The slot of a variable, or of a mapping's or array's entry: nested hashes, then the member's word."""
    if not variable.keys:
        return variable.slot + variable.member
    return slot_of_entry(variable.slot, variable.keys, variable.inner, key) + variable.member


@lru_cache(maxsize=256)
def places_in(layout: Layout) -> Places:
    """The places of a layout."""
    return Places(layout)


def places_of(contract: Contract) -> Places:
    """The places of a contract's code. Raises ValueError where its layout is not known."""
    return places_in(layout_of_contract(contract))


def layout_of_contract(contract: Contract) -> Layout:
    """The layout that a contract's class brings, or that of its code. Raises ValueError where none is known."""
    own: Layout | None = contract.LAYOUT
    return layout_of(contract.code(), contract.chain.revision) if own is None else own
