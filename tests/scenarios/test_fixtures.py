"""The shipped data loads, agrees with itself and with what its sources state."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from pooltwin import fixtures
from pooltwin.scenarios.trend_research.parameters import ReplayParameters
from pooltwin.scenarios.trend_research.prices import price_path
from pooltwin.scenarios.trend_research.timeline import Timeline, load_timeline
from pooltwin.scenarios.units import BPS, RAY, WAD, to_units
from pydantic import ValidationError

MARKET = "ethereum-core-2026-02"


def test_market_has_the_sixteen_reserves_in_the_order_of_their_ids():
    market = fixtures.load_market(MARKET)
    assert [reserve.symbol for reserve in market.reserves] == [
        "WETH", "wstETH", "WBTC", "USDC", "DAI", "LINK", "AAVE", "USDT",
        "GHO", "PYUSD", "weETH", "USDe", "sUSDe", "cbBTC", "USDS", "rsETH",
    ]  # fmt: skip
    assert (market.revision, market.chain_id) == ("3.6", 1)


def test_weth_parameters_are_those_of_the_sources():
    weth = fixtures.load_market(MARKET).reserves[0]
    assert (weth.ltv_bps, weth.liquidation_threshold_bps, weth.liquidation_bonus_bps) == (8050, 8300, 10500)
    assert (weth.supply_cap, weth.borrow_cap, weth.reserve_factor_bps) == (3_800_000, 3_600_000, 1500)
    rates = weth.rates
    assert (rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps) == (9200, 0, 235, 800)
    assert weth.underlying == "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"


def test_every_reserve_has_its_own_real_addresses():
    market = fixtures.load_market(MARKET)
    fields = ("underlying", "a_token", "variable_debt_token", "price_feed")
    seen = [getattr(reserve, field) for reserve in market.reserves for field in fields]
    assert None not in seen
    assert len(set(seen)) == len(seen)


def test_unknown_values_are_those_of_the_snapshot_before():
    """SOURCES.md lists what was filled in; these are the values of block 23975177."""
    market = {reserve.symbol: reserve for reserve in fixtures.load_market(MARKET).reserves}
    slope1 = {symbol: market[symbol].rates.slope1_bps for symbol in ("USDT", "USDC", "DAI", "PYUSD", "USDe", "WBTC")}
    assert slope1 == {"USDT": 550, "USDC": 550, "DAI": 550, "PYUSD": 550, "USDe": 575, "WBTC": 400}
    assert (market["GHO"].rates.base_rate_bps, market["GHO"].borrow_cap) == (475, 130_000_000)
    assert (market["weETH"].supply_cap, market["cbBTC"].supply_cap) == (2_200_000, 24_000)
    assert market["WBTC"].borrow_cap == 28_000


def test_only_live_e_modes_with_a_listed_collateral():
    market = fixtures.load_market(MARKET)
    assert [category.id for category in market.e_modes] == [1, 2, 3, 8, 10, 11, 12, 17, 19, 20, 24, 26]
    assert all(category.collateral for category in market.e_modes)
    eth = market.e_modes[0]
    assert (eth.ltv_bps, eth.liquidation_threshold_bps, eth.borrowable) == (9300, 9500, ("WETH",))


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(fixtures.FixtureError, match=f"'ethereum'.*there are: .*{MARKET}"):
        fixtures.load_market("ethereum")
    with pytest.raises(fixtures.FixtureError, match=r"'trend'.*trend-research"):
        fixtures.scenario_text("trend")


@pytest.mark.parametrize("path", ["scenarios/none.json", "../pyproject.toml", "/etc/passwd", "", "markets"])
def test_read_json_stays_inside_the_folder(path):
    with pytest.raises(fixtures.FixtureError):
        fixtures.read_json(path)


def test_read_json_refuses_what_is_not_json():
    with pytest.raises(fixtures.FixtureError, match=r"SOURCES\.md is not JSON"):
        fixtures.read_json("SOURCES.md")
    assert fixtures.read_json("scenarios/trend-research.json")["wallet_count"] == 6


def test_weth_totals_are_the_raw_storage_to_the_whole_token():
    reserve = load_timeline().weth_reserve
    supplied = reserve.scaled_supply_raw * reserve.liquidity_index_ray // RAY
    assert (supplied + WAD // 2) // WAD == int(reserve.supplied) == 3_430_857
    assert reserve.available_raw // WAD == int(reserve.available) == 465_818


def test_first_milestone_is_the_reported_position():
    first = load_timeline().milestones[0]
    assert (first.weth, first.debt_usd) == (Decimal("618245.96"), Decimal(939_000_000))
    assert (first.liquidation_low_usd, first.liquidation_high_usd) == (Decimal("1781.09"), Decimal("1862.02"))


def test_the_low_is_where_the_exchange_saw_it():
    low = min(load_timeline().klines(), key=lambda kline: kline.low)
    assert (f"{low.start:%Y-%m-%dT%H}", low.low) == ("2026-02-06T00", Decimal("1747.8"))


def test_milestones_stand_where_their_own_figures_put_them():
    """The hour of a milestone is derived: the price its figures imply is within 1% of that four hours' range."""
    timeline = load_timeline()
    by_start = {kline.start: kline for kline in timeline.eth_klines_4h}
    implied = [milestone for milestone in timeline.milestones if milestone.implied_price_usd is not None]
    assert len(implied) == 4
    for milestone in implied:
        kline, price = by_start[milestone.time], milestone.implied_price_usd
        assert kline.low * Decimal("0.99") <= price <= kline.high * Decimal("1.01"), milestone.time


