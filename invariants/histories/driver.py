"""The driver of random histories: it draws what happens next from a table of moves, as its temperament inclines it.

Campaigns, the walks on which mutants are hunted, and the machines for Hypothesis all make their histories with it. They
differ in where chance comes from and in the temperament, which says what is likely; the moves are the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from pooltwin.protocol.address import Address

from ..reference import EVERYTHING
from .action import Action, Stage
from .amount import near
from .chance import Chance
from .packed import packed, takes_packed_calls
from .sight import Sight

T = TypeVar("T")

DAY = 86_400
STABLE, VARIABLE = 1, 2
PACKED = 0.6
"""The share of calls of a rollup's pool that are packed into words, where they can be."""
TRIES = 50
"""How often the driver begins anew with something that comes to nothing, before it lets a block pass."""

Plot = Iterator[Action]
"""Actions that belong together, each drawn when the one before has been performed."""
Making = Callable[["Driver"], Plot]
"""What begins a plot: a move of the table, or a story of several moves."""


@dataclass(frozen=True)
class Move:
    """Row of the table of moves: something that can happen to a market."""

    name: str
    make: Making
    """Draws the arguments, and yields the call with whatever has to come before or after it."""
    who: str
    """Who makes it, in words."""
    function: str
    """The function that it calls, as "pool.supply"; empty for one that no release calls."""
    safe: bool = False
    """Can it leave nobody worse off but who makes it, or who gave permission?"""

    def __call__(self, driver: Driver) -> Plot:
        """Begin the move."""
        return self.make(driver)

    def exists_on(self, stage: Stage) -> bool:
        """Tell whether a market's release has the function, by asking the contract."""
        target, _, function = self.function.rpartition(".")
        return not target or stage.offers(target, function)


@dataclass(frozen=True)
class Temperament:
    """Settings in which the users of the driver differ: what it is inclined to do."""

    weights: Mapping[Making, float]
    """What may happen next, and how likely it is."""
    patience: float = 1.0
    """How often a move waits for its occasion, instead of being tried where it must fail: 1 for always when it can."""
    insists: bool = True
    """Are calls tried that the release does not have? Nothing comes of them."""
    seeks: bool = False
    """Are people looked for whom a move can concern, instead of anybody?"""
    guesses: bool = True
    """Are numbers of e-mode categories guessed, instead of looked up?"""
    faithful: float = 0.0
    """How often what happens in the course of a change is about the asset that was changed."""
    care: float = 0.0
    """How often a change is followed by the moves that it is most likely to concern."""
    edges: bool = False
    """Do amounts end, now and then, on a cap, on the last unit of a balance, or on what is just not allowed?"""
    trust: float = 1.0
    """How often people act in the name of others, as a multiple of what is usual."""
    daring: float = 1.0
    """How often people try what must be refused, as a multiple of what is usual."""
    rounds: int = 4
    """How many calls of users happen in the course of a change: fewer than this."""
    aim: float = 0.0
    """How often a plot is chosen because it leads where laws have hardly been asked yet, while there is a place."""
    aims: Callable[[Collection[str]], Sequence[Making]] | None = None
    """Tells of edges of laws which plots lead there."""
    dust: bool = False
    """Do people deal in amounts of a few hundred units, where every rounding shows?"""


