"""The compiler's syntax trees, and places in them: a contract, a function, a kind of node, a name, which of them.

Nothing of the sources is quoted: a place is told by the names that the tree gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

Node = dict[str, Any]

NAMED_BY = ("memberName", "name", "operator", "value")
"""What a node is called by, first come first served: a member, an identifier, an operation, a literal."""


INLINED = ("internal", "private")
"""Functions of libraries that become part of whoever calls them; the others are called where the library is."""


class PlaceError(Exception):
    """A place that is not in the sources, or not in one place only; the message names it."""


class Span(NamedTuple):
    """A range of bytes in a unit."""

    start: int
    end: int


@dataclass(frozen=True)
class Place:
    """One node: the `nth` (from 0) of those in a function that are of a kind, have a name or mention one.

    A function is told by name, and by its number of parameters where several have it: "_transfer/5". A modifier or a
    constant is told by its name too. Without `nth` exactly one is meant.
    """

    contract: str
    function: str
    kind: str = ""
    """As the tree says it, "MemberAccess"; nothing is the function itself."""
    name: str = ""
    mentions: str = ""
    """A name somewhere inside the node."""
    nth: int | None = None

    def __str__(self) -> str:
        told = [self.kind or "all", *([repr(self.name)] if self.name else [])]
        told += [f"that mentions {self.mentions!r}"] if self.mentions else []
        told += [f"number {self.nth}"] if self.nth is not None else []
        return f"{self.contract}.{self.function}: {' '.join(told)}"


@dataclass(frozen=True)
class Sources:
    """Syntax trees and texts of some units."""

    trees: dict[str, Node]
    texts: dict[str, str]

    @cached_property
    def contracts(self) -> dict[str, tuple[str, Node]]:
        """Unit and tree of every contract, by name."""
        found = {}
        for unit, tree in self.trees.items():
            for node in tree["nodes"]:
                if node["nodeType"] == "ContractDefinition":
                    found[node["name"]] = unit, node
        return found

    @cached_property
    def definitions(self) -> dict[int, tuple[Node, Node]]:
        """Functions, modifiers and variables of contracts, each with its contract, by their ids."""
        return {part["id"]: (contract, part) for _, contract in self.contracts.values() for part in contract["nodes"]}

    def find(self, place: Place) -> tuple[str, Node]:
        """The unit and the node at a place. Raises PlaceError."""
        unit, definition = self._definition(place)
        if not place.kind:
            return unit, definition
        found = [node for node in walk(definition) if _fits(node, place)]
        if place.nth is None and len(found) != 1:
            raise PlaceError(f"{place}: there are {len(found)}, and one is meant")
        if place.nth is not None and place.nth >= len(found):
            raise PlaceError(f"{place}: there are {len(found)} of them")
        return unit, found[place.nth or 0]

    def _definition(self, place: Place) -> tuple[str, Node]:
        if place.contract not in self.contracts:
            raise PlaceError(f"{place}: no contract is called {place.contract}")
        unit, contract = self.contracts[place.contract]
        name, _, count = place.function.partition("/")
        found = [
            part
            for part in contract["nodes"]
            if part.get("name") == name and (not count or len(part["parameters"]["parameters"]) == int(count))
        ]
        if len(found) != 1:
            raise PlaceError(f"{place}: {len(found)} parts of {place.contract} are called {place.function}, not one")
        return unit, found[0]

    def touched_by(self, places: list[Place], contracts: list[str]) -> list[str]:
        """Those of the contracts whose own code holds one of the places: inherited, or of a library that is inlined."""
        edited = {self._definition(place)[1]["id"] for place in places}
        return [name for name in contracts if edited & self.code_of(name)]

    @cached_property
    def references(self) -> dict[int, set[int]]:
        """The ids of the definitions that each definition refers to."""
        return {identifier: _references(part) for identifier, (_, part) in self.definitions.items()}

    def code_of(self, name: str) -> set[int]:
        """The ids of all definitions that a contract's bytecode may hold."""
        _, contract = self.contracts[name]
        bases = set(contract["linearizedBaseContracts"])
        waiting = [identifier for identifier, (owner, _) in self.definitions.items() if owner["id"] in bases]
        code: set[int] = set()
        while waiting:
            identifier = waiting.pop()
            if identifier not in code:
                code.add(identifier)
                waiting += [used for used in self.references[identifier] if self._is_inside(used, bases)]
        return code

    def _is_inside(self, identifier: int, bases: set[int]) -> bool:
        """Does what a contract refers to become part of its code? What it calls from outside does not."""
        if identifier not in self.definitions:
            return False
        owner, part = self.definitions[identifier]
        return owner["id"] in bases or (owner["contractKind"] == "library" and part.get("visibility") in INLINED)


def walk(node: Any) -> Iterator[Node]:
    """A node and all nodes below it, in the order of the text."""
    if isinstance(node, list):
        for item in node:
            yield from walk(item)
    elif isinstance(node, dict):
        if "nodeType" in node:
            yield node
        below = [value for value in node.values() if isinstance(value, dict | list)]
        yield from walk(sorted((item for value in below for item in _nodes(value)), key=lambda item: span(item).start))


def _nodes(value: Any) -> list[Node]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict) and "nodeType" in item]


def _references(part: Node) -> set[int]:
    return {node["referencedDeclaration"] for node in walk(part) if node.get("referencedDeclaration") is not None}


def name_of(node: Node) -> str:
    """What a node is called by: the name of what is called, where it is a call."""
    if node["nodeType"] == "FunctionCall":
        return name_of(node["expression"])
    return next((str(node[key]) for key in NAMED_BY if node.get(key) is not None), "")


def _fits(node: Node, place: Place) -> bool:
    return (
        node["nodeType"] == place.kind
        and (not place.name or name_of(node) == place.name)
        and (not place.mentions or any(name_of(inner) == place.mentions for inner in walk(node)))
    )


def span(node: Node) -> Span:
    """The bytes of a node."""
    start, length, _ = map(int, node["src"].split(":"))
    return Span(start, start + length)
