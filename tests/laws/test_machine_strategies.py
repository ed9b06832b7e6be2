"""The strategies draw what the protocol accepts often enough to mean something, and replayable histories."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.amount import EXTREMES, Amount, Measure
from pooltwin.invariants.histories.ground import hunting_ground
from pooltwin.invariants.history import History, Opening, read_history
from pooltwin.invariants.strategies import PEOPLE, amounts, assets, begin, calls, categories, histories, market_configs
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig

CONFIG = hunting_ground()
DRAWN = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@settings(DRAWN)
@given(market_configs())
def test_every_drawn_market_deploys(config: MarketConfig) -> None:
    market = Market.deploy(config)
    assert list(market.assets) == [reserve.symbol for reserve in config.reserves]


@settings(DRAWN)
@given(market_configs("3.5"))
def test_markets_can_be_drawn_for_other_releases(config: MarketConfig) -> None:
    assert Market.deploy(config).chain.revision.name == "3.5"
    assert not any(category.ltv_zero or category.isolated for category in config.e_modes)


def test_calls_of_every_kind_are_drawn_and_most_kinds_succeed() -> None:
    made: Counter[str] = Counter()
    succeeded: Counter[str] = Counter()

    @settings(DRAWN, max_examples=150)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        stage = Stage(Opening(config=CONFIG).market(), PEOPLE)
        begin(stage, CONFIG, PEOPLE)
        for _ in range(5):
            action = data.draw(calls(stage, CONFIG))
            receipt = stage.perform(action)
            made[action.function] += 1
            succeeded[action.function] += receipt is not None and receipt.ok

    draw()
    assert len(made) >= 13
    unlikely = {"liquidationCall", "eliminateReserveDeficit", "transferFrom"}  # these take a history
    managed = {name for name in made if name.endswith("OnBehalfOf")}
    assert {name for name in made if not succeeded[name]} <= unlikely | managed


@settings(DRAWN, max_examples=15)
@given(histories(CONFIG, max_actions=8))
def test_a_drawn_history_replays_to_the_same_state(history: History) -> None:
    first, second = history.stage(), history.stage()
    for action in history.actions:
        first.perform(action)
        second.perform(action)
    assert first.chain.digest() == second.chain.digest()
    assert 1 <= len(history.actions) <= 8


@settings(DRAWN, max_examples=3)
@given(histories(CONFIG, max_actions=6))
def test_a_drawn_history_can_be_written_and_read(history: History) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.json"
        history.write(path)
        assert read_history(path).actions == history.actions


def test_amounts_shrink_to_a_bare_number_or_to_a_whole_measure_and_reach_every_extreme() -> None:
    simplest = find(amounts(), lambda amount: True)
    assert simplest.measure is None
    assert simplest.nudge in EXTREMES[:3]
    smallest = find(amounts(Measure.OWED), lambda amount: amount.measure is not None)
    assert smallest == Amount(Measure.OWED)
    assert str(smallest) == "the debt, with interest"
    for extreme in EXTREMES:
        assert find(amounts(), lambda amount, wanted=extreme: amount == Amount(None, nudge=wanted))


def test_amounts_without_extremes_are_always_about_something() -> None:
    @settings(DRAWN, max_examples=200)
    @given(amounts(Measure.WALLET, extremes=False))
    def draw(amount: Amount) -> None:
        assert amount.measure is Measure.WALLET

    draw()


def test_names_come_from_the_market() -> None:
    assert find(assets(CONFIG), lambda symbol: symbol == "WBTC") == "WBTC"
    assert find(categories(CONFIG), lambda number: number not in (0, 1, 2)) == 200
