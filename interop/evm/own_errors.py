"""Custom errors that compiled contracts declare and no release has: read by their ABI, so that stories name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from pooltwin.protocol.errors import CustomError, RawRevert, arguments_of, selector_of

from .artifacts import Artifact


class Declared(NamedTuple):
    """An error as an ABI declares it."""

    name: str
    types: tuple[str, ...]
    fields: tuple[str, ...]


Errors = Mapping[bytes, Declared]
"""Declared errors by the four bytes that name them."""


class OwnError(RawRevert):
    """A custom error of a fork: a revert whose data an ABI explains."""

    def __init__(self, payload: bytes, declared: Declared, values: tuple[Any, ...]) -> None:
        super().__init__(payload)
        self.args = (payload, declared, values)
        self.declared = declared
        self.values = values

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def arguments(self) -> Any:
        return arguments_of(self.name, self.declared.fields)(*self.values)

    def describe(self) -> str:
        shown = ", ".join("0x" + value.hex() if isinstance(value, bytes) else str(value) for value in self.values)
        return f"{self.name}({shown})"


def declared_errors(artifacts: Iterable[Artifact]) -> Errors:
    """List the errors that compiled contracts declare and that are none of a release, by their four bytes."""
    found = {}
    for artifact in artifacts:
        for entry in artifact.abi:
            if entry["type"] == "error":
                inputs = entry.get("inputs", ())
                types = tuple(collapse_if_tuple(each) for each in inputs)
                fields = tuple(each.get("name", "") for each in inputs)
                selector = selector_of(f"{entry['name']}({','.join(types)})")
                if selector not in CustomError.names:
                    found[selector] = Declared(entry["name"], types, fields)
    return found


def read_own(data: bytes, own: Errors) -> RawRevert:
    """Read revert data that spell no error of the release as one that is declared; as they are where none fits."""
    declared = own.get(data[:4])
    try:
        return RawRevert(data) if declared is None else OwnError(data, declared, decode(declared.types, data[4:]))
    except (DecodingError, OverflowError, UnicodeDecodeError):
        return RawRevert(data)
