"""Reading what a function answers: return data to the Python result that the twin's own method would give."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from struct import Struct
from types import FunctionType, SimpleNamespace
from typing import Any, get_args, get_origin, get_type_hints

from eth_abi.grammar import ABIType, TupleType, parse

from ..errors import Revert
from .abi import WORD, decode_answer

Shape = Callable[[Any], Any]
"""Gives a decoded value the form that a method's annotation promises."""

SHOWN_BYTES = 100
ONE_NUMBER = ("uint256",)
"""The types that most views return."""


class AnswerError(ValueError):
    """Return data that no function of this signature can give. Names function, types, bytes and what is wrong."""


def read_answer(signature: str, returns: tuple[str, ...], shape: Shape | None, data: bytes) -> Any:
    """The Python result in return data: None where nothing is returned. Raises AnswerError.

    As a caller in Solidity would, it overlooks bytes behind the last value.
    """
    if not returns:
        return None
    if returns == ONE_NUMBER and shape is None and len(data) == WORD:
        return int.from_bytes(data)
    numbers = _numbers(returns)
    try:
        if numbers is not None and len(data) == numbers.size:
            values = list(map(int.from_bytes, numbers.unpack(data)))
        else:
            values = decode_answer(",".join(returns), data)
    except Revert as revert:
        shown = data.hex() if len(data) <= SHOWN_BYTES else f"{data[:SHOWN_BYTES].hex()}... ({len(data)} bytes)"
        reason = getattr(revert, "reason", "").removeprefix("calldata ") or str(revert)
        types = ", ".join(returns)
        raise AnswerError(f"{signature} returns ({types}), which 0x{shown} does not spell: {reason}") from None
    value = values[0] if len(returns) == 1 else tuple(values)
    return value if shape is None else shape(value)


@cache
def _numbers(returns: tuple[str, ...]) -> Struct | None:
    """What splits return data of numbers of 256 bits only; None for other types."""
    return Struct(f"{WORD}s" * len(returns)) if set(returns) == set(ONE_NUMBER) else None


def shape_of(body: Callable[..., Any], returns: tuple[str, ...]) -> Shape | None:
    """The restoring of named tuples that a method's annotation asks for; None if it names none."""
    if not returns or not isinstance(body, FunctionType):
        return None
    hint = _evaluated(body.__annotations__.get("return"), body.__module__)
    kind = parse(returns[0] if len(returns) == 1 else f"({','.join(returns)})")
    return _shape(hint, kind, body.__module__)


def _evaluated(hint: Any, module: str) -> Any:
    """An annotation as an object; None for one whose names only a type checker has."""
    if not isinstance(hint, str):
        return hint
    try:
        return get_type_hints(SimpleNamespace(__annotations__={"it": hint}), vars(sys.modules[module]))["it"]
    except NameError:
        return None


def _shape(hint: Any, kind: ABIType, module: str) -> Shape | None:
    hint = _evaluated(hint, module)
    if kind.is_array:
        (inner,) = get_args(hint) if get_origin(hint) is list else (None,)
        item = _shape(inner, kind.item_type, module)
        return None if item is None else lambda values: [item(value) for value in values]
    if not isinstance(kind, TupleType):
        return None
    count = len(kind.components)
    if _is_named(hint, count):
        return _struct(hint._make, _members(hint), kind.components, hint.__module__)
    hints = get_args(hint) if get_origin(hint) is tuple else ()
    return _struct(tuple, hints, kind.components, module) if len(hints) == count and Ellipsis not in hints else None


def _is_named(hint: Any, count: int) -> bool:
    return isinstance(hint, type) and len(getattr(hint, "_fields", ())) == count > 0


@cache
def _members(named: Any) -> tuple[Any, ...]:
    return tuple(named.__annotations__.get(name) for name in named._fields)


def _struct(make: Shape, hints: Sequence[Any], kinds: Sequence[ABIType], module: str) -> Shape | None:
    shapes = [_shape(hint, kind, module) for hint, kind in zip(hints, kinds, strict=True)]
    if not any(shapes):
        return None if make is tuple else make
    return lambda values: make(
        [value if shape is None else shape(value) for shape, value in zip(shapes, values, strict=True)]
    )
