"""Thirty-eight real reserves as they stood, from one published table: they load, and go on as they would have."""

import csv
from pathlib import Path

import pytest
from pooltwin.fixtures import load_market
from pooltwin.interop import import_market
from pooltwin.protocol import MarketConfig, check_state, quiet_about_units
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.interest import linear_interest
from pooltwin.protocol.math.wad_ray import ray_mul

from .forms import DATA, NEW, NEW_DEFAULTS, OLD, OLD_DEFAULTS, SENTINEL, SPLIT, TABLE_DEFAULTS, TABLES

TABLE = Path(__file__).parent / "data" / "params_ethereum.csv"
REST, SOMEBODY = "0x" + "de" * 20, "0x" + "01" * 20
NOW = 1_742_379_500
BPS = 10**23
STATE = {
    "liquidity_index": "liquidityIndex",
    "variable_borrow_index": "variableBorrowIndex",
    "liquidity_rate": "liquidityRate",
    "variable_borrow_rate": "variableBorrowRate",
    "last_update_timestamp": "lastUpdateTimestamp",
    "accrued_to_treasury": "accruedToTreasury",
    "isolation_mode_total_debt": "isolationModeTotalDebt",
    "unbacked": "unbacked",
    "underlying_balance": "availableLiquidity",
    "scaled_variable_debt": "totalScaledVariableDebt",
}
PARAMETERS = {
    "ltv_bps": "baseLTVasCollateral",
    "liquidation_threshold_bps": "reserveLiquidationThreshold",
    "liquidation_bonus_bps": "reserveLiquidationBonus",
    "reserve_factor_bps": "reserveFactor",
    "supply_cap": "supplyCap",
    "borrow_cap": "borrowCap",
    "debt_ceiling": "debtCeiling",
    "decimals": "decimals",
    "price": "priceInMarketReferenceCurrency",
}
RATES = {
    "optimal_usage_bps": "optimalUsageRatio",
    "base_rate_bps": "baseVariableBorrowRate",
    "slope1_bps": "variableRateSlope1",
    "slope2_bps": "variableRateSlope2",
}
ADDRESSES = {
    "underlying": "underlyingAsset",
    "a_token": "aTokenAddress",
    "variable_debt_token": "variableDebtTokenAddress",
}


