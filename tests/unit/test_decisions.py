"""Decisions that a fork would take otherwise: given another value, each changes how a small history ends.

`tests/recordings/test_flip_a_field.py` does the same to every decision on which two neighbouring releases differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

import pytest
from pooltwin.protocol.errors import InvalidDecimals, Revert
from pooltwin.protocol.events import LiquidationCall
from pooltwin.protocol.logic.decisions import nothing
from pooltwin.protocol.logic.liquidation import read_prices
from pooltwin.protocol.logic.terms import EarlierFlows, Revision
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import REVISIONS, revision_named

from .listings import list_new
from .worlds import ALICE, BOB, DOLLAR, MAX, USDC, WETH, config, events_of, fresh

FROM_V3_2 = list(REVISIONS)[1:]
FROM_V3_3 = FROM_V3_2[1:]
ALL = list(REVISIONS)


# --- histories --------------------------------------------------------------------------------------------------------


def _borrowed(market: Market) -> Market:
    """Alice owes 15,000 USDC against 10 WETH of 2,000 dollars: a health factor of 1.1."""
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 100_000 * USDC, sender=BOB)
    market.pool.borrow(market.asset("USDC"), 15_000 * USDC, sender=ALICE)
    return market


def _borrow(market: Market) -> Any:
    """Once more: until v3.4 the health factor is asked for before the new debt exists."""
    _borrowed(market).pool.borrow(market.asset("USDC"), 100 * USDC, sender=ALICE)
    return events_of(market)[-1]


def _withdraw(market: Market) -> Any:
    """Leaves a health factor of 0.99."""
    return _borrowed(market).pool.withdraw(market.asset("WETH"), WETH, sender=ALICE)


def _liquidate(market: Market, price: int = 1_800, amount: int = MAX) -> Any:
    """Repaid, seized and paid to the treasury; at this price the health factor is 0.99."""
    _borrowed(market).set_price("WETH", price * DOLLAR)
    market.pool.liquidation_call(market.asset("WETH"), market.asset("USDC"), ALICE, amount, sender=BOB)
    event = events_of(market)[-1]
    assert isinstance(event, LiquidationCall)
    a_token = market.chain.at(market.pool.reserves[market.asset("WETH")].a_token)
    fee = a_token.scaled_balances[a_token.treasury]
    return event.debt_to_cover, event.liquidated_collateral_amount, fee


def _leave_dust(market: Market) -> Any:
    """Leaves 500 dollars of debt, with a health factor that lets all of it be repaid."""
    return _liquidate(market, 1_700, 14_500 * USDC)


# --- decisions --------------------------------------------------------------------------------------------------------


class Turn(NamedTuple):
    """A decision, another value of it, a history that notices, and the releases that ask."""

    decision: str
    value: Any
    history: Callable[[Market], Any]
    releases: Sequence[str] = ALL


def _debt_at_twice_its_price(pool: Any, run: Any) -> None:
    read_prices(pool, run)
    run.debt_price *= 2


TURNS = (
    Turn("health_factor_liquidation_threshold", 98 * 10**16, _liquidate),
    Turn("health_factor_liquidation_threshold", 98 * 10**16, _withdraw),
    Turn("health_factor_liquidation_threshold", 12 * 10**17, _borrow),
    Turn("close_factor", 2_500, _liquidate),
    Turn("close_factor_health_factor_threshold", 99 * 10**16, _liquidate),
    Turn("min_base_for_close_factor", 18_001 * DOLLAR, _liquidate, FROM_V3_3),
    Turn("min_leftover_base", 500 * DOLLAR, _leave_dust, FROM_V3_3),
    Turn("max_liquidatable_debt", lambda _pool, run, _health, _debt: run.borrower_debt // 3, _liquidate),
    Turn("refuse_dust", nothing, _leave_dust, FROM_V3_3),
    Turn("read_liquidation_prices", _debt_at_twice_its_price, _liquidate),
    Turn("liquidation_bonus", lambda _pool, _run: 11_000, _liquidate),
    Turn("liquidation_protocol_fee", lambda _pool, _run, seized, _bonus: seized // 100, _liquidate),
)


OF_FORKS = {"parent", "deviates", "stated_bonus", "machine"}
"""What only forks and engines say of themselves; it decides nothing. `test_forks.py` has it."""


def _end(record: Revision, history: Callable[[Market], Any]) -> Any:
    market = fresh(record.name)
    market.chain.set_revision(record)
    try:
        return history(market)
    except Revert as revert:
        return type(revert)


@pytest.mark.parametrize(
    ("turn", "release"),
    [
        pytest.param(turn, release, id=f"{release} {turn.decision} {turn.history.__name__[1:]}")
        for turn in TURNS
        for release in turn.releases
    ],
)
def test_a_decision_is_asked(turn: Turn, release: str) -> None:
    record = revision_named(release)
    turned = replace(record, **{turn.decision: turn.value})
    assert _end(turned, turn.history) != _end(record, turn.history)


@pytest.mark.parametrize("release", FROM_V3_2)
def test_the_least_decimals_are_asked_for_in_listings(release: str) -> None:
    record = revision_named(release)
    assert list_new(Market.deploy(config(release), revision=replace(record, min_decimals=18)), "NEW")
    strict = Market.deploy(config(release), revision=replace(record, min_decimals=19))  # what is there is there
    with pytest.raises(InvalidDecimals):  # the new one has eighteen
        list_new(strict, "NEW")


def test_every_field_is_a_decision() -> None:
    """A field on which all releases agree, and that no history above asks for, would decide nothing."""
    known = [*REVISIONS.values()]
    assert {*_agreed(Revision, known)} - OF_FORKS <= {turn.decision for turn in TURNS}
    assert _agreed(EarlierFlows, [revision.earlier for revision in known if revision.earlier is not None]) == []


def _agreed(kind: type[Revision] | type[EarlierFlows], records: Sequence[Revision | EarlierFlows]) -> list[str]:
    first, *others = records
    return [
        field.name
        for field in fields(kind)
        if all(getattr(record, field.name) == getattr(first, field.name) for record in others)
    ]
