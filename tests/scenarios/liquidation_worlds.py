"""Small worlds in which WETH falls and borrowers of USDC become liquidatable."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pooltwin.protocol import Address, Market, named_address
from pooltwin.scenarios.agents.liquidators import Liquidator, Liquidators
from pooltwin.scenarios.engine.agent import Agent
from pooltwin.scenarios.engine.world import World
from pooltwin.scenarios.venues.curves import ConstantProduct
from pooltwin.scenarios.venues.venue import SingleVenue

from ..unit.worlds import USDC, WETH, fresh
from .engine_worlds import prices_of

BORROWERS = {name: named_address(name) for name in ("ann", "ben", "cat")}
LENDER = named_address("a lender of USDC")
POSITIONS = {"ann": (100, 160_000), "ben": (50, 78_000), "cat": (400, 620_000)}
"""Whole WETH supplied and whole USDC owed, at 2,000 dollars."""
LENT = 1_500_000
"""Whole USDC supplied by the lender."""


def indebted_market(revision: str, weth_lent: int = 0) -> Market:
    """A market with three borrowers near the brink, and somebody who has borrowed so much WETH."""
    market = fresh(revision)
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    market.fund("USDC", LENDER, LENT * USDC)
    pool.supply(usdc, LENT * USDC, sender=LENDER)
    for name, (supplied, owed) in POSITIONS.items():
        market.fund("WETH", BORROWERS[name], supplied * WETH)
        pool.supply(weth, supplied * WETH, sender=BORROWERS[name])
        pool.borrow(usdc, owed * USDC, sender=BORROWERS[name])
    if weth_lent:
        other = named_address("a borrower of WETH")
        market.fund("DAI", other, 10**7 * WETH)
        pool.supply(market.asset("DAI"), 10**7 * WETH, sender=other)
        pool.borrow(weth, weth_lent * WETH, sender=other)
    return market


def falling_world(
    agents: Sequence[Agent],
    points: Sequence[tuple[int, int]] = ((0, 2_000), (10, 1_850)),
    *,
    revision: str = "3.7",
    depth: int | None = None,
    half_life_s: int | None = 600,
    seed: int = 1,
    weth_lent: int = 0,
) -> World:
    """A world in which WETH costs so many dollars from so many blocks on; with a depth (dollars) sales press it.

    The pool is told the given price at once, without what sales do to it.
    """
    path = prices_of([(block, dollars * 100) for block, dollars in points])
    market = indebted_market(revision, weth_lent)
    venues = {"WETH": SingleVenue(ConstantProduct(Fraction(depth)), 18, path.price(0), half_life_s)} if depth else {}
    return World(market, agents=agents, prices={"WETH": path}, venues=venues, seed=seed)


def liquidator(name: str = "liquidator", **settings: Any) -> Liquidator:
    """A liquidator as a file would name it."""
    return Liquidator.model_validate_json(json.dumps({"name": name, **settings}))


def competitors(*members: dict[str, Any], **settings: Any) -> Liquidators:
    """Liquidators as a file would name them."""
    return Liquidators.model_validate_json(json.dumps({"name": "liquidators", "members": members, **settings}))


def done(world: World) -> list[dict[str, Any]]:
    """What liquidators have noted."""
    return [
        {**note.figures, "block": note.block, "agent": note.figures["member"] or note.agent}
        for note in world.record.notes("liquidation")
    ]


def wallet_dollars(world: World, who: Address) -> Fraction:
    """Everything in a wallet and supplied, in dollars at the prices outside."""
    return sum(
        (world.balance(asset, who) + world.supplied(asset, who)) * world.raw_price(asset) / 10 ** world.decimals(asset)
        for asset in world.market.assets
    )
