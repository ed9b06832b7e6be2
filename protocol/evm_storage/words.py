"""Words of storage: how Solidity hashes keys into slots, and how values and strings lie in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from eth_hash.auto import keccak

from ..machine.abi import encode_word, text_bytes

Words = dict[int, int]
"""The words of one contract that are not zero, by slot."""

Key = tuple[Any, ...]
"""What a mapping's entry is found by, outermost first; empty for what is no mapping."""

Reader = Callable[[int], int]
"""Answers the word in a slot of one contract."""

INDEX = "index"
"""The kind of key of an array."""
TEXT = "string"
"""The kind of key whose bytes are hashed as they are, however many: of a mapping by strings, or by bytes."""

ALL_BITS = (1 << 256) - 1
MOST_STRING_BYTES = 1 << 20
"""A string longer than this is none: nothing would have paid for it."""


class StorageError(ValueError):
    """Raw storage that the twin cannot hold. Names contract, slot and word."""


def slot_of_entry(slot: int, kinds: tuple[str, ...], inner: int, key: Key) -> int:
    """The slot in which a mapping's or array's entry begins.

    Nested hashes of its key, `inner` words added before the last part is hashed; the elements of an array lie one
    behind the other.
    """
    last = len(key) - 1
    for number, part in enumerate(key):
        base = slot + inner if number == last else slot
        kind = kinds[number]
        if kind == INDEX:
            slot = tail_of(base) + int(part)
        else:
            slot = _text_slot(part, base) if kind == TEXT else _hashed_slot(part, base)
    return slot


@lru_cache(maxsize=100_000)
def _text_slot(key: str, slot: int) -> int:
    return int.from_bytes(keccak(text_bytes(key) + slot.to_bytes(32, "big")), "big")


@lru_cache(maxsize=2_000_000)
def _hashed_slot(key: Any, slot: int) -> int:
    return int.from_bytes(keccak(encode_word(key) + slot.to_bytes(32, "big")), "big")


@lru_cache(maxsize=100_000)
def tail_of(slot: int) -> int:
    """The slot in which the elements of an array begin, or the bytes of a long string, by the slot of its length."""
    return int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")


def number_of(value: Any) -> int:
    """A value as the number that its word holds."""
    return int.from_bytes(encode_word(value), "big")


def value_of(kind: str, number: int) -> Any:
    """The value of an elementary type that a number in a word means."""
    return reader_of(kind)(number)


def reader_of(kind: str) -> Callable[[int], Any]:
    """The function that makes a value of an elementary type of the number in its word."""
    if kind.startswith("int") and kind not in _FROM_NUMBER:
        bits = int(kind.removeprefix("int"))
        return lambda number: number - (1 << bits) if number >> bits - 1 else number
    return _FROM_NUMBER.get(kind, int)


_FROM_NUMBER: dict[str, Callable[[int], Any]] = {
    "address": lambda number: f"0x{number:040x}",
    "bytes32": lambda number: number.to_bytes(32, "big"),
    "bool": bool,
    "int256": lambda number: number - (1 << 256) if number >> 255 else number,
}


def string_words(slot: int, text: str) -> Words:
    """Up to 31 bytes in the slot itself, with twice the length at its end; more of them where its hash says."""
    data = text_bytes(text)
    if len(data) < 32:
        return {slot: int.from_bytes(data.ljust(31, b"\0") + bytes([2 * len(data)]), "big")}
    first = tail_of(slot)
    parts = [data[at : at + 32].ljust(32, b"\0") for at in range(0, len(data), 32)]
    return {slot: 2 * len(data) + 1} | {first + at: int.from_bytes(part, "big") for at, part in enumerate(parts)}


def string_at(slot: int, read: Reader, most: int = MOST_STRING_BYTES) -> str:
    """The string in a slot, at most so many bytes long. Raises StorageError for words that are none."""
    word = read(slot)
    length, first = word >> 1, tail_of(slot)
    if not word & 1:
        data = word.to_bytes(32, "big")[: (word & 0xFF) >> 1]
    elif length > most:
        raise _no_string(slot, word)
    else:
        data = b"".join(read(first + at).to_bytes(32, "big") for at in range((length + 31) // 32))[:length]
    text = data.decode("utf-8", "surrogateescape")
    if any(read(at) != put for at, put in string_words(slot, text).items()):
        raise _no_string(slot, word)
    return text


def _no_string(slot: int, word: int) -> StorageError:
    return StorageError(f"the word {word:#x} at slot {slot:#x} is no string")
