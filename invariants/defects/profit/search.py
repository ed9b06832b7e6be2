"""The search for profit: beams of chains, led by what an attacker has gained and by signals that something is loose.

A chain grows by one link at a time. Each ploy of the list is tried once on each chain of the beam, and undone; what
raises a signal most is tried again and again, its number of times doubling for as long as the signal rises. Of all
that was tried the beam keeps what is best by each signal, and some at random. Nothing in here knows a defect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ...histories.chance import Chance
from .books import DOLLAR, Books
from .chain import Chain, Link, Table
from .ground import SYMBOLS, Ground
from .ploys import DAY, Ploy, ploys_on

MANY_TIMES = 2**13
"""How often a ploy that raises a signal most is repeated at most, in one link; another link may go on."""
FEW_TIMES = 2**6
"""How often any other ploy is."""
WIDTH = 3
"""How many chains the beam keeps by each signal; twice as many at random."""
LENGTH = 14
"""How many links a chain has at most, before the beam begins anew."""
INSIDE = 0.25
"""How often a loan with something happening inside is tried."""
LOOK = 5
"""What a look at the books costs of the budget, in calls: it takes as long."""
WAITS = (10 * DAY,)
MAX_WAITS = 2
"""How often time passes: so short that no position turns bad at these rates by interest alone."""

Measure = Callable[[Books], Any]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Objective:
    """The aim of a search, and the signals that lead it there."""

    name: str
    worth: Callable[[Books], int]
    signals: tuple[Measure, ...]
    waits: tuple[int, ...] = ()
    most: int = MANY_TIMES
    share: int = 1
    """The part of a budget that its search gets: one in so many."""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The aim itself and its signals."""
        return self.worth, *self.signals


GAIN = Objective("gain", lambda books: books.settled, (lambda books: books.promised, lambda books: books.share))
"""The attacker's gain, in one block. Signals: what the pool promises it, and what the dearest share is worth."""
LOSS = Objective(
    "loss",
    lambda books: books.lost,
    (lambda books: -books.health, lambda books: books.interest, lambda books: (books.positions, -books.health)),
    WAITS,
    FEW_TIMES,
    share=4,
)
"""The loss of lenders, whatever it costs, while time passes. Signals: how low the attacker's health factor is, what its
debts cost, how many positions it has."""
OBJECTIVES = {objective.name: objective for objective in (GAIN, LOSS)}


@dataclass(frozen=True)
class Node:
    """A chain of the beam, with the table as it leaves it."""

    table: Table
    chain: Chain
    books: Books
    leads: tuple[Measure, ...]
    """The measures by which it was chosen: its next link goes for these."""

    @property
    def may_wait(self) -> bool:
        """Has time passed less often than it may?"""
        return sum(link.times for link in self.chain if link.waits) < MAX_WAITS


