"""Worlds with a book: those whom a print makes liquidatable are there before anybody acts."""

from __future__ import annotations

from pooltwin.protocol.address import Address
from pooltwin.scenarios import Agent, Hand, Phase, PlacedBook, World
from pooltwin.scenarios.books.generate import generate
from pooltwin.scenarios.units import WAD

from .book_settings import core_market, settings
from .engine_worlds import prices_of

FALL = [(0, 2239), (10, 1800), (20, 1500), (30, 2000)]
"""Blocks after the first, and dollars."""


class Watcher(Agent):
    """Notes who can be liquidated, whenever there is a print."""

    phase = Phase.LIQUIDATORS
    _seen: dict[int, list[Address]] = {}

    def act(self, world: World, me: Hand) -> None:
        self._seen[world.block] = sorted(world.liquidatable())

    @property
    def seen(self) -> dict[int, list[Address]]:
        return self._seen


def a_world(watcher: Watcher) -> World:
    market = core_market()
    placed = PlacedBook.place(market, generate(settings(accounts=1000), market))
    return World(
        market,
        agents=[watcher],
        prices={"WETH": prices_of([(block, 100 * dollars) for block, dollars in FALL])},
        book=placed,
    )


def test_whoever_a_print_makes_liquidatable_is_there_before_anybody_acts() -> None:
    watcher = Watcher(name="watcher")
    world = a_world(watcher)
    assert world.book is not None
    first = world.block
    world.run_to(first + 40)
    everybody = world.book.fork(core_market())
    everybody = PlacedBook.place(everybody.market, everybody.book)
    everybody.materialise(range(everybody.book.accounts))
    for block, price in FALL:
        everybody.market.set_price("WETH", price * 10**8)
        below = sorted(everybody.market.health_factors(below=WAD))
        assert len(set(watcher.seen[first + block]) ^ set(below)) <= 1  # a few minutes of interest
        assert world.book.rest not in watcher.seen[first + block]
    assert len(watcher.seen[first + 20]) > 50
    assert 0 < len(world.book.inside) < everybody.book.accounts // 2


def test_a_fork_of_a_world_has_a_count_of_its_own() -> None:
    world = a_world(Watcher(name="watcher"))
    world.run_to(world.block + 5)
    fork = world.fork()
    fork.run_to(fork.block + 20)
    assert world.book is not None
    assert fork.book is not None
    assert fork.book.book is world.book.book
    assert fork.book.market is fork.market
    assert len(fork.book.inside) > len(world.book.inside)
    assert len(world.market.accounts()) < len(fork.market.accounts())


def test_what_is_measured_at_a_print_leaves_the_rest_of_the_book_out() -> None:
    world = a_world(Watcher(name="watcher"))
    world.run_to(world.block + 25)
    row = world.observe()
    assert row.liquidatable == len(world.liquidatable()) > 0
    assert row.lenders_loss_base == 0
