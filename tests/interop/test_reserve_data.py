"""Tables of parameters and dumps of `UiPoolDataProviderV3`: real reserves, their state, and the shapes of a dump."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop import ForeignFileError, LackingError, import_market
from pooltwin.protocol import Market

from .forms import DATA, SPLIT, TABLE_DEFAULTS, TABLES, ui_data


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / TABLES[name]).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


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
