"""Configuration snapshots of Aave's proposal tooling: real ones deploy, and the twin writes the same form back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop import LackingError, import_market, snapshot_of, write_snapshot
from pooltwin.interop.formats.snapshot_writing import DIFFERENT_IN_THE_TWIN
from pooltwin.protocol import Market
from pooltwin.protocol.models import MarketConfig

from .forms import DATA, NEW, NEW_DEFAULTS, OLD, OLD_DEFAULTS, SENTINEL, SPLIT

NEW_REVISIONS = {"3.2": {"3.2", "3.3", "3.4"}, "3.5": {"3.5", "3.6", "3.7"}, "3.6": {"3.6", "3.7"}}
FIXED_RATE = "strategies.0x1255fC8DC8E76761995aCF544eea54f1B7fB0459"
"""GHO's strategy of 2023: a contract of its own that answers the same rate always, and 0 for everything else."""


def old_defaults(name: str) -> dict[str, Any]:
    return {**OLD_DEFAULTS, **(SENTINEL if name in ("arbitrum", "optimism") else {})}


def old(name: str) -> MarketConfig:
    return import_market("snapshot", DATA / OLD[name], revision="3.0.2", defaults=old_defaults(name)).config


def new_defaults(name: str, revision: str) -> dict[str, Any]:
    lacks_ltv_zero = revision not in ("3.6", "3.7")
    defaults = {**NEW_DEFAULTS, **(SPLIT if revision in ("3.2", "3.3") else {})}
    every_e_mode = {} if lacks_ltv_zero else {"ltv_zero": [], **({"isolated": False} if revision == "3.7" else {})}
    sentinel = SENTINEL if name == "3.6" and revision != "3.7" else {}
    return {**defaults, **sentinel, "every_e_mode": every_e_mode}


def new(name: str, revision: str) -> MarketConfig:
    return import_market("snapshot", DATA / NEW[name], revision=revision, defaults=new_defaults(name, revision)).config


