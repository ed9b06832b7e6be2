"""Builds the world of a scenario: its market, paths, venues, oracles and agents. Every fault is told at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from importlib import import_module
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from pooltwin.fixtures import FixtureError, load_market
from pooltwin.fixtures.shipped import is_path
from pooltwin.protocol import Market, MarketConfig
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.fitting import fitted
from pooltwin.protocol.market import START_TIME
from pooltwin.protocol.refusal import MalformedError
from pooltwin.protocol.revisions import revision_named

from ..engine.phase import SECONDS_A_BLOCK
from ..engine.seats import AgentError
from ..engine.world import World
from ..narrowing import narrowed
from ..oracles.config import open_chain, reads
from ..paths.build import Span, build_paths
from ..paths.config import FollowingPath
from ..paths.path import Path
from ..units import timestamp
from .scenario import Scenario

if TYPE_CHECKING:
    from ..books.placed import PlacedBook


@dataclass(frozen=True)
class Built:
    """A world that stands at its first block, and what it was made of."""

    world: World
    config: MarketConfig
    left_out: tuple[str, ...]
    """What of the market is not there: lacking on the release, or gone with reserves."""


def built(scenario: Scenario, folder: FilePath) -> Built:
    """Build a scenario's world. Paths of files are seen from `folder`.

    Raises MalformedError with every fault that there is: markets, assets, paths, oracles, names.
    """
    config, left_out = market_of(scenario, folder)
    faults = [*_strange(scenario, config), *_twice(scenario)]
    start = _start(scenario, config)
    if config.state is not None and start < config.state.time:
        faults.append(f"start: {scenario.start} is before the market's state, which is of {config.state.time}")
    paths: dict[str, Path] = {}
    span = Span(start, scenario.duration_s, scenario.seed, folder)
    try:
        paths = build_paths({asset: each.path for asset, each in scenario.prices.items()}, span)
    except ValueError as error:
        faults.append(f"prices: {error}")
    if faults:
        raise MalformedError(faults)
    market = _deployed(config, start)
    book = _placed(scenario, market, folder)
    return Built(_world(scenario, market, paths, book), config, left_out)


def world_of(scenario: Scenario, folder: FilePath = FilePath()) -> World:
    """Build the world of a scenario, at its first block, for playing it step by step. Raises MalformedError as `built`.

    Paths of files are seen from `folder`.
    """
    return built(scenario, folder).world


def entered(scenario: Scenario, folder: FilePath) -> Built:
    """Build a scenario's world and let everybody enter. Raises MalformedError as `built`, and where somebody fails."""
    made = built(scenario, folder)
    failures: list[AgentError] = []
    made.world.start(failures=failures)
    if failures:
        raise MalformedError([str(failure) for failure in failures])
    return made


def market_of(scenario: Scenario, folder: FilePath) -> tuple[MarketConfig, tuple[str, ...]]:
    """Load a scenario's market, on its release and with its reserves. Returns it, and what was left out.

    Raises MalformedError with every fault.
    """
    try:
        config = scenario.market if isinstance(scenario.market, MarketConfig) else _loaded(scenario.market, folder)
        config, gone = narrowed(config, scenario.reserves)
        lacking: tuple[str, ...] = ()
        if scenario.revision not in ("", config.revision):
            config, lacking = fitted(config, revision_named(scenario.revision))
    except FixtureError as error:
        raise MalformedError([f"market: {fault}" for fault in error.faults]) from None
    except ValueError as error:
        raise MalformedError([f"market: {error}"]) from None
    return config, (*gone, *lacking)


def _loaded(name: str, folder: FilePath) -> MarketConfig:
    return load_market(folder / name if is_path(name) else name)


def _start(scenario: Scenario, config: MarketConfig) -> int:
    if scenario.start is not None:
        return timestamp(scenario.start)
    return START_TIME if config.state is None else config.state.time


def _deployed(config: MarketConfig, start: int) -> Market:
    state = config.state
    number = 1 if state is None else state.number + (start - state.time) // SECONDS_A_BLOCK
    try:
        return Market.deploy(config, time=start, number=number)
    except Revert as revert:
        raise MalformedError([f"market: the contracts of v{config.revision} refuse it: {revert}"]) from None
    except ValueError as error:
        raise MalformedError([f"market: {error}"]) from None


def _strange(scenario: Scenario, config: MarketConfig) -> Iterator[str]:
    """Tell assets that are named and not there."""
    known = [reserve.handle for reserve in config.reserves]
    for place, assets in (("prices", scenario.prices), ("venues", scenario.venues)):
        for asset in assets:
            if asset not in known:
                yield f"{place}.{asset}: the market has no reserve {asset!r}{_meant(asset, known)}"
    for asset, settings in scenario.prices.items():
        read = reads(settings.oracle)
        if read is not None and read not in scenario.prices:
            yield f"prices.{asset}.oracle[0].asset: {read!r} has no path of prices{_meant(read, [*scenario.prices])}"


def _meant(name: str, known: list[str]) -> str:
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_lower, 1)
    return f"; did you mean {by_lower[near[0]]}?" if near else f"; there are {', '.join(known)}"


def _twice(scenario: Scenario) -> Iterator[str]:
    names = Counter(agent.name for cast in scenario.agents for agent in cast.agents())
    for name, count in names.items():
        if count > 1:
            yield f"agents: {count} are called {name!r}: names tell them apart"


def _placed(scenario: Scenario, market: Market, folder: FilePath) -> PlacedBook | None:
    """Make the book of a scenario and put it into the market. Raises MalformedError where it cannot be."""
    config = scenario.book
    if config is None:
        return None
    try:
        loading, placing = (import_module(f"pooltwin.scenarios.books.{name}") for name in ("load", "placed"))
    except ModuleNotFoundError as error:
        raise MalformedError([f'book: needs {error.name}: pip install "pooltwin[bulk]"']) from None
    try:
        book = loading.make_book(config, market, folder=folder)
        placed: PlacedBook = placing.PlacedBook.place(market, book, out_of=config.out_of)
    except (ValueError, Revert) as error:
        raise MalformedError([f"book: {error}"]) from None
    return placed


def _world(scenario: Scenario, market: Market, paths: Mapping[str, Path], book: PlacedBook | None) -> World:
    first = {asset: path.price(0) for asset, path in paths.items()}
    follows = {
        asset: each.path.asset for asset, each in scenario.prices.items() if isinstance(each.path, FollowingPath)
    }
    try:
        oracles = {
            asset: open_chain(each.oracle, first[reads(each.oracle) or asset])
            for asset, each in scenario.prices.items()
        }
    except ValueError as error:
        raise MalformedError([f"prices: {error}"]) from None
    venues = {
        asset: each.open(int(market.erc20(asset).decimals()), first.get(asset, _price(market, asset)))
        for asset, each in scenario.venues.items()
    }
    every = scenario.measure.every_s
    return World(
        market,
        agents=[agent for cast in scenario.agents for agent in cast.agents()],
        prices=paths,
        oracles=oracles,
        venues=venues,
        follows=follows,
        book=book,
        seed=scenario.seed,
        rows_every=None if every is None else every // SECONDS_A_BLOCK,
    )


def _price(market: Market, asset: str) -> Fraction:
    return Fraction(int(market.price_feed(asset).answer), 10**8)
