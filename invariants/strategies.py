"""Hypothesis strategies for pools: people, assets, amounts at the edges, calls, whole markets, whole histories.

Amounts are drawn as what they mean (`half of what alice has supplied, plus one`), not as 256-bit numbers: a history
then spends its choices on what happens instead of on digits, and shrinks to amounts a person would choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from pooltwin.protocol.models import EModeConfig, MarketConfig, RateParameters, ReserveConfig, quiet_about_units
from pooltwin.protocol.revisions import NEWEST, revision_named

from .histories.action import Action, Stage
from .histories.amount import EXTREMES, NUDGES, PARTS, Amount, Measure
from .histories.beginnings import begin, endowments, first_debts, first_supplies
from .histories.chance import Chance, ShrinkingChance
from .histories.driver import TRIES, Driver, Making
from .histories.moves.table import ANYBODY, MOVES, UMBRELLA
from .histories.own_contract import Setup
from .histories.plots.own import SMALL, OwnAmount, give_to_contract, use_contract, with_own
from .histories.temperaments import PLAYER
from .history import History, Opening

__all__ = [
    "PEOPLE",
    "actors",
    "amounts",
    "assets",
    "begin",
    "calls",
    "categories",
    "chances",
    "contract_amounts",
    "endowments",
    "first_debts",
    "first_supplies",
    "histories",
    "market_configs",
    "price_moves",
    "rate_parameters",
    "reserve_configs",
    "waits",
]

PEOPLE = ("alice", "bob", "carol", "dave")

# --- amounts ----------------------------------------------------------------------------------------------------------


def amounts(*measures: Measure, extremes: bool = True) -> st.SearchStrategy[Amount]:
    """Amounts around the given measures (all of them when none is given), one in ten an extreme of the number range."""
    kinds = st.integers(0, 9 if extremes else 8)
    return kinds.flatmap(lambda kind: _EXTREME_AMOUNTS if kind == 9 else _amounts_around(measures or tuple(Measure)))


def _amounts_around(measures: tuple[Measure, ...]) -> st.SearchStrategy[Amount]:
    return st.builds(Amount, st.sampled_from(measures), st.sampled_from(PARTS), st.sampled_from(NUDGES))


_EXTREME_AMOUNTS = st.sampled_from(EXTREMES).map(lambda number: Amount(None, nudge=number))


def contract_amounts() -> st.SearchStrategy[OwnAmount | int]:
    """Amounts for a contract of one's own: a few units, or about what its caller has and may spend and what it tells.

    For the arguments of a machine's `arguments`.
    """
    return st.one_of(
        st.sampled_from(tuple(sorted({*SMALL}))),
        st.builds(OwnAmount, st.integers(0, 15), st.sampled_from(PARTS), st.sampled_from(NUDGES)),
    )


# --- people, assets, time, prices -------------------------------------------------------------------------------------


def actors(names: Sequence[str] = PEOPLE) -> st.SearchStrategy[str]:
    """Somebody."""
    return st.sampled_from(tuple(names))


def assets(config: MarketConfig) -> st.SearchStrategy[str]:
    """The key of a listed asset: its symbol, unless it has another."""
    return st.sampled_from(tuple(reserve.handle for reserve in config.reserves))


def waits() -> st.SearchStrategy[int]:
    """Seconds: a block, an hour, a day, a month, years."""
    return st.sampled_from((1, 12, 3_600, 86_400, 30 * 86_400, 365 * 86_400, 10 * 365 * 86_400))


def price_moves() -> st.SearchStrategy[Fraction]:
    """Factors for a price: mostly a few percent, sometimes a crash or a boom."""
    percent = (100, 99, 101, 95, 105, 90, 80, 120, 50, 200, 10, 1_000)
    return st.sampled_from(tuple(Fraction(value, 100) for value in percent))


def categories(config: MarketConfig) -> st.SearchStrategy[int]:
    """An e-mode category, none (0), or one that does not exist."""
    return st.sampled_from((*(category.id for category in config.e_modes), 0, 200))


# --- calls ------------------------------------------------------------------------------------------------------------


def chances() -> st.SearchStrategy[Chance]:
    """Chance for a `Driver` or a move of the table, recorded and shrunk by Hypothesis."""
    return st.randoms(use_true_random=False).map(ShrinkingChance)


@st.composite
def calls(draw: st.DrawFn, stage: Stage, config: MarketConfig, people: Sequence[str] = PEOPLE) -> Action:
    """One call that somebody might make now, of contracts of one's own too; amounts are settled as things stand."""
    driver = _driver(draw, stage, config, people)
    for _ in range(TRIES):
        for action in driver.pick((*_CALLS, *(_OWN_CALLS if stage.own else ())))(driver):
            return action
    return Action(driver.person(), "pool", "mintToTreasury", (tuple(driver.symbols),))


