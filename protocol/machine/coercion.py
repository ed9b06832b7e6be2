"""Values that callers of the typed interface may write for each ABI type, brought to one canonical form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Number
from operator import index
from typing import Any

from eth_abi.grammar import ABIType, BasicType, TupleType

from ..address import address
from .abi import text_bytes

Coercer = Callable[[Any], Any]
"""Brings a caller's value to canonical form, or raises ValueError or TypeError naming it."""


def integer(value: Any, what: str) -> int:
    """The Python integer that a value is, be it one of NumPy's; no bool is one. Raises ValueError for what is none."""
    if not isinstance(value, bool):
        try:
            return int(index(value))
        except TypeError:
            pass
    raise ValueError(f"{value!r} is not {what}")


def amount(value: Any, what: str) -> int:
    """The integer that an amount is, as `integer`, which tells of a float how to write it. Raises ValueError."""
    if isinstance(value, Number) and not hasattr(value, "__index__"):
        raise ValueError(f"{value!r} is not {what}; 10**18, not 1e18: amounts are integers")
    return integer(value, what)


def _coerce_uint(bits: int) -> Coercer:
    limit = 1 << bits
    what = f"a uint{bits}"

    def coerce(value: Any) -> int:
        if type(value) is int and 0 <= value < limit:
            return value
        number = amount(value, what)
        if not 0 <= number < limit:
            raise ValueError(f"{value!r} is not {what}")
        return number

    return coerce


def _coerce_int256(value: Any) -> int:
    number = value if type(value) is int else amount(value, "an int256")
    if not -(1 << 255) <= number < 1 << 255:
        raise ValueError(f"{value!r} is not an int256")
    return number


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


def bytes_of(value: Any) -> bytes:
    """Bytes as they are. Raises ValueError for what is none, telling how hexadecimal text is made bytes."""
    if isinstance(value, bytearray):
        return bytes(value)
    if not isinstance(value, bytes):
        hint = f"; bytes.fromhex({value[2:]!r}) is" if isinstance(value, str) and value.startswith("0x") else ""
        raise ValueError(f"{value!r} is not bytes{hint}")
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
            return bytes_of
        case "bytes", int(size):
            return _coerce_fixed_bytes(size)
        case "string", _:
            return _coerce_string
    raise ValueError(f"no check for ABI type {kind}")
