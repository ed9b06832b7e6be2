"""Every word that was ever seen, in flat lists, so that all of them can be looked at again after each step."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from itertools import compress, count, repeat
from operator import ne

from pooltwin.protocol.address import Address
from pooltwin.protocol.evm_storage.places import Place
from pooltwin.protocol.state.storage import Journal

from .revm import Revm

TURNS = 8
"""The words of a contract that a step did not touch are looked at after so many steps."""
REST = 16
"""Settled words are looked at after so many steps."""


class Words:
    """Words as they were last seen. The journal undoes what was seen."""

    __slots__ = ("addresses", "places", "slots", "words")

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.slots: list[int] = []
        self.words: list[int] = []
        self.places: list[Place] = []
        """The meaning of each: key and variables."""

    def copy_of(self, standing: Container[Address]) -> Words:
        """Copy what was seen of contracts that are standing."""
        copy = Words()
        gone = {where for where in set(self.addresses) if where not in standing}
        kept = [where not in gone for where in self.addresses] if gone else None
        for name in self.__slots__:
            seen = getattr(self, name)
            setattr(copy, name, seen.copy() if kept is None else list(compress(seen, kept)))
        return copy

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

    __slots__ = ("_step", "_turns", "busy", "index", "journal", "settled")

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.busy: dict[Address, Words] = {}
        """By contract."""
        self.settled = Words()
        self.index: dict[tuple[Address, int], tuple[Words, int]] = {}
        """Where a word is."""
        self._turns: list[list[tuple[Address, Words]]] = [[] for _ in range(TURNS)]
        """Busy words of contracts, by the turn in which they are looked at."""
        self._step = 0

    def watch(self, where: Address, slot: int, meaning: Place, *, settled: bool) -> tuple[Words, int]:
        """Look at a word from now on. Returns where it is."""
        found = self.index.get((where, slot))
        if found is None:
            words = self.settled if settled else self.busy.get(where) or self._take_in(where, Words())
            found = self.index[where, slot] = words, len(words.words)
            words.addresses.append(where)
            words.slots.append(slot)
            words.words.append(0)
            words.places.append(meaning)
        return found

    def _take_in(self, where: Address, words: Words) -> Words:
        """Have the words of another contract be busy."""
        self._turns[len(self.busy) % TURNS].append((where, words))
        self.busy[where] = words
        return words

    def note(self, words: Words, place: int, word: int) -> int:
        """See a word. Returns what was seen before."""
        old = words.words[place]
        self.journal.entries.append((words, place, old))
        words.words[place] = word
        return old

    def sweep(
        self, evm: Revm, touched: Collection[Address], *, thorough: bool, governed: bool, others: bool = True
    ) -> list[tuple[Words, int, int]]:
        """Look at words again. Returns those that have changed, with the new word.

        All busy words of contracts that a step touched; of the others, and settled ones, some each time, none if not
        `others`. All that are settled if a contract was called through which one governs; all there are if `thorough`.
        """
        busy = self.busy
        looked_at = [busy[where] for where in touched if where in busy]
        settled = governed or thorough
        if thorough:
            looked_at = list(busy.values())
        elif others:
            self._step += 1
            looked_at += [words for where, words in self._turns[self._step % TURNS] if where not in touched]
            settled |= not self._step % REST
        if settled:
            looked_at.append(self.settled)
        return [change for words in looked_at for change in words.changed(evm)]

    def copy_into(self, copy: SeenWords, standing: Container[Address]) -> None:
        """Have a copy of the chain, in which these contracts are standing, see what was seen here."""
        copy.settled = self.settled.copy_of(standing)
        for where, words in self.busy.items():
            if where in standing:
                copy._take_in(where, words.copy_of(standing))
        for words in (*copy.busy.values(), copy.settled):
            keys = zip(words.addresses, words.slots, strict=True)
            copy.index.update(zip(keys, zip(repeat(words), count())))  # noqa: B905 - endless

    def held(self) -> Iterator[tuple[Address, int, int]]:
        """List the words that are not zero: address, slot and word."""
        for words in (*self.busy.values(), self.settled):
            for row in zip(words.addresses, words.slots, words.words, strict=True):
                if row[2]:
                    yield row
