"""Every word that was ever seen, in flat lists, so that all of them can be looked at again after each step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.state.storage import Journal

from .revm import Revm

Meaning = tuple[Any, tuple[Any, ...], tuple[Any, ...]]
"""What a word holds: the contract's wire (`wires.Wire`), the key, and the variables."""


class SeenWords:
    """The words of all contracts as they were last seen. Undone by the journal, which has the old ones."""

    __slots__ = ("addresses", "index", "journal", "meanings", "slots", "words")

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.addresses: list[Address] = []
        self.slots: list[int] = []
        self.words: list[int] = []
        self.meanings: list[Meaning] = []
        self.index: dict[tuple[Address, int], int] = {}
        """Where in the lists a word is."""

    def restore(self, place: int, old: int) -> None:
        """Put back what was seen before."""
        self.words[place] = old

    def watch(self, where: Address, slot: int, meaning: Meaning) -> int:
        """Look at a word from now on. Returns its place in the lists."""
        place = self.index.get((where, slot))
        if place is None:
            place = self.index[where, slot] = len(self.words)
            self.addresses.append(where)
            self.slots.append(slot)
            self.words.append(0)
            self.meanings.append(meaning)
        return place

    def note(self, place: int, word: int) -> int:
        """See a word, which the journal can undo. Returns what was seen before."""
        old = self.words[place]
        self.journal.entries.append((self, place, old))
        self.words[place] = word
        return old

    def word(self, where: Address, slot: int) -> int:
        """Give a word as it was last seen; zero for one that never was."""
        place = self.index.get((where, slot))
        return 0 if place is None else self.words[place]

    def changed(self, evm: Revm) -> list[tuple[int, int]]:
        """Look at every word again. Returns the place and the new word of each that is not what was seen last."""
        now = list(map(evm.storage, self.addresses, self.slots))
        words = self.words
        if now == words:
            return []
        return [(place, word) for place, word in enumerate(now) if word != words[place]]

    def held(self) -> Iterator[tuple[Address, int, int]]:
        """List the words that are not zero: address, slot and word."""
        for where, slot, word in zip(self.addresses, self.slots, self.words, strict=True):
            if word:
                yield where, slot, word
