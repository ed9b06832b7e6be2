"""Small worlds for the tests of the engine: the standard market, agents that act by chance, given prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from pooltwin.invariants.standard import standard_config
from pooltwin.protocol import Market
from pooltwin.protocol.revisions import NEWEST
from pooltwin.scenarios.engine.agent import Agent
from pooltwin.scenarios.engine.hand import Hand
from pooltwin.scenarios.engine.phase import SECONDS_A_BLOCK, Phase, Wake
from pooltwin.scenarios.engine.world import World
from pooltwin.scenarios.oracles.config import OracleConfig, open_chain
from pooltwin.scenarios.paths.path import Path
from pooltwin.scenarios.venues.curves import ConstantProduct
from pooltwin.scenarios.venues.venue import SingleVenue
from pydantic import TypeAdapter


class Lender(Agent):
    """Supplies at the start and stays."""

    phase = Phase.LENDERS
    wakes_on = Wake.NOTHING

    asset: str
    amount: int

    def start(self, world: World, me: Hand) -> None:
        me.fund(self.asset, self.amount)
        me.supply(self.asset, self.amount)

    def act(self, world: World, me: Hand) -> int | None:
        return None


class Gambler(Agent):
    """Does something by chance, now and then, and asks for too much often enough."""

    collateral: str
    debt: str

    _acts: int = 0

    def start(self, world: World, me: Hand) -> None:
        amount = 10 ** world.decimals(self.collateral) * (1 + me.draws.below(50))
        me.fund(self.collateral, amount)
        me.supply(self.collateral, amount)

    def act(self, world: World, me: Hand) -> int | None:
        self._acts += 1
        amount = 10 ** world.decimals(self.debt) * (1 + me.draws.below(20_000))
        some = 10 ** world.decimals(self.collateral) * (1 + me.draws.below(20))
        (me.borrow, me.repay)[me.draws.below(2)](self.debt, amount)
        (me.withdraw, me.supply, me.sell)[me.draws.below(3)](self.collateral, some)
        return world.block + 1 + me.draws.below(40)


class Borrower(Agent):
    """Borrows up to the brim at the start."""

    def start(self, world: World, me: Hand) -> None:
        me.fund("WETH", 10**19)
        me.supply("WETH", 10**19)
        assert me.borrow("USDC", 16_000 * 10**6)

    def act(self, world: World, me: Hand) -> int | None:
        return None


class Liquidator(Agent):
    """Liquidates whoever can be, with money from outside."""

    phase = Phase.LIQUIDATORS

    collateral: str
    debt: str

    def act(self, world: World, me: Hand) -> int | None:
        for who in world.liquidatable():
            me.fund(self.debt, world.debt(self.debt, who))
            me.liquidate(who, self.collateral, self.debt)
        return world.block + 50


def prices_of(points: Sequence[tuple[int, int]]) -> Path:
    """A path from blocks after the first, and prices in cents."""
    return Path([(block * SECONDS_A_BLOCK, Fraction(cents, 100)) for block, cents in points])


def small_world(
    points: Sequence[tuple[int, int]] = ((0, 200_000), (40, 150_000), (90, 180_000)),
    *,
    gamblers: Iterable[str] = ("ann", "bob"),
    others: Iterable[Agent] = (),
    seed: int = 1,
    rows_every: int | None = None,
    revision: str = NEWEST.name,
    depth: int | None = None,
) -> World:
    """A lender of USDC, some who gamble with WETH, and a liquidator; with a depth (dollars) a venue that refills."""
    market = Market.deploy(standard_config(revision))
    agents = [
        Lender(name="lender", asset="USDC", amount=10**12),
        Liquidator(name="liquidator", collateral="WETH", debt="USDC"),
        *(Gambler(name=name, collateral="WETH", debt="USDC") for name in gamblers),
        *others,
    ]
    path = prices_of(points)
    venues = {"WETH": SingleVenue(ConstantProduct(Fraction(depth)), 18, path.price(0), 600)} if depth else {}
    stages = TypeAdapter(OracleConfig).validate_python([{"kind": "deviation", "deviation_bps": 50}] if depth else [])
    return World(
        market,
        agents=agents,
        prices={"WETH": path},
        venues=venues,
        oracles={"WETH": open_chain(stages, path.price(0))},
        seed=seed,
        rows_every=rows_every,
    )
