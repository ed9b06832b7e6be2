"""Stand-ins for decoders of events, errors and results."""

from __future__ import annotations

from typing import Any

from eth_abi.grammar import parse
from pooltwin.protocol.errors import (
    ERROR_STRING_SELECTOR,
    PANIC_SELECTOR,
    CustomError,
    EmptyRevert,
    ErrorString,
    ErrorStyle,
    Panic,
    RawRevert,
    Revert,
)
from pooltwin.protocol.events import EVENTS
from pooltwin.protocol.machine.abi import decode_arguments, decoder_of, head_size

_TABLES: dict[tuple[str, ...], tuple[list[Any], int]] = {}


def _table(kinds: tuple[str, ...]) -> tuple[list[Any], int]:
    known = _TABLES.get(kinds)
    if known is None:
        at, decoders = 0, []
        for kind in map(parse, kinds):
            decoders.append((decoder_of(kind), at))
            at += head_size(kind)
        known = _TABLES[kinds] = (decoders, at)
    return known


def decode_result(returns: tuple[str, ...], data: bytes) -> Any:
    """Read return data."""
    if not returns:
        return None
    values = decode_arguments(*_table(tuple(returns)), data)
    return values[0] if len(values) == 1 else tuple(values)


BY_CODE = {error.code: error for error in CustomError.names.values() if error.code is not None}


def revert_of(data: bytes, style: Any) -> Revert:
    """Read revert data."""
    if style is ErrorStyle.CODES and data[:4] == ERROR_STRING_SELECTOR:
        error = BY_CODE.get(decoder_of(parse("string"))(data[4:], 0, 0))
        if error is not None and not error.parameters:
            return error()
    if not data:
        return EmptyRevert()
    head = data[:4]
    try:
        if head == PANIC_SELECTOR:
            return Panic(int.from_bytes(data[4:36], "big"))
        if head == ERROR_STRING_SELECTOR:
            return ErrorString(decoder_of(parse("string"))(data[4:], 0, 0))
        error = CustomError.names.get(head)
        if error is not None:
            return error(*decode_arguments(*_table(tuple(error.parameters)), data[4:]))
    except Revert:
        pass
    return RawRevert(data)


class _Reader:
    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.indexed = [
            "bytes32" if kind in ("string", "bytes") else kind
            for kind, i in zip(cls.kinds, cls.indexed, strict=True)
            if i
        ]
        self.plain = tuple(kind for kind, i in zip(cls.kinds, cls.indexed, strict=True) if not i)
        self.flags = cls.indexed

    def read(self, topics: list[str], data: bytes) -> Any:
        plain = iter(decode_arguments(*_table(self.plain), data))
        raw = b"".join(bytes.fromhex(topic[2:]) for topic in topics[1:])
        indexed = iter(decode_arguments(*_table(tuple(self.indexed)), raw))
        return self.cls(*[next(indexed) if flag else next(plain) for flag in self.flags])


READERS = {
    ("0x" + topic.hex(), sum(cls.indexed) + 1): _Reader(cls) for topic, classes in EVENTS.items() for cls in classes
}


def read_event(topics: list[str], data: bytes) -> Any:
    """Read a log; None for an event that nobody knows."""
    reader = READERS.get((topics[0], len(topics)))
    return None if reader is None else reader.read(topics, data)