def test_the_market_starts_at_the_first_print():
    first = price_path(load_timeline(), ReplayParameters())[0].prices
    configured = {reserve.symbol: reserve.price for reserve in fixtures.load_market(MARKET).reserves}
    assert {symbol: configured[symbol] for symbol in first} == first
    assert set(configured) - set(first) == {"USDC", "DAI", "USDT", "GHO", "PYUSD", "USDe", "sUSDe", "USDS"}


def test_levels_cover_every_other_reserve_and_stay_below_caps():
    timeline, market = load_timeline(), fixtures.load_market(MARKET)
    levels = {level.symbol: level for level in timeline.other_reserves}
    assert set(levels) == {reserve.symbol for reserve in market.reserves} - {"WETH"}
    for reserve in market.reserves[1:]:
        level, unit = levels[reserve.symbol], 10**reserve.decimals
        supplied = Fraction(level.available_raw * BPS, BPS - level.utilisation_bps)
        if reserve.symbol != "GHO":  # its cap was lowered to 1 token below what was supplied
            assert supplied <= reserve.supply_cap * unit, reserve.symbol
        if level.utilisation_bps:
            assert reserve.borrowing_enabled
            assert supplied - level.available_raw <= reserve.borrow_cap * unit, reserve.symbol


def test_every_number_of_the_timeline_names_a_listed_source():
    content = fixtures.read_json("scenarios/trend-research.json")
    content["milestones"][1]["source"] = "nobody"
    with pytest.raises(ValidationError, match="'nobody' is named but not listed"):
        Timeline.model_validate_json(json.dumps(content))


def test_missing_is_null_not_zero():
    late = [milestone for milestone in load_timeline().milestones if f"{milestone.time:%m-%d}" in {"02-07"}]
    assert [milestone.debt_usd for milestone in late] == [None]


def test_amounts_refuse_to_round():
    assert to_units(Decimal("618245.96"), 18) == 618_245_960_000_000_000_000_000
    with pytest.raises(ValueError, match="more than 6 decimals"):
        to_units(Decimal("0.0000001"), 6)


# --- markets in files -------------------------------------------------------------------------------------------------


@pytest.fixture
def market_file(tmp_path):
    """Writes a market like the shipped one, with something changed in it."""

    def write(change=lambda _: None):
        content = fixtures.read_json(f"markets/{MARKET}.json")
        change(content)
        path = tmp_path / "my.json"
        path.write_text(json.dumps(content))
        return path

    return write


