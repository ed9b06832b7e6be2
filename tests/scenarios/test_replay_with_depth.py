"""Replays on a market with depth: what is sold moves the price, the oracle follows, and liquidators look again."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.parameters import GivenPrice, PriceShock, ReplayParameters
from pooltwin.scenarios.trend_research.run import real_sales_of
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.trend_research.weth_market import WethMarket, curve_of
from pooltwin.scenarios.units import PRICE_UNIT, WAD

from .test_no_contradictions import contradictions

DEPTHS = [400, 110, 60, 35]
"""Million dollars of one-sided depth at 2%."""


@cache
def _played(**changes):
    depth = changes.pop("depth", None)
    return replay(ReplayParameters(weth_depth_usd=depth and Decimal(depth * 10**6), **changes))


def _low(result):
    return min(step.reported_price for step in result.steps)


def _deficit(result):
    return sum(balance.dollars(balance.deficit) for balance in result.after)


@pytest.mark.parametrize("depth", [110, 35])
def test_who_sells_what_was_sold_meets_recorded_prices(depth, sold):
    """Recorded prices contain the real sales, so they are the price when the same is sold again, to the last digit."""
    result = _played(depth=depth)
    assert [step.reported_price for step in result.steps] == [step.reported_price for step in sold.steps]
    assert {step.price_origin for step in result.steps} == {"recorded"}
    assert any(step.added_back_price > step.raw_price for step in result.steps)
    proceeds = [sum(sale.proceeds_base for sale in run.sales) for run in (result, sold)]
    assert proceeds[0] < proceeds[1]
    amounts = [sum(sale.weth for sale in run.sales) for run in (result, sold)]
    assert abs(amounts[0] - amounts[1]) < 100  # wei: roundings of the pool, as repayments are cut otherwise


def test_who_sells_nothing_meets_prices_with_the_real_sales_added_back():
    result = _played(depth=110, sell=False, liquidators_active=False)
    for step in result.steps:
        assert step.reported_price >= step.raw_price
        assert abs(step.reported_price - step.added_back_price) <= 1
        assert step.price_origin in ("recorded", "added back")
    assert "added back" in {step.price_origin for step in result.steps}


def test_the_thinner_the_market_the_lower_the_price(unsold):
    runs = [unsold] + [_played(depth=depth, sell=False) for depth in DEPTHS]
    lows = [_low(run) for run in runs]
    assert lows == sorted(lows, reverse=True)
    assert [_deficit(run) > 0 for run in runs] == [False, False, False, True, True]
    assert 1_730 < lows[1] / PRICE_UNIT < 1_748
    assert 1_550 < lows[2] / PRICE_UNIT < 1_620
    for run in runs:
        assert contradictions(run) == []


def test_the_oracle_follows_a_block_after_liquidators_sold():
    result = _played(depth=60, sell=False)
    follows = [step for step in result.steps if step.kind == "follow"]
    assert follows
    sold = {disposal.time for disposal in result.disposals}
    for step in follows:
        assert step.price_origin == "simulated"
        assert step.time - 12 in sold
    times = [step.time for step in result.steps]
    assert times == sorted(set(times))


def test_no_call_is_expected_to_lose_money():
    result = _played(depth=60, sell=False)
    for call in result.liquidations:
        assert call.profit_base >= 100 * PRICE_UNIT
    assert result.declined
    for entry in result.declined:
        assert entry.proceeds_base < entry.repaid_base + 100 * PRICE_UNIT


def test_what_was_received_as_a_weth_is_sold_when_there_is_weth_again():
    result = _played(depth=60, sell=False)
    received = sum(call.received for call in result.liquidations if call.collateral_asset == "WETH")
    in_kind = sum(call.received for call in result.liquidations if call.received_a_tokens)
    sold = sum(disposal.weth for disposal in result.disposals)
    assert in_kind > 0
    assert received - in_kind <= sold <= received + received // 1000  # aWETH earns interest while it waits
    assert result.steps[-1].sold_by_liquidators_weth == sold


def test_latency_gives_liquidators_the_state_of_later():
    late = _played(depth=110, sell=False, liquidator_latency_blocks=25)
    prints = {step.time for step in late.steps}
    assert late.liquidations
    assert not {call.time for call in late.liquidations} & prints
    assert {call.time - 25 * 12 for call in late.liquidations} <= prints


def test_capital_is_never_exceeded():
    money = 40_000_000
    result = _played(sell=False, liquidator_capital_usd=Decimal(money))
    free = all_repaid = 0
    decimals = {balance.symbol: balance.decimals for balance in result.after}
    for call in result.liquidations:
        repaid = Fraction(call.repaid * call.debt_price, 10 ** decimals[call.debt_asset] * PRICE_UNIT)
        assert repaid <= money + free
        all_repaid += repaid
        free += Fraction(call.profit_base, PRICE_UNIT)
    assert all_repaid > 2 * money  # what is sold can be used again
    assert len(result.liquidations) > len(replay(ReplayParameters(sell=False)).liquidations)


def test_depth_and_latency_are_named_where_they_are_chosen():
    result = _played(depth=60, sell=False)
    (said,) = [sentence for sentence in result.assumed if sentence.startswith("WETH is sold on a market")]
    assert "falls by 2% when 60,000,000 USD are sold (constant product)" in said
    assert f"The lowest price is {_low(result) / PRICE_UNIT:,.2f}, without both 1,747.80" in said
    (told,) = [sentence for sentence in result.verdict if sentence.startswith("Liquidators made")]
    assert f"took the price down to {_low(result) / PRICE_UNIT:,.2f}" in told
    late = _played(depth=110, sell=False, liquidator_latency_blocks=25)
    assert any("25 blocks after every print" in sentence for sentence in late.assumed)


def test_an_invented_print_says_what_it_says_whatever_was_sold():
    shock = PriceShock(time=datetime(2026, 2, 6, 1, 30, tzinfo=UTC), weth_usd=Decimal(1600))
    result = replay(ReplayParameters(weth_depth_usd=Decimal(60_000_000), shock=shock, liquidators_active=False))
    (step,) = [step for step in result.steps if step.kind == "shock"]
    assert (step.reported_price, step.price_origin) == (1600 * PRICE_UNIT, "invented")


def test_given_prices_are_pushed_by_what_is_sold():
    given = (GivenPrice(time=datetime(2026, 2, 5, 10, tzinfo=UTC), weth_usd=Decimal(1700)),)
    idle = replay(ReplayParameters(weth_depth_usd=Decimal(110_000_000), prices=given, sell=False))
    given_step, follow, *later = [step for step in idle.steps if step.time >= 1_770_285_600]
    assert (given_step.kind, given_step.price_origin) == ("given", "given")
    assert given_step.reported_price == 1700 * PRICE_UNIT
    assert (follow.kind, follow.price_origin) == ("follow", "simulated")
    assert follow.reported_price < given_step.reported_price  # liquidators sold at once
    assert {step.raw_price for step in (follow, *later)} == {1700 * PRICE_UNIT}


def test_both_models_take_the_same_depth_until_two_percent():
    depth = Fraction(110_000_000)
    for model in ("constant product", "square root"):
        curve = curve_of(model, depth)
        until = curve.reach(Fraction(98, 100))
        assert until is not None
        if model == "constant product":
            assert abs(curve.proceeds(until) - depth) < 1
        else:
            assert abs(until - depth) < 1


def test_a_market_without_depth_does_not_move():
    market = WethMarket(ReplayParameters(weth_depth_usd=None), Fraction(2000), 0)
    assert market.sell(10 * WAD) == 20_000
    market.move_to(60)
    assert (market.price, market.outside, market.is_as_it_was, market.is_pushed) == (2000, 2000, True, False)
    market.reprice(Fraction(1900), Fraction(1950))
    assert (market.price, market.outside, market.sellable(Fraction(1))) == (1900, 1900, None)


def test_real_sales_are_those_of_the_reported_course(sold):
    sales = real_sales_of(load_timeline())
    assert sum(sales.values()) == sum(sale.weth for sale in sold.sales)
    assert set(sales) == {sale.time for sale in sold.sales}
