"""Reserves by their keys: the same symbol twice, gaps, drops and listings, forks, snapshots, histories and laws."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.invariants.campaigns.campaign import run_campaign
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.history import History, read_history
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import history_on
from pooltwin.protocol.address import named_address
from pooltwin.protocol.errors import InvalidDecimals, InvalidOptimalUsageRatio
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig

from .listings import list_new
from .worlds import ALICE, ALL_REVISIONS, BOB, RATES, USDC

WITH_DROPS = ALL_REVISIONS[:-1]


def real(revision: str, **more: Any) -> MarketConfig:
    """Two assets called USDC, one of them with 2 decimals; a gap in the list; a fixed rate."""
    terms = {"price": 10**8, "ltv_bps": 7_500, "liquidation_threshold_bps": 7_800, "liquidation_bonus_bps": 10_450}
    shared = {"price_feed": named_address("dollars"), "reserve_factor_bps": 1_000, **terms}
    fixed = RATES.model_copy(update={"optimal_usage_bps": 0, "slope1_bps": 0, "slope2_bps": 0, "base_rate_bps": 300})
    return MarketConfig.model_validate(
        {
            "name": "real",
            "revision": revision,
            "reserves": [
                {"symbol": "USDC", "key": "USDC native", "id": 3, "decimals": 6, "rates": RATES, **shared},
                {"symbol": "USDC", "key": "USDC.e", "id": 1, "decimals": 2, "rates": RATES, **shared},
                {"symbol": "GHO", "id": 0, "decimals": 18, "rates": fixed, "price": 10**8},
            ],
            **more,
        }
    )


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_reserve_goes_by_its_key_its_address_and_its_symbol_if_only_one_has_it(revision: str) -> None:
    market = Market.deploy(real(revision))
    assert [*market.assets] == ["GHO", "USDC.e", "USDC native"]
    native = market.asset("USDC native")
    assert native == market.asset(native) == market.asset("0x" + native[2:].upper())
    with pytest.raises(KeyError, match=r"the symbol of 2 assets: USDC\.e \(0x.*\), USDC native \(0x"):
        market.asset("USDC")
    with pytest.raises(KeyError, match=r"'DAI' is not listed; listed are GHO, USDC\.e, USDC native"):
        market.a_token("DAI")
    assert market.erc20("USDC.e").decimals() == market.a_token("USDC.e").decimals() == 2
    market.set_price("USDC.e", 99_000_000)  # a feed of both
    assert market.oracle.get_asset_price(native) == 99_000_000


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_keys_go_with_forks_and_snapshots(revision: str) -> None:
    market = Market.deploy(real(revision))
    before = market.chain.snapshot()
    market.fund("USDC.e", ALICE, 100)
    market.chain.revert_to(before)
    assert market.fork().assets == market.assets
    again = Market(market.chain, market.provider.address, market.keys)
    assert again.assets == market.assets
    bare = Market(market.chain, market.provider.address)  # a symbol twice: the second goes by its address
    assert [*bare.assets][:2] == ["GHO", "USDC"]
    assert bare.asset(market.asset("USDC native")) == market.asset("USDC native")


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_new_asset_with_a_symbol_of_another_takes_no_name_and_fills_the_gap(revision: str) -> None:
    market = Market.deploy(real(revision))
    known = market.assets
    list_new(market, "USDC")
    list_new(market, "NEW")
    address = named_address("USDC")
    assert market.assets == {**known, address: address, "NEW": named_address("NEW")}
    assert market.pool.reserves[address].id == 2
    assert market.asset("NEW") == named_address("NEW")


@pytest.mark.parametrize("revision", WITH_DROPS)
def test_keys_outlive_a_drop(revision: str) -> None:
    market = Market.deploy(real(revision))
    configurator: Any = market.configurator
    asset, mark = market.asset("USDC.e"), market.chain.snapshot()
    configurator.drop_reserve(asset, sender=market.admin)
    assert [*market.assets] == ["GHO", "USDC native"]
    assert market.asset("USDC") == market.asset("USDC native")  # one only has it now
    with pytest.raises(KeyError, match="is not listed"):
        market.asset("USDC.e")
    market.chain.revert_to(mark)
    assert market.asset("USDC.e") == asset


@pytest.mark.parametrize("revision", ALL_REVISIONS[1:])
def test_what_is_planted_is_refused_of_everybody_else(revision: str) -> None:
    market = Market.deploy(real(revision))
    with pytest.raises(InvalidDecimals):
        list_new(market, "CENTS", decimals=2)
    data = b"".join(value.to_bytes(32, "big") for value in (0, 300, 0, 0))
    with pytest.raises(InvalidOptimalUsageRatio):
        market.configurator.set_reserve_interest_rate_data(market.asset("GHO"), data, sender=market.admin)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_fixed_rate_is_fixed(revision: str) -> None:
    market = Market.deploy(real(revision))
    pool, gho, dollars = market.pool, market.asset("GHO"), market.asset("USDC native")
    market.fund("GHO", BOB, 10**24)
    market.fund("USDC native", ALICE, 10**12)
    pool.supply(gho, 10**24, sender=BOB)
    pool.supply(dollars, 10**6 * USDC, sender=ALICE)
    for amount in (1, 10**20, 10**23):
        pool.borrow(gho, amount, sender=ALICE)
        assert pool.reserves[gho].current_variable_borrow_rate == 3 * 10**25
    market.fund("GHO", ALICE, 10**24)
    market.chain.advance(86_400)
    pool.repay(gho, 2**256 - 1, 2, ALICE, sender=ALICE)
    assert market.debt_token("GHO").balance_of(ALICE) == 0


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_histories_and_laws_go_by_keys(revision: str, tmp_path: Any) -> None:
    history = history_on(real(revision))
    stage = history.stage()
    assert stage.address_of("USDC.e") == stage.market.asset("USDC.e")
    assert stage.address_of("aUSDC.e") == stage.market.a_token("USDC.e").address
    with Monitor(stage.market, all_laws()) as monitor:
        for action in (
            Action("alice", "pool", "supply", ("USDC.e", 5_000, "alice", 0)),
            Action("alice", "pool", "borrow", ("USDC native", 10**6, 2, 0, "alice")),
            Action("bob", "pool", "borrow", ("GHO", 10**18, 2, 0, "bob")),
            Action.wait(86_400),
            Action("alice", "pool", "repay", ("USDC native", 2**256 - 1, 2, "alice")),
        ):
            receipt = stage.perform(action)
            assert receipt is None or receipt.ok, receipt
    assert monitor.violations == []
    told = History(history.opening, history.actors, history.setting, (action,))
    told.write(tmp_path / "history.json")
    assert read_history(tmp_path / "history.json") == told
    assert "USDC native" in told.story()


@pytest.mark.parametrize("revision", ["3.0.2", "3.3", "3.7"])
def test_a_campaign_on_a_real_market_breaks_no_law(revision: str) -> None:
    found = run_campaign(CampaignOptions(history_on(real(revision)), steps=300, episode_steps=300))
    assert found.findings == []
