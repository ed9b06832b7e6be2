"""The one driver: every move is drawn by all who use it, amounts mean what they say, a seed gives a history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from pooltwin.invariants.histories.action import Action, Stage
from pooltwin.invariants.histories.amount import Amount, Measure, near
from pooltwin.invariants.histories.beginnings import begin
from pooltwin.invariants.histories.chance import Chance, ShrinkingChance
from pooltwin.invariants.histories.driver import Driver, Move, Temperament
from pooltwin.invariants.histories.ground import furnish, hunting_ground
from pooltwin.invariants.histories.moves.lending import borrow, supply
from pooltwin.invariants.histories.moves.table import MOVES
from pooltwin.invariants.histories.sight import Sight
from pooltwin.invariants.histories.temperaments import ADVERSARY, HUNTER, MAKINGS, PLAYER, PLOTS, weighed
from pooltwin.invariants.history import Opening
from pooltwin.invariants.machine import DynamicMachine, StaticMachine
from pooltwin.invariants.standard import standard_config, standard_history
from pooltwin.invariants.strategies import chances, market_configs
from pooltwin.protocol.revisions import REVISIONS

PEOPLE = ("alice", "bob", "carol", "dave")


def ground(revision: str = "3.7") -> Stage:
    """The hunting ground with people and positions on it."""
    config = hunting_ground(revision)
    stage = Stage(Opening(config=config).market(), PEOPLE)
    furnish(stage, config)
    begin(stage, config, PEOPLE)
    return stage


def drawn(temperament: Temperament, steps: int, stage: Stage | None = None, seed: str = "1") -> list[Action]:
    """The actions of a history of so many steps."""
    stage = stage or standard_history().stage()
    driver, actions = Driver(stage, Chance(Random(seed)), temperament, tuple(stage.market.assets)), []
    for _ in range(steps):
        actions.append(driver.next())
        stage.perform(actions[-1])
    return actions


def counted(temperament: Temperament, made: Counter[str]) -> Temperament:
    """The same temperament, counting what begins and what of it yields an action."""

    def counting(name: str) -> Move:
        def make(driver: Driver) -> Iterator[Action]:
            for action in MAKINGS[name](driver):
                made[name] += 1
                yield action

        return Move(name, make, "", "")

    names = {making: name for name, making in MAKINGS.items()}
    return replace(temperament, weights={counting(names[key]): weight for key, weight in temperament.weights.items()})


@pytest.mark.parametrize(("temperament", "steps"), [(ADVERSARY, 2_500), (HUNTER, 2_500)], ids=["adversary", "hunter"])
def test_every_move_is_drawn_in_campaigns_and_in_walks(temperament, steps):
    made: Counter[str] = Counter()
    drawn(counted(temperament, made), steps, ground() if temperament is HUNTER else None)
    assert {move.name for move in MOVES} <= set(made)


def test_every_move_is_a_rule_of_the_machines():
    """That each is played too is seen where the machines run."""
    for move in MOVES:
        assert hasattr(StaticMachine, move.name) is move.safe
        assert getattr(DynamicMachine, move.name).__doc__ == move.make.__doc__


def test_every_plot_belongs_to_some_temperament():
    used = {*ADVERSARY.weights, *HUNTER.weights}
    assert {plot for plot in PLOTS if plot not in used} == set()
    assert len(MAKINGS) == len(MOVES) + len(PLOTS)
    with pytest.raises(KeyError, match="suply"):
        weighed(suply=1)


@pytest.mark.parametrize("temperament", [ADVERSARY, HUNTER, PLAYER], ids=["adversary", "hunter", "player"])
def test_the_same_seed_gives_the_same_history(temperament):
    first, again, other = (drawn(temperament, 150, ground(), seed) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(chances())
def test_hypothesis_gives_chance_that_answers_every_question(chance):
    assert 0 <= chance.share() < 1
    assert chance.happens(1)
    assert not chance.happens(0)
    assert chance.pick("abc") in "abc"
    assert 3 <= chance.between(3, 5) < 5
    assert set(chance.some(range(9), 4)) <= set(range(9))
    assert chance.weighted("ab", (1, 2)) in "ab"


class _Zero(Random):
    """The source that Hypothesis shrinks towards."""

    def randrange(self, *bounds: int) -> int:
        return bounds[0] if len(bounds) > 1 else 0


def test_shrinking_leads_to_what_is_likely_and_to_whole_amounts():
    chance = ShrinkingChance(_Zero())
    assert chance.happens(0.9)
    assert not chance.happens(0.1)
    assert chance.pick((7, 8)) == 7
    assert near(chance, 1_234) == 1_234


def test_certain_things_are_not_drawn():
    source = Random(1)
    before, chance = source.getstate(), Chance(source)
    assert [chance.happens(probability) for probability in (0, 0.0, 1, 1.5)] == [False, False, True, True]
    assert source.getstate() == before


# --- amounts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Stage:
    """A market with a cap, a debt and a deficit of WETH, a year after its beginning."""
    made = ground()
    made.perform(Action("alice", "pool", "borrow", ("WETH", 10**18, 2, 0, "alice")))
    made.perform(Action.wait(365 * 86_400))
    made.perform(Action("bob", "pool", "supply", ("WETH", 10**18, "bob", 0)))
    made.market.pool.reserves[made.address_of("WETH")].deficit = 12_345
    return made


MEANINGS = {
    Measure.UNIT: lambda m, asset, who: 10**18,
    Measure.WALLET: lambda m, asset, who: m.erc20("WETH").balance_of(who),
    Measure.SUPPLIED: lambda m, asset, who: m.a_token("WETH").balance_of(who),
    Measure.OWED: lambda m, asset, who: m.debt_token("WETH").balance_of(who),
    Measure.LIQUIDITY: lambda m, asset, who: m.pool.get_virtual_underlying_balance(asset),
    Measure.SHARE: lambda m, asset, who: -(-m.pool.get_reserve_normalized_income(asset) // 10**27),
    Measure.DEFICIT: lambda m, asset, who: m.pool.get_reserve_deficit(asset),
    Measure.BORROW_ROOM: lambda m, asset, who: 2_500 * 10**18 - m.debt_token("WETH").total_supply(),
}
"""What the contracts say."""


@pytest.mark.parametrize("measure", MEANINGS)
def test_a_measure_is_what_the_contracts_say(stage, measure):
    who, asset = stage.address_of("alice"), stage.address_of("WETH")
    wanted = MEANINGS[measure](stage.market, asset, who)
    assert wanted > 0
    assert Amount(measure).of(stage, "WETH", "alice") == wanted
    assert Amount(measure, nudge=1).of(Sight(stage), "WETH", "alice") == wanted + 1


@pytest.mark.parametrize(
    ("measure", "function", "rest"),
    [(Measure.SUPPLY_ROOM, "supply", ("alice", 0)), (Measure.CREDIT, "borrow", (2, 0, "alice"))],
)
def test_a_limit_can_be_reached_and_not_exceeded(stage, measure, function, rest):
    """The others that the contracts do not tell but enforce."""
    outcomes = []
    for nudge in (10**10, 0):
        fork = Stage(stage.market.fork(), PEOPLE)
        amount = Amount(measure, nudge=nudge).of(fork, "WETH", "alice")
        outcomes.append(fork.perform(Action("alice", "pool", function, ("WETH", amount, *rest))).ok)
    assert outcomes == [False, True]
    assert set(MEANINGS) | {Measure.SUPPLY_ROOM, Measure.CREDIT} == set(Measure)


def test_amounts_lie_near_their_limit_or_at_the_edges():
    chance = Chance(Random(1))
    found = Counter(near(chance, 1_000_000) for _ in range(4_000))
    assert {1_000_000 + nudge for nudge in range(-2, 3)} <= set(found)
    assert {0, 1, 2, 3, 500_000, 333_333, 2**128, 2**256 - 2, 2**256 - 1} <= set(found)
    assert found[1_000_000] > 500
    assert sum(count for amount, count in found.items() if amount <= 1_000_000) > 2_500
    assert min(found) == 0
    assert max(found) == 2**256 - 1


# --- plots and releases -----------------------------------------------------------------------------------------------


def test_what_is_put_off_comes_when_all_that_was_planned_is_done():
    stage = standard_history().stage()

    def first(d: Driver) -> Iterator[Action]:
        d.later(Action.wait(4))
        yield Action.wait(1)
        aside = d.aside(second)
        assert aside is not None
        yield aside

    def second(_: Driver) -> Iterator[Action]:
        yield Action.wait(2)
        yield Action.wait(3)

    driver = Driver(stage, Chance(Random(1)), Temperament({first: 1}))
    assert [driver.next().arguments[0] for _ in range(5)] == [1, 2, 3, 4, 1]
    played = Driver(stage, Chance(Random(1)), Temperament({})).play(first)
    assert [action.arguments[0] for action in played] == [1, 2, 3, 4]


def test_who_cannot_do_anything_waits():
    def nothing(_: Driver) -> Iterator[Action]:
        yield from ()

    driver = Driver(standard_history().stage(), Chance(Random(1)), Temperament({nothing: 1}))
    assert driver.next() == Action.wait(12)


@pytest.mark.parametrize("temperament", [HUNTER, PLAYER], ids=["hunter", "player"])
def test_what_a_release_lacks_is_tried_only_by_who_insists(temperament):
    names = {move.name for move in MOVES if not move.exists_on(standard_history("3.2").stage())}
    assert names == {"manage", "cover"}
    assert all(move.exists_on(standard_history().stage()) for move in MOVES)
    weights = {key: weight for key, weight in temperament.weights.items() if key in MOVES}
    for insists, wanted in ((False, set()), (True, names)):
        driver = Driver(
            standard_history("3.2").stage(), Chance(Random(1)), replace(temperament, weights=weights, insists=insists)
        )
        assert {making.name for making in driver.likely if making.name in names} == wanted
    assert not temperament.insists
    assert ADVERSARY.insists


def test_gifts_come_only_before_what_cannot_be_paid():
    driver = Driver(ground(), Chance(Random(1)), ADVERSARY)
    call = Action("alice", "pool", "supply", ("WETH", 5, "alice", 0))
    assert list(driver.with_tokens("alice", "WETH", 5, call)) == [call]
    gift, then = driver.with_tokens("alice", "WETH", 10**30, call)
    assert (gift.function, gift.arguments, then) == ("mint", ("alice", 2 * 10**30), call)


def test_dust_is_dealt_in_where_a_temperament_says_so():
    driver = Driver(ground(), Chance(Random(1)), replace(HUNTER, dust=True, edges=False))
    amounts = [next(iter(supply(driver))).arguments[1] for _ in range(50)]
    assert sum(amount <= 1_001 for amount in amounts) > 40


def test_plots_in_the_course_of_a_change_are_about_its_asset():
    driver = Driver(ground(), Chance(Random(1)), replace(HUNTER, faithful=1.0))
    driver.focus = "DAI"
    assert {driver.symbol() for _ in range(20)} == {"DAI"}
    assert {driver.one_of(["WETH", "DAI"]) for _ in range(20)} == {"DAI"}
    assert driver.one_of(["WETH"]) == "WETH"
    assert any(action.arguments[0] == "DAI" for _ in range(9) for action in borrow(driver))


@pytest.mark.parametrize("revision", REVISIONS.values(), ids=lambda revision: revision.name)
def test_markets_have_of_categories_what_their_release_has(revision):
    """Asked of the release's record, so that a release to come loses nothing."""
    for config in (standard_config(revision.name), hunting_ground(revision.name)):
        assert any(category.isolated for category in config.e_modes) is revision.isolated_e_modes
        assert any(category.ltv_zero for category in config.e_modes) is revision.ltv_zero_in_e_modes

    seen: list[bool] = []

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(market_configs(revision.name))
    def draw(config):
        seen.append(any(category.isolated for category in config.e_modes))

    draw()
    assert any(seen) is revision.isolated_e_modes
