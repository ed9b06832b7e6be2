"""Tables of parameters and dumps of `UiPoolDataProviderV3`: real reserves, their state, and the shapes of a dump."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop import ForeignFileError, LackingError, import_market
from pooltwin.protocol import Market
from pooltwin.protocol.math.wad_ray import ray_mul
from pooltwin.protocol.models import MarketConfig

from .forms import DATA, SPLIT, TABLE_DEFAULTS, TABLES, ui_data

NOW = 1_742_379_500
"""Shortly after the last update in the tables."""
NO_DEFICIT = {"scaled_supply": "balanced", "deficit": 0}
STATE_DEFAULTS: dict[str, Any] = {
    **TABLE_DEFAULTS,
    "state": {"time": NOW},
    "every_reserve": {**TABLE_DEFAULTS["every_reserve"], "state": NO_DEFICIT},
}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / TABLES[name]).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def with_state(name: str) -> MarketConfig:
    """A real market of v3.3 in its state."""
    path = DATA / TABLES[name]
    return import_market("parameters-csv", path, revision="3.3", defaults=STATE_DEFAULTS, state=True).config


@pytest.mark.parametrize("name", TABLES)
def test_every_real_reserve_of_a_table_is_deployed_as_it_is(name: str) -> None:
    """The words of configuration say what the rows say."""
    config = import_market("parameters-csv", DATA / TABLES[name], revision="3.3", defaults=TABLE_DEFAULTS).config
    market, table = Market.deploy(config), rows(name)
    assert market.pool.get_reserves_list() == [row["underlyingAsset"] for row in table]
    shown = ui_data(market)["reserves"]
    same = (
        "symbol",
        "name",
        "decimals",
        "baseLTVasCollateral",
        "reserveLiquidationThreshold",
        "reserveLiquidationBonus",
    )
    same += ("reserveFactor", "borrowCap", "supplyCap", "debtCeiling", "priceInMarketReferenceCurrency")
    same += ("optimalUsageRatio", "baseVariableBorrowRate", "variableRateSlope1", "variableRateSlope2")
    places = ("aTokenAddress", "variableDebtTokenAddress", "priceOracle", "interestRateStrategyAddress")
    switches = ("borrowingEnabled", "isActive", "isFrozen", "isPaused", "isSiloedBorrowing", "flashLoanEnabled")
    switches += ("borrowableInIsolation", "virtualAccActive", "usageAsCollateralEnabled")
    for row, ours in zip(table, shown, strict=True):
        # The view reads MKR's name and symbol as words, which the twin's token does not have.
        told = [name for name in same if row["symbol"] != "MKR" or name not in ("symbol", "name")]
        assert {name: ours[name] for name in told} == {name: row[name] for name in told}
        assert [ours[name].lower() for name in places] == [row[name] for name in places]
        told = [name for name in switches if name != "usageAsCollateralEnabled"]
        assert [str(ours[name]) for name in told] == [row[name] for name in told]


@pytest.mark.parametrize("name", TABLES)
def test_the_state_of_every_real_reserve_is_stored(name: str) -> None:
    """Indexes, stored rates, totals, what the treasury has coming: as in the rows, all of them."""
    market = Market.deploy(with_state(name))
    same = ("liquidityIndex", "variableBorrowIndex", "liquidityRate", "variableBorrowRate", "lastUpdateTimestamp")
    same += ("availableLiquidity", "totalScaledVariableDebt", "accruedToTreasury", "isolationModeTotalDebt")
    shown = ui_data(market)["reserves"]
    for row, ours in zip(rows(name), shown, strict=True):
        assert {field: ours[field] for field in same} == {field: row[field] for field in same}, row["symbol"]
        assert row["virtualAccActive"] == "False" or ours["virtualUnderlyingBalance"] == row["virtualUnderlyingBalance"]


def computed(market: Market, row: dict[str, str], deficit: int) -> tuple[int, int]:
    """Both rates from a row's own figures."""
    debt = ray_mul(int(row["totalScaledVariableDebt"]), int(row["variableBorrowIndex"]))
    virtual = row["virtualAccActive"] == "True"
    held = int(row["virtualUnderlyingBalance"])
    asset, factor = row["underlyingAsset"], int(row["reserveFactor"])
    rates = market.rate_strategy.calculate_interest_rates((deficit, 0, 0, debt, factor, asset, virtual, held))
    return rates[0], rates[1]


