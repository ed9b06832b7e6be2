"""Edits of the sources: at a place that the syntax tree gives, a few tokens of our own instead of what is there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from .syntax import Node, Place, PlaceError, Sources, Span, span

STATEMENTS_WITHOUT_SEMICOLON = ("ExpressionStatement", "EmitStatement", "RevertStatement")
"""Statements whose place ends before the semicolon, which stays."""


class How(Enum):
    """Where the tokens go."""

    INSTEAD = "instead of the node"
    NAME = "instead of the node's own name"
    OPERATOR = "instead of the operator between two operands"
    BEFORE = "before the node"
    AFTER = "after the node"
    FIRST = "at the start of the block"
    LAST = "at the end of the block"


@dataclass(frozen=True)
class Edit:
    """One change of the sources."""

    place: Place
    how: How
    tokens: str


def renamed(contract: str, function: str, old: str, new: str, nth: int | None = None) -> Edit:
    """Call or read another member than before."""
    return Edit(Place(contract, function, "MemberAccess", old, nth=nth), How.NAME, new)


def left_out(
    contract: str, function: str, mentions: str, *, kind: str = "ExpressionStatement", nth: int | None = None
) -> Edit:
    """Leave out the statement that mentions a name: a call, a `require`, an event, a condition with its block."""
    tokens = "true" if kind in STATEMENTS_WITHOUT_SEMICOLON else "{}"
    return Edit(Place(contract, function, kind, mentions=mentions, nth=nth), How.INSTEAD, tokens)


def replaced(contract: str, function: str, kind: str, name: str, tokens: str, nth: int | None = None) -> Edit:
    """Write something else for a whole node."""
    return Edit(Place(contract, function, kind, name, nth=nth), How.INSTEAD, tokens)


def compared(contract: str, function: str, old: str, new: str, nth: int | None = None) -> Edit:
    """Write another operator between two operands."""
    return Edit(Place(contract, function, "BinaryOperation", old, nth=nth), How.OPERATOR, f" {new} ")


def before(place: Place, tokens: str) -> Edit:
    """Write something before a node."""
    return Edit(place, How.BEFORE, tokens)


def after(place: Place, tokens: str) -> Edit:
    """Write something after a node; after a statement begin with its semicolon's successor."""
    return Edit(place, How.AFTER, tokens)


def first(contract: str, function: str, tokens: str) -> Edit:
    """Write a statement at the start of a function."""
    return Edit(Place(contract, function), How.FIRST, tokens)


def last(contract: str, function: str, tokens: str) -> Edit:
    """Write a statement at the end of a function."""
    return Edit(Place(contract, function), How.LAST, tokens)


def edited(sources: Sources, edits: Iterable[Edit]) -> dict[str, str]:
    """The texts of the units that change. Raises PlaceError for a place that is not there, or edits that overlap."""
    pieces: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for edit in edits:
        unit, node = sources.find(edit.place)
        pieces[unit].append((_span(sources.texts[unit].encode(), node, edit), edit.tokens))
    return {unit: _replaced(sources.texts[unit].encode(), found, unit) for unit, found in pieces.items()}


def _span(text: bytes, node: Node, edit: Edit) -> Span:
    """The bytes that an edit replaces; none of them, where it inserts."""
    here = span(node)
    if edit.how is How.INSTEAD:
        return here
    if edit.how is How.NAME:
        start, length, _ = map(int, node.get("memberLocation", node["src"]).split(":"))
        return Span(start, start + length)
    if edit.how is How.OPERATOR:
        return Span(span(node["leftExpression"]).end, span(node["rightExpression"]).start)
    if edit.how is How.BEFORE:
        return Span(here.start, here.start)
    if edit.how is How.AFTER:
        end = (
            here.end + 1
            if text[here.end : here.end + 1] == b";" and node["nodeType"].endswith("Statement")
            else here.end
        )
        return Span(end, end)
    body = node.get("body")
    if body is None:
        raise PlaceError(f"{edit.place}: it has no block to write into")
    block = span(body)
    at = block.start + 1 if edit.how is How.FIRST else block.end - 1
    return Span(at, at)


def _replaced(text: bytes, pieces: list[tuple[Span, str]], unit: str) -> str:
    ordered = sorted(pieces, key=lambda piece: piece[0])
    for (one, _), (other, tokens) in pairwise(ordered):
        if other.start < one.end:
            raise PlaceError(f"{unit}: two edits change the same bytes, the later one to {tokens!r}")
    for (start, end), tokens in reversed(ordered):
        text = text[:start] + tokens.encode() + text[end:]
    return text.decode()
