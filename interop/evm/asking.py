"""Answers of the contracts: reverts, results and views, as the twin's own handles give them."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

from pooltwin.protocol.machine.function import Function

from .decoding import decode_result


def answer_of(function: Function, data: bytes) -> Any:
    """Read return data as the Python result of a function: named tuples are restored."""
    return _shape_of(function)(decode_result(function.returns, data))


@cache
def _shape_of(function: Function) -> Callable[[Any], Any]:
    """Find what a function's result is made into: the named tuple that its Python method promises, or nothing."""
    try:
        promised = typing.get_type_hints(inspect.unwrap(function.body)).get("return")
    except (NameError, TypeError):
        return _as_it_is
    make = getattr(promised, "_make", None)
    if make is None:
        return _as_it_is
    width = len(promised._fields)  # type: ignore[union-attr]  # it is a named tuple
    return lambda value: make(value) if isinstance(value, tuple) and len(value) == width else value


def _as_it_is(value: Any) -> Any:
    return value
