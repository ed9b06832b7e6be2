"""The twin's state as the raw storage of the real contracts, slot for slot, and back.

Rendering needs nothing but the state. Reading back needs the keys of the mappings, since a slot only shows their
hashes: a word that no known key explains is an error, never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from eth_hash.auto import keccak

from ..address import ZERO_ADDRESS, Address, address
from ..chain import Chain
from ..contracts.proxy import Proxied
from ..contracts.rate_strategy import NO_PARAMETERS, RateData, rate_model
from ..machine.abi import encode_word, text_bytes
from ..machine.contract import Contract
from ..revisions import Revision, codes_of
from ..state.bitmaps import MAX_RESERVES
from ..state.storage import Ledger, RecordMap
from .layout import Variable
from .table import layout_of

Words = dict[int, int]
"""The words of one contract that are not zero, by slot."""

Key = tuple[Any, ...]

WORD = 1 << 256
MAX_CATEGORIES = 256
INDEX = "index"
"""The kind of key of an array."""


class StorageError(ValueError):
    """Raw storage that the twin cannot hold. Names contract, slot and word."""


@dataclass(frozen=True)
class KnownKeys:
    """Preimages of mapping keys: accounts and contracts, and the names of roles and registry entries."""

    addresses: frozenset[Address]
    names: frozenset[bytes]

    def of(self, kind: str) -> frozenset[Any]:
        """All keys of an ABI type that may occur."""
        if kind == "address":
            return self.addresses
        return self.names if kind == "bytes32" else _NUMBERS[kind]


_NUMBERS = {
    "uint8": frozenset(range(MAX_CATEGORIES)),
    **dict.fromkeys(("uint256", "uint128", INDEX), frozenset(range(MAX_RESERVES))),
}


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
    for variable in layout_of(contract.code(), contract.chain.revision):
        for key, value in _entries(contract, variable):
            _write(words, variable, slot_of(variable, key), value)
    return {slot: word for slot, word in words.items() if word}


def slot_of(variable: Variable, key: Key) -> int:
    """The slot of a variable, or of a mapping's or array's entry: nested hashes, then the member's word."""
    return _slot_of_key(variable.slot, variable.keys, variable.inner, key) + variable.member


def _slot_of_key(slot: int, kinds: tuple[str, ...], inner: int, key: Key) -> int:
    if kinds == (INDEX,):
        return _string_start(slot) + int(key[0])
    last = len(key) - 1
    for number, part in enumerate(key):
        slot = _hashed_slot(part, slot + inner if number == last else slot)
    return slot


@lru_cache(maxsize=2_000_000)
def _hashed_slot(key: Any, slot: int) -> int:
    return int.from_bytes(keccak(encode_word(key) + slot.to_bytes(32, "big")), "big")


def _entries(contract: Contract, variable: Variable) -> Iterator[tuple[Key, Any]]:
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


def _write(words: Words, variable: Variable, slot: int, value: Any) -> None:
    if variable.kind == "string":
        words.update(_string_words(slot, text_bytes(value)))
        return
    shifted = _number(value) << 8 * variable.offset
    words[slot] = words.get(slot, 0) | shifted


def _number(value: Any) -> int:
    return int.from_bytes(encode_word(value), "big")


def _string_words(slot: int, data: bytes) -> Words:
    """Up to 31 bytes in the slot itself, with twice the length at its end; more of them where its hash says."""
    if len(data) < 32:
        return {slot: int.from_bytes(data.ljust(31, b"\0") + bytes([2 * len(data)]), "big")}
    first = _string_start(slot)
    parts = [data[at : at + 32].ljust(32, b"\0") for at in range(0, len(data), 32)]
    return {slot: 2 * len(data) + 1} | {first + at: int.from_bytes(part, "big") for at, part in enumerate(parts)}


@lru_cache(maxsize=100_000)
def _string_start(slot: int) -> int:
    return int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")


# --- reading back -----------------------------------------------------------------------------------------------------


def known_keys(chain: Chain) -> KnownKeys:
    """The keys of all mappings of a chain, and the addresses of its contracts."""
    addresses: set[Address] = {ZERO_ADDRESS, *chain.contracts}
    names: set[bytes] = set()
    for contract in chain.contracts.values():
        for name in contract.STORAGE if contract is not None else ():
            stored = getattr(contract, name)
            for key in stored if isinstance(stored, Ledger | RecordMap) else ():
                for part in key if isinstance(key, tuple) else (key,):
                    if isinstance(part, str):
                        addresses.add(part)
                    elif isinstance(part, bytes):
                        names.add(part)
    return KnownKeys(frozenset(addresses), frozenset(names))


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
    left = {slot: word for slot, word in words.items() if word}
    held = dict(left)
    loaded: dict[str, dict[Key, dict[str, Any]]] = {}
    derived = []
    for variable in layout_of(contract.code(), contract.chain.revision):
        name, _, member = variable.name.partition(".")
        for key, slot in _places(variable, held, _choices(variable, known, loaded)):
            value = _read(variable, slot, held, left)
            if variable.derived:
                derived.append((variable, slot))
            elif value is not None:
                loaded.setdefault(name, {}).setdefault(key, {})[member] = value
    for slot, word in left.items():
        raise StorageError(f"{contract!r}: no variable and no known key explain word {word:#x} at slot {slot:#x}")
    for name, values in loaded.items():
        _store(contract, name, values)
    _check_derived(contract, derived, held)


