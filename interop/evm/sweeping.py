"""Every word that was ever seen, in flat lists, so that all of them can be looked at again after each step."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.evm_storage.places import Place
from pooltwin.protocol.state.storage import Journal

from .revm import Revm

TURNS = 4
"""The words of a contract that a step did not touch are looked at after so many steps."""
REST = 16
"""Settled words are looked at after so many steps."""


class Meaning(NamedTuple):
    """The meaning of a word."""

    wire: Any
    """The contract's wire (`wires.Wire`)."""
    place: Place
    """Key and variables."""


class Words:
    """Words as they were last seen. The journal undoes what was seen."""

    __slots__ = ("addresses", "meanings", "slots", "words")

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.slots: list[int] = []
        self.words: list[int] = []
        self.meanings: list[Meaning] = []

    def restore(self, place: int, old: int) -> None:
        """Put back what was seen before."""
        self.words[place] = old

    def changed(self, evm: Revm) -> Iterator[tuple[Words, int, int]]:
        """Look at every word again. Yields the place and the new word of each that is another than before."""
        now = list(map(evm.storage, self.addresses, self.slots))
        if now != self.words:
            for place in compress(range(len(now)), map(ne, now, tuple(self.words))):
                yield self, place, now[place]


class SeenWords:
    """The words of all contracts: those that any step may write, and those that only governance should."""

    __slots__ = ("_step", "busy", "index", "journal", "settled")

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.busy: dict[Address, Words] = {}
        """By contract."""
        self.settled = Words()
        self.index: dict[tuple[Address, int], tuple[Words, int]] = {}
        """Where a word is."""
        self._step = 0

    def watch(self, where: Address, slot: int, meaning: Meaning, *, settled: bool) -> tuple[Words, int]:
        """Look at a word from now on. Returns where it is."""
        found = self.index.get((where, slot))
        if found is None:
            words = self.settled if settled else self.busy.setdefault(where, Words())
            found = self.index[where, slot] = words, len(words.words)
            words.addresses.append(where)
            words.slots.append(slot)
            words.words.append(0)
            words.meanings.append(meaning)
        return found

    def note(self, words: Words, place: int, word: int) -> int:
        """See a word. Returns what was seen before."""
        old = words.words[place]
        self.journal.entries.append((words, place, old))
        words.words[place] = word
        return old

    def sweep(
        self, evm: Revm, touched: Container[Address], *, thorough: bool, others: bool = True
    ) -> list[tuple[Words, int, int]]:
        """Look at words again. Returns those that have changed, with the new word.

        All busy words of contracts that a step touched; of the others, and settled ones, some each time, none if not
        `others`, and all of them if `thorough`.
        """
        if not others and not thorough:
            mine = (words for where, words in self.busy.items() if where in touched)
            return [change for words in mine for change in words.changed(evm)]
        self._step += 1
        turn = self._step % TURNS
        found: list[tuple[Words, int, int]] = []
        for number, (where, words) in enumerate(self.busy.items()):
            if thorough or number % TURNS == turn or where in touched:
                found += words.changed(evm)
        if thorough or not self._step % REST:
            found += self.settled.changed(evm)
        return found

    def held(self) -> Iterator[tuple[Address, int, int, Meaning]]:
        """List the words that are not zero: address, slot, word and meaning."""
        for words in (*self.busy.values(), self.settled):
            for row in zip(words.addresses, words.slots, words.words, words.meanings, strict=True):
                if row[2]:
                    yield row