def test_a_market_is_loaded_by_name_and_by_path(market_file, monkeypatch):
    path = market_file()
    monkeypatch.chdir(path.parent)
    there = fixtures.load_market(MARKET)
    for way in (path, str(path), "my.json", "./my.json"):
        assert fixtures.load_market(way) == there
    path.rename("my")
    assert fixtures.load_market("./my") == there
    with pytest.raises(fixtures.FixtureError, match=r"no 'my' in fixtures/markets.* A file is named by \./my$"):
        fixtures.load_market("my")


FAULTS = [
    (lambda d: d["reserves"][3].update(ltv_bps=70_000), "reserves[3] USDC: ltv_bps: 70000 should be less than"),
    (lambda d: d["reserves"][3].update(decimals="x"), 'reserves[3] USDC: decimals: "x"'),
    (lambda d: d["reserves"][3].update(supply_capp=3), "supply_capp: there is no such field; did you mean supply_cap?"),
    (lambda d: d["reserves"][3]["rates"].pop("slope1_bps"), "reserves[3] USDC: rates.slope1_bps: is missing"),
    (
        lambda d: d["reserves"][3]["rates"].update(slope3_bps=1),
        "rates.slope3_bps: there is no such field; did you mean",
    ),
    (lambda d: d["reserves"][3].update(ltv_bps=9_999), "reserves[3] USDC: ltv_bps is above liquidation_threshold_bps"),
    (lambda d: d["e_modes"][0].update(ltv_bps=0), "e_modes[0] ETH correlated: ltv_bps: 0 should be greater than"),
    (lambda d: d["e_modes"][0].update(collateral=["no"]), "e-mode category 1: collateral names 'no'"),
    (lambda d: d.update(revision="4"), "revision: revision '4' is not known; known are 3.0.2, "),
    (lambda d: d.pop("reserves"), "reserves: is missing"),
    (lambda d: d["addresses"].update(pool="0x12"), "addresses.pool: '0x12' is not an address"),
]


@pytest.mark.parametrize(("change", "told"), FAULTS, ids=[told for _, told in FAULTS])
def test_a_fault_names_file_place_and_value_once(market_file, change, told):
    path = market_file(change)
    with pytest.raises(fixtures.FixtureError) as refused:
        fixtures.load_market(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: is no market: ")
    assert told in message
    assert len(refused.value.faults) == 1
    assert "pydantic" not in message
    assert "input_value" not in message


def test_all_faults_are_told_at_once_a_line_each(market_file):
    path = market_file(lambda d: [reserve.update(price=-1) for reserve in d["reserves"][:3]])
    with pytest.raises(fixtures.FixtureError) as refused:
        fixtures.load_market(path)
    assert [fault.partition(":")[0] for fault in refused.value.faults] == [
        "reserves[0] WETH", "reserves[1] wstETH", "reserves[2] WBTC",
    ]  # fmt: skip
    assert str(refused.value).splitlines()[1:] == [f"  {fault}" for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no such file"),
        ("block_time,tx\n1,2\n", "line 1, column 1: not JSON"),
        ('{"name": "a",\n "name": "b"}', '"name" is there twice in one object: "a", "b"'),
        ("[1]", "[1] should be"),
        ('{"format": "pooltwin-history", "version": 1}', "is a history, not a market"),
        ('{"format":"pooltwin-state","version":1', "is a saved state, not a market"),
        ('{"format": 1, "revision": "3.7"}', "is a recording, not a market"),
        ('{"chainId": 10, "poolConfig": {}, "reserves": {}}', "is a configuration snapshot of Aave's tooling"),
        ('{"transactionHash": "0xabc", "logs": []}', "is the receipt of a transaction, not a market"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_market_is_told_by_what_it_is(tmp_path, content, told):
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(fixtures.FixtureError) as refused:
        fixtures.load_market(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert told in str(refused.value)


def test_a_compressed_or_binary_file_is_no_market(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.json").write_bytes(fixtures.recording_paths()[0].read_bytes())
    for name, told in (("a.json", "no text"), ("b.json", "a recording")):
        with pytest.raises(fixtures.FixtureError, match=f"{name}: is {told}, not a market"):
            fixtures.load_market(tmp_path / name)
