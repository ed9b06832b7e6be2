"""Values to and from the ABI's bytes.

Decoding follows the compiler's ABI decoder: what it would refuse reverts without data. Dynamic values are encoded by
eth-abi; single words are packed here, because they are most of what a pool returns and logs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from eth_abi.grammar import ABIType, BasicType, TupleType, parse
from eth_abi.registry import registry

from ..errors import PANIC_ALLOCATION, EmptyRevert, Panic, selector_of

WORD = 32
_NO_HEAD = bytes(12)
SELECTOR = 4
MAX_OFFSET = 2**64 - 1
_MEMORY_BEFORE = 0x80
"""The memory in use when arguments are copied."""
_MEMORY_IN_USE = _MEMORY_BEFORE + 0x20 + 0x1F
"""What an allocation adds to a length: the memory in use before it, the length word, rounding to words."""

Decoder = Callable[[bytes, int, int], Any]
"""Reads a value: (data, start of the enclosing tuple, position of the value's head) -> value."""


def _word(data: bytes, position: int) -> int:
    if position + WORD > len(data):
        raise EmptyRevert("calldata ends early")
    return int.from_bytes(data[position : position + WORD], "big")


def _decode_uint(bits: int) -> Decoder:
    limit = 1 << bits

    def decode(data: bytes, _base: int, position: int) -> int:
        value = _word(data, position)
        if value >= limit:
            raise EmptyRevert(f"dirty uint{bits}")
        return value

    return decode


def decode_int256(data: bytes, _base: int, position: int) -> int:
    """A signed word."""
    value = _word(data, position)
    return value - (1 << 256) if value >> 255 else value


def _decode_bool(data: bytes, _base: int, position: int) -> bool:
    value = _word(data, position)
    if value > 1:
        raise EmptyRevert("dirty bool")
    return value == 1


def _decode_address(data: bytes, _base: int, position: int) -> str:
    return _read_address(data[position : position + WORD])


def _read_address(word: bytes) -> str:
    found = address_in(word)
    if found is None:
        raise EmptyRevert("dirty address")
    return found


@lru_cache(maxsize=100_000)
def address_in(word: bytes) -> str | None:
    """The address that a word holds; None for a word that holds more, or is none."""
    return "0x" + word[12:].hex() if len(word) == WORD and word.startswith(_NO_HEAD) else None


def _decode_fixed_bytes(size: int) -> Decoder:
    def decode(data: bytes, _base: int, position: int) -> bytes:
        word = data[position : position + WORD]
        if len(word) < WORD or any(word[size:]):
            raise EmptyRevert(f"dirty bytes{size}")
        return word[:size]

    return decode


def follow_offset(data: bytes, base: int, position: int) -> int:
    """Find where a dynamic value lies. Raises an empty revert for an offset that Solidity refuses."""
    offset = _word(data, position)
    if offset > MAX_OFFSET:
        raise EmptyRevert("calldata offset too large")
    return base + offset


def length_at(data: bytes, start: int, item_size: int) -> int:
    """The length of an array or of bytes. Raises an empty revert for one that calldata cannot hold."""
    if start + WORD > len(data):
        raise EmptyRevert("calldata ends early")
    length = _word(data, start)
    if length > MAX_OFFSET or start + WORD + length * item_size > len(data):
        raise EmptyRevert("calldata length too large")
    return length


def _decode_bytes(data: bytes, base: int, position: int) -> bytes:
    start = follow_offset(data, base, position)
    length = length_at(data, start, 1)
    return data[start + WORD : start + WORD + length]


def _decode_bytes_to_memory(data: bytes, base: int, position: int) -> bytes:
    """A parameter declared `memory`: an absurd length fails when memory is allocated, before the bounds are checked."""
    start = follow_offset(data, base, position)
    if start + WORD <= len(data) and _word(data, start) > MAX_OFFSET - _MEMORY_IN_USE:
        raise Panic(PANIC_ALLOCATION)
    return _decode_bytes(data, base, position)


def _decode_string_to_memory(data: bytes, base: int, position: int) -> str:
    return _decode_bytes_to_memory(data, base, position).decode("utf-8", "surrogateescape")


def _decode_string(data: bytes, base: int, position: int) -> str:
    return _decode_bytes(data, base, position).decode("utf-8", "surrogateescape")


def _decode_array(item: ABIType) -> Decoder:
    decode_item, size = decoder_of(item), head_size(item)

    def decode(data: bytes, base: int, position: int) -> list[Any]:
        start = follow_offset(data, base, position)
        length = length_at(data, start, size)
        first = start + WORD
        return [decode_item(data, first, first + index * size) for index in range(length)]

    return decode


def _decode_tuple(
    components: Sequence[ABIType], dynamic: bool, member_decoder: Callable[[ABIType], Decoder] | None = None
) -> Decoder:
    make = member_decoder or decoder_of
    members = []
    offset = 0
    for component in components:
        members.append((make(component), offset))
        offset += head_size(component)
    size = offset

    def decode(data: bytes, base: int, position: int) -> tuple[Any, ...]:
        start = follow_offset(data, base, position) if dynamic else position
        if start + size > len(data):
            raise EmptyRevert("calldata ends early")
        return tuple([decode_member(data, start, start + at) for decode_member, at in members])

    return decode


def _array_to_memory(decode: Decoder) -> Decoder:
    """An array parameter declared `memory`: a pointer or word for each element is allocated before they are read."""

    def decode_array(data: bytes, base: int, position: int) -> Any:
        start = follow_offset(data, base, position)
        if start + WORD <= len(data):
            length = _word(data, start)
            if length > MAX_OFFSET or length * WORD + WORD + _MEMORY_BEFORE > MAX_OFFSET:
                raise Panic(PANIC_ALLOCATION)
        return decode(data, base, position)

    return decode_array


def head_size(kind: ABIType) -> int:
    """Bytes a value takes in the head of its tuple."""
    if kind.is_dynamic:
        return WORD
    if isinstance(kind, TupleType):
        return sum(head_size(component) for component in kind.components)
    return WORD


def memory_decoder_of(kind: ABIType) -> Decoder:
    """The decoder of a string, bytes or struct parameter that Solidity copies to memory at once."""
    if kind.is_array:
        return _array_to_memory(decoder_of(kind))
    if isinstance(kind, TupleType):
        return _decode_tuple(kind.components, kind.is_dynamic, memory_decoder_of)
    assert isinstance(kind, BasicType)
    if kind.base == "string":
        return _decode_string_to_memory
    return _decode_bytes_to_memory if kind.is_dynamic else decoder_of(kind)


def decode_copied_addresses(data: bytes, base: int, position: int) -> list[str]:
    """An array of addresses that Solidity copies from calldata as it stands: what is above an address is dropped."""
    start = follow_offset(data, base, position)
    first, length = start + WORD, length_at(data, start, WORD)
    return ["0x" + data[at + 12 : at + WORD].hex() for at in range(first, first + length * WORD, WORD)]


def decoder_of(kind: ABIType) -> Decoder:
    """The decoder of one ABI type."""
    if kind.is_array:
        return _decode_array(kind.item_type)
    if isinstance(kind, TupleType):
        return _decode_tuple(kind.components, kind.is_dynamic)
    assert isinstance(kind, BasicType)
    match kind.base, kind.sub:
        case "uint", int(bits):
            return _decode_uint(bits)
        case "int", 256:
            return decode_int256
        case "bool", _:
            return _decode_bool
        case "address", _:
            return _decode_address
        case "bytes", None:
            return _decode_bytes
        case "bytes", int(size):
            return _decode_fixed_bytes(size)
        case "string", _:
            return _decode_string
    raise ValueError(f"no decoder for ABI type {kind}")


def word_reader_of(kind: str) -> Callable[[bytes], Any]:
    """The reader of a type that takes one word, which is given that word alone. It raises as the type's decoder."""
    if kind in ("uint256", "address"):
        return int.from_bytes if kind == "uint256" else _read_address
    decode = decoder_of(parse(kind))
    return lambda word: decode(word, 0, 0)


def decode_arguments(decoders: Sequence[tuple[Decoder, int]], head: int, data: bytes) -> list[Any]:
    """Decode calldata behind its selector, or an answer. Raises an empty revert where Solidity's decoder would."""
    if len(data) < head:
        raise EmptyRevert("calldata ends early")
    return [decode(data, 0, at) for decode, at in decoders]


@cache
def answer_decoders(returns: str) -> tuple[list[tuple[Decoder, int]], int]:
    """For values of these types, as "uint256,bool": the decoder and the place of each; and how long the heads are."""
    decoders, at = [], 0
    for kind in map(parse, split_types(f"({returns})")):
        decoders.append((decoder_of(kind), at))
        at += head_size(kind)
    return decoders, at


def decode_answer(returns: str, data: bytes) -> list[Any]:
    """Decode return data of these types, as "uint256,bool". Raises an empty revert where a caller would."""
    return decode_arguments(*answer_decoders(returns), data)


# --- encoding -------------------------------------------------------------------------------------------------------


def encode_word(value: Any) -> bytes:
    """One static value as a 32-byte word: an integer, a bool, an address or up to 32 bytes."""
    if isinstance(value, int):
        return value.to_bytes(WORD, "big", signed=value < 0)
    if isinstance(value, str):
        return _address_word(value)
    return bytes(value).ljust(WORD, b"\0")


@lru_cache(maxsize=100_000)
def _address_word(address: str) -> bytes:
    return _NO_HEAD + bytes.fromhex(address[2:])


@cache
def _is_one_word(kind: str) -> bool:
    parsed = parse(kind)
    return not parsed.is_dynamic and not parsed.is_array and isinstance(parsed, BasicType)


@cache
def all_words(kinds: tuple[str, ...]) -> bool:
    """Are values of these types single words, which can be spelled in one way only?"""
    return all(_is_one_word(kind) for kind in kinds)


def encode_values(kinds: tuple[str, ...], values: Sequence[Any]) -> bytes:
    """ABI-encode a tuple of values."""
    if all_words(kinds):
        return b"".join([encode_word(value) for value in values])
    parsed, encode = _encoding(kinds)
    if not parsed:
        return encode(values)
    return encode([_with_bytes(kind, value) for kind, value in zip(parsed, values, strict=True)])


@cache
def _encoding(kinds: tuple[str, ...]) -> tuple[list[ABIType], Callable[[Sequence[Any]], bytes]]:
    """The types, none if no strings are among them, and what encodes their values once these hold bytes instead.

    The encoding is the same, and strings that were not UTF-8 on the way in leave as the same bytes.
    """
    encode: Any = registry.get_encoder(f"({','.join(kinds)})".replace("string", "bytes"))
    return [parse(kind) for kind in kinds] if any("string" in kind for kind in kinds) else [], encode


def _with_bytes(kind: ABIType, value: Any) -> Any:
    if not kind.is_dynamic:
        return value
    if kind.is_array:
        return [_with_bytes(kind.item_type, item) for item in value]
    if isinstance(kind, TupleType):
        return [_with_bytes(component, part) for component, part in zip(kind.components, value, strict=True)]
    return text_bytes(value) if isinstance(value, str) else value


def text_bytes(text: str) -> bytes:
    """The bytes of a string: UTF-8, or whatever was in the calldata it came from."""
    return text.encode("utf-8", "surrogateescape")


def calldata_of(signature: str, arguments: Sequence[Any]) -> bytes:
    """Calldata of a call, by the function's signature: selector and encoded arguments."""
    return selector_of(signature) + encode_values(split_types(signature), arguments)


def split_types(signature: str) -> tuple[str, ...]:
    """The types between the outer parentheses of a signature: `f(a,(b,c)[])` gives `a` and `(b,c)[]`."""
    inner = signature[signature.index("(") : signature.rindex(")") + 1]
    if inner == "()":
        return ()
    parsed = parse(inner)
    assert isinstance(parsed, TupleType)
    return tuple(component.to_type_str() for component in parsed.components)
