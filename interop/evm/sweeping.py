"""Every word that was ever seen, in a flat list for each contract, to be looked at again after each step."""

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
    """Words of one contract as they were last seen. The journal undoes what was seen."""

    __slots__ = ("places", "slots", "where", "words")

    def __init__(self, where: Address) -> None:
        self.where = where
        self.slots: list[int] = []
        self.words: list[int] = []
        self.places: list[Place] = []
        """The meaning of each: key and variables."""

    def copy(self) -> Words:
        """Copy what was seen."""
        copy = Words(self.where)
        copy.slots, copy.words, copy.places = self.slots.copy(), self.words.copy(), self.places.copy()
        return copy

    def restore(self, place: int, old: int) -> None:
        """Put back what was seen before."""
        self.words[place] = old

    def changed(self, evm: Revm) -> Iterator[tuple[Words, int, int]]:
        """Look at every word again. Yields the place and the new word of each that is another than before."""
        now = list(map(evm.storage, repeat(self.where), self.slots))
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
        self.settled: dict[Address, Words] = {}
        """By contract."""
        self.index: dict[tuple[Address, int], tuple[Words, int]] = {}
        """Where a word is."""
        self._turns: list[list[Words]] = [[] for _ in range(TURNS)]
        """Busy words of contracts, by the turn in which they are looked at."""
        self._step = 0

    def watch(self, where: Address, slot: int, meaning: Place, *, settled: bool) -> tuple[Words, int]:
        """Look at a word from now on. Returns where it is."""
        found = self.index.get((where, slot))
        if found is None:
            words = (self.settled if settled else self.busy).get(where) or self._take_in(Words(where), settled=settled)
            found = self.index[where, slot] = words, len(words.words)
            words.slots.append(slot)
            words.words.append(0)
            words.places.append(meaning)
        return found

    def _take_in(self, words: Words, *, settled: bool) -> Words:
        """Look at the words of another contract from now on."""
        if settled:
            self.settled[words.where] = words
        else:
            self._turns[len(self.busy) % TURNS].append(words)
            self.busy[words.where] = words
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

        All busy words of contracts that a step touched, and settled ones if a contract was called through which one
        governs; of others some each time, none if not `others`. All there are if `thorough`.
        """
        busy, settled = self.busy, self.settled
        if thorough:
            looked_at = [*busy.values(), *settled.values()]
        else:
            looked_at = [busy[where] for where in touched if where in busy]
            if others:
                self._step += 1
                looked_at += [words for words in self._turns[self._step % TURNS] if words.where not in touched]
            if others and not self._step % REST:
                looked_at += settled.values()
            elif governed:
                looked_at += [settled[where] for where in touched if where in settled]
        return [change for words in looked_at for change in words.changed(evm)]

    def copy_into(self, copy: SeenWords, standing: Container[Address]) -> None:
        """Have a copy of the chain, in which these contracts are standing, see what was seen here."""
        for settled, seen in ((False, self.busy), (True, self.settled)):
            for where, words in seen.items():
                if where in standing:
                    copy._take_in(words.copy(), settled=settled)
        for words in (*copy.busy.values(), *copy.settled.values()):
            keys = zip(repeat(words.where), words.slots)
            copy.index.update(zip(keys, zip(repeat(words), count())))  # noqa: B905 - endless

    def held(self) -> Iterator[tuple[Address, int, int]]:
        """List the words that are not zero: address, slot and word."""
        for words in (*self.busy.values(), *self.settled.values()):
            for slot, word in zip(words.slots, words.words, strict=True):
                if word:
                    yield words.where, slot, word