def rows():
    with open(TABLE, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def real_market(**left_out):
    """Parameters and state of each row; whatever accounts there are is one account's."""
    reserves, states = [], {}
    for row in rows():
        tracked = row["virtualAccActive"] == "True"
        parameters = {name: row[there] for name, there in (PARAMETERS | ADDRESSES).items()}
        parameters["rates"] = {name: int(row[there]) // BPS for name, there in RATES.items()}
        parameters |= {
            "symbol": row["symbol"],
            "borrowing_enabled": row["borrowingEnabled"] == "True",
            "frozen": row["isFrozen"] == "True",
            "paused": row["isPaused"] == "True",
            "pending_ltv_bps": 0 if row["isFrozen"] == "True" else None,
            "virtual_accounting": tracked,
        }
        reserves.append(parameters)
        states[row["symbol"]] = {name: row[there] for name, there in STATE.items() if name not in left_out}
        if tracked:
            states[row["symbol"]]["virtual_underlying_balance"] = row["virtualUnderlyingBalance"]
    state = {"time": NOW, "number": 22_080_000, "reserves": states, "rest_holder": REST}
    return MarketConfig.model_validate({"name": "core", "revision": "3.3", "reserves": reserves, "state": state})


def test_real_reserves_load_as_they_stood():
    config = real_market()
    report = check_state(config)
    assert report.doubts == []
    market = Market.deploy(config)
    for row in rows():
        symbol, data = row["symbol"], market.pool.get_reserve_data(row["underlyingAsset"])
        assert data.liquidity_index == int(row["liquidityIndex"])
        assert market.debt_token(symbol).scaled_total_supply() == int(row["totalScaledVariableDebt"])
        held = market.erc20(symbol).balance_of(row["aTokenAddress"])
        assert held == int(row["availableLiquidity"])
        growth = linear_interest(int(row["liquidityRate"]), NOW - int(row["lastUpdateTimestamp"]))
        index = market.pool.get_reserve_normalized_income(row["underlyingAsset"])
        assert index == ray_mul(growth, int(row["liquidityIndex"]))
        assert -2 <= report.of(symbol).slack <= 2
    assert Market.deploy(market.config()).chain.digest() == market.chain.digest()


def test_the_rates_that_follow_are_those_of_the_table():
    """Where the table has no deficit, which it does not tell, and without it the rates cannot follow: nine of 38."""
    market = Market.deploy(real_market(liquidity_rate=True, variable_borrow_rate=True))
    equal = 0
    for row in rows():
        data = market.pool.get_reserve_data(row["underlyingAsset"])
        rates = data.current_liquidity_rate, data.current_variable_borrow_rate
        equal += rates == (int(row["liquidityRate"]), int(row["variableBorrowRate"]))
    assert equal == 29


REAL = [
    *(("snapshot", OLD[name], "3.0.2", OLD_DEFAULTS) for name in ("ethereum", "polygon")),
    *(("snapshot", OLD[name], "3.0.2", OLD_DEFAULTS | SENTINEL) for name in ("arbitrum", "optimism")),
    ("snapshot", NEW["3.2"], "3.2", NEW_DEFAULTS | SPLIT),
    ("snapshot", NEW["3.5"], "3.5", NEW_DEFAULTS),
    ("snapshot", NEW["3.6"], "3.6", NEW_DEFAULTS | SENTINEL),
    *(("parameters-csv", table, "3.3", TABLE_DEFAULTS) for table in TABLES.values()),
]


@pytest.mark.parametrize(("kind", "path", "revision", "defaults"), REAL, ids=[f"{real[0]}-{real[1]}" for real in REAL])
def test_every_real_market_is_taken_again(kind, path, revision, defaults):
    """Shared feeds, gaps, strategies of their own, names, sentinels: whatever a deployment made is read from it."""
    with quiet_about_units():
        market = Market.deploy(import_market(kind, DATA / path, revision=revision, defaults=defaults).config)
    again = Market.deploy(market.config())
    assert again.chain.digest() == market.chain.digest()
    assert again.assets == market.assets


@pytest.mark.parametrize("extra", [{"l2_pool": True}, {"rewards": True}, {"addresses": {"rewards_controller": REST}}])
def test_what_stands_around_a_market_is_taken_too(extra):
    config = load_market("ethereum-core-2026-02").model_dump()
    weth = config["reserves"][0] | {"token_kind": "WETH9", "token_name": None}
    more = extra | {"addresses": config["addresses"] | extra.get("addresses", {})}
    market = Market.deploy(MarketConfig.model_validate(config | {"reserves": [weth, *config["reserves"][1:]]} | more))
    taken = market.config()
    assert Market.deploy(taken).chain.digest() == market.chain.digest()
    assert (taken.l2_pool, taken.rewards) == ("l2_pool" in extra, "rewards" in extra)
    assert taken.reserves[0].token_kind == "WETH9"


def test_wrapped_ether_is_backed_by_what_its_holders_have():
    config = load_market("ethereum-core-2026-02").model_dump()
    weth = config["reserves"][0] | {"token_kind": "WETH9", "token_name": None}
    config["reserves"] = [weth, *config["reserves"][1:]]
    own = {"scaled_supply": 10**19, "tokens": 10**18}
    config["state"] = {"time": NOW, "accounts": {SOMEBODY: {"ether": 7, "reserves": {"WETH": own}}}}
    market = Market.deploy(MarketConfig.model_validate(config))
    token = market.erc20("WETH")
    assert token.total_supply() == 11 * 10**18
    token.withdraw(10**18, sender=SOMEBODY)
    assert market.chain.balances[SOMEBODY] == 10**18 + 7
    assert Market.deploy(market.config()).chain.digest() == market.chain.digest()


@pytest.mark.parametrize("symbol", ["WETH", "USDC", "WBTC"])
def test_a_real_reserve_goes_on(symbol):
    market = Market.deploy(real_market())
    asset, unit = market.asset(symbol), 10 ** market.erc20(symbol).decimals()
    market.fund(symbol, SOMEBODY, 10 * unit)
    market.pool.supply(asset, 10 * unit, SOMEBODY, 0, sender=SOMEBODY)
    market.chain.advance(86_400 * 365)
    assert market.pool.withdraw(asset, 2**256 - 1, SOMEBODY, sender=SOMEBODY) > 10 * unit
