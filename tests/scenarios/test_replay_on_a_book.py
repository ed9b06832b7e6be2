"""The replay with everybody else as a book: thousands of accounts, of whom those enter who may have to act."""

import builtins
from decimal import Decimal

import pytest
from pooltwin.fixtures import load_market
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.liquidated import beside_reality, liquidated
from pooltwin.scenarios.trend_research.parameters import ReplayParameters
from pooltwin.scenarios.trend_research.reported_liquidations import reported_liquidations
from pooltwin.scenarios.trend_research.run import MARKET
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.trend_research.world import build_world
from pooltwin.scenarios.units import PRICE_UNIT, WAD

from .test_no_contradictions import contradictions

SMALL = {"background": "book", "book_accounts": 4_000}


@pytest.fixture(scope="module")
def booked():
    """The owner sells as reported beside a small book, on a market with depth."""
    return replay(ReplayParameters(**SMALL, weth_depth_usd=Decimal(110_000_000)))


@pytest.fixture(scope="module")
def endless():
    """The same where sales move nothing."""
    return replay(ReplayParameters(**SMALL))


def test_totals_are_those_of_six_accounts(booked, sold):
    for ours, theirs in zip(booked.before, sold.before, strict=True):
        assert (ours.symbol, ours.owed_to_lenders, ours.cash) == (theirs.symbol, theirs.owed_to_lenders, theirs.cash)
        assert ours.owed_by_borrowers == theirs.owed_by_borrowers
    assert booked.steps[0].position == sold.steps[0].position


def test_others_are_liquidated_and_the_position_is_not(booked):
    names = {wallet.name for wallet in booked.parameters.wallets}
    assert booked.liquidations
    assert not {call.account for call in booked.liquidations} & names
    assert all(call.health_factor_before < WAD for call in booked.liquidations)
    assert booked.steps[-1].position.weth == 0


def test_who_does_what_was_done_meets_recorded_prices(booked, endless, sold):
    """What is liquidated of the book as the firm sells is in recorded prices too, and is added back with its sales."""
    assert {step.price_origin for step in booked.steps} == {"recorded"}
    assert [step.reported_price for step in booked.steps] == [step.reported_price for step in sold.steps]
    assert [call.account for call in booked.liquidations] == [call.account for call in endless.liquidations]


def test_nobody_selling_takes_the_price_below_the_recorded_one():
    result = replay(ReplayParameters(**SMALL, weth_depth_usd=Decimal(110_000_000), sell=False))
    assert min(step.reported_price for step in result.steps) < min(step.raw_price for step in result.steps)
    assert {"added back", "simulated"} <= {step.price_origin for step in result.steps}
    assert contradictions(result) == []


def test_what_is_liquidated_stands_beside_what_was(booked):
    ours = liquidated(booked, wallets=False)
    assert 100_000_000 < ours.seized < 600_000_000
    assert ours.seized == ours.repaid + ours.bonus + ours.fee
    assert 0 < ours.fee < ours.bonus < ours.repaid // 10
    assert liquidated(booked, wallets=True).accounts == 0
    said = beside_reality(booked)
    assert said in next(sentence for sentence in booked.assumed if sentence.startswith("Everybody else is a book"))
    assert "the week to 2026-02-02: 202.5m USD seized, 193.1m USD repaid, 9.3m USD bonus" in said
    assert "at least 450.0m USD seized" in said
    assert said.endswith("None of these periods is that of the replay, and it has no figure.")


def test_reported_liquidations_keep_what_is_not_reported_open():
    rows = reported_liquidations()
    assert [row.seized_base for row in rows if row.period.startswith("the week")] == [202_470_000 * PRICE_UNIT]
    assert any(row.repaid_base is None for row in rows)
    assert all(row.source.startswith("https://") for row in rows)


def test_only_those_who_may_act_enter():
    world = build_world(load_market(MARKET), load_timeline(), ReplayParameters(**SMALL))
    assert world.background is not None
    assert len(world.background.entered) == len(world.loopers) == 20
    world.look()
    calm = len(world.background.entered)
    world.market.set_price("WETH", 1_800 * PRICE_UNIT)
    world.look()
    assert len(world.background.entered) > calm
    factors = [world.market.pool.get_user_account_data(one.address).health_factor for one in world.background.near]
    assert factors
    assert max(factors) < WAD * 1_002 // 1_000


def test_without_numpy_a_book_is_refused_in_words(monkeypatch):
    real = builtins.__import__

    def without(name, *more, **named):
        if name.endswith("books.core"):
            raise ModuleNotFoundError("No module named 'numpy'")
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match="background: a book needs NumPy"):
        replay(ReplayParameters(**SMALL))
