"""Polishing: a chain that brings as much with fewer calls, or more with other numbers of times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .chain import Chain, Link, Table, calls_in
from .ground import Ground
from .search import MAX_WAITS, Objective

SLACK = 1_000
"""A chain may bring this part less (one in so many) than the best that was met, if it makes fewer calls."""


@dataclass
class Polish:
    """One polishing, with a budget of calls."""

    ground: Ground
    objective: Objective
    chain: Chain
    budget: int
    spent: int = 0

    def run(self) -> Chain:
        """Leave out links and change numbers of times until nothing helps, or the budget is spent."""
        self.tables = [Table.on(self.ground)]
        self.start = self.objective.worth(self.tables[0].books())
        self.chain = self._replayed(0, self.chain)
        self.most = self.now = self._worth(self.tables[-1])
        changed = True
        while changed and self.spent < self.budget:
            changed = sum(self._better_at(place) for place in reversed(range(len(self.chain)))) > 0
        return self.chain

    def _worth(self, table: Table) -> int:
        return self.objective.worth(table.books()) - self.start

    def _replayed(self, place: int, chain: Chain) -> Chain:
        """Play the chain from a link on, keeping the table after each. Returns it with the times that it took."""
        del self.tables[place + 1 :]
        links = list(chain[:place])
        for link in chain[place:]:
            table = self.tables[-1].fork()
            made = table.run(link)
            self.spent += made
            if made:
                links.append(replace(link, times=-(-made // len(link.ploys))))
                self.tables.append(table)
        return tuple(links)

    def _better_at(self, place: int) -> bool:
        """Try to improve one link. Returns whether it was."""
        found = False
        again = True
        while again and place < len(self.chain) and self.spent < self.budget:
            again = any(self._accepts(place, variant) for variant in _variants(self.chain, place))
            found = found or again
        return found

    def _accepts(self, place: int, chain: Chain) -> bool:
        if self.spent >= self.budget or sum(link.times for link in chain if link.waits) > MAX_WAITS:
            return False
        table = self.tables[place].fork()
        self.spent += sum(table.run(link) for link in chain[place:])
        worth, fewer = self._worth(table), calls_in(chain) < calls_in(self.chain)
        more = worth > self.now + self.now // SLACK
        if not more and not (fewer and worth >= self.most - self.most // SLACK and worth > 0):
            return False
        self.chain = self._replayed(place, chain)
        self.now = worth
        self.most = max(self.most, worth)
        return True


def _variants(chain: Chain, place: int) -> Iterator[Chain]:
    """The chain without a link, or with another number of times; fewer first."""
    before, link, after = chain[:place], chain[place], chain[place + 1 :]
    yield (*before, *after)
    for times in _other_times(link):
        yield (*before, Link(link.ploys, times), *after)


PARTS = ((1, 2), (3, 4), (15, 16), (63, 64), (65, 64), (17, 16), (5, 4), (2, 1))


def _other_times(link: Link) -> list[int]:
    """Other numbers of times, fewer first: parts of what it is, and one less or more."""
    if link.waits:
        return []
    found = sorted({link.times * part // whole for part, whole in PARTS} | {link.times - 1, link.times + 1})
    return [times for times in found if times > 0 and times != link.times]