class Driver(Sight):
    """Draws the next action of a history from chance and from the state of the market."""

    def __init__(
        self, stage: Stage, chance: Chance, temperament: Temperament, symbols: Iterable[str] | None = None
    ) -> None:
        """Deals in some assets, or in all that are listed and that will be."""
        self.temperament = temperament
        self.chance = chance
        self.focus: str | None = None
        """An asset that most of what happens is about, for as long as a plot says so."""
        self.goals: Callable[[], Collection[str]] = tuple
        """Tells the edges at which laws have hardly been asked yet in this history."""
        self._own = None if symbols is None else frozenset(symbols)
        super().__init__(stage)
        self.likely = {
            making: weight
            for making, weight in temperament.weights.items()
            if temperament.insists or not isinstance(making, Move) or making.exists_on(stage)
        }
        self._makings, self._limits = tuple(self.likely), tuple(accumulate(self.likely.values()))
        self._now: Plot = iter(())
        self._later: deque[Plot] = deque()
        self._relists = False
        """Did the last action list or drop an asset?"""
        self._packs = takes_packed_calls(stage)

    def seen(self, assets: dict[str, Address]) -> dict[str, Address]:
        """Choose the assets to deal in, of those that are listed."""
        return {symbol: where for symbol, where in assets.items() if self._own is None or symbol in self._own}

    # --- what happens -----------------------------------------------------------------------------------------------

    def next(self) -> Action:
        """Draw the next action, of the plot under way or of a new one; perform it before asking for another."""
        if self._relists or self.pool.reserves_count != self.listed:
            self.learn()
        for _ in range(TRIES):
            for action in self._now:
                self._relists = action.function in ("dropReserve", "initReserves")  # which may leave or fill a gap
                return packed(self.stage, action) if self._packs and self.chance.happens(PACKED) else action
            self._now = self._later.popleft() if self._later else self.begin()
        self._relists = False
        return Action.wait(12)

    def begin(self) -> Plot:
        """Begin a new plot, drawn by weight, or because it leads where laws have hardly been asked."""
        self.focus = None
        aims = self.temperament.aims
        if aims is not None and self.chance.happens(self.temperament.aim):
            makings = aims(self.goals())
            if makings:
                return self.chance.pick(makings)(self)
        return self.chance.weighted(self._makings, self._limits)(self)

    def play(self, making: Making) -> Iterator[Action]:
        """Play one plot to its end, with what it puts off; perform each action before asking for the next."""
        self.focus = None
        yield from making(self)
        while self._later:
            yield from self._later.popleft()

    def later(self, *actions: Action) -> None:
        """Put actions off until all that has been planned is done."""
        self._later.append(iter(actions))

    def aside(self, making: Making) -> Action | None:
        """Take the first action of a plot, to be done inside another; the rest of the plot comes next."""
        plot = making(self)
        first = next(plot, None)
        self._later.appendleft(plot)
        return first

    # --- chance -----------------------------------------------------------------------------------------------------

    def happens(self, probability: float) -> bool:
        """Tell whether something happens that has this probability."""
        return self.chance.happens(probability)

    def pick(self, items: Sequence[T]) -> T:
        """Pick one of some items."""
        return self.chance.pick(items)

    def between(self, low: int, high: int) -> int:
        """Draw a number from `low` up to `high`, without `high`."""
        return self.chance.between(low, high)

    def waits(self, probability: float) -> bool:
        """Tell whether a move that has no occasion waits for one."""
        return self.chance.happens(probability * self.temperament.patience)

    def person(self) -> str:
        """Pick anybody."""
        return self.chance.pick(self.people)

    def supplier(self) -> str:
        """Pick somebody, for moves of suppliers."""
        return self.pick((self.suppliers() if self.temperament.seeks else None) or self.people)

    def debtor(self) -> str:
        """Pick somebody, for moves of debtors."""
        return self.pick((self.debtors() if self.temperament.seeks else None) or self.people)

    def borrower(self) -> str:
        """Pick somebody, for moves of borrowers."""
        able = [who for who in self.people if self.account(who)[2]] if self.temperament.seeks else None
        return self.pick(able or self.people)

    def edge(self, probability: float) -> bool:
        """Tell whether an amount goes to an edge, in a temperament that goes to edges."""
        return self.temperament.edges and self.chance.happens(probability)

    def somebody_but(self, who: str) -> str:
        """Pick anybody else."""
        return self.chance.pick([person for person in self.people if person != who] or [who])

    def symbol(self) -> str:
        """Pick an asset: often the one that a change is about."""
        if self.focus is not None and self.chance.happens(self.temperament.faithful):
            return self.focus
        return self.chance.pick(self.symbols)

    def one_of(self, symbols: Sequence[str]) -> str:
        """Pick one of somebody's assets: often the one that a change is about."""
        if self.focus in symbols and self.chance.happens(self.temperament.faithful):
            return str(self.focus)
        return self.chance.pick(symbols)

    def allowance(self, amount: int) -> int:
        """Draw an allowance for an amount to be spent: about that; on edges that to a unit, or everything."""
        if self.edge(0.8):
            return min(EVERYTHING, max(0, self.pick((amount, amount + 1, amount - 1, 2 * amount, EVERYTHING))))
        return self.near(amount)

    def near(self, whole: int) -> int:
        """Draw an amount around a limit."""
        return near(self.chance, whole)

    def some(self, symbol: str, low: int, span: int) -> int:
        """Draw an amount of an asset worth between 10**`low` and 10**(`low` + `span`) of base currency."""
        worth = self.worth(low, span)
        return self.between(1, 1_000) if self.temperament.dust else self.amount_for(symbol, worth)

    def worth(self, low: int, span: int) -> int:
        """Draw between 10**`low` and 10**(`low` + `span`) of base currency, all orders of magnitude alike."""
        return int(10 ** (low + span * self.chance.share()))

    def category(self, guesses: Sequence[int]) -> int:
        """Pick an e-mode category: one of those that are guessed, or one that the market has."""
        if not self.temperament.guesses:
            return self.chance.pick((*self.categories(), *guesses[:1]))
        if isinstance(guesses, range):
            return self.chance.between(guesses.start, guesses.stop)
        return self.chance.pick(guesses)

    def borrowable(self, who: str) -> str:
        """Pick an asset, mostly one that somebody's category lets them borrow."""
        number = self.pool.users_e_mode[self.where(who)]
        if number == 0 or self.chance.happens(0.1):
            return self.symbol()
        return self.chance.pick(self.borrowable_in(number) or self.symbols)

    def with_tokens(self, who: str, symbol: str, amount: int, call: Action) -> Plot:
        """Make a call, after a gift where the caller cannot pay for it."""
        if self.wallet(symbol, who) < amount:
            yield Action("admin", symbol, "mint", (who, 2 * amount))
        yield call