def test_the_twin_computes_the_stored_rates_of_38_real_reserves() -> None:
    """From each row's own figures; where a deficit, which the table lacks, is behind a rate, one makes both exact."""
    market, table = Market.deploy(with_state("ethereum")), rows("ethereum")
    with_deficit = set()
    for row in table:
        stored = int(row["liquidityRate"]), int(row["variableBorrowRate"])
        if computed(market, row, 0) == stored:
            continue
        with_deficit.add(row["symbol"])
        low, high = 0, int(row["virtualUnderlyingBalance"]) + int(row["totalScaledVariableDebt"]) * 2
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if computed(market, row, middle)[0] <= stored[0] else (middle + 1, high)
        assert computed(market, row, low) == stored, row["symbol"]
    assert len(table) == 38
    assert len(with_deficit) == 9


def test_a_market_in_its_state_goes_on_living() -> None:
    """Somebody supplies and borrows a year later, and the indexes grow from where they were."""
    market = Market.deploy(with_state("ethereum"))
    alice = f"0x{'a1' * 20}"
    market.chain.advance(365 * 86_400)
    market.fund("WETH", alice, 10**19)
    market.pool.supply(market.asset("WETH"), 10**19, sender=alice)
    market.pool.borrow(market.asset("USDC"), 10**9, 2, 0, alice, sender=alice)
    reserve = market.pool.reserves[market.asset("WETH")]
    assert reserve.liquidity_index > 1_041_885_985_565_761_542_208_902_705
    assert market.erc20("USDC").balance_of(alice) == 10**9


def test_what_a_form_lacks_of_the_state_is_asked_for() -> None:
    with pytest.raises(LackingError) as asked:
        import_market("parameters-csv", DATA / TABLES["polygon"], revision="3.3", defaults=TABLE_DEFAULTS, state=True)
    assert {name: len(whose) for name, whose in asked.value.fields.items()} == {
        "state.scaled_supply": 21,
        "state.deficit": 21,
        "time": 1,
    }
    assert asked.value.template["state"] == {"time": None}


def test_a_supply_is_a_number_or_balanced() -> None:
    state = {**NO_DEFICIT, "scaled_supply": "all"}
    defaults = {**STATE_DEFAULTS, "every_reserve": {**TABLE_DEFAULTS["every_reserve"], "state": state}}
    with pytest.raises(ForeignFileError, match="DAI: scaled_supply is 'all'; it is a number of shares, or 'balanced'"):
        import_market("parameters-csv", DATA / TABLES["polygon"], revision="3.3", defaults=defaults, state=True)


def test_a_balanced_supply_leaves_less_than_a_share_over() -> None:
    config = with_state("ethereum")
    assert config.state is not None
    for row in rows("ethereum"):
        own = config.state.reserves[row["symbol"]]
        debt = ray_mul(int(row["totalScaledVariableDebt"]), int(row["variableBorrowIndex"]))
        held = row["virtualUnderlyingBalance" if row["virtualAccActive"] == "True" else "availableLiquidity"]
        claims = ray_mul((own.scaled_supply or 0) + own.accrued_to_treasury, own.liquidity_index)
        assert 0 <= debt + int(held) - claims <= 2, row["symbol"]


def test_a_form_without_state_says_so() -> None:
    with pytest.raises(ForeignFileError, match="an entry of the address book says nothing of the state of reserves"):
        import_market("address-book", DATA / "AaveV3Mantle_address_book.json", revision="3.6", state=True)