_CALLS: tuple[Making, ...] = tuple(move for move in MOVES if move.who in (ANYBODY, UMBRELLA))
_OWN_CALLS: tuple[Making, ...] = (*[use_contract] * 3, give_to_contract)


def _driver(draw: st.DrawFn, stage: Stage, config: MarketConfig, people: Sequence[str]) -> Driver:
    driver = Driver(stage, draw(chances()), with_own(PLAYER, stage), [reserve.handle for reserve in config.reserves])
    driver.people = tuple(people)
    return driver


# --- whole markets ----------------------------------------------------------------------------------------------------

_BPS = 10_000


@st.composite
def rate_parameters(draw: st.DrawFn) -> RateParameters:
    """Rates a strategy accepts, from flat to steep."""
    slope1 = draw(st.sampled_from((0, 400, 2_000)))
    return RateParameters(
        optimal_usage_bps=draw(st.sampled_from((100, 4_500, 8_000, 9_900))),
        base_rate_bps=draw(st.sampled_from((0, 50, 500))),
        slope1_bps=slope1,
        slope2_bps=slope1 + draw(st.sampled_from((0, 6_000, 30_000))),
    )


@st.composite
def reserve_configs(draw: st.DrawFn, symbol: str) -> ReserveConfig:
    """One asset: any decimals, price and risk parameters the configurator accepts."""
    threshold = draw(st.sampled_from((0, 5_000, 7_800, 9_300)))
    bonus = draw(st.sampled_from((10_001, 10_500, 10_750))) if threshold else 0
    return ReserveConfig(
        symbol=symbol,
        decimals=draw(st.sampled_from((18, 6, 8))),
        price=draw(st.sampled_from((10**8, 2_500 * 10**8, 60_000 * 10**8, 1, 100))),
        rates=draw(rate_parameters()),
        ltv_bps=draw(st.sampled_from((threshold, threshold * 9 // 10, 0))) if threshold else 0,
        liquidation_threshold_bps=min(threshold, _BPS * _BPS // bonus) if threshold else 0,
        liquidation_bonus_bps=bonus,
        liquidation_protocol_fee_bps=draw(st.sampled_from((0, 1_000, 10_000))),
        reserve_factor_bps=draw(st.sampled_from((1_000, 0, 5_000, 10_000))),
        supply_cap=draw(st.sampled_from((0, 1_000_000, 10))),
        borrow_cap=draw(st.sampled_from((0, 1_000_000, 1))),
    )


@st.composite
def market_configs(draw: st.DrawFn, revision: str = NEWEST.name, max_reserves: int = 4) -> MarketConfig:
    """A whole market that deploys: two reserves or more, perhaps with e-mode categories."""
    count, release = draw(st.integers(2, max(2, max_reserves))), revision_named(revision)
    symbols = tuple(f"T{number}" for number in range(count))
    reserves = tuple(draw(reserve_configs(symbol)) for symbol in symbols)
    subsets = st.lists(st.sampled_from(symbols), unique=True, max_size=count).map(tuple)
    e_modes = []
    for number in range(1, 1 + draw(st.integers(0, 2))):
        collateral = draw(subsets)
        e_modes.append(
            EModeConfig(
                id=number,
                label=f"category {number}",
                ltv_bps=9_000,
                liquidation_threshold_bps=9_300,
                liquidation_bonus_bps=10_200,
                collateral=collateral,
                borrowable=draw(subsets),
                ltv_zero=collateral[: draw(st.integers(0, 1))] if release.ltv_zero_in_e_modes else (),
                isolated=draw(st.booleans()) if release.isolated_e_modes else False,
            )
        )
    premium = draw(st.sampled_from((5, 0, 100)))
    with quiet_about_units():  # some prices are odd on purpose
        return MarketConfig(
            name="drawn", revision=revision, flash_loan_premium_bps=premium, reserves=reserves, e_modes=tuple(e_modes)
        )


# --- whole histories --------------------------------------------------------------------------------------------------


@st.composite
def histories(
    draw: st.DrawFn,
    config: MarketConfig,
    people: Sequence[str] = PEOPLE,
    max_actions: int = 20,
    revision: Any = None,
    setups: Sequence[Setup] = (),
) -> History:
    """A market, people with money, and what they do, settled into numbers: replay it on any engine.

    `setups` put contracts of one's own on the stage, which are used too.
    """
    empty = History(Opening(config=config), tuple(people)).with_setups(*setups)
    stage = empty.stage(revision)
    setting = begin(stage, config, people)
    driver, actions = _driver(draw, stage, config, people), []
    for _ in range(draw(st.integers(1, max_actions))):
        actions.append(driver.next())
        stage.perform(actions[-1])
    return replace(empty, setting=tuple(setting), actions=tuple(actions))
