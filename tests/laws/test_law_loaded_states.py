"""Markets that were loaded: what is taken from any market is the market again, and laws are silent on it."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.fixtures import load_market
from pooltwin.invariants import Monitor, all_laws, standard_config
from pooltwin.invariants.campaigns.campaign import run_episode
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.beginnings import begin, endowments
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.temperaments import PLAYER, SOLITARY
from pooltwin.invariants.history import read_history
from pooltwin.invariants.standard import history_on
from pooltwin.invariants.strategies import PEOPLE, chances
from pooltwin.protocol import MarketConfig
from pooltwin.protocol.address import named_address
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import quiet_about_units
from pooltwin.protocol.revisions import REVISIONS

RAY = 10**27
CALM = replace(
    SOLITARY,
    weights={
        making: weight
        for making, weight in SOLITARY.weights.items()
        if getattr(making, "name", "") not in ("govern", "attack")
    },
)
"""Users, prices and time: governance may do what no configuration says."""


def standing_alone(market):
    """The market without what a stage puts beside it: receivers and tokens that belong to no market."""
    copy = market.fork()
    own = [where for where, contract in copy.chain.contracts.items() if _is_of_the_stage(contract)]
    copy.chain.contracts.load(dict.fromkeys(own))
    return copy


def _is_of_the_stage(contract):
    return contract is not None and type(contract).__module__.startswith("pooltwin.invariants")


def same_market_again(market):
    """Take a market, write it as a file has it, read it, and deploy it: nothing is different."""
    taken = standing_alone(market).config()
    with quiet_about_units():
        read = MarketConfig.model_validate_json(taken.model_dump_json(exclude_defaults=True))
    assert read == taken
    return Market.deploy(read)


@pytest.mark.parametrize("revision", REVISIONS)
@given(chance=chances(), steps=st.integers(1, 20))
@settings(deadline=None)
def test_what_is_taken_from_any_market_has_its_digest_when_loaded(revision, chance, steps):
    config = standard_config(revision)
    market = Market.deploy(config)
    stage = Stage(market, PEOPLE)
    begin(stage, config, PEOPLE)
    driver = Driver(stage, chance, PLAYER)
    for _ in range(steps):
        stage.perform(driver.next())
    assert same_market_again(market).chain.digest() == standing_alone(market).chain.digest()


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_market_after_a_long_history_is_taken_whole(revision):
    """Liquidations, deficits, flash loans, delegations, and what rounding leaves behind on old releases."""
    config = standard_config(revision)
    market = Market.deploy(config)
    stage = Stage(market, PEOPLE)
    begin(stage, config, PEOPLE)
    driver = Driver(stage, Chance(Random(revision)), CALM)
    for _ in range(800):
        stage.perform(driver.next())
    again = same_market_again(market)
    assert again.chain.digest() == standing_alone(market).chain.digest()
    again.chain.advance(86_400)


def test_the_shipped_market_is_taken_new_and_lived_in():
    config = load_market("ethereum-core-2026-02")
    market = Market.deploy(config)
    assert same_market_again(market).chain.digest() == market.chain.digest()
    stage = Stage(market, PEOPLE)
    begin(stage, config, PEOPLE)
    driver = Driver(stage, Chance(Random(5)), CALM)
    for _ in range(200):
        stage.perform(driver.next())
    assert same_market_again(market).chain.digest() == standing_alone(market).chain.digest()


# --- laws on what was loaded ----------------------------------------------------------------------------------------


def in_trouble(revision):
    """The standard market in the midst of its life: one sound account, one unhealthy, two with bad debt, a deficit."""
    whale, sick, lender, broke, without = (named_address(name) for name in (*PEOPLE, "erin"))
    with quiet_about_units():
        data = standard_config(revision).model_dump()
    debtor = {"scaled_supply": 10**19, "collateral": True}
    weth = {"liquidity_index": 1041885985565761542208902705, "variable_borrow_index": 1066257934226955425877190444}
    deficits = {} if revision in ("3.0.2", "3.2") else {"deficit": 7 * 10**18}
    data["state"] = {
        "time": 1_780_000_000,
        "reserves": {
            "WETH": weth
            | deficits
            | {"accrued_to_treasury": 52533251751401857173, "last_update_timestamp": 1_779_999_000},
            "USDC": {"liquidity_index": RAY + 10**25, "variable_borrow_index": RAY + 3 * 10**25},
        },
        "accounts": {
            whale: {
                "reserves": {
                    "WETH": {"scaled_supply": 10**22, "collateral": True},
                    "USDC": {"scaled_variable_debt": 15 * 10**12},
                }
            },
            sick: {"reserves": {"WETH": debtor, "USDC": {"scaled_variable_debt": 18_300 * 10**6}}},
            lender: {
                "reserves": {
                    "USDC": {"scaled_supply": 35 * 10**12, "collateral": True},
                    "WETH": {"scaled_variable_debt": 10**21},
                }
            },
            broke: {"reserves": {"WETH": debtor | {"scaled_supply": 10**15}, "USDC": {"scaled_variable_debt": 10**10}}},
            without: {"reserves": {"WETH": {"scaled_variable_debt": 10**18}}},
        },
    }
    with quiet_about_units():
        return MarketConfig.model_validate(data)


def test_histories_begin_with_loaded_markets_as_they_stand(tmp_path):
    """A campaign attacks one, and a history of it is a file like any other."""
    history = history_on(in_trouble("3.7"))
    market = history.stage().market
    assert history.opening.time == market.chain.time == 1_780_000_000
    assert market.pool.get_reserve_deficit(market.asset("WETH")) == 7 * 10**18
    with quiet_about_units():
        history.write(tmp_path / "history.json")
        assert read_history(tmp_path / "history.json") == history
    result = run_episode(CampaignOptions(history=history, seed=3, steps=150, episode_steps=150), 0)
    assert [finding.violation for finding in result.findings] == []


@pytest.mark.parametrize("revision", ["3.3", "3.7"])
def test_no_law_breaks_on_a_loaded_market(revision):
    config = in_trouble(revision)
    market = Market.deploy(config)
    stage = Stage(market, PEOPLE)
    health = [market.pool.get_user_account_data(named_address(name)).health_factor / 10**18 for name in PEOPLE]
    assert health[0] > 1 > health[1] > health[3] > 0
    for action in endowments(stage, config, PEOPLE):
        stage.perform(action)
    driver, succeeded = Driver(stage, Chance(Random(revision)), CALM), 0
    with Monitor(market, all_laws(), names=stage.names) as monitor:
        while monitor.steps < 100:
            receipt = stage.perform(driver.next())
            succeeded += receipt is not None and receipt.ok
    assert monitor.violations == []
    assert succeeded >= 30
    assert sum(held > 0 for held in monitor.held) >= 40