def test_a_state_that_nobody_asked_for_is_left_and_mentioned() -> None:
    found = import_market("parameters-csv", DATA / TABLES["polygon"], revision="3.3", defaults=STATE_DEFAULTS)
    assert found.config.state is None
    assert any("was not asked for" in note for note in found.notes)


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda lines: [lines[0], *lines[1:3], lines[1]],
            "line 4: 0x8f3cf7ad23cd3cadbd9735aff958023239c6a063 is there",
        ),
        (lambda lines: [lines[0], lines[1] + ",1"], "line 2 has 42 values, and the first line 41 columns"),
        (lambda lines: [lines[0], lines[1].replace("True", "perhaps")], 'is "perhaps", neither true nor false'),
        (lambda lines: lines[:1], "the table has no row"),
        (lambda lines: [lines[0].replace("name", "symbol", 1), *lines[1:]], "the column symbol is there twice"),
        (lambda lines: [lines[0], '"' + lines[1]], "this is no table of reserves' parameters: wanted is a CSV"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(change: Any, said: str, tmp_path: Path) -> None:
    lines = (DATA / TABLES["polygon"]).read_text(encoding="utf-8").splitlines()
    path = tmp_path / "broken.csv"
    path.write_text("\n".join(change(lines)))
    with pytest.raises(ForeignFileError) as refused:
        import_market("parameters-csv", path, revision="3.3", defaults=TABLE_DEFAULTS)
    assert said in str(refused.value)


def test_a_value_that_is_left_out_is_asked_for_and_a_column_that_is_not_known_is_named(tmp_path: Path) -> None:
    lines = (DATA / TABLES["polygon"]).read_text(encoding="utf-8").splitlines()
    path = tmp_path / "table.csv"
    path.write_text("\n".join([lines[0] + ",comment", *(line + ",x" for line in lines[1:3])]).replace(",2500,", ",,"))
    with pytest.raises(LackingError) as asked:
        import_market("parameters-csv", path, revision="3.3", defaults=TABLE_DEFAULTS)
    assert asked.value.fields == {"reserve_factor_bps": ("DAI",)}
    defaults = {**TABLE_DEFAULTS, "reserves": {"DAI": {"reserve_factor_bps": 2_500}}}
    found = import_market("parameters-csv", path, revision="3.3", defaults=defaults)
    assert "Not read, because it is not known here: comment." in found.notes


# --- dumps ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def polygon() -> Market:
    """A real market of v3.3, of which dumps are made."""
    config = import_market("parameters-csv", DATA / TABLES["polygon"], revision="3.3", defaults=TABLE_DEFAULTS).config
    return Market.deploy(config)


def ethers5(number: int) -> dict[str, str]:
    return {"type": "BigNumber", "hex": hex(number)}


SHAPES = {
    "a tuple, as ethers and viem answer": lambda dump: [dump["reserves"], dump["baseCurrencyInfo"]],
    "an object of two numbers, as web3.js answers": lambda dump: {"0": dump["reserves"], "1": dump["baseCurrencyInfo"]},
    "with names": lambda dump: dump,
    "with the SDK's names": lambda dump: {
        "reservesData": dump["reserves"],
        "baseCurrencyData": {"marketReferenceCurrencyDecimals": 8},
    },
}


@pytest.mark.parametrize("write", [int, str, hex, ethers5])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_dump_is_read_in_whichever_shape_it_is(polygon: Market, shape: str, write: Any, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(SHAPES[shape](ui_data(polygon, write))))
    defaults = {name: value for name, value in TABLE_DEFAULTS.items() if name not in ("base_currency_unit",)}
    if shape == "with names":
        del defaults["e_modes"]
    found = import_market("ui-data", path, revision="3.3", defaults=defaults)
    again = ui_data(Market.deploy(found.config), write)
    last_updates = [
        one.pop("lastUpdateTimestamp") for one in (*again["reserves"], *ui_data(polygon, write)["reserves"])
    ]
    assert len(last_updates) == 42
    ours = [{k: v for k, v in one.items() if k != "lastUpdateTimestamp"} for one in ui_data(polygon, write)["reserves"]]
    assert again["reserves"] == ours


def test_a_plain_list_of_reserves_lacks_the_unit(polygon: Market, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(ui_data(polygon)["reserves"]))
    with pytest.raises(LackingError) as asked:
        import_market("ui-data", path, revision="3.3", defaults={"chain_id": 137, "flash_loan_premium_bps": 5, **SPLIT})
    assert {"base_currency_unit", "e_modes"} <= asked.value.fields.keys()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda dump: dump["reserves"].append({}), "reserves.21 is an empty object, no reserve with named fields"),
        (lambda dump: dump["reserves"].append(dump["reserves"][0]), "is there twice"),
        (lambda dump: dump["reserves"][0].update(debtCeilingDecimals=4), "debtCeilingDecimals is 4; the twin has 2"),
        (lambda dump: dump["eModes"].append({"eMode": {}}), "eModes.0.id is null, no whole number"),
        (lambda dump: dump.update(eModes=5), "eModes is 5, no list"),
        (
            lambda dump: dump["eModes"].append({"id": 1, "eMode": {"collateralBitmap": str(1 << 99)}}),
            "eModes.0.collateralBitmap names reserves that are not in the dump: 99",
        ),
        (
            lambda dump: dump["eModes"].extend([{"id": 1, "eMode": {}}, {"id": 1, "eMode": {}}]),
            "eModes.1.id is 1, which an earlier category has",
        ),
    ],
)
def test_a_broken_dump_is_refused_with_the_place(polygon: Market, change: Any, said: str, tmp_path: Path) -> None:
    dump = ui_data(polygon)
    change(dump)
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(dump))
    with pytest.raises(ForeignFileError) as refused:
        import_market("ui-data", path, revision="3.3", defaults=TABLE_DEFAULTS)
    assert said in str(refused.value)
