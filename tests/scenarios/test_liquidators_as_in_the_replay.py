"""The new liquidator with money, speed and depth without limit does exactly what the replay's liquidators do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from pooltwin.protocol import Address, Market
from pooltwin.scenarios.agents.liquidators import Liquidator
from pooltwin.scenarios.engine.world import World
from pooltwin.scenarios.trend_research import replay, run
from pooltwin.scenarios.trend_research.accounts import Account
from pooltwin.scenarios.trend_research.agents import Liquidation
from pooltwin.scenarios.trend_research.liquidators import Liquidators as OfTheReplay
from pooltwin.scenarios.trend_research.parameters import ReplayParameters
from pooltwin.scenarios.trend_research.weth_market import WethMarket
from pooltwin.scenarios.trend_research.world import World as ReplayWorld

from .test_replay_digests import PINNED

LIQUIDATING = [
    *("nobody sells", "a shock to 1,400", "a shock to 1,400, nobody sells", "two days late"),
    "liquidators lose 10%, nobody sells",
]
FREE = {"funding": "unlimited", "gas_usd": "0", "latency_blocks": 0, "retry_blocks": None, "look_every_blocks": None}
AS_THERE = {"pairs": "largest", "short_of_cash": "a tokens", "collateral": "keep", "first": "listed"}


class PoolPriceVenue:
    """Buys any amount of an asset at a share of the pool's price."""

    def __init__(self, market: Market, asset: str, slippage_bps: int) -> None:
        self.market, self.asset = market, asset
        self.kept = Fraction(10_000 - slippage_bps, 10_000)
        self.unit = 10 ** market.erc20(asset).decimals()

    def price(self) -> Fraction:
        return Fraction(self.market.oracle.get_asset_price(self.market.asset(self.asset)), 10**8)

    def quote(self, amount: int) -> Fraction:
        return amount * self.price() * self.kept / self.unit

    def advance(self, seconds: int) -> None:
        pass

    def reprice(self, price: Fraction) -> None:
        pass


class InTheReplay(OfTheReplay):
    """Stands in for the replay's liquidators."""

    made: ClassVar[list[InTheReplay]] = []

    def __init__(self, world: ReplayWorld, parameters: ReplayParameters, outside: WethMarket) -> None:
        super().__init__(world, parameters, outside)
        self.made.append(self)
        accounts = [account.address for account in world.borrowers]
        settings = {**FREE, **AS_THERE, "accounts": accounts, "address": world.liquidator.address, "name": "liquidator"}
        self.agent = Liquidator.model_validate_json(json.dumps(settings))
        venues = {
            asset: PoolPriceVenue(world.market, asset, parameters.liquidator_slippage_bps)
            for asset in world.market.assets
        }
        self.played = World(world.market, agents=[self.agent], venues=venues)

    def act(self, accounts: Iterable[Account]) -> None:
        del accounts
        assert self.agent.act(self.played, self.played.seats["liquidator"].hand) is None


class AsItIs(OfTheReplay):
    """The replay's own, remembered."""

    made: ClassVar[list[AsItIs]] = []

    def __init__(self, world: ReplayWorld, parameters: ReplayParameters, outside: WethMarket) -> None:
        super().__init__(world, parameters, outside)
        self.made.append(self)


def renew_allowances(market: Market, liquidator: Address) -> None:
    """Let the pool take everything again: the replay asks that before each call, the engine's hands once."""
    for asset in market.assets:
        market.erc20(asset).approve(market.pool.address, 2**256 - 1, sender=liquidator)


def played(kind: type, parameters: ReplayParameters, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(run, "Liquidators", kind)
    monkeypatch.setattr(kind, "made", [])
    replay(parameters)
    return kind.made[0]


@pytest.mark.parametrize("name", LIQUIDATING)
def test_the_replay_ends_in_the_same_state_after_the_same_calls(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = ReplayParameters.model_validate_json(json.dumps(PINNED[name][0]))
    old, new = (played(kind, parameters, monkeypatch) for kind in (AsItIs, InTheReplay))
    assert [called(liquidation, old.world) for liquidation in old.liquidations] == [
        noted(note.time, note.figures) for note in new.played.record.notes("liquidation")
    ]
    for world in (old.world, new.world):
        renew_allowances(world.market, old.world.liquidator.address)
    assert new.world.market.chain.digest() == old.world.market.chain.digest()


def called(liquidation: Liquidation, world: ReplayWorld) -> tuple[Any, ...]:
    """One of the replay's liquidations, to be compared."""
    borrower = next(account.address for account in world.borrowers if account.name == liquidation.account)
    told = liquidation.model_dump()
    return (liquidation.time, borrower, *(told[name] for name in SAME_NAMES), *(told[name] for name, _ in OTHER_NAMES))


def noted(time: int, figures: dict[str, Any]) -> tuple[Any, ...]:
    """The same of a note of the new liquidator."""
    names = (*SAME_NAMES, *(name for _, name in OTHER_NAMES))
    return (time, figures["borrower"], *(figures[name] for name in names))


SAME_NAMES = ("repaid", "received", "profit_base", "health_factor_before")
OTHER_NAMES = (
    ("collateral_asset", "collateral"),
    ("debt_asset", "debt"),
    ("received_a_tokens", "a_tokens"),
    ("deficits_created", "deficits"),
)


def test_the_comparison_sees_liquidations_and_notices_another_price(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = ReplayParameters.model_validate_json(json.dumps(PINNED["nobody sells"][0]))
    old = played(AsItIs, parameters, monkeypatch)
    assert len(old.liquidations) > 1
    monkeypatch.setattr(PoolPriceVenue, "price", lambda _: Fraction(1))
    new = played(InTheReplay, parameters, monkeypatch)
    assert new.played.record.notes("liquidation") == []
