"""The twin's state as the raw storage of the real contracts, slot for slot, and back.

Rendering needs nothing but the state. Reading back needs the keys of the mappings, since a slot only shows their
hashes: a word that no known key explains is an error, never lost. `places` knows where things are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..address import ZERO_ADDRESS, Address, address
from ..chain import Chain
from ..contracts.proxy import Proxied
from ..machine.contract import Contract
from ..revisions import Revision, codes_of
from ..state.storage import Ledger, RecordMap
from .layout import Variable
from .places import (
    NOTHING,
    Bits,
    KnownKeys,
    Place,
    Places,
    bits_of,
    layout_of_contract,
    places_of,
    slot_of,
    with_members,
)
from .words import Key, StorageError, Words, string_words

__all__ = [
    "Identity",
    "KnownKeys",
    "StorageError",
    "Words",
    "contract_storage",
    "identities_of",
    "known_keys",
    "lift",
    "load_contract",
    "slot_of",
    "storage_of",
]


class Identity(NamedTuple):
    """The facts that a contract's code holds: which code it is, and its immutables; a proxy's admin is one of them.

    Where a token's do not say for which chain it was built, it is this one if the stored EIP-712 domain is this one's.
    """

    kind: str
    immutables: dict[str, Any]


# --- rendering --------------------------------------------------------------------------------------------------------


def storage_of(chain: Chain) -> dict[Address, Words]:
    """The storage of every contract as the real contracts would hold it; those without storage are left out."""
    held = {where: contract_storage(contract) for where, contract in chain.contracts.items() if contract is not None}
    return {where: words for where, words in held.items() if words}


def contract_storage(contract: Contract) -> Words:
    """One contract's words. Raises ValueError for a revision whose layout is not known."""
    words: Words = {}
    for variable in layout_of_contract(contract):
        for key, value in entries_of(contract, variable):
            _add(words, bits_of(variable, key, value))
    return {slot: word for slot, word in words.items() if word}


def _add(words: Words, parts: list[Bits]) -> None:
    for slot, _, word in parts:
        words[slot] = words.get(slot, 0) | word


def entries_of(contract: Contract, variable: Variable) -> Iterator[tuple[Key, Any]]:
    """The values a variable has, each with its key: the empty key unless it is a mapping."""
    name, _, member = variable.name.partition(".")
    stored = getattr(contract, name)
    if variable.derived:
        yield (), stored()
    elif isinstance(stored, RecordMap):
        for key, record in stored.written().items():
            yield (key,), getattr(record, member)
    elif isinstance(stored, Ledger):
        for key, value in stored.written().items():
            yield key if isinstance(key, tuple) else (key,), getattr(value.bps, member) if member else value
    else:
        yield (), stored


# --- reading back -----------------------------------------------------------------------------------------------------


def known_keys(chain: Chain) -> KnownKeys:
    """The keys of all mappings of a chain, and the addresses of its contracts."""
    addresses: set[Address] = {ZERO_ADDRESS, *chain.contracts}
    names: set[bytes] = set()
    texts: set[str] = set()
    for contract in chain.contracts.values():
        for name in contract.STORAGE if contract is not None else ():
            stored = getattr(contract, name)
            for key in stored if isinstance(stored, Ledger | RecordMap) else ():
                for part in key if isinstance(key, tuple) else (key,):
                    if isinstance(part, str):
                        (addresses if part.startswith("0x") and len(part) == 42 else texts).add(part)
                    elif isinstance(part, bytes):
                        names.add(part)
    return KnownKeys(frozenset(addresses), frozenset(names), frozenset(texts))


def identities_of(chain: Chain) -> dict[Address, Identity]:
    """The identity of the code at each address."""
    found = {}
    for where, contract in chain.contracts.items():
        if contract is not None:
            immutables = contract.immutables()
            if isinstance(contract, Proxied):
                immutables["proxy_admin"] = contract.proxy_admin
            found[where] = Identity(contract.code(), immutables)
    return found


