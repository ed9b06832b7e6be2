"""The world of a scenario: a market, prices, venues, agents, and the heap of what is to happen.

Events are keyed (block, phase, name, sequence). Blocks without an event are passed over: nothing happens in them, and
interest, which needs nobody, is exact over any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from fractions import Fraction
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Self

from pooltwin.protocol import Market
from pooltwin.protocol.address import named_address

from ..oracles.chain import Chain
from ..paths.path import Path
from ..units import BPS, PRICE_UNIT
from ..venues.venue import Venue
from .events import EventKeeper
from .hand import Hand
from .measuring import Measuring
from .outside import Outside
from .phase import Phase, Wake
from .protocols import Actor
from .record import Print, Row
from .seats import AgentError, Seat, refuse_twice

if TYPE_CHECKING:
    from ..books.placed import PlacedBook

LOOK, AT_PRINT, ACT, ROW = range(4)
"""What an event is: a look at a price, a measurement before anyone acts, an act, a row of measurements."""

Event = tuple[int, Phase, str, int, int]
"""Block, phase, name, sequence and what it is."""


class World(Outside):
    """A market among prices, venues and agents. `run_to` plays it; `fork` gives an independent copy of all of it."""

    def __init__(
        self,
        market: Market,
        *,
        agents: Iterable[Actor] = (),
        prices: Mapping[str, Path] | None = None,
        oracles: Mapping[str, Chain] | None = None,
        venues: Mapping[str, Venue] | None = None,
        follows: Mapping[str, str] | None = None,
        seed: int = 0,
        rows_every: int | None = None,
        book: PlacedBook | None = None,
    ) -> None:
        """Seat agents around a market that stands at its first block.

        Everything outside is by the keys of assets, in seconds and blocks since the first one. An asset without a path
        keeps its price; one without an oracle has its outside price told at once; one without a venue is sold at the
        outside price without limit. What an asset `follows` is another whose path its own is a multiple of. There is a
        row of measurements `rows_every` so many blocks, or else in every block with a print, and always in the first.
        `book` is everybody else: after each print, before anybody acts, those enter whom it may have made liquidatable.
        Raises ValueError for two agents of one name, KeyError for an asset that is not listed or has no path.
        """
        agents = sorted(agents, key=lambda agent: agent.name)
        refuse_twice(agents)
        super().__init__(
            market, prices=prices or {}, oracles=oracles or {}, venues=venues or {}, follows=follows or {}, seed=seed
        )
        self.rows_every, self.book = rows_every, book
        self._told: dict[str, Fraction] = {}
        """The outside prices as they were last recorded."""
        self._heap: list[Event] = []
        self._sequence = 0
        self._looks: dict[str, int] = {}
        """The block of the next look at each price."""
        self._measuring = Measuring()
        self.seats: dict[str, Seat] = {}
        for agent in agents:
            hand = Hand(self, agent.name, agent.address or named_address(f"agent {agent.name}"))
            self.seats[agent.name] = Seat(agent, hand)
            if agent.address is None or hand.address not in self.names:
                self.names[hand.address] = agent.name
        EventKeeper(self)
        self._started = False

    # --- time -------------------------------------------------------------------------------------------------------

    def start(self, *, failures: list[AgentError] | None = None) -> None:
        """Let everybody enter: first prices, then `start` of all agents, then what the first block has.

        Raises AgentError where one fails; with a list for `failures` they are put there, and the others enter.
        """
        if self._started:
            return
        self._started = True
        for asset in self.paths:
            self._look(asset)
        for seat in sorted(self.seats.values(), key=lambda seat: (-seat.agent.phase, seat.agent.name)):
            try:
                self._let(seat, seat.agent.start)
            except AgentError as error:
                if failures is None:
                    raise
                failures.append(error)
        self._look_at_what_was_sold()
        for seat in self.seats.values():
            self._wake(seat, self.block)
        self._measure_the_print()
        if self.rows_every is not None:
            self._push(self.block, Phase.MEASURE, "", ROW)

    def run_to(self, block: int, *, progress: Callable[[int], None] | None = None) -> None:
        """Play everything up to and with a block, and stand in it. `progress` is told of each block that is played.

        Raises AgentError, naming agent and block, where an agent fails by itself.
        """
        self.start()
        heap = self._heap
        while heap and heap[0][0] <= block:
            event = heappop(heap)
            self._move_to(event[0], progress)
            self._play(event)
        self._move_to(block, progress)

    def _move_to(self, block: int, progress: Callable[[int], None] | None) -> None:
        if block > self.block:
            self.market.chain.set_time(self.time_of(block), block)
            if progress is not None:
                progress(block)

    def _play(self, event: Event) -> None:
        block, _, name, sequence, what = event
        if what == ACT:
            seat = self.seats[name]
            if seat.due == block and seat.ticket == sequence:
                self._act(seat)
        elif what == LOOK:
            if self._looks.get(name) == block:
                self._look(name)
        elif what == AT_PRINT:
            if self.book is not None:
                self._let_in(self.book)
            self._measuring.before_anyone_acts(self)
        else:
            self.take_row()
            if self.rows_every is not None:
                self._push(block + self.rows_every, Phase.MEASURE, "", ROW)

    # --- what happens -----------------------------------------------------------------------------------------------

    def _look(self, asset: str) -> None:
        """Look at a price; tell the pool and the record what is new, and wake those who wait for it."""
        self._looks.pop(asset, None)
        chain, raw, told = self.oracles[asset], self.raw_price(asset), self._told.get(asset)
        chain.visit(self.block - self.first_block, raw if chain.reads is None else self.raw_price(chain.reads))
        is_print = told is None or chain.reported != self.price(asset)
        has_moved = told is None or abs(raw - told) * BPS >= told
        if is_print:
            self.market.set_price(asset, chain.reported)
        if is_print or has_moved:
            self._told[asset] = raw
            noted = Print(self.time, self.block, asset, int(raw * PRICE_UNIT // 1), chain.reported, is_print)
            self.record.entries.append(noted)
            self._tell_of(is_print, has_moved)
        upcoming = self.next_look(asset)
        if upcoming is not None:
            self._look_at(asset, upcoming)

    def _look_at_what_was_sold(self) -> None:
        """Look, in the next block, at the prices of what was sold."""
        if self.sold:
            for asset in self.hang_on(self.sold):
                self._look_at(asset, self.block + 1)
            self.sold.clear()

    def _look_at(self, asset: str, block: int) -> None:
        if asset not in self._looks or block < self._looks[asset]:
            self._looks[asset] = block
            self._push(block, Phase.ORACLE, asset, LOOK)

    def _tell_of(self, printed: bool, moved: bool) -> None:
        happened = (Wake.PRINTS if printed else Wake.NOTHING) | (Wake.PRICES if moved else Wake.NOTHING)
        for seat in self.seats.values():
            if seat.agent.wakes_on & happened:
                self._wake(seat, self.block)
        if printed:
            self._measure_the_print()

    def _measure_the_print(self) -> None:
        if self._measuring.block != self.block:
            self._measuring.block = self.block
            self._push(self.block, Phase.KEEPERS, "", AT_PRINT)
            if self.rows_every is None:
                self._push(self.block, Phase.MEASURE, "", ROW)

    def _act(self, seat: Seat) -> None:
        """Let an agent act, take its answer as its alarm, and wake those who wait for what it did."""
        seat.due = None
        seat.hand.changed = False
        upcoming = self._let(seat, seat.agent.act)
        self._look_at_what_was_sold()
        if seat.hand.changed:
            for other in self.seats.values():
                if other is not seat and other.agent.wakes_on & Wake.CALLS:
                    self._wake(other, self.block + (other.order < seat.order))
        if upcoming is not None:
            if type(upcoming) is not int or upcoming <= self.block:
                raise AgentError(seat.agent.name, self.block, f"act answers {upcoming!r}: expected a later block")
            self._wake(seat, upcoming)

    def _let(self, seat: Seat, act: Callable[[Any, Hand], Any]) -> Any:
        try:
            return act(self, seat.hand)
        except Exception as error:
            told = error.args[0] if isinstance(error, KeyError) and error.args else error
            what = f"{type(error).__name__}: {told}"
            raise AgentError(seat.agent.name, self.block, what) from error

    def _wake(self, seat: Seat, block: int) -> None:
        if seat.due is None or block < seat.due:
            seat.due = block
            seat.ticket = self._push(block, seat.agent.phase, seat.agent.name, ACT)

    def _push(self, block: int, phase: Phase, name: str, what: int) -> int:
        self._sequence += 1
        heappush(self._heap, (block, phase, name, self._sequence, what))
        return self._sequence

    def _let_in(self, placed: PlacedBook) -> None:
        """Let those of a book enter who may be liquidated now, and call them by their names."""
        before = set(placed.inside)
        placed.enter_below()
        for number in placed.inside - before:
            self.names[placed.book.address(number)] = placed.book.name(number)

    # --- measurements and copies ------------------------------------------------------------------------------------

    def observe(self) -> Row:
        """Measure the market as it is now: prices, reserves, who is liquidatable, what is not covered, what is lost."""
        return self._measuring.row(self)

    def take_row(self) -> None:
        """Add a row of measurements to the record, and begin anew with the worst at prints."""
        self.record.entries.append(self.observe())
        self._measuring.begin_anew()

    def fork(self) -> Self:
        """Copy the world with everything in it, and with the same future: what happens in one is unknown to the other.

        Inside an act, the fork is one in which the act has ended there, with no alarm. Whoever watches the chain
        watches this world only.
        """
        return deepcopy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copy = type(self).__new__(type(self))
        memo[id(self)] = copy
        copy.market = self.market.fork()
        memo |= {id(self.market): copy.market, id(self.market.chain): copy.market.chain}
        copy.record = self.record.copy()
        for name, value in self.__dict__.items():
            if name not in ("market", "record"):
                setattr(copy, name, deepcopy(value, memo))
        EventKeeper(copy)
        return copy
