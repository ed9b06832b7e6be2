"""The compiler's storage layout, flattened: each elementary variable with its place, as the twin's layouts have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.words import INDEX, TEXT

from .artifacts import Artifact, ArtifactError

MOST_WORDS = 1024
"""A fixed array of more words is not taken apart."""
WORD_BYTES = 32

Place = tuple[int, tuple[str, ...], int, int, int]
"""Slot, kinds of keys, words before the last mapping in its struct, word in the struct, offset in bytes."""


class Leaf(NamedTuple):
    """One elementary variable."""

    label: str
    """What the source calls it, with the members it is in: "_reserves.deficit"."""
    kind: str
    """Its type, as `Variable` has it; empty for what no word of its own can be found for."""
    type: str
    """What the source calls its type."""
    place: Place
    size: int
    """In bytes."""
    stride: int = 1
    """Words that an element takes, of an array whose words are listed one by one."""


def place_of(variable: Variable) -> Place:
    """The place of a variable of the twin's layouts."""
    return variable.slot, variable.keys, variable.inner, variable.member, variable.offset


def leaves_of(artifact: Artifact, name: str) -> list[Leaf]:
    """Every elementary variable of a contract. Raises ArtifactError if the compiler was not asked for the layout."""
    if artifact.storage is None:
        raise ArtifactError(
            f"{name}: its artifact has no storageLayout; ask the compiler for it, with Foundry by extra_output = "
            '["storageLayout"] in foundry.toml, with Hardhat by outputSelection, and compile anew'
        )
    flat = _Flattened(artifact.storage.get("types") or {})
    try:
        found = [
            leaf
            for entry in artifact.storage["storage"]
            for leaf in flat.below(entry["type"], entry["label"], At(int(entry["slot"]), offset=int(entry["offset"])))
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{name}: its storageLayout is not the compiler's: {error!r}") from None
    return found


class At(NamedTuple):
    """The place where something begins."""

    slot: int
    keys: tuple[str, ...] = ()
    inner: int = 0
    word: int = 0
    offset: int = 0
    is_lost: bool = False
    """Do keys lead there that the twin cannot follow?"""

    def entry(self, kind: str) -> At:
        """Where the entries of a mapping or an array here begin."""
        lost = self.is_lost or self.inner > 0
        kind = TEXT if kind == "bytes" else kind
        if not self.keys:
            return At(self.slot + self.word, (kind,), is_lost=lost)
        return At(self.slot, (*self.keys, kind), self.word, is_lost=lost)


class _Flattened:
    def __init__(self, types: dict[str, Any]) -> None:
        self.types = types

    def below(self, name: str, label: str, at: At) -> Iterator[Leaf]:
        kind = self.types[name]
        if kind["encoding"] == "mapping":
            key = self.types[kind["key"]]
            yield from self.below(kind["value"], label, at.entry(elementary(key["label"], int(key["numberOfBytes"]))))
        elif kind["encoding"] == "dynamic_array":
            yield self._leaf(label, "uint256", kind["label"], at, WORD_BYTES)
            yield from self._elements(kind["base"], f"{label}[]", at.entry(INDEX))
        elif kind["encoding"] == "bytes":
            yield self._leaf(label, "string", kind["label"], at, WORD_BYTES)
        elif "members" in kind:
            for member in kind["members"]:
                within = at._replace(word=at.word + int(member["slot"]), offset=int(member["offset"]))
                yield from self.below(member["type"], f"{label}.{member['label']}", within)
        elif "base" in kind:
            yield from self._fixed(kind, label, at)
        else:
            size = int(kind["numberOfBytes"])
            yield self._leaf(label, elementary(kind["label"], size), kind["label"], at, size)

    def _elements(self, base: str, label: str, at: At) -> Iterator[Leaf]:
        """The elements of an array, where each has a word of its own; else the words in which they lie."""
        kind, size = self.types[base], int(self.types[base]["numberOfBytes"])
        if kind["encoding"] == "inplace" and not {"members", "base"} & kind.keys() and size * 2 > WORD_BYTES:
            yield self._leaf(label, elementary(kind["label"], size), kind["label"], at, size)
        else:
            leaf = self._leaf(label, "bytes32", f"words of {kind['label']}", at, WORD_BYTES)
            yield leaf._replace(stride=-(-size // WORD_BYTES))

    def _fixed(self, kind: dict[str, Any], label: str, at: At) -> Iterator[Leaf]:
        base, total = self.types[kind["base"]], int(kind["numberOfBytes"])
        size, count = int(base["numberOfBytes"]), int(kind["label"].rpartition("[")[2].rstrip("]"))
        if total > MOST_WORDS * WORD_BYTES:
            yield self._leaf(label, "", kind["label"], at, total)
            return
        each = max(1, WORD_BYTES // size)
        for number in range(count):
            word = number // each if each > 1 else number * -(-size // WORD_BYTES)
            within = at._replace(word=at.word + word, offset=number % each * size)
            yield from self.below(kind["base"], f"{label}[{number}]", within)

    @staticmethod
    def _leaf(label: str, kind: str, type_: str, at: At, size: int) -> Leaf:
        place = (at.slot, at.keys, at.inner, at.word, at.offset)
        if not at.keys:
            place = (at.slot + at.word, (), 0, 0, at.offset)
        return Leaf(label, "" if at.is_lost else kind, type_, place, size)


_PLAIN = re.compile(r"address|bool|bytes32|u?int\d+|string|bytes")


def elementary(label: str, size: int) -> str:
    """A type of the source as one of the twin's layouts: contracts are addresses, enums and short bytes numbers."""
    if label.startswith("contract ") or label == "address payable":
        return "address"
    return label if _PLAIN.fullmatch(label) else f"uint{8 * size}"
