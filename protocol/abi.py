"""Calldata, the way Solidity's decoder reads it, and values, the way callers write them.

Decoding follows the compiler's ABI decoder: what it would refuse reverts without data. Dynamic values are encoded by
eth-abi; single words are packed here, because they are most of what a pool returns and logs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from eth_abi.abi import encode as eth_abi_encode
from eth_abi.grammar import ABIType, BasicType, TupleType, parse

from .address import address
from .errors import PANIC_ALLOCATION, EmptyRevert, Panic

S = TypeVar("S")

WORD = 32
SELECTOR = 4
_MAX_OFFSET = 2**64 - 1
_MEMORY_IN_USE = 0x80 + 0x20 + 0x1F
"""What an allocation adds to a length: the memory in use before it, the length word, rounding to words."""

Decoder = Callable[[bytes, int, int], Any]
"""Reads a value: (data, start of the enclosing tuple, position of the value's head) -> value."""

Coercer = Callable[[Any], Any]
"""Brings a caller's value to canonical form, or raises ValueError or TypeError naming it."""


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


def _decode_int256(data: bytes, _base: int, position: int) -> int:
    value = _word(data, position)
    return value - (1 << 256) if value >> 255 else value


def _decode_bool(data: bytes, _base: int, position: int) -> bool:
    value = _word(data, position)
    if value > 1:
        raise EmptyRevert("dirty bool")
    return value == 1


def _decode_address(data: bytes, _base: int, position: int) -> str:
    word = data[position : position + WORD]
    if len(word) < WORD or word[:12] != b"\0" * 12:
        raise EmptyRevert("dirty address")
    return "0x" + word[12:].hex()


def _decode_fixed_bytes(size: int) -> Decoder:
    def decode(data: bytes, _base: int, position: int) -> bytes:
        word = data[position : position + WORD]
        if len(word) < WORD or any(word[size:]):
            raise EmptyRevert(f"dirty bytes{size}")
        return word[:size]

    return decode


def _follow_offset(data: bytes, base: int, position: int) -> int:
    offset = _word(data, position)
    if offset > _MAX_OFFSET:
        raise EmptyRevert("calldata offset too large")
    return base + offset


def _length_at(data: bytes, start: int, item_size: int) -> int:
    if start + WORD > len(data):
        raise EmptyRevert("calldata ends early")
    length = _word(data, start)
    if length > _MAX_OFFSET or start + WORD + length * item_size > len(data):
        raise EmptyRevert("calldata length too large")
    return length


def _decode_bytes(data: bytes, base: int, position: int) -> bytes:
    start = _follow_offset(data, base, position)
    length = _length_at(data, start, 1)
    return data[start + WORD : start + WORD + length]


def _decode_bytes_to_memory(data: bytes, base: int, position: int) -> bytes:
    """A parameter declared `memory`: an absurd length fails when memory is allocated, before the bounds are checked."""
    start = _follow_offset(data, base, position)
    if start + WORD <= len(data) and _word(data, start) > _MAX_OFFSET - _MEMORY_IN_USE:
        raise Panic(PANIC_ALLOCATION)
    return _decode_bytes(data, base, position)


def _decode_string_to_memory(data: bytes, base: int, position: int) -> str:
    return _decode_bytes_to_memory(data, base, position).decode("utf-8", "surrogateescape")


def _decode_string(data: bytes, base: int, position: int) -> str:
    return _decode_bytes(data, base, position).decode("utf-8", "surrogateescape")


def _decode_array(item: ABIType) -> Decoder:
    decode_item, size = decoder_of(item), head_size(item)

    def decode(data: bytes, base: int, position: int) -> list[Any]:
        start = _follow_offset(data, base, position)
        length = _length_at(data, start, size)
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
        start = _follow_offset(data, base, position) if dynamic else position
        if start + size > len(data):
            raise EmptyRevert("calldata ends early")
        return tuple([decode_member(data, start, start + at) for decode_member, at in members])

    return decode


def head_size(kind: ABIType) -> int:
    """Bytes a value takes in the head of its tuple."""
    if kind.is_dynamic:
        return WORD
    if isinstance(kind, TupleType):
        return sum(head_size(component) for component in kind.components)
    return WORD


def memory_decoder_of(kind: ABIType) -> Decoder:
    """The decoder of a string, bytes or struct parameter that Solidity copies to memory at once."""
    if isinstance(kind, TupleType):
        return _decode_tuple(kind.components, kind.is_dynamic, memory_decoder_of)
    assert isinstance(kind, BasicType)
    if kind.base == "string":
        return _decode_string_to_memory
    return _decode_bytes_to_memory if kind.is_dynamic else decoder_of(kind)


def decode_copied_addresses(data: bytes, base: int, position: int) -> list[str]:
    """An array of addresses that Solidity copies from calldata as it stands: what is above an address is dropped."""
    start = _follow_offset(data, base, position)
    first, length = start + WORD, _length_at(data, start, WORD)
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
            return _decode_int256
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


class CalldataArray(Sequence[Any]):
    """An array left in calldata: each element is read, and refused if malformed, when the contract looks at it."""

    def __init__(self, data: bytes, first: int, length: int, item: Decoder, size: int) -> None:
        self._data, self._first, self._length, self._item, self._size = data, first, length, item, size

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < self._length:
            raise IndexError(index)
        return self._item(self._data, self._first, self._first + index * self._size)

    def __repr__(self) -> str:
        return f"<{self._length} in calldata>"


class CalldataStruct:
    """A struct left in calldata: each member is read, and refused if malformed, when the contract looks at it."""

    def __init__(self, data: bytes, start: int, members: Mapping[str, tuple[Decoder, int]]) -> None:
        self._data, self._start, self._members = data, start, members

    def __getattr__(self, name: str) -> Any:
        if name not in self._members:
            raise AttributeError(name)
        decode, at = self._members[name]
        return decode(self._data, self._start, self._start + at)

    def __repr__(self) -> str:
        return f"<{', '.join(self._members)} in calldata>"


def calldata_decoder_of(kind: ABIType, fields: tuple[str, ...]) -> Decoder:
    """The decoder of an array or struct left in calldata; `fields` name the members of the (innermost) struct."""
    if kind.is_array:
        item = _calldata_member(kind.item_type, fields)
        size = head_size(kind.item_type)

        def decode_array(data: bytes, base: int, position: int) -> CalldataArray:
            start = _follow_offset(data, base, position)
            length = _length_at(data, start, size)
            return CalldataArray(data, start + WORD, length, item, size)

        return decode_array
    assert isinstance(kind, TupleType)
    whole, members = _calldata_members(kind, fields)
    dynamic = kind.is_dynamic

    def decode_struct(data: bytes, base: int, position: int) -> CalldataStruct:
        start = _follow_offset(data, base, position) if dynamic else position
        if start + whole > len(data):
            raise EmptyRevert("calldata ends early")
        return CalldataStruct(data, start, members)

    return decode_struct


def _calldata_members(kind: TupleType, fields: tuple[str, ...]) -> tuple[int, dict[str, tuple[Decoder, int]]]:
    """The size of a struct's head, and how to read each member that stays in calldata, and where."""
    members, at = {}, 0
    for name, component in zip(fields, kind.components, strict=True):
        members[name] = _calldata_member(component, ()), at
        at += head_size(component)
    return at, members


def _calldata_member(kind: ABIType, fields: tuple[str, ...]) -> Decoder:
    """The decoder of an element or member inside calldata: what is dynamic is found by `_tail_at`."""
    if isinstance(kind, TupleType) and kind.is_dynamic and fields:
        whole, members = _calldata_members(kind, fields)

        def decode_struct(data: bytes, base: int, position: int) -> CalldataStruct:
            start = _tail_at(data, base, position, whole)
            return CalldataStruct(data, start, members) if start >= 0 else CalldataStruct(bytes(whole), 0, members)

        return decode_struct
    if isinstance(kind, BasicType) and kind.is_dynamic:
        return _decode_string_tail if kind.base == "string" else _decode_bytes_tail
    return decoder_of(kind)


def _tail_at(data: bytes, base: int, position: int, size: int) -> int:
    """Where an element or member lies: Solidity compares its offset as a signed number, so one may point backwards.

    Far backwards is beyond the end, where everything reads as zero.
    """
    offset = _decode_int256(data, base, position)
    if offset > len(data) - base - size:
        raise EmptyRevert("calldata offset too large")
    if -SELECTOR <= base + offset < 0:
        raise EmptyRevert("the selector is neither a length nor an address")
    return base + offset


def _decode_bytes_tail(data: bytes, base: int, position: int) -> bytes:
    at = _tail_at(data, base, position, WORD)
    length = int.from_bytes(_loaded(data, at, WORD), "big")
    if length > _MAX_OFFSET or at + WORD > len(data) - length:
        raise EmptyRevert("calldata length too large")
    return _loaded(data, at + WORD, length)


def _decode_string_tail(data: bytes, base: int, position: int) -> str:
    return _decode_bytes_tail(data, base, position).decode("utf-8", "surrogateescape")


def _loaded(data: bytes, at: int, size: int) -> bytes:
    """Bytes of calldata, zeros where there is none."""
    return data[at : at + size].ljust(size, b"\0") if at >= 0 else bytes(size)


def struct_of(cls: type[S], values: Any, *, whole: bool = False) -> S:
    """A struct argument as its named tuple, or as it stands in calldata, which has the same names.

    `whole` reads all of it now, in order, as copying it does.
    """
    if isinstance(values, CalldataStruct) and not whole:
        return values  # type: ignore[return-value]  # read like the named tuple
    if isinstance(values, CalldataStruct):
        return cls(*(getattr(values, name) for name in cls._fields))  # type: ignore[attr-defined]  # a named tuple
    return cls(*values)


def decode_arguments(decoders: Sequence[tuple[Decoder, int]], head: int, data: bytes) -> list[Any]:
    """Decode calldata behind its selector. Raises an empty revert where Solidity's decoder would."""
    if len(data) < head:
        raise EmptyRevert("calldata ends early")
    return [decode(data, 0, at) for decode, at in decoders]


# --- what callers of the typed interface may write -----------------------------------------------------------------


def _coerce_uint(bits: int) -> Coercer:
    limit = 1 << bits

    def coerce(value: Any) -> int:
        if type(value) is not int or not 0 <= value < limit:
            raise ValueError(f"{value!r} is not a uint{bits}")
        return value

    return coerce


def _coerce_int256(value: Any) -> int:
    if type(value) is not int or not -(1 << 255) <= value < 1 << 255:
        raise ValueError(f"{value!r} is not an int256")
    return value


def _coerce_bool(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError(f"{value!r} is not a bool")
    return value


def _coerce_fixed_bytes(size: int) -> Coercer:
    def coerce(value: Any) -> bytes:
        if not isinstance(value, bytes) or len(value) != size:
            raise ValueError(f"{value!r} is not {size} bytes")
        return value

    return coerce


def _coerce_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(f"{value!r} is not bytes")
    return value


def _coerce_string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a string")
    try:
        text_bytes(value)
    except UnicodeEncodeError:
        raise ValueError(f"{value!r} is not a string that UTF-8 can write") from None
    return value


def _coerce_array(item: Coercer) -> Coercer:
    def coerce(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{value!r} is not a list")
        return [item(member) for member in value]

    return coerce


def _coerce_tuple(members: Sequence[Coercer]) -> Coercer:
    def coerce(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, tuple) or len(value) != len(members):
            raise ValueError(f"{value!r} is not a tuple of {len(members)}")
        return tuple([member(part) for member, part in zip(members, value, strict=True)])

    return coerce


def coercer_of(kind: ABIType) -> Coercer:
    """The check that a caller's value belongs to an ABI type."""
    if kind.is_array:
        return _coerce_array(coercer_of(kind.item_type))
    if isinstance(kind, TupleType):
        return _coerce_tuple([coercer_of(component) for component in kind.components])
    assert isinstance(kind, BasicType)
    match kind.base, kind.sub:
        case "uint", int(bits):
            return _coerce_uint(bits)
        case "int", 256:
            return _coerce_int256
        case "bool", _:
            return _coerce_bool
        case "address", _:
            return address
        case "bytes", None:
            return _coerce_bytes
        case "bytes", int(size):
            return _coerce_fixed_bytes(size)
        case "string", _:
            return _coerce_string
    raise ValueError(f"no check for ABI type {kind}")


# --- encoding -------------------------------------------------------------------------------------------------------


def encode_word(value: Any) -> bytes:
    """One static value as a 32-byte word: an integer, a bool, an address or up to 32 bytes."""
    if isinstance(value, int):
        return value.to_bytes(WORD, "big", signed=value < 0)
    if isinstance(value, str):
        return bytes(12) + bytes.fromhex(value[2:])
    return bytes(value).ljust(WORD, b"\0")


@cache
def _is_one_word(kind: str) -> bool:
    parsed = parse(kind)
    return not parsed.is_dynamic and not parsed.is_array and isinstance(parsed, BasicType)


@cache
def _all_words(kinds: tuple[str, ...]) -> bool:
    return all(_is_one_word(kind) for kind in kinds)


def encode_values(kinds: tuple[str, ...], values: Sequence[Any]) -> bytes:
    """ABI-encode a tuple of values."""
    if _all_words(kinds):
        return b"".join([encode_word(value) for value in values])
    return eth_abi_encode(*_strings_as_bytes(kinds, values))


def _strings_as_bytes(kinds: tuple[str, ...], values: Sequence[Any]) -> tuple[list[str], list[Any]]:
    """The same encoding under other types: strings that were not UTF-8 on the way in leave as the same bytes."""
    parsed = [parse(kind) for kind in kinds]
    return (
        [kind.replace("string", "bytes") for kind in kinds],
        [_with_bytes(kind, value) for kind, value in zip(parsed, values, strict=True)],
    )


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


def split_types(signature: str) -> tuple[str, ...]:
    """The types between the outer parentheses of a signature: `f(a,(b,c)[])` gives `a` and `(b,c)[]`."""
    inner = signature[signature.index("(") : signature.rindex(")") + 1]
    if inner == "()":
        return ()
    parsed = parse(inner)
    assert isinstance(parsed, TupleType)
    return tuple(component.to_type_str() for component in parsed.components)