def leaves(data: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a file that is no object, by the keys that lead to it."""
    if not isinstance(data, dict):
        yield way.removeprefix("."), data
        return
    for key, value in data.items():
        yield from leaves(value, f"{way}.{key}")


def differences(real: Any, written: Any) -> dict[str, tuple[Any, Any]]:
    """The values that differ between two files, one of them perhaps not there."""
    ours, theirs = dict(leaves(written)), dict(leaves(real))
    return {
        way: (theirs.get(way), ours.get(way))
        for way in sorted(ours.keys() | theirs.keys())
        if ours.get(way) != theirs.get(way) or (way in ours) != (way in theirs)
    }


def read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OLD)
def test_a_real_market_of_2023_deploys_and_is_written_back_key_by_key(name: str) -> None:
    """Every value of the file comes back, but for an exact list of fields that the twin cannot know."""
    real = read(OLD[name])
    found = differences(real, snapshot_of(Market.deploy(old(name))))
    fields = {way.rpartition(".")[2] for way in found}
    code = {"poolImpl", "poolConfiguratorImpl", "aTokenImpl", "variableDebtTokenImpl", "stableDebtTokenImpl"}
    ethereum = {"oracleName", "oracleDecimals", "maxExcessUsageRatio", "maxExcessStableToTotalDebtRatio"}
    assert fields == code | {"oracleDescription"} | (ethereum if name == "ethereum" else set())
    assert fields <= DIFFERENT_IN_THE_TWIN.keys()
    assert {way for way in found if ".maxExcess" in way} <= {
        f"{FIXED_RATE}.{field}" for field in ("maxExcessUsageRatio", "maxExcessStableToTotalDebtRatio")
    }
    assert sum(1 for _ in leaves(real)) > 10 * len(fields)


@pytest.mark.parametrize("name", OLD)
def test_it_is_written_with_the_same_keys_in_the_same_order(name: str, tmp_path: Path) -> None:
    write_snapshot(Market.deploy(old(name)), tmp_path / "written.json")
    text = (DATA / OLD[name]).read_text(encoding="utf-8")
    real, written = text.splitlines(), (tmp_path / "written.json").read_text(encoding="utf-8").splitlines()
    not_ours = ('"oracleDescription"', '"oracleName"', '"oracleDecimals"')
    keys = [
        [line.partition(":")[0] for line in lines if not line.strip().startswith(not_ours)] for lines in (real, written)
    ]
    assert keys[0] == keys[1]
    assert text[-1] == (tmp_path / "written.json").read_text(encoding="utf-8")[-1]


@pytest.mark.parametrize("name", OLD)
def test_what_was_written_reads_as_the_same_market(name: str, tmp_path: Path) -> None:
    config = old(name)
    path = tmp_path / f"{config.name}.json"
    write_snapshot(Market.deploy(config), path)
    assert import_market("snapshot", path, revision="3.0.2", defaults=old_defaults(name)).config == config


def test_real_markets_are_what_their_files_say() -> None:
    """Decimals below 6, a fixed rate, two assets of one symbol, feeds that three assets share, an inactive answer."""
    polygon, ethereum, arbitrum = old("polygon"), old("ethereum"), old("arbitrum")
    assert polygon.reserve("EURS").decimals == 2
    assert {one.price_feed for one in polygon.reserves if one.symbol in ("EURS", "jEUR", "agEUR")} == {
        "0x73366fe0aa0ded304479862808e02506fe556a98"
    }
    assert ethereum.reserve("GHO").rates.optimal_usage_bps == 0
    assert [one.handle for one in arbitrum.reserves if one.symbol == "USDC"] == ["USDC-ff97", "USDC-af88"]
    assert [mode.label for mode in polygon.e_modes] == ["Stablecoins", "MATIC correlated", "ETH correlated"]
    assert "jEUR" in polygon.e_modes[0].borrowable
    assert "jEUR" not in polygon.e_modes[0].collateral
    assert polygon.reserve("CRV").stable_rates is not None
    assert arbitrum.addresses.sentinel == "0xf876d26041a4fdc7a787d209dc3d2795ddc74f1e"
    assert ethereum.addresses.sentinel is None


def test_an_old_snapshot_says_that_the_order_of_reserves_is_lost() -> None:
    found = import_market("snapshot", DATA / OLD["optimism"], revision="3.0.2", defaults=old_defaults("optimism"))
    assert found.kind == "a snapshot of the old form"
    assert any("not that of the real pool" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "revision"), [(name, one) for name, of in NEW_REVISIONS.items() for one in sorted(of)]
)
def test_a_snapshot_of_the_new_form_deploys_and_is_written_back(name: str, revision: str) -> None:
    found = differences(read(NEW[name]), snapshot_of(Market.deploy(new(name, revision))))
    fields = {way.rpartition(".")[2] for way in found}
    expected = {"poolImpl", "poolConfiguratorImpl", "oracleDescription", "aTokenUnderlyingBalance", "virtualBalance"}
    lost = {"debtCeiling", "isBorrowableInIsolation", "isSiloed", "priceOracleSentinel"} if revision == "3.7" else set()
    lost |= {"virtualAccountingActive"} if (name, revision) == ("3.2", "3.4") else set()
    assert expected <= fields | {"oracleDescription"}
    assert fields - lost == expected


@pytest.mark.parametrize("name", NEW)
def test_what_was_written_in_the_new_form_reads_as_the_same_market(name: str, tmp_path: Path) -> None:
    config = new(name, name)
    path = tmp_path / f"{config.name}.json"
    write_snapshot(Market.deploy(config), path)
    assert import_market("snapshot", path, revision=name, defaults=new_defaults(name, name)).config == config


def test_a_market_of_2023_can_be_imported_on_a_later_release() -> None:
    """What that release does not have is left out and named; what it has and the file lacks is asked for."""
    defaults = {**OLD_DEFAULTS, "every_reserve": NEW_DEFAULTS["every_reserve"] | {"virtual_accounting": True}}
    del defaults["flash_loan_premium_to_protocol_bps"]
    with pytest.raises(LackingError) as asked:
        import_market("snapshot", DATA / OLD["polygon"], revision="3.7", defaults=defaults)
    assert asked.value.fields.keys() == {"ltv_zero", "isolated"}
    defaults["every_e_mode"] = {"ltv_zero": [], "isolated": False}
    found = import_market("snapshot", DATA / OLD["polygon"], revision="3.7", defaults=defaults)
    left_out = {line.partition(" of ")[0] for line in found.left_out}
    assert {"stable_rates.slope1_bps", "stable_debt_token", "debt_ceiling", "rate_strategy"} <= left_out
    market = Market.deploy(found.config)
    assert len(market.pool.get_reserves_list()) == 20


def test_everything_taken_from_defaults_is_reported() -> None:
    found = import_market("snapshot", DATA / OLD["polygon"], revision="3.0.2", defaults=OLD_DEFAULTS)
    assert found.from_defaults == (
        "base_currency_unit of the market: 100000000",
        "flash_loan_premium_bps of the market: 5",
        "flash_loan_premium_to_protocol_bps of the market: 0",
        "stable_rates.excess_offset_bps of all 20 reserves: 800",
    )


def test_what_the_file_says_goes_before_defaults() -> None:
    defaults = {**old_defaults("optimism"), "chain_id": 5, "reserves": {"WETH": {"decimals": 6, "ltv_bps": 1}}}
    found = import_market("snapshot", DATA / OLD["optimism"], revision="3.0.2", defaults=defaults)
    assert found.config == old("optimism")
    assert not any("chain_id" in line or "decimals" in line for line in found.from_defaults)


def test_defaults_of_one_reserve_go_before_those_of_all() -> None:
    defaults = {**old_defaults("optimism"), "reserves": {"WETH": {"stable_rates": {"excess_offset_bps": 100}}}}
    config = import_market("snapshot", DATA / OLD["optimism"], revision="3.0.2", defaults=defaults).config
    offsets = {one.symbol: one.stable_rates.excess_offset_bps for one in config.reserves if one.stable_rates}
    assert offsets.pop("WETH") == 100
    assert set(offsets.values()) == {800}


def test_a_key_of_ones_own_tells_two_assets_of_one_symbol_apart() -> None:
    address = "0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8"
    defaults = {**old_defaults("arbitrum"), "reserves": {address: {"key": "USDC.e"}}}
    found = import_market("snapshot", DATA / OLD["arbitrum"], revision="3.0.2", defaults=defaults)
    assert found.config.reserve("USDC.e").underlying == address.lower()
    market = Market.deploy(found.config)
    assert market.asset("USDC.e") == address.lower()
