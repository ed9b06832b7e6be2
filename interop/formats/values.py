"""Values as other tools write them: whole numbers in digits, as text or as a wrapped hex, switches, addresses, texts.

Each reader takes the value and its place in the file, and raises `ForeignFileError` naming both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import reason_of
from pooltwin.protocol.math.wad_ray import RAY

from .errors import ForeignFileError

RAY_PER_BPS = RAY // 10_000
_DIGITS = re.compile(r"-?[0-9]{1,80}n?")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,66}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SWITCHES = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Rounded(str):
    """A number that a JSON file writes with a point or an exponent, as it stands there."""


def read_text(path: Path) -> str:
    """The text of a file. Raises ForeignFileError if it cannot be read or is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ForeignFileError(reason_of(error)) from error


def json_in(text: str, wanted: str) -> Any:
    """Read a JSON text; a number with a point or an exponent stays as it is written.

    Raises ForeignFileError naming line and column, and what is wanted instead.
    """
    try:
        return json.loads(text, parse_float=Rounded, parse_constant=Rounded, object_pairs_hook=_no_key_twice)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ForeignFileError(f"{wanted}; this is no JSON: {error.msg}, {where}") from error
    except RecursionError as error:
        raise ForeignFileError(f"{wanted}; this is nested too deeply to be read") from error
    except ForeignFileError:
        raise
    except ValueError as error:  # a number of too many digits
        raise ForeignFileError(f"{wanted}; {error}") from error


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ForeignFileError(f"{twice!r} is there twice in one object")
    return found


def shown(value: Any) -> str:
    """A value as messages show it: one line, not too long."""
    text = str(value) if isinstance(value, Rounded) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def integer(value: Any, place: str) -> int:
    """A whole number: as one, as decimal digits in text (also with JavaScript's n), or as ethers 5 wraps it in hex."""
    if type(value) is int:
        return value
    if isinstance(value, Rounded):
        raise ForeignFileError(f"{place} is {value}, a rounded number: its last digits are lost; write it in full")
    if isinstance(value, Mapping):
        value = value.get("hex", value.get("_hex"))
    if isinstance(value, str):
        text = value.strip()
        if _DIGITS.fullmatch(text):
            return int(text.removesuffix("n"))
        if _HEX.fullmatch(text):
            return int(text, 16)
    raise ForeignFileError(f"{place} is {shown(value)}, no whole number")


def count(value: Any, place: str) -> int:
    """A whole number that is not negative."""
    found = integer(value, place)
    if found < 0:
        raise ForeignFileError(f"{place} is {found}, below 0")
    return found


def switch(value: Any, place: str) -> bool:
    """Yes or no: `true` and `false`, also as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and not isinstance(value, Rounded) and value.strip() in _SWITCHES:
        return _SWITCHES[value.strip()]
    raise ForeignFileError(f"{place} is {shown(value)}, neither true nor false")


def text(value: Any, place: str) -> str:
    """A text."""
    if isinstance(value, str) and not isinstance(value, Rounded):
        return value
    raise ForeignFileError(f"{place} is {shown(value)}, no text")


def address(value: Any, place: str) -> str:
    """An address as the file spells it; whether its checksum is right, the market's configuration says."""
    found = text(value, place).strip()
    if not _ADDRESS.fullmatch(found):
        raise ForeignFileError(f"{place} is {shown(value)}, no address of 20 bytes in hex with 0x in front")
    return found


def table(value: Any, place: str) -> dict[str, Any]:
    """A JSON object."""
    if isinstance(value, dict):
        return value
    raise ForeignFileError(f"{place} is {shown(value)}, no JSON object")


def finest(name: str, ray: int) -> dict[str, int]:
    """A rate in ray under its name in a market: in basis points where it is a whole number of them."""
    whole, rest = divmod(ray, RAY_PER_BPS)
    return {f"{name}_ray": ray} if rest else {f"{name}_bps": whole}
