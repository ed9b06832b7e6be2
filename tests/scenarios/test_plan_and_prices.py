"""The owner's course and the oracle's path: derived from the timeline, changed only by named parameters."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from pooltwin.scenarios.trend_research.owner_plan import OwnerPlan
from pooltwin.scenarios.trend_research.parameters import (
    DEFAULT_WALLETS,
    GivenPrice,
    ParametersError,
    PriceShock,
    ReplayParameters,
    UtilisationCeiling,
    read_parameters,
)
from pooltwin.scenarios.trend_research.price_file import read_prices
from pooltwin.scenarios.trend_research.prices import price_path
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.units import WAD, timestamp
from pydantic import ValidationError

TIMELINE = load_timeline()
THRESHOLD = Fraction(83, 100)
START = timestamp(TIMELINE.start)


def _plan(**changes) -> OwnerPlan:
    return OwnerPlan(TIMELINE, ReplayParameters(**changes))


def _triggers(plan: OwnerPlan, time: int) -> list[Fraction]:
    targets = [plan.target(wallet, time) for wallet in range(6)]
    return [target.debt_usd * WAD / (target.weth * THRESHOLD) for target in targets]


@pytest.mark.parametrize("milestone", [point for point in TIMELINE.milestones if point.debt_usd])
def test_totals_and_ends_of_the_band_are_met_at_every_reported_milestone(milestone):
    plan, time = _plan(), timestamp(milestone.time)
    targets = [plan.target(wallet, time) for wallet in range(6)]
    assert 0 <= Fraction(milestone.weth) * WAD - sum(target.weth for target in targets) < 6
    assert sum(target.debt_usd for target in targets) == Fraction(milestone.debt_usd)
    triggers = _triggers(plan, time)
    assert float(max(triggers)) == pytest.approx(float(milestone.liquidation_high_usd))
    assert float(min(triggers)) == pytest.approx(float(milestone.liquidation_low_usd))


def test_between_milestones_everything_moves_on_straight_lines():
    plan = _plan()
    first, second = (timestamp(point.time) for point in TIMELINE.milestones[:2])
    start, middle, end = (plan.target(1, time) for time in (first, (first + second) // 2, second))
    assert abs(middle.weth - (start.weth + end.weth) // 2) <= 1
    assert middle.debt_usd == (start.debt_usd + end.debt_usd) / 2


def test_after_the_last_reported_debt_the_book_keeps_its_trigger():
    evening = timestamp(datetime(2026, 2, 7, tzinfo=UTC))
    kept = Fraction(526_000_000) / (396_000 * THRESHOLD)
    assert all(abs(trigger - kept) < Fraction(1, 10**9) for trigger in _triggers(_plan(), evening))
    changed = _triggers(_plan(late_book_trigger_usd=Decimal(1562)), evening)
    assert all(abs(trigger - 1562) < Fraction(1, 10**9) for trigger in changed)


def test_nothing_is_planned_to_remain():
    assert [_plan().target(wallet, timestamp(TIMELINE.end)) for wallet in range(6)] == [(0, 0)] * 6


def test_a_late_owner_does_the_same_later():
    early, late = _plan(), _plan(seller_delay_hours=8)
    later = timestamp(TIMELINE.milestones[2].time)
    assert late.target(0, later + 8 * 3600) == early.target(0, later)
    assert late.target(0, START + 3600) == early.target(0, START)


def test_the_highest_trigger_of_the_last_band_can_be_replaced():
    plan = _plan(highest_trigger_02_06_usd=Decimal(1800))
    last = TIMELINE.milestones[3]
    assert max(_triggers(plan, timestamp(last.time))) == 1800
    assert sum(plan.target(wallet, timestamp(last.time)).debt_usd for wallet in range(6)) == Fraction(last.debt_usd)


def test_every_candle_gives_four_prints_within_its_range():
    path = price_path(TIMELINE, ReplayParameters())
    klines = TIMELINE.klines()
    assert len(path) == 4 * len(klines)
    for index, kline in enumerate(klines):
        prints = {point.kind: Decimal(point.prices["WETH"]) / 10**8 for point in path[4 * index : 4 * index + 4]}
        assert prints == {"open": kline.open, "low": kline.low, "high": kline.high, "close": kline.close}
    times = [point.time for point in path]
    assert times == sorted(set(times))


def test_order_of_the_extremes():
    falling = next(index for index, kline in enumerate(TIMELINE.klines()) if kline.close < kline.open)
    rising = next(index for index, kline in enumerate(TIMELINE.klines()) if kline.close > kline.open)

    def order(kind: str, kline: int) -> str:
        return price_path(TIMELINE, ReplayParameters(intra_candle_order=kind))[4 * kline + 1].kind

    assert (order("by_direction", falling), order("by_direction", rising)) == ("high", "low")
    assert {order("low_first", falling), order("low_first", rising)} == {"low"}
    assert {order("high_first", falling), order("high_first", rising)} == {"high"}


def test_without_wicks_no_print_leaves_the_body_of_a_candle():
    path = price_path(TIMELINE, ReplayParameters(oracle_wick_bps=0))
    lowest = min(point.prices["WETH"] for point in path)
    assert lowest == min(int(min(kline.open, kline.close) * 10**8) for kline in TIMELINE.klines())
    half = price_path(TIMELINE, ReplayParameters(oracle_wick_bps=5000))
    whole = price_path(TIMELINE, ReplayParameters())
    assert min(point.prices["WETH"] for point in whole) < min(point.prices["WETH"] for point in half) < lowest


def test_staked_ether_follows_ether():
    for point in price_path(TIMELINE, ReplayParameters()):
        for symbol in ("wstETH", "weETH", "rsETH"):
            expected = point.prices["WETH"] * TIMELINE.price_ratios[symbol].per_unit_raw // WAD
            assert abs(point.prices[symbol] - expected) <= 1


def test_a_shock_is_one_more_print():
    at = datetime(2026, 2, 6, 2, 30, tzinfo=UTC)
    path = price_path(TIMELINE, ReplayParameters(shock=PriceShock(time=at, weth_usd=Decimal(1200))))
    assert len(path) == 4 * len(TIMELINE.klines()) + 1
    (shock,) = [point for point in path if point.kind == "shock"]
    assert (shock.time, shock.prices["WETH"]) == (timestamp(at), 1200 * 10**8)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (
            datetime(2026, 3, 1, tzinfo=UTC),
            "lies outside the replay, which goes from 2026-02-02 04:00 to 2026-02-08 12:00",
        ),
        (datetime(2026, 1, 1, tzinfo=UTC), "shock: 2026-01-01 00:00 UTC lies outside the replay"),
        (TIMELINE.start, "is the very second of another print, the open at 2,239.01"),
        (datetime(2026, 2, 6, 1, 20, tzinfo=UTC), "the low at 1,747.80; a second later will do"),
    ],
)
def test_a_shock_outside_the_replay_or_on_a_print_is_refused_with_its_own_words(at, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        price_path(TIMELINE, ReplayParameters(shock=PriceShock(time=at, weth_usd=Decimal(1200))))


def _given(*prices):
    return tuple(GivenPrice(time=datetime(2026, 2, *at, tzinfo=UTC), weth_usd=Decimal(usd)) for at, usd in prices)


def test_given_prices_take_the_place_of_the_candles_and_hold_until_the_next():
    given = _given(((5, 10, 0, 0), 1900), ((5, 11, 59, 59), 1800), ((6, 1, 0, 0), 1400))
    path, usual = price_path(TIMELINE, ReplayParameters(prices=given)), price_path(TIMELINE, ReplayParameters())
    first = timestamp(given[0].time)
    assert [point for point in path if point.time < first] == [point for point in usual if point.time < first]
    closes = {point.time for point in usual if point.kind == "close" and point.time >= first}
    later = [point for point in path if point.time >= first]
    assert {point.time for point in later} == closes | {timestamp(price.time) for price in given}
    assert {point.origin for point in later} == {"given"}
    for point in later:
        in_force = [price.weth_usd for price in given if timestamp(price.time) <= point.time][-1]
        assert point.prices["WETH"] == in_force * 10**8
        assert point.kind == ("close" if point.time in closes else "given")


@pytest.mark.parametrize("day", [1, 9])
def test_a_given_price_outside_the_replay_is_refused_by_its_number(day):
    given = _given(*sorted([((5, 10, 0, 0), 1900), ((day, 10, 0, 0), 1900)]))
    with pytest.raises(ValueError, match=r"prices\[\d\]: 2026-02-0\d 10:00 UTC lies outside the replay"):
        price_path(TIMELINE, ReplayParameters(prices=given))


def test_prices_are_read_from_a_file(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text(
        "time,weth_usd\n2026-02-05T10:00:00Z,1900\n\n2026-02-05 12:00:00+01:00, 1800.5\n2026-02-06T01:00,1400\n"
    )
    assert read_prices(path) == (
        GivenPrice(time=datetime(2026, 2, 5, 10, tzinfo=UTC), weth_usd=Decimal(1900)),
        GivenPrice(time=datetime(2026, 2, 5, 11, tzinfo=UTC), weth_usd=Decimal("1800.5")),
        GivenPrice(time=datetime(2026, 2, 6, 1, tzinfo=UTC), weth_usd=Decimal(1400)),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no prices: there is no line with time and weth_usd"),
        ("time,weth_usd\n", "holds no prices"),
        ("2026-02-05T10:00:00Z\n", "line 1: 1 columns instead of 2 (time, weth_usd)"),
        ("noon,1900\n", "line 1: 'noon' is no time as 2026-02-06T01:30:00Z"),
        ("time,weth_usd\n2026-02-05T10:00:00Z,cheap\n", "line 2: 'cheap' is no price in dollars"),
        ("2026-02-05T10:00:00Z,-3\n", "line 1: '-3' is no price above zero"),
        ("2026-02-05T10:00:00Z,nan\n", "line 1: 'nan' is no price above zero"),
        (
            "2026-02-05T10:00:00Z,1\n2026-02-05T10:00:00Z,2\n",
            "line 2: 2026-02-05T10:00:00Z is not later than the line before",
        ),
    ],
)
def test_a_file_without_prices_is_refused_by_its_line(tmp_path, content, message):
    path = tmp_path / "prices.csv"
    path.write_text(content)
    with pytest.raises(ParametersError, match=re.escape(message)) as refused:
        read_prices(path)
    assert str(path) in str(refused.value)


NIGHT = datetime(2026, 2, 6, 1, 30, tzinfo=UTC)
CEILING = {"since": datetime(2026, 2, 2, tzinfo=UTC), "bps": 9000}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wallets": DEFAULT_WALLETS[:5]}, "add up to 9500 bps"),
        ({"wallets": (*DEFAULT_WALLETS[:4], DEFAULT_WALLETS[5].model_copy(update={"share_bps": 2260}))}, None),
        ({"wallets": (DEFAULT_WALLETS[0].model_copy(update={"share_bps": 10_000}),)}, "exactly one wallet"),
        ({"usdt_share_bps": 10_001}, "usdt_share_bps"),
        ({"seller_delay_hours": 3}, "multiple of 4"),
        ({"utilisation_ceilings": ()}, "utilisation_ceilings"),
        ({"utilisation_ceilings": (UtilisationCeiling(**CEILING), UtilisationCeiling(**CEILING))}, "not in order"),
        ({"utilisation_ceilings": (UtilisationCeiling(since=datetime(2026, 2, 2), bps=9000),)}, "no time zone"),
        ({"health_factor_floor": Decimal(1)}, "health_factor_floor"),
        ({"unheard_of": 1}, "unheard_of"),
        ({"shock": {"time": NIGHT, "weth_usd": Decimal(-3)}}, "shock.weth_usd"),
        ({"shock": {"time": NIGHT, "weth_usd": Decimal(0)}}, "shock.weth_usd"),
        ({"shock": {"time": NIGHT.replace(tzinfo=None), "weth_usd": Decimal(9)}}, "has no time zone; a Z behind it"),
        ({"prices": ()}, "prices"),
        ({"prices": [{"time": NIGHT, "weth_usd": Decimal(9)}] * 2}, "the prices are not in order of time"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_name(changes, message):
    if message is None:
        assert len(ReplayParameters(**changes).wallets) == 5
        return
    with pytest.raises(ValidationError, match=message):
        ReplayParameters(**changes)


def test_every_parameter_says_why():
    """Each field of the parameters is followed by a docstring in the source."""
    import ast
    import inspect
    import itertools

    from pooltwin.scenarios.trend_research import parameters

    tree = ast.parse(inspect.getsource(parameters))
    (body,) = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "ReplayParameters"]
    documented = set()
    for field, after in itertools.pairwise(body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and is_text:
            documented.add(field.target.id)
    assert documented == set(ReplayParameters.model_fields)


def test_parameters_can_come_from_a_file_that_names_only_what_changes(tmp_path):
    path = tmp_path / "parameters.json"
    path.write_text('{"usdt_share_bps": 10000, "late_book_trigger_usd": "1562"}')
    expected = ReplayParameters(usdt_share_bps=10_000, late_book_trigger_usd=Decimal(1562))
    assert read_parameters(path) == expected
    path.write_text(expected.model_dump_json())
    assert read_parameters(path) == expected


@pytest.mark.parametrize("content", ['{"usdt_share": 1}', "{", '{"usdt_share_bps": "many"}', "[]"])
def test_a_file_without_parameters_is_refused_by_name(tmp_path, content):
    path = tmp_path / "parameters.json"
    path.write_text(content)
    with pytest.raises(ParametersError, match=r"parameters\.json does not hold replay parameters"):
        read_parameters(path)