Choices = tuple[frozenset[Any], ...]
"""For each key of a mapping, what it may be."""


def _choices(variable: Variable, known: KnownKeys, loaded: Mapping[str, Mapping[Key, dict[str, Any]]]) -> Choices:
    """All keys of the right types; where the layout names a list of the contract, only what is in it."""
    among = variable.among or ("",) * len(variable.keys)
    return tuple(
        frozenset(entry[""] for entry in loaded.get(name, {}).values()) if name else known.of(kind)
        for kind, name in zip(variable.keys, among, strict=True)
    )


def _places(variable: Variable, held: Words, choices: Choices) -> Iterator[tuple[Key, int]]:
    """Where a variable has a word that is not zero: each key with its slot."""
    if not variable.keys:
        if variable.slot in held:
            yield (), variable.slot
        return
    if not held:
        return
    keys = _key_index(variable.slot, variable.keys, variable.inner, choices)
    for slot in held:
        key = keys.get(slot - variable.member)
        if key is not None:
            yield key, slot


@lru_cache(maxsize=64)
def _key_index(slot: int, kinds: tuple[str, ...], inner: int, choices: Choices) -> dict[int, Key]:
    """The slots of a mapping's entries with all known keys, back to the keys."""
    return {_slot_of_key(slot, kinds, inner, key): key for key in product(*choices)}


def _read(variable: Variable, slot: int, held: Words, left: Words) -> Any:
    """A variable's value, None for zero; what it takes is no longer `left`."""
    if variable.kind == "string":
        return _read_string(slot, held, left)
    mask = (1 << 8 * variable.size) - 1
    number = held[slot] >> 8 * variable.offset & mask
    left[slot] = left.get(slot, 0) & ~(mask << 8 * variable.offset)
    if left[slot] == 0:
        del left[slot]
    return _FROM_NUMBER.get(variable.kind, int)(number) if number else None


def _read_string(slot: int, held: Words, left: Words) -> str:
    word = left.pop(slot)
    if word & 1:
        length, first = word >> 1, _string_start(slot)
        if length > 32 * len(held):  # no storage holds that many words: do not try to read them
            raise StorageError(f"the word {word:#x} at slot {slot:#x} is no string")
        parts = [left.pop(first + at, 0).to_bytes(32, "big") for at in range((length + 31) // 32)]
        data = b"".join(parts)[:length]
    else:
        data = word.to_bytes(32, "big")[: (word & 0xFF) >> 1]
    if any(held.get(at, 0) != put for at, put in _string_words(slot, data).items()):
        raise StorageError(f"the word {word:#x} at slot {slot:#x} is no string")
    return data.decode("utf-8", "surrogateescape")


def _store(contract: Contract, name: str, values: dict[Key, dict[str, Any]]) -> None:
    stored = getattr(contract, name)
    if isinstance(stored, RecordMap):
        for (key,), members in values.items():
            stored[key].initialise(**members)
    elif isinstance(stored, Ledger):
        stored.load({key[0] if len(key) == 1 else key: _entry(members) for key, members in values.items()})
    else:
        contract.initialise(**{name: values[()][""]})


def _entry(members: dict[str, Any]) -> Any:
    """A ledger's value: the one there is, or a rate model put together from its members."""
    if "" in members:
        return members[""]
    return rate_model(RateData(**{**NO_PARAMETERS.bps._asdict(), **members}))


def _check_derived(contract: Contract, derived: list[tuple[Variable, int]], held: Words) -> None:
    """Check that the storage says what the twin computes. Raises StorageError."""
    for variable, slot in derived:
        words: Words = {}
        _write(words, variable, slot, getattr(contract, variable.name)())
        mask = (1 << 8 * variable.size) - 1 << 8 * variable.offset
        if any(held.get(at, 0) & mask != word for at, word in words.items()):
            raise StorageError(f"{contract!r}: {variable.name} at slot {slot:#x} is {held[slot]:#x}, not the twin's")


_FROM_NUMBER: dict[str, Callable[[int], Any]] = {
    "address": lambda number: f"0x{number:040x}",
    "bytes32": lambda number: number.to_bytes(32, "big"),
    "bool": bool,
    "int256": lambda number: number - WORD if number >> 255 else number,
}
