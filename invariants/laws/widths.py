"""SOL-14: what is stored fits the width that Solidity declares for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from pooltwin.protocol.evm_storage.layout import LAYOUTS
from pooltwin.protocol.machine.contract import Contract

from ..law import Broken, Kind, Subject, Verdict, law

if TYPE_CHECKING:
    from ..reading.step import Step

Span = tuple[int, int]
"""The least and the greatest figure of a type."""


class Widths(NamedTuple):
    """The declared widths of a market's storage: of the fields of each kind of record, and of mappings by identity."""

    fields: dict[type[Any], dict[str, Span]]
    mappings: dict[int, Span]


def declared_widths(contracts: Iterable[Contract], revision: str) -> Widths:
    """Read from the layouts of a release what the storage of some contracts holds; names and addresses are left out."""
    layouts = LAYOUTS[revision]
    widths = Widths({}, {})
    for contract in contracts:
        for variable in layouts.get(contract.code(), ()):
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
    """The figures an elementary type can hold; None for what is no figure."""
    if kind == "bool":
        return 0, 1
    signed, bits = not kind.startswith("u"), kind.removeprefix("u").removeprefix("int")
    if not bits.isdecimal():
        return None
    return (-(2 ** (int(bits) - 1)), 2 ** (int(bits) - 1) - 1) if signed else (0, 2 ** int(bits) - 1)


@law(
    "SOL-14",
    "Every figure that a step stores in the pool, its configurator or a token of a reserve fits the width that "
    "Solidity declares for it.",
    kind=Kind.STATE,
    subject=Subject.STEP,
    source="A",
)
def stored_figures_fit(step: Step) -> Verdict:
    """Balances of users in 120 bits from v3.4 on, indexes, rates and amounts of a reserve in 128, times in 40."""
    fields, mappings = step.census.widths
    verdict: Verdict = None
    for identity, (where, written) in step.changes.items():
        span = mappings.get(identity)
        if span is not None:
            least, most = span
            for key in written:
                if not least <= where[key] <= most:
                    return _too_wide(where[key], span)
            verdict = True
            continue
        spans = fields.get(type(where))
        if spans is None:
            continue
        for name in written:
            span = spans.get(name)
            if span is not None:
                if not span[0] <= getattr(where, name) <= span[1]:
                    return _too_wide(getattr(where, name), span, name)
                verdict = True
    return verdict


def _too_wide(figure: int, span: Span, name: str = "entry of a mapping") -> Broken:
    limit = span[0] if figure < span[0] else span[1]
    return Broken(f"{name}, the last figure that fits, must not be beyond", figure, limit)
