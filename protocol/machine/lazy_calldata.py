"""Arguments that a contract leaves in calldata and reads member by member.

What is malformed is refused when the contract looks at it, and not at all if it never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

from eth_abi.grammar import ABIType, BasicType, TupleType

from ..errors import EmptyRevert, Revert
from .abi import MAX_OFFSET, SELECTOR, WORD, Decoder, decode_int256, decoder_of, follow_offset, head_size, length_at

S = TypeVar("S")
_SIGNED_LIMIT = 2**255


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

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy is a plain list; an element that is malformed is None in it."""
        return list, ([_readable(partial(self.__getitem__, index)) for index in range(self._length)],)

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

    def word(self, number: int) -> int:
        """A word of the struct's head as it stands, unchecked; zero where there is none."""
        return int.from_bytes(_loaded(self._data, self._start + number * WORD, WORD), "big")

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy holds the members as they are read; one that is malformed is None in it."""
        return SimpleNamespace, (), {name: _readable(partial(getattr, self, name)) for name in self._members}

    def __repr__(self) -> str:
        return f"<{', '.join(self._members)} in calldata>"


def _readable(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Revert:
        return None


RE_ENCODED = "re-encoded"
"""In front of field names: a struct that a compiler before Solidity 0.8.14 encodes anew for a library.

It compares the length of bytes in it with what follows the struct's beginning, and so takes bytes that end too early:
what is missing is zero.
"""


def calldata_decoder_of(kind: ABIType, fields: tuple[str, ...]) -> Decoder:
    """The decoder of an array or struct left in calldata; `fields` name the members of the (innermost) struct."""
    if kind.is_array:
        item = _calldata_member(kind.item_type, fields)
        size = head_size(kind.item_type)

        def decode_array(data: bytes, base: int, position: int) -> CalldataArray:
            start = follow_offset(data, base, position)
            length = length_at(data, start, size)
            return CalldataArray(data, start + WORD, length, item, size)

        return decode_array
    assert isinstance(kind, TupleType)
    whole, members = _calldata_members(kind, fields)
    dynamic = kind.is_dynamic

    def decode_struct(data: bytes, base: int, position: int) -> CalldataStruct:
        start = follow_offset(data, base, position) if dynamic else position
        if start + whole > len(data):
            raise EmptyRevert("calldata ends early")
        return CalldataStruct(data, start, members)

    return decode_struct


def _calldata_members(kind: TupleType, fields: tuple[str, ...]) -> tuple[int, dict[str, tuple[Decoder, int]]]:
    """The size of a struct's head, and how to read each member that stays in calldata, and where."""
    anew = fields[:1] == (RE_ENCODED,)
    members, at = {}, 0
    for name, component in zip(fields[anew:], kind.components, strict=True):
        members[name] = _calldata_member(component, (RE_ENCODED,) if anew else ()), at
        at += head_size(component)
    return at, members


def _calldata_member(kind: ABIType, fields: tuple[str, ...]) -> Decoder:
    """The decoder of an element or member inside calldata: what is dynamic is found by `_tail_at`."""
    anew = fields[:1] == (RE_ENCODED,)
    if isinstance(kind, TupleType) and kind.is_dynamic and fields:
        whole, members = _calldata_members(kind, fields)
        tails = [name for name, component in zip(members, kind.components, strict=True) if component.is_dynamic]
        without_tails = {**members, **{name: (_refuse_tail, members[name][1]) for name in tails}}

        def decode_struct(data: bytes, base: int, position: int) -> CalldataStruct:
            start = _tail_at(data, base, position, whole)
            if start >= 0:
                return CalldataStruct(data, start, members)
            # As far back as can be, the distance to the end is no positive number any more.
            too_far = len(data) - start - WORD >= _SIGNED_LIMIT - 1
            return CalldataStruct(bytes(whole), 0, without_tails if too_far else members)

        return decode_struct
    if isinstance(kind, BasicType) and kind.is_dynamic:
        decode_bytes = _decode_bytes_anew if anew else _decode_bytes_tail
        return _as_string(decode_bytes) if kind.base == "string" else decode_bytes
    return decoder_of(kind)


def _tail_at(data: bytes, base: int, position: int, size: int) -> int:
    """Where an element or member lies: Solidity compares its offset as a signed number, so one may point backwards.

    Far backwards is beyond the end, where everything reads as zero.
    """
    offset = decode_int256(data, base, position)
    if offset > len(data) - base - size:
        raise EmptyRevert("calldata offset too large")
    if -SELECTOR <= base + offset < 0:
        raise EmptyRevert("the selector is neither a length nor an address")
    return base + offset


def _refuse_tail(_data: bytes, _base: int, _position: int) -> Any:
    raise EmptyRevert("calldata offset too large")


def _decode_bytes_tail(data: bytes, base: int, position: int) -> bytes:
    at = _tail_at(data, base, position, WORD)
    length = int.from_bytes(_loaded(data, at, WORD), "big")
    if length > MAX_OFFSET or at + WORD > len(data) - length:
        raise EmptyRevert("calldata length too large")
    return _loaded(data, at + WORD, length)


def _decode_bytes_anew(data: bytes, base: int, position: int) -> bytes:
    at = _tail_at(data, base, position, WORD)
    length = int.from_bytes(_loaded(data, at, WORD), "big")
    if length > MAX_OFFSET or base > len(data) - length:
        raise EmptyRevert("calldata length too large")
    return _loaded(data, at + WORD, length)


def _as_string(decode: Decoder) -> Decoder:
    return lambda data, base, position: decode(data, base, position).decode("utf-8", "surrogateescape")


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