def lift(
    revision: Revision,
    identities: Mapping[Address, Identity],
    storage: Mapping[Address, Mapping[int, int]],
    known: KnownKeys,
    *,
    time: int,
    number: int,
    chain_id: int = 1,
    nonces: Mapping[Address, int] | None = None,
    balances: Mapping[Address, int] | None = None,
    libraries: Mapping[str, Address] | None = None,
) -> Chain:
    """A twin with the state of real contracts. `nonces` decide where the next contracts will live, `balances` are of
    ether.

    Raises StorageError for words that no variable and known key explain, and for storage without a contract.
    """
    chain = Chain(revision, time=time, number=number, chain_id=chain_id)
    chain.nonces.load(dict(nonces or {}))
    chain.balances.load(dict(balances or {}))
    chain.libraries.update(libraries or {})
    for where in storage:
        if address(where) not in identities and any(storage[where].values()):
            raise StorageError(f"there is storage at {where}, but it is not known which contract that is")
    codes = codes_of(revision)
    for where, identity in identities.items():
        cls: Any = codes.get(identity.kind)
        if cls is None:
            raise StorageError(f"{where}: no contract of kind {identity.kind!r}")
        contract = cls.blank(chain, address(where))
        contract.initialise(**identity.immutables)
        load_contract(contract, storage.get(where, {}), known)
        contract.assume({*identity.immutables, *contract.STORAGE})
        chain.contracts.load({contract.address: contract})
    return chain


def load_contract(contract: Contract, words: Mapping[int, int], known: KnownKeys) -> None:
    """Fill a blank contract from its words. Raises StorageError for a word that nothing explains."""
    held = {slot: word for slot, word in words.items() if word}
    left, derived = dict(held), []
    loaded: Loaded = {}
    for place in _places(places_of(contract), held, known, loaded):
        _take(place, held, left)
        for variable, value in place.fields(lambda slot: held.get(slot, 0)):
            name, _, member = variable.name.partition(".")
            if variable.derived:
                derived.append((variable, place.slot))
            elif value not in NOTHING:
                loaded.setdefault(name, {}).setdefault(place.key, {})[member] = value
    for slot, word in left.items():
        raise StorageError(f"{contract!r}: no variable and no known key explain word {word:#x} at slot {slot:#x}")
    for name, values in loaded.items():
        _store(contract, name, dict(sorted(values.items())))  # as saved states have them, in whatever order words come
    _check_derived(contract, derived, held)


Loaded = dict[str, dict[Key, dict[str, Any]]]
"""What was read of a contract: by variable, key and member."""


def _places(places: Places, held: Words, known: KnownKeys, loaded: Loaded) -> Iterator[Place]:
    """The words that are not zero and that a variable or a known key explains."""
    yield from (place for slot, place in places.plain.items() if slot in held)
    for mapping in places.all_mappings if held else ():
        index = mapping.index(
            mapping.choices(known, lambda name: (entry[""] for entry in loaded.get(name, {}).values()))
        )
        for member, holding in mapping.words.items():
            for slot in held:
                key = index.get(slot - member)
                if key is not None:
                    yield Place(slot, key, holding)


def _take(place: Place, held: Words, left: Words) -> None:
    """Leave of the words what the variables of a place do not explain."""
    if place.holding.is_string:
        word = held[place.slot]
        if word & 1 and word >> 1 > 32 * len(held):  # no storage holds that many words: do not try to read them
            raise StorageError(f"the word {word:#x} at slot {place.slot:#x} is no string")
        ((_, text),) = place.fields(lambda slot: held.get(slot, 0))
        for slot in string_words(place.slot, text):
            left.pop(slot, None)
        return
    left[place.slot] = left.get(place.slot, 0) & ~place.holding.mask
    if not left[place.slot]:
        del left[place.slot]


def _store(contract: Contract, name: str, values: dict[Key, dict[str, Any]]) -> None:
    stored = getattr(contract, name)
    if isinstance(stored, RecordMap):
        for (key,), members in values.items():
            stored[key].initialise(**members)
    elif isinstance(stored, Ledger):
        stored.load(
            {
                key[0] if len(key) == 1 else key: members[""] if "" in members else with_members(None, members)
                for key, members in values.items()
            }
        )
    else:
        contract.initialise(**{name: values[()][""]})


def _check_derived(contract: Contract, derived: list[tuple[Variable, int]], held: Words) -> None:
    """Check that the storage says what the twin computes. Raises StorageError."""
    for variable, slot in derived:
        for at, mask, word in bits_of(variable, (), getattr(contract, variable.name)()):
            if held.get(at, 0) & mask != word:
                raise StorageError(
                    f"{contract!r}: {variable.name} at slot {slot:#x} is {held[slot]:#x}, not the twin's"
                )
