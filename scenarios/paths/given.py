"""Prices from CSV files: a header, then a moment and exact prices a line. Errors name the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path as FilePath

from pooltwin.protocol.files import reason_of

from ..units import timestamp

BLOCK_S = 12
"""Seconds of a block."""

_MOMENTS = ("time", "second", "block")


class PathError(ValueError):
    """A path of prices cannot be made; the message names the file and the line, or the asset and the field."""


def read_rows(file: FilePath, columns: Sequence[str], start: int) -> Iterator[tuple[int, int, list[Decimal]]]:
    """Read the line number, the second since the start (seconds since 1970), and the numbers of each line.

    The header is `time`, `second` or `block`, then the columns. A time is seconds since 1970 or a moment with its time
    zone; seconds and blocks count from the beginning of the scenario. Raises PathError.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = list(csv.reader(text))
    except (OSError, UnicodeDecodeError) as error:
        raise PathError(f"{file}: {reason_of(error)}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    if len(header) != len(columns) + 1 or header[0] not in _MOMENTS or header[1:] != list(columns):
        wanted = ",".join(columns)
        raise PathError(
            f"{file}, line 1: the header is {','.join(header)!r}, not 'time,{wanted}' (or second, or block)"
        )
    last: int | None = None
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        place = f"{file}, line {number}"
        if len(line) != len(header):
            raise PathError(f"{place}: has {len(line)} columns, not {len(header)}")
        second = _second(header[0], line[0].strip(), start, place)
        if last is not None and second <= last:
            raise PathError(f"{place}: {header[0]} {line[0].strip()} is not later than that of the line before")
        last = second
        yield number, second, [_price(text.strip(), place) for text in line[1:]]
    if last is None:
        raise PathError(f"{file}: has a header and no prices")


def _second(kind: str, text: str, start: int, place: str) -> int:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return {"time": int(text) - start, "second": int(text), "block": int(text) * BLOCK_S}[kind]
    if kind != "time":
        raise PathError(f"{place}: the {kind} {text!r} is no whole number")
    try:
        return timestamp(datetime.fromisoformat(text)) - start
    except ValueError as error:
        told = "has no time zone; write 2026-02-06T00:00:00Z" if "time zone" in str(error) else "is none"
        raise PathError(f"{place}: the time {text!r} {told}") from None


def _price(text: str, place: str) -> Decimal:
    try:
        price = Decimal(text)
    except ArithmeticError:
        raise PathError(f"{place}: {text!r} is no price") from None
    if not price.is_finite() or price < 0:
        raise PathError(f"{place}: {text!r} is no price: it must be a number from zero up")
    return price
