"""Files of another kind than they are read as: what is wanted is said, and what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop import MARKET_FORMATS, ForeignFileError, LackingError, import_market

from .forms import BOOK, DATA, OLD, OLD_DEFAULTS, SENTINEL, TABLES

OPTIMISM = {**OLD_DEFAULTS, **SENTINEL}

WANTED = {
    "snapshot": "this is no snapshot of Aave's proposal tooling: wanted is ",
    "parameters-csv": "this is no table of reserves' parameters: wanted is ",
    "ui-data": "this is no dump of UiPoolDataProviderV3: wanted is ",
    "address-book": "this is no entry of Aave's address book: wanted is ",
}
EXAMPLES = {
    "snapshot": OLD["optimism"],
    "parameters-csv": TABLES["polygon"],
    "address-book": BOOK,
}
OTHERS = {
    "market.json": '{"name": "x", "revision": "3.6", "reserves": []}',
    "history.json": '{"format": "pooltwin-history", "version": 1}',
    "empty.json": "{}",
    "list.json": "[]",
    "numbers.json": "[1, 2, 3]",
    "table.csv": "a,b\n1,2\n",
    "empty": "",
    "receipt.json": '{"transactionHash": "0x12", "logs": []}',
    "graph.json": '{"data": {"reserves": [{"symbol": "WETH"}]}}',
}


def refusal(kind: str, path: Path, **options: Any) -> str:
    with pytest.raises(ForeignFileError) as refused:
        import_market(kind, path, revision=options.pop("revision", "3.6"), **options)
    assert not isinstance(refused.value, LackingError)
    return str(refused.value)


@pytest.mark.parametrize("kind", MARKET_FORMATS)
@pytest.mark.parametrize("name", OTHERS)
def test_another_file_is_refused_with_what_is_wanted(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(OTHERS[name])
    assert refusal(kind, path).startswith(f"{path}: {WANTED[kind]}")


@pytest.mark.parametrize("kind", MARKET_FORMATS)
@pytest.mark.parametrize("other", EXAMPLES)
def test_one_form_is_not_taken_for_another(kind: str, other: str) -> None:
    if kind != other:
        assert refusal(kind, DATA / EXAMPLES[other]).startswith(f"{DATA / EXAMPLES[other]}: {WANTED[kind]}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("market.json", "this is a market of pooltwin already"),
        ("history.json", 'this is a file of the format "pooltwin-history"'),
        ("empty.json", "this is an empty object"),
        ("numbers.json", "this is a list of 3, each 1"),
        ("receipt.json", "this is an object with transactionHash, logs"),
        ("table.csv", "this is no JSON: Expecting value, line 1, column 1"),
    ],
)
def test_what_a_file_is_instead_is_told(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(OTHERS[name])
    assert refusal("snapshot", tmp_path / name).endswith(said)


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'subgraph' is no kind of file .*: snapshot, parameters-csv, ui-data"):
        import_market("subgraph", DATA / BOOK, revision="3.6")


def test_a_release_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3\.9"):
        import_market("snapshot", DATA / OLD["optimism"], revision="3.9")


def test_lists_of_values_without_names_are_told_apart_from_reserves(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(json.dumps([[["0x12", *["0"] * 40]], ["100000000", "1", "0", 8]]))
    assert "lists of values without names" in refusal("ui-data", path)


# --- one wrong value in a real file -----------------------------------------------------------------------------------


def edited(tmp_path: Path, *way: str, value: Any) -> Path:
    """A real snapshot with one value changed; the way is the keys to it, "*" for the first."""
    data = json.loads((DATA / OLD["optimism"]).read_text(encoding="utf-8"))
    inner = data
    for key in way[:-1]:
        inner = inner[next(iter(inner)) if key == "*" else key]
    if value is None:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(
    ("way", "value", "said"),
    [
        (("reserves", "*", "ltv"), "high", '.ltv is "high", no whole number'),
        (("reserves", "*", "isFrozen"), 1, ".isFrozen is 1, neither true nor false"),
        (("reserves", "*", "aToken"), "0x12", '.aToken is "0x12", no address of 20 bytes in hex with 0x in front'),
        (("reserves", "*", "symbol"), 5, ".symbol is 5, no text"),
        (("reserves", "*", "underlying"), f"0x{'12' * 20}", f".underlying is 0x{'12' * 20}, not the address that"),
        (("strategies", "*", "variableRateSlope1"), -1, ".variableRateSlope1 is -1, below 0"),
        (("strategies", "*", "baseStableBorrowRate"), 0, ".baseStableBorrowRate is 0, below variableRateSlope1"),
        (("strategies",), [], "strategies is [], no JSON object"),
        (("eModes", "*", "label"), True, ".label is true, no text"),
        (("poolConfig", "pool"), "", 'poolConfig.pool is "", no address'),
        (("reserves", "*", "ltv"), 9_999, "ltv_bps is above liquidation_threshold_bps"),
        (("reserves", "*", "decimals"), 300, "decimals: 300 should be less than or equal to 77"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(way: tuple[str, ...], value: Any, said: str, tmp_path: Path) -> None:
    path = edited(tmp_path, *way, value=value)
    told = refusal("snapshot", path, revision="3.0.2", defaults=OPTIMISM)
    assert said in told
    assert told.startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("way", "field"),
    [
        (("reserves", "*", "ltv"), "ltv_bps"),
        (("reserves", "*", "oracleLatestAnswer"), "price"),
        (("reserves", "*", "isActive"), "active"),
        (("strategies",), "rates.slope1_bps"),
        (("eModes",), "e_modes"),
        (("chainId",), "chain_id"),
    ],
)
def test_what_is_cut_out_of_a_file_is_asked_for(way: tuple[str, ...], field: str, tmp_path: Path) -> None:
    with pytest.raises(LackingError) as asked:
        import_market("snapshot", edited(tmp_path, *way, value=None), revision="3.0.2", defaults=OPTIMISM)
    assert field in asked.value.fields
    assert field.rpartition(".")[2] in json.dumps(asked.value.template)


def test_an_answer_in_another_unit_is_no_price(tmp_path: Path) -> None:
    path = edited(tmp_path, "reserves", "*", "oracleDecimals", value=18)
    with pytest.raises(LackingError) as asked:
        import_market("snapshot", path, revision="3.0.2", defaults=OPTIMISM)
    assert list(asked.value.fields) == ["price"]


# --- defaults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ({"flash_fee": 5}, "flash_fee: a market has no such field; it is 5"),
        ({"revision": "3.6"}, "revision: a market has no such field"),
        ({"every_reserve": {"ltv": 5}}, "every_reserve.ltv: a market has no such field"),
        ({"every_reserve": {"rates": {"slope": 5}}}, "every_reserve.rates.slope: a market has no such field"),
        ({"every_reserve": 5}, "every_reserve is 5, no JSON object"),
        ({"reserves": {"NONE": {"price": 1}}}, "the defaults name the reserve 'NONE': there is no such reserve"),
        ({"e_modes": {"one": {}}}, "e_modes.one: e-mode categories are named by their ids, as 1"),
        ({"e_modes": {"9": {}}}, "the defaults name the e-mode category 9, which the file does not have"),
        ([], "the defaults is [], no JSON object"),
    ],
)
def test_defaults_that_nobody_understands_are_refused(defaults: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "defaults.json"
    path.write_text(json.dumps(defaults))
    assert said in refusal("snapshot", DATA / OLD["optimism"], revision="3.0.2", defaults=path)


def test_a_symbol_that_two_reserves_have_names_none_of_them() -> None:
    defaults = {"reserves": {"USDC": {"price": 1}}}
    told = refusal("snapshot", DATA / OLD["arbitrum"], revision="3.0.2", defaults=defaults)
    assert "the defaults name the reserve 'USDC': several reserves have that name" in told


def test_a_null_says_nothing_so_a_template_asks_again() -> None:
    with pytest.raises(LackingError) as first:
        import_market("snapshot", DATA / OLD["polygon"], revision="3.0.2")
    with pytest.raises(LackingError) as second:
        import_market("snapshot", DATA / OLD["polygon"], revision="3.0.2", defaults=first.value.template)
    assert second.value.fields == first.value.fields
    assert second.value.template == first.value.template
