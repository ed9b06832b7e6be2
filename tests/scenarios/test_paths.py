"""Paths of prices: given, historical, drawn, correlated, following, and bridges through candles."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.fixtures import read_json
from pooltwin.protocol.refusal import MalformedError
from pooltwin.scenarios.draws import Draws
from pooltwin.scenarios.paths.build import historical_windows, make_paths
from pooltwin.scenarios.paths.candles import Candle, bridge, corners
from pooltwin.scenarios.paths.diffusion import cholesky
from pooltwin.scenarios.paths.given import PathError
from pooltwin.scenarios.paths.path import Path

START = 1_770_336_000
"""2026-02-06 00:00 UTC."""

HOUR = 3600


def paths_of(configs: dict[str, Any], *, duration_s: int = HOUR, seed: int = 1, folder: FilePath = FilePath()) -> Any:
    """Make paths."""
    return make_paths(configs, duration_s=duration_s, start=START, seed=seed, folder=folder)


def one(config: dict[str, Any], **span: Any) -> Path:
    """Make one path."""
    path: Path = paths_of({"WETH": config}, **span)["WETH"]
    return path


# --- a path -----------------------------------------------------------------------------------------------------------


def test_a_path_steps_at_its_ticks_and_keeps_its_ends() -> None:
    path = Path([(0, 2000), (60, Fraction(1900)), (61, Decimal("1900.5"))])
    assert [path.price(second) for second in (-5, 0, 59, 60, 61, 10**9)] == [2000, 2000, 2000, 1900, 1900.5, 1900.5]
    assert [path.next_second(second) for second in (-5, 0, 59, 60, 61)] == [0, 60, 60, 61, None]


@pytest.mark.parametrize(
    ("ticks", "told"),
    [
        ([], "at least one"),
        ([(0, 1), (0, 2)], "price 2 of the path is not later"),
        ([(0, -1)], "price 1 .* below zero"),
    ],
)
def test_a_path_that_is_none_is_refused(ticks: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Path(ticks)


# --- given ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "time,price\n2026-02-06T00:00:00Z,1826.83\n2026-02-06T01:00:00+01:00,1800.1\n2026-02-06T00:20:00Z,1747.80\n",
        f"time, price\n{START},1826.83\n{START + 1},1800.1\n{START + 1200},1747.80\n\n",
        "second,price\n0,1826.83\n1,1800.1\n1200,1747.80\n",
        "\ufeffblock,price\n0,1826.83\n1,1800.1\n100,1747.80",
    ],
)
def test_prices_are_read_from_a_file_by_time_second_or_block(tmp_path: FilePath, text: str) -> None:
    (tmp_path / "eth.csv").write_text(text.replace("T01:00:00+01:00", "T01:00:01+01:00"), encoding="utf-8")
    path = one({"kind": "given", "file": "eth.csv"}, folder=tmp_path)
    step = 12 if "block" in text else 1
    assert path.ticks == ((0, Fraction("1826.83")), (step, Fraction("1800.1")), (1200, Fraction("1747.8")))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "eth.csv, line 1: the header is ''"),
        ("date,price\n", "line 1: the header is 'date,price', not 'time,price'"),
        ("second,price\n", "has a header and no prices"),
        ("second,price\n0,1\n5,1,2\n", "line 3: has 3 columns, not 2"),
        ("second,price\n0,1\n5,abc\n", "line 3: 'abc' is no price"),
        ("second,price\n0,1\n5,-1\n", "line 3: '-1' is no price"),
        ("second,price\n0,1\n5,NaN\n", "line 3: 'NaN' is no price"),
        ("second,price\n0,1\n0,2\n", "line 3: second 0 is not later"),
        ("second,price\n0.5,1\n", "line 2: the second '0.5' is no whole number"),
        ("block,price\n1_0,1\n", "line 2: the block '1_0' is no whole number"),
        ("time,price\n2026-02-06T00:00:00,1\n", "line 2: the time .* has no time zone"),
        ("time,price\nyesterday,1\n", "line 2: the time 'yesterday' is none"),
        ("second,price\n60,1\n", "WETH: the first price is at second 60"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_its_line(tmp_path: FilePath, text: str, told: str) -> None:
    (tmp_path / "eth.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PathError, match=told):
        one({"kind": "given", "file": "eth.csv"}, folder=tmp_path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: FilePath) -> None:
    with pytest.raises(PathError, match=r"nowhere\.csv"):
        one({"kind": "given", "file": "nowhere.csv"}, folder=tmp_path)


# --- candles ----------------------------------------------------------------------------------------------------------


def _candle(cents: list[int]) -> Candle:
    low, first, second, high = (Decimal(each).scaleb(-2) for each in sorted(cents))
    opening, closing = (first, second) if cents[0] < cents[-1] else (second, first)
    return Candle(open=opening, high=high, low=low, close=closing)


candles = st.lists(st.integers(0, 10**7), min_size=4, max_size=4).map(_candle)


@given(candles, st.integers(4, 60), st.integers(), st.integers(1, 9))
def test_a_bridge_meets_all_four_prices_and_never_leaves_the_candle(
    candle: Candle, steps: int, seed: int, precision: int
) -> None:
    prices = bridge(candle, steps, Draws(seed, "path WETH"))
    assert len(prices) == steps
    assert (prices[0], prices[-1]) == (candle.open, candle.close)
    assert (min(prices), max(prices)) == (candle.low, candle.high)
    assert all(price.quantize(Decimal("1e-8")) == price for price in prices)
    with localcontext() as context:  # whatever precision the caller works with
        context.prec = precision
        assert bridge(candle, steps, Draws(seed, "path WETH")) == prices


@given(candles, st.integers(4, 60))
def test_corners_are_the_four_prices_in_the_order_of_the_direction(candle: Candle, steps: int) -> None:
    found = corners(candle, steps)
    extremes = [candle.low, candle.high] if candle.close >= candle.open else [candle.high, candle.low]
    assert [corner.price for corner in found] == [candle.open, *extremes, candle.close]
    assert [corner.step for corner in found] == sorted({corner.step for corner in found})


def test_a_bridge_through_less_than_four_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="4 steps a candle, not 3"):
        bridge(_candle([1, 2, 3, 4]), 3, Draws(1, "a"))


@pytest.mark.parametrize("window", historical_windows())
def test_candles_that_ship_are_whole_and_hold_what_they_enclose(window: str) -> None:
    data = read_json("prices/candles-4h.json")["windows"][window]
    lengths = {len(data[asset]) for asset in ("ETH", "BTC", "LINK")}
    assert len(lengths) == 1
    path = one({"kind": "historical", "window": window, "asset": "ETH", "way": "corners"}, duration_s=24 * HOUR)
    rows = data["ETH"][:6]
    assert [tick.price for tick in path.ticks][::4] == [Fraction(row[0]) for row in rows]
    assert min(tick.price for tick in path.ticks) == min(Fraction(row[2]) for row in rows)


def test_history_begins_where_one_likes_and_at_a_price_of_ones_own() -> None:
    config = {"kind": "historical", "window": "trend-research-2026-02", "asset": "ETH", "step_s": 600}
    low = one({**config, "from_s": 66 * 4 * HOUR}, duration_s=4 * HOUR)
    assert (low.ticks[0].price, min(tick.price for tick in low.ticks)) == (Fraction("1826.83"), Fraction("1747.8"))
    half = one({**config, "from_s": 66 * 4 * HOUR, "start_price": "913.415"}, duration_s=4 * HOUR)
    assert [tick.price * 2 for tick in half.ticks] == [tick.price for tick in low.ticks]


def test_candles_of_ones_own_come_from_the_file_or_from_csv(tmp_path: FilePath) -> None:
    (tmp_path / "candles.csv").write_text("second,open,high,low,close\n0,10,12,9,11\n600,11,11,5,6\n", encoding="utf-8")
    config = {"kind": "bridge", "candle_s": 600}
    listed = [
        {"open": 10, "high": 12, "low": 9, "close": 11},
        {"open": "11", "high": "11", "low": "5", "close": "6"},
    ]
    from_file = one({**config, "file": "candles.csv"}, folder=tmp_path)
    assert from_file.ticks == one({**config, "candles": listed}).ticks
    assert len(from_file.ticks) == 20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("second,open,high,low,close\n0,1,1,1,1\n900,1,1,1,1\n", "line 3: begins at second 900 .* not 600"),
        ("second,open,high,low,close\n0,1,1,2,1\n", "line 2: .*low 2 and high 1 do not enclose open 1, close 1"),
    ],
)
def test_a_candle_that_is_wrong_is_refused_by_its_line(tmp_path: FilePath, text: str, told: str) -> None:
    (tmp_path / "candles.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PathError, match=told):
        one({"kind": "bridge", "candle_s": 600, "file": "candles.csv"}, folder=tmp_path)


# --- drawn ------------------------------------------------------------------------------------------------------------

DIFFUSION: dict[str, Any] = {
    "kind": "jump_diffusion",
    "start_price": "2000",
    "volatility_yearly_bps": 8000,
    "step_s": 600,
}


def test_a_drawn_path_is_the_same_for_ever() -> None:
    path = one({**DIFFUSION, "jumps_yearly": "20000", "jump_mean_bps": -100, "jump_volatility_bps": 50})
    assert [tick.second for tick in path.ticks] == list(range(0, HOUR + 1, 600))
    assert path.ticks[-1].price == Fraction("1920.066541822503455475")


def test_a_further_asset_moves_no_other() -> None:
    pair = {"WETH": DIFFUSION, "WBTC": {**DIFFUSION, "correlations": {"WETH": "0.9"}}}
    further = {**pair, "LINK": {**DIFFUSION, "correlations": {"WBTC": "0.3"}}, "USDC": {"kind": "constant", "price": 1}}
    two, four = paths_of(pair), paths_of(further)
    assert [two[asset].ticks for asset in pair] == [four[asset].ticks for asset in pair]
    assert paths_of(pair, seed=2)["WETH"].ticks != two["WETH"].ticks


def _returns(path: Path) -> list[float]:
    prices = [float(tick.price) for tick in path.ticks]
    return [after / before - 1 for before, after in pairwise(prices)]


def test_correlated_paths_move_together_as_much_as_stated() -> None:
    configs = {"WETH": DIFFUSION, "WBTC": {**DIFFUSION, "correlations": {"WETH": "0.8"}}, "LINK": DIFFUSION}
    made = paths_of(configs, duration_s=600 * 1500)
    eth, btc, link = (_returns(made[asset]) for asset in configs)

    def correlation(these: list[float], those: list[float]) -> float:
        product = sum(x * y for x, y in zip(these, those, strict=True))
        return float(product / (sum(x * x for x in these) * sum(y * y for y in those)) ** 0.5)

    assert correlation(eth, btc) == pytest.approx(0.8, abs=0.05)
    assert correlation(eth, link) == pytest.approx(0, abs=0.08)
    yearly = (sum(x * x for x in eth) / 1500 * 52_560) ** 0.5
    assert yearly == pytest.approx(0.8, abs=0.05)


def test_jumps_come_as_often_and_as_large_as_stated() -> None:
    jumping = {**DIFFUSION, "volatility_yearly_bps": 0, "jumps_yearly": "52560", "jump_mean_bps": -10}
    path = one(jumping, duration_s=600 * 1000)
    logs = [float(after.price / before.price) for before, after in pairwise(path.ticks)]
    counts = [round((1 - ratio) * 1000) for ratio in logs]
    assert sum(counts) / 1000 == pytest.approx(1, abs=0.1)
    assert counts.count(0) / 1000 == pytest.approx(0.368, abs=0.05)


@given(st.lists(st.lists(st.integers(-9, 9), min_size=4, max_size=4), min_size=1, max_size=4))
def test_the_root_of_a_correlation_matrix_gives_it_back(vectors: list[list[int]]) -> None:
    lengths = [Decimal(max(sum(x * x for x in vector), 1)).sqrt() for vector in vectors]
    matrix = [
        [
            Decimal(sum(x * y for x, y in zip(one_of, other, strict=True))) / (lengths[row] * lengths[column])
            if row != column
            else Decimal(1)
            for column, other in enumerate(vectors)
        ]
        for row, one_of in enumerate(vectors)
    ]
    root = cholesky(matrix)
    for row in range(len(matrix)):
        for column in range(len(matrix)):
            found = sum(x * y for x, y in zip(root[row], root[column], strict=True))
            assert abs(found - matrix[row][column]) < Decimal("1e-10")


# --- following --------------------------------------------------------------------------------------------------------


def test_a_follower_keeps_its_ratio_until_it_changes() -> None:
    made = paths_of(
        {
            "wstETH": {"kind": "follows", "asset": "WETH", "ratio": "1.2", "ratio_changes": [[90, "1.1"]]},
            "WETH": {"kind": "given", "points": [[0, 2000], [60, 1000]]},
        }
    )
    assert list(made) == ["wstETH", "WETH"]
    assert made["wstETH"].ticks == ((0, 2400), (60, 1200), (90, 1100))


@pytest.mark.parametrize(
    ("configs", "told"),
    [
        ({"A": {"kind": "follows", "asset": "B", "ratio": 1}}, "A: follows B, which has no path"),
        (
            {
                "A": {"kind": "follows", "asset": "B", "ratio": 1},
                "B": {"kind": "follows", "asset": "A", "ratio": 1},
            },
            "A: follows itself, by way of B",
        ),
        ({"A": {"kind": "historical", "window": "x", "asset": "ETH"}}, "A: there is no window 'x'; there are: crv"),
        (
            {"A": {"kind": "historical", "window": "crash-2025-10-10", "asset": "ETH", "from_s": 5}},
            "A: from_s 5 is no multiple of 14400",
        ),
        (
            {"A": {"kind": "historical", "window": "crash-2025-10-10", "asset": "ETH", "step_s": 7}},
            "A: step_s 7 does not divide",
        ),
        (
            {"A": {"kind": "historical", "window": "crash-2025-10-10", "asset": "ETH", "from_s": 29 * 14_400}},
            "A: crash-2025-10-10 has 14400 s from there on, the scenario takes 20000",
        ),
        ({"A": {"kind": "given", "points": [[5, 1]]}}, "A: the first price is at second 5"),
        ({"A": {"kind": "given", "points": [[0, 1], [0, 2]]}}, "A: price 2 of the path is not later"),
        ({"A": {**DIFFUSION, "correlations": {"B": 1}}}, "A: correlates with B, which is no other asset"),
        (
            {"A": DIFFUSION, "B": {**DIFFUSION, "step_s": 60, "correlations": {"A": 1}}},
            "B: correlates with A, whose step_s is 600",
        ),
        (
            {
                "A": {**DIFFUSION, "correlations": {"B": "0.5"}},
                "B": {**DIFFUSION, "correlations": {"A": "0.4"}},
            },
            "different correlations",
        ),
        (
            {
                "A": DIFFUSION,
                "B": {**DIFFUSION, "correlations": {"A": "0.9"}},
                "C": {**DIFFUSION, "correlations": {"A": "0.9", "B": "-0.9"}},
            },
            "A, B, C: the correlations contradict each other",
        ),
    ],
)
def test_paths_that_cannot_be_are_refused_by_asset(configs: dict[str, Any], told: str) -> None:
    with pytest.raises(PathError, match=told):
        paths_of(configs, duration_s=20_000)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"kind": "walk"}, "walk"),
        ({"kind": "constant", "price": -1}, "greater than or equal to 0"),
        ({"kind": "constant", "price": 0.5}, "exact only as text"),
        ({"kind": "given"}, "either points or a file"),
        ({"kind": "given", "points": [[0, 1]], "file": "a.csv"}, "either points or a file"),
        ({"kind": "bridge", "candle_s": 600}, "either candles or a file"),
        ({"kind": "bridge", "candle_s": 600, "step_s": 200, "file": "a.csv"}, "not 4 or more whole steps of 200 s"),
        ({**DIFFUSION, "correlations": {"B": 2}}, "less than or equal to 1"),
        ({**DIFFUSION, "start_price": 0}, "greater than 0"),
    ],
)
def test_a_path_in_a_file_that_is_wrong_is_refused_in_words(config: Any, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        one(config)
