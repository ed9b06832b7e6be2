"""The widths that Solidity declares for stored figures, read from the storage layouts of a release."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pooltwin.protocol.evm_storage.table import known_layout
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import Revision

Span = tuple[int, int]
"""The least and the greatest figure of a type."""


class Widths(NamedTuple):
    """The declared widths of a market's storage: of the fields of each kind of record, and of mappings by identity."""

    fields: dict[type[Any], dict[str, Span]]
    mappings: dict[int, Span]


def declared_widths(contracts: Iterable[Contract], revision: Revision) -> Widths:
    """Read from a record's layouts how wide the figures in contracts are, leaving out names and addresses."""
    widths = Widths({}, {})
    for contract in contracts:
        for variable in known_layout(contract.code(), revision):
            span = span_of(variable.kind)
            if span is None or variable.derived:
                continue
            name, _, member = variable.name.partition(".")
            if member:
                widths.fields.setdefault(getattr(contract, name).make, {})[member] = span
            elif variable.keys:
                widths.mappings[id(getattr(contract, name))] = span
            else:
                widths.fields.setdefault(type(contract), {})[name] = span
    return widths


def span_of(kind: str) -> Span | None:
    """Give the range of an elementary type, as "uint128"; None for what is no figure."""
    if kind == "bool":
        return 0, 1
    signed, bits = not kind.startswith("u"), kind.removeprefix("u").removeprefix("int")
    if not bits.isdecimal():
        return None
    return (-(2 ** (int(bits) - 1)), 2 ** (int(bits) - 1) - 1) if signed else (0, 2 ** int(bits) - 1)
