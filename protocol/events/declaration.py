"""Declaring events as named tuples. Topics and data are ABI-encoded only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from struct import Struct
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from eth_abi.grammar import parse
from eth_hash.auto import keccak

from ..address import Address
from ..errors import Revert
from ..machine.abi import (
    WORD,
    Decoder,
    all_words,
    answer_decoders,
    decoder_of,
    encode_values,
    encode_word,
    text_bytes,
    word_reader_of,
)

E = TypeVar("E")


class EventLike(Protocol):
    """What every event class below is: a named tuple that knows its Solidity declaration."""

    signature: ClassVar[str]
    topic0: ClassVar[bytes]
    kinds: ClassVar[tuple[str, ...]]
    indexed: ClassVar[tuple[bool, ...]]
    _fields: ClassVar[tuple[str, ...]]


EVENTS: dict[bytes, list[type[Any]]] = {}
"""Every event class by its first topic; classes that share one differ in what they index."""


def event(declaration: str) -> Callable[[type[E]], type[E]]:
    """Tie a named tuple to its Solidity declaration: `Name(type indexed, type, ...)`."""
    name, _, rest = declaration.partition("(")
    parts = [part.strip() for part in rest.rstrip(")").split(",")] if rest != ")" else []
    kinds = tuple(part.split()[0] for part in parts)
    indexed = tuple(part.endswith(" indexed") for part in parts)
    signature = f"{name}({','.join(kinds)})"

    def tie(cls: Any) -> Any:
        if len(cls._fields) != len(kinds):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, {declaration} has {len(kinds)}")
        cls.signature, cls.topic0 = signature, bytes(keccak(signature.encode()))
        cls.kinds, cls.indexed = kinds, indexed
        cls.__eq__ = lambda self, other: type(self) is type(other) and tuple.__eq__(self, other)
        cls.__ne__ = lambda self, other: not cls.__eq__(self, other)
        cls.__hash__ = lambda self: hash((type(self), tuple.__hash__(self)))
        EVENTS.setdefault(cls.topic0, []).append(cls)
        return cls

    return tie


def topics_of(entry: Any) -> list[bytes]:
    """The event's topics: its signature hash and its indexed values."""
    topics = [entry.topic0]
    for kind, is_indexed, value in zip(entry.kinds, entry.indexed, entry, strict=True):
        if is_indexed:
            topics.append(
                bytes(keccak(text_bytes(value))) if isinstance(value, str) and kind == "string" else encode_word(value)
            )
    return topics


def data_of(entry: Any) -> bytes:
    """The event's data: its values that are not indexed, ABI-encoded."""
    plain = [
        (kind, value)
        for kind, is_indexed, value in zip(entry.kinds, entry.indexed, entry, strict=True)
        if not is_indexed
    ]
    return encode_values(tuple(kind for kind, _ in plain), [value for _, value in plain])


def read_event(topics: Sequence[bytes], data: bytes) -> Any:
    """The event that a log tells, by its topics; None if no known event has exactly these topics and data.

    Of a string that is indexed a log holds the hash only: 32 bytes then stand in the string's place.
    """
    cls: Any
    for cls in EVENTS.get(bytes(topics[0]), ()) if topics else ():
        reading = _reading(cls)
        if reading.topics == len(topics):
            try:
                entry = reading.of(topics, data)
            except Revert:
                continue
            if entry is not None:
                return entry
    return None


class _Reading:
    """How the logs of one class of events are read."""

    __slots__ = ("cls", "decoders", "plain_words", "readers", "topics", "words")

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.topics = 1 + sum(cls.indexed)
        """How many there are, the signature's hash among them."""
        kinds = tuple(kind for kind, is_indexed in zip(cls.kinds, cls.indexed, strict=True) if not is_indexed)
        self.plain_words = len(kinds) if all_words(kinds) else None
        """How many words the data are; None where they can be of several lengths."""
        indexed, plain = count(0, WORD), iter(answer_decoders(",".join(kinds))[0])
        self.decoders: list[tuple[Decoder, int, bool]] = [
            (decoder_of(parse("bytes32" if parse(kind).is_dynamic else kind)), next(indexed), True)
            if is_indexed
            else (*next(plain), False)
            for kind, is_indexed in zip(cls.kinds, cls.indexed, strict=True)
        ]
        """For each field its decoder, its place, and whether that is among the topics or in the data."""
        self.readers = self._readers(kinds) if self.plain_words is not None else []
        """For each field, if all data are words: what reads its word, and which of the words it is."""
        self.words = Struct(f"{WORD}s" * len(self.readers))
        """The indexed values and the data, as words."""

    def _readers(self, plain: tuple[str, ...]) -> list[tuple[Callable[[bytes], Any], int]]:
        indexed = [kind for kind, is_indexed in zip(self.cls.kinds, self.cls.indexed, strict=True) if is_indexed]
        kinds = [*("bytes32" if parse(kind).is_dynamic else kind for kind in indexed), *plain]
        of_topics, of_data = count(), count(len(indexed))
        places = [next(of_topics if is_indexed else of_data) for is_indexed in self.cls.indexed]
        return [(word_reader_of(kinds[at]), at) for at in places]

    def of(self, topics: Sequence[bytes], data: bytes) -> Any:
        """The event that a log with so many topics tells; None for data that are not spelled as Solidity spells them.

        Raises Revert where a caller would who decodes it.
        """
        if self.plain_words is not None:
            if len(data) != WORD * self.plain_words:
                return None
            told = b"".join((*topics[1:], data))
            if len(told) != self.words.size:
                return None
            words = self.words.unpack(told)
            return tuple.__new__(self.cls, [read(words[at]) for read, at in self.readers])
        indexed = b"".join(topics[1:])
        entry = self.cls(*[decode(indexed if among else data, 0, at) for decode, at, among in self.decoders])
        return entry if data_of(entry) == data else None


@cache
def _reading(cls: Any) -> _Reading:
    return _Reading(cls)


class Log(NamedTuple):
    """An event and the contract that emitted it."""

    address: Address
    event: Any

    @property
    def topics(self) -> list[bytes]:
        """ABI-encoded topics."""
        return topics_of(self.event)

    @property
    def data(self) -> bytes:
        """ABI-encoded data."""
        return data_of(self.event)