@dataclass(frozen=True)
class Child:
    """A chain that was tried and undone."""

    parent: Node
    link: Link
    books: Books

    @property
    def chain(self) -> Chain:
        """The whole chain; a link that goes on is one with the link before."""
        before = self.parent.chain
        if before and before[-1].ploys == self.link.ploys:
            return (*before[:-1], Link(self.link.ploys, before[-1].times + self.link.times))
        return (*before, self.link)

    @property
    def mark(self) -> tuple[int, ...]:
        """Where it stands, roughly: chains with equal marks are one to the beam."""
        books = self.books
        health = books.health // 10**16 if books.health < 10**20 else -1
        dollars = (books.settled // DOLLAR, books.promised // DOLLAR, books.lost // DOLLAR)
        return (*dollars, books.share.bit_length(), health, *books.shape)


@dataclass
class Search:
    """One search, reproducible by its seed."""

    ground: Ground
    objective: Objective
    budget: int
    seed: int
    progress: Progress = field(default=lambda _: None)
    spent: int = 0
    best: Chain = ()
    best_worth: int = 0

    def run(self) -> Chain:
        """Search until the budget is spent. Returns the best chain found; empty where nothing is worth anything."""
        self.chance = Chance(Random(f"{self.seed}/{self.ground.revision}/{self.objective.name}"))
        self.ploys = ploys_on(SYMBOLS, waits=self.objective.waits)
        table = Table.on(self.ground)
        root = Node(table, (), table.books(), self.objective.measures)
        start = self.best_worth = self.objective.worth(root.books)
        while self._goes_on():
            beam = [root]
            for length in range(LENGTH):
                children = [child for node in beam for child in self._children(node)]
                if not children or not self._goes_on():
                    break
                beam = self._all_of(children) if length == 0 else self._chosen(children)
                self.progress(f"{self.spent:,} of {self.budget:,}, ${(self.best_worth - start) // DOLLAR:,}")
        return self.best

    def _goes_on(self) -> bool:
        return self.spent < self.budget

    # --- trying -----------------------------------------------------------------------------------------------------

    def _children(self, node: Node) -> Iterator[Child]:
        """Try every ploy once, and what raises a signal again and again."""
        once = list(self._once(node))
        yield from once
        grown = set()
        for measure in node.leads:
            higher = [child for child in once if measure(child.books) > measure(node.books) and not child.link.waits]
            if higher:
                best, other = max(higher, key=lambda child: measure(child.books)), self.chance.pick(higher)
                for child, most in ((best, self.objective.most), (other, FEW_TIMES)):
                    if child.link not in grown:
                        grown.add(child.link)
                        yield from self._again(node, child, measure, most)

    def _once(self, node: Node) -> Iterator[Child]:
        for link in self._links(node):
            if not self._goes_on():
                return
            snapshot = node.table.stage.chain.snapshot()
            made = node.table.run(link)
            self.spent += made
            if made == len(link.ploys):
                yield self._child(node, link)
            node.table.stage.chain.revert_to(snapshot)

    def _links(self, node: Node) -> list[Link]:
        """What is tried on a chain: every ploy, some loans with something inside, and the last two links as one."""
        tried = [Link((ploy,)) for ploy in self.ploys if not ploy.inside or self.chance.happens(INSIDE)]
        last = node.chain[-2:]
        if len(last) == 2 and all(link.times == 1 and not link.waits for link in last):
            tried.append(Link((*last[0].ploys, *last[1].ploys)))
        return tried if node.may_wait else [link for link in tried if not link.waits]

    def _again(self, node: Node, first: Child, measure: Measure, most: int) -> Iterator[Child]:
        """Repeat what was tried once: twice, four times, as long as a measure rises; undo it all."""
        table, ploys = node.table, first.link.ploys
        before, done, goal, complete = first.books, 0, 2, True
        snapshot = table.stage.chain.snapshot()
        while complete and goal <= most and self._goes_on():
            made = table.run(Link(ploys, goal - done))
            self.spent += made
            complete, done = made == (goal - done) * len(ploys), done + made // len(ploys)
            if done < 2:
                break
            child = self._child(node, Link(ploys, done))
            yield child
            complete = complete and measure(child.books) > measure(before)
            before, goal = child.books, goal * 2
        table.stage.chain.revert_to(snapshot)

    def _child(self, node: Node, link: Link) -> Child:
        self.spent += LOOK
        child = Child(node, link, node.table.books())
        worth = self.objective.worth(child.books)
        if worth > self.best_worth:
            self.best_worth, self.best = worth, child.chain
        return child

    # --- choosing ---------------------------------------------------------------------------------------------------

    def _all_of(self, children: Sequence[Child]) -> list[Node]:
        return [self._kept(child, self.objective.measures) for child in children]

    def _chosen(self, children: Sequence[Child]) -> list[Node]:
        """The next beam: the best by each measure, from each parent and ploy one at most, and some at random."""
        found: dict[tuple[int, ...], Child] = {}
        for child in children:
            found.setdefault(child.mark, child)
        distinct = self.chance.some(list(found.values()), len(found))
        leads: dict[int, tuple[Measure, ...]] = {}
        for measure in self.objective.measures:
            best: dict[tuple[int, tuple[Ploy, ...]], int] = {}
            order = sorted(range(len(distinct)), key=lambda place: measure(distinct[place].books), reverse=True)
            for place in order:
                best.setdefault((id(distinct[place].parent), distinct[place].link.ploys), place)
            for place in list(best.values())[:WIDTH]:
                leads[place] = (*leads.get(place, ()), measure)
        rest = [place for place in range(len(distinct)) if place not in leads]
        for place in self.chance.some(rest, min(len(rest), 2 * WIDTH)):
            leads[place] = (self.chance.pick(self.objective.measures),)
        return [self._kept(distinct[place], measures) for place, measures in leads.items()]

    def _kept(self, child: Child, leads: tuple[Measure, ...]) -> Node:
        """Play a chosen link once more, on a copy of the table that it was tried on."""
        table = child.parent.table.fork()
        self.spent += table.run(child.link)
        return Node(table, child.chain, child.books, leads)
