"""Directed mutations: calldata of a sensible call, broken in the words that say where arrays and structs are, and hold.

A random byte seldom hits an array of a rare function. So these begin with the encoding: they know of each word in it
whether it is an offset, a length, a value or text, and break one to four of them at a time.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from eth_abi.grammar import ABIType, TupleType, parse

from .evm import argument_types

SELECTOR, WORD = 4, 32
MAX_WORD = 2**256
FAR = (2**31, 2**32, 2**59, 2**63, 2**64 - 160, 2**64 - 1, 2**64, 2**128, 2**255, 2**255 - 1, 2**256 - 1)
"""Numbers at which a decoder stops to add, multiply or allocate."""


class Place(NamedTuple):
    """One word of calldata inside a compound argument."""

    role: str
    """What it is: an offset, a length, a value or text."""
    at: int
    base: int
    """Where offsets beside it are counted from."""


def is_compound(kind: str) -> bool:
    """Is it an array, a struct, bytes or a string?"""
    return kind in ("bytes", "string") or kind.endswith(("]", ")"))


MOST_PLACES = 2_000
"""Words of one argument to choose from."""


def has_compound(signature: str) -> bool:
    """Does a function take anything that is more than a word?"""
    return any(is_compound(kind) for kind in argument_types(signature))


def places_of(signature: str, data: bytes) -> list[Place]:
    """Every word of the compound arguments in well-formed calldata; of what is broken already, the first ones.

    Offsets that point back make arrays of arrays without end.
    """
    found: list[Place] = []
    at = SELECTOR
    for text in argument_types(signature):
        kind = parse(text)
        if is_compound(text):
            found += islice(_walk(kind, data, at, SELECTOR), MOST_PLACES)
        at += _head_size(kind)
    return [place for place in found if place.at + WORD <= len(data) or place.role == "text"]


def _head_size(kind: ABIType) -> int:
    if kind.is_dynamic or not isinstance(kind, TupleType):
        return WORD
    return sum(_head_size(component) for component in kind.components)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + WORD], "big")


def _walk(kind: ABIType, data: bytes, at: int, base: int) -> Iterator[Place]:
    if not kind.is_dynamic:
        members = kind.components if isinstance(kind, TupleType) else (kind,)
        for member in members:
            if isinstance(member, TupleType):
                yield from _walk(member, data, at, base)
            else:
                yield Place("value", at, base)
            at += _head_size(member)
        return
    yield Place("offset", at, base)
    start = base + _word(data, at)
    if max(start, _word(data, start)) > len(data) and not isinstance(kind, TupleType):
        return  # broken already
    if kind.is_array:
        yield Place("length", start, base)
        first, item = start + WORD, kind.item_type
        for index in range(_word(data, start)):
            yield from _walk(item, data, first + index * _head_size(item), first)
    elif isinstance(kind, TupleType):
        position = start
        for member in kind.components:
            yield from _walk(member, data, position, start)
            position += _head_size(member)
    else:
        yield Place("length", start, base)
        yield from (Place("text", start + WORD + done, base) for done in range(0, _word(data, start), WORD))


class Mutator:
    """An endless supply of broken calldata."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def mutated(self, signature: str, data: bytes) -> bytes:
        """The same call with one to four words of its compound arguments broken, and sometimes its end."""
        rng, places = self.rng, places_of(signature, data)
        changed = bytearray(data)
        for place in rng.sample(places, min(len(places), rng.choice((1, 1, 2, 2, 3, 4)))):
            word = self._broken(place, places, data) % MAX_WORD
            changed[place.at : place.at + WORD] = word.to_bytes(WORD, "big")
        roll = rng.random()
        if roll < 0.08 and places:
            return bytes(changed[: rng.choice(places).at + rng.choice((-1, 0, 1, 31, 32, 33))])
        return bytes(changed) + rng.randbytes(rng.randrange(1, 70)) if roll < 0.16 else bytes(changed)

    def _broken(self, place: Place, places: Sequence[Place], data: bytes) -> int:
        word = _word(data, place.at)
        if place.role == "offset":
            return self._offset(place, places, data, word)
        if place.role == "length":
            fitting = max(0, len(data) - place.at - WORD)
            near = (0, word - 1, word + 1, word + 2, fitting, fitting + 1, fitting // WORD, fitting // WORD + 1)
            return self.rng.choice((*near, *FAR))
        if place.role == "text":
            return self.rng.getrandbits(256)
        return self._value(places, data, word)

    def _offset(self, place: Place, places: Sequence[Place], data: bytes, word: int) -> int:
        """To another place, backwards, beside itself, beyond the end."""
        elsewhere = self.rng.choice(places).at - place.base
        end = len(data) - place.base
        near = (word + 1, word - 1, word + WORD, word - WORD, 0, WORD, elsewhere, elsewhere + 1)
        back = (-place.base, -place.base + 1, -WORD, -1, -SELECTOR)
        return self.rng.choice((*near, *near, *back, end, end - 1, end - WORD, end - WORD + 1, end - 31, *FAR))

    def _value(self, places: Sequence[Place], data: bytes, word: int) -> int:
        """With something above the value, or another one altogether."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.5:
            return word | 1 << rng.choice((8, 16, 40, 120, 128, 159, 160, 161, 200, 248, 255))
        if roll < 0.7:
            return _word(data, rng.choice(places).at)
        return rng.choice((0, 1, 2, 2**160 - 1, 2**160, *FAR, rng.getrandbits(256)))
