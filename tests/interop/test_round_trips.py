"""Markets out and in again: whatever a form does not say is answered, and the market is the same."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.interop import snapshot_of
from pooltwin.invariants.strategies import rate_parameters
from pooltwin.protocol import Market, named_address
from pooltwin.protocol.models import EModeConfig, MarketConfig, ReserveConfig, StableRateParameters, quiet_about_units
from pooltwin.protocol.revisions import REVISIONS, revision_named

from .forms import address_book, imported, ui_data

ROLES = ("provider", "pool", "configurator", "acl_manager", "oracle", "data_provider", "treasury", "admin", "umbrella")
UNNAMED = {"id"} | {name for name in ReserveConfig.model_fields if re.search("_token_(name|symbol)$", name)}
"""What dumps and tables do not say of a reserve."""
FEWER = settings(max_examples=settings().max_examples // 4)
"""Each example deploys a market."""


@st.composite
def stable_rates(draw: st.DrawFn) -> StableRateParameters:
    """Stable rates, one of them finer than a basis point."""
    rate = st.sampled_from((0, 100, 400))
    return StableRateParameters(
        slope1_bps=draw(rate),
        slope2_bps=draw(rate),
        base_offset_bps=draw(rate),
        excess_offset_bps=draw(rate),
        optimal_share_bps=draw(st.sampled_from((0, 2_000))),
    )


@st.composite
def reserves(draw: st.DrawFn, revision: str, number: int, identity: int) -> ReserveConfig:
    """A reserve that says everything that a release has: addresses, names, switches, what is put aside."""
    release, symbol = revision_named(revision), f"T{number}"
    threshold = draw(st.sampled_from((0, 5_000, 7_800)))
    frozen, later = draw(st.booleans()), not release.stable_rates
    ltv = draw(st.sampled_from((0, threshold))) if threshold and not frozen else 0
    fields: dict[str, Any] = {
        "symbol": symbol,
        "decimals": draw(st.sampled_from((6, 8, 18))),
        "price": draw(st.integers(1, 10**14)),
        "ltv_bps": ltv,
        "liquidation_threshold_bps": threshold,
        "frozen": frozen,
        "paused": draw(st.booleans()),
        "liquidation_bonus_bps": 10_500 if threshold else 0,
        "rates": draw(rate_parameters()),
        "liquidation_protocol_fee_bps": draw(st.sampled_from((0, 1_000))),
        "reserve_factor_bps": 1_000,
        "supply_cap": draw(st.integers(0, 10**9)),
        "borrow_cap": draw(st.integers(0, 10**9)),
        "borrowing_enabled": draw(st.booleans()),
        "flash_loan_enabled": draw(st.booleans()),
        "active": True,
        "a_token_name": f"Aave {number}",
        "a_token_symbol": f"aT{number}",
        "token_name": symbol,
        "variable_debt_token_name": f"Debt {number}",
        "variable_debt_token_symbol": f"dT{number}",
    }
    for role in ("underlying", "a_token", "variable_debt_token", "price_feed"):
        fields[role] = named_address(f"{role} {number} of {identity}")
    if release.isolation_mode:
        fields["debt_ceiling"] = draw(st.sampled_from((0, 100_00))) if threshold else 0
        fields["siloed_borrowing"], fields["borrowable_in_isolation"] = draw(st.booleans()), draw(st.booleans())
    if later:
        fields["id"] = number
        if threshold or frozen:
            fields["pending_ltv_bps"] = draw(st.sampled_from((0, 4_000))) if frozen and threshold else 0
        fields["grace_period_until"] = draw(st.sampled_from((0, 1_770_003_600)))
    else:
        fields["stable_rates"] = draw(stable_rates())
        fields["stable_debt_token"] = named_address(f"stable {number} of {identity}")
        fields |= {"stable_debt_token_name": f"Stable {number}", "stable_debt_token_symbol": f"sT{number}"}
        fields["stable_borrowing_enabled"] = fields["borrowing_enabled"] and draw(st.booleans())
    if release.strategies_per_reserve:
        fields["rate_strategy"] = named_address(f"rates {number if not later else ''} of {identity}")
    if release.virtual_balances and release.virtual_balance_optional:
        fields["virtual_accounting"] = draw(st.booleans())
    return ReserveConfig(**fields)


@st.composite
def markets(draw: st.DrawFn, revision: str) -> MarketConfig:
    """A market that says everything, so that it can be compared whole; reserves in the order of their addresses."""
    release, identity = revision_named(revision), draw(st.integers(0, 9))
    listed = [draw(reserves(revision, number, identity)) for number in range(draw(st.integers(1, 4)))]
    listed.sort(key=lambda one: to_checksum_address(str(one.underlying)))
    places = {role: named_address(f"{role} of {identity}") for role in ROLES}
    if not release.strategies_per_reserve:
        places["rate_strategy"] = named_address(f"rates of {identity}")
    split = {"flash_loan_premium_to_protocol_bps": draw(st.sampled_from((0, 3_000)))}
    with quiet_about_units():
        return MarketConfig(
            name="drawn",
            revision=revision,
            chain_id=draw(st.sampled_from((1, 137))),
            base_currency_unit=10**8,
            flash_loan_premium_bps=draw(st.sampled_from((5, 9))),
            **(split if release.flash_premium_is_split else {}),
            addresses=places,
            reserves=tuple(listed),
            e_modes=draw(e_modes(revision, listed)),
        )


@st.composite
def e_modes(draw: st.DrawFn, revision: str, listed: list[ReserveConfig]) -> tuple[EModeConfig, ...]:
    """Categories; until v3.1 an asset is in one at most, and is collateral there if it is one elsewhere."""
    release, found = revision_named(revision), []
    left = [one.symbol for one in listed]
    collateral_of = {one.symbol for one in listed if one.liquidation_threshold_bps}
    for number in range(1, 1 + draw(st.integers(0, 2))):
        members = draw(st.lists(st.sampled_from(left), unique=True)) if left else []
        members = [one.symbol for one in listed if one.symbol in members]
        if release.e_modes_have_prices:
            left = [symbol for symbol in left if symbol not in members]
            if not members:
                continue  # neither a snapshot's reserves nor a dump's show a category without assets
            collateral = [symbol for symbol in members if symbol in collateral_of]
            more: dict[str, Any] = {"price_source": draw(st.sampled_from((None, members[0])))}
        else:
            collateral = members
            more = {"ltv_zero": members[:1]} if release.ltv_zero_in_e_modes and draw(st.booleans()) else {}
            more |= {"isolated": draw(st.booleans())} if release.isolated_e_modes else {}
        figures = {"ltv_bps": 9_000, "liquidation_threshold_bps": 9_300, "liquidation_bonus_bps": 10_200}
        found.append(
            EModeConfig(id=number, label=f"M{number}", collateral=collateral, borrowable=members, **figures, **more)
        )
    return tuple(found)


def through(kind: str, text: str, config: MarketConfig) -> MarketConfig:
    """The market that a form says, what it lacks answered by a configuration."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{config.name}.txt"
        path.write_text(text, encoding="utf-8")
        return imported(kind, path, config).config


def unsaid(config: MarketConfig, market: set[str], of_reserves: set[str]) -> dict[str, Any]:
    """A market without what a form never says and nobody asks for: some addresses, some names, the order of members."""
    data = config.model_dump()
    for mode in data["e_modes"]:
        mode |= {name: sorted(mode[name]) for name in ("collateral", "borrowable", "ltv_zero")}
    data["addresses"] = {name: where for name, where in data["addresses"].items() if name not in market}
    told = [{name: value for name, value in one.items() if name not in of_reserves} for one in data["reserves"]]
    return {**data, "reserves": sorted(told, key=lambda one: str(one["underlying"]))}


def numbers(config: MarketConfig) -> dict[str, int]:
    """The numbers of the reserves."""
    return {one.handle: number for one, number in zip(config.reserves, config.ids, strict=True)}


@pytest.mark.parametrize("revision", REVISIONS)
@FEWER
@given(data=st.data())
def test_a_market_comes_back_from_a_snapshot(revision: str, data: st.DataObject) -> None:
    config = data.draw(markets(revision))
    back = through("snapshot", json.dumps(snapshot_of(Market.deploy(config))), config)
    nowhere = {"acl_manager", "treasury", "admin", "umbrella"}
    unnamed = {"token_name", *(("id",) if revision_named(revision).e_modes_have_prices else ())}
    assert unsaid(back, nowhere, unnamed) == unsaid(config, nowhere, unnamed)
    assert numbers(back) == numbers(config)


@pytest.mark.parametrize("revision", REVISIONS)
@FEWER
@given(data=st.data())
def test_a_market_comes_back_from_a_dump_of_the_ui_contract(revision: str, data: st.DataObject) -> None:
    config = data.draw(markets(revision))
    dump = ui_data(Market.deploy(config), data.draw(st.sampled_from((int, str, hex))))
    tuples = {"0": dump.pop("reserves"), "1": dump.pop("baseCurrencyInfo"), **dump}
    back = through("ui-data", json.dumps(tuples), config)
    assert unsaid(back, {*ROLES}, UNNAMED) == unsaid(config, {*ROLES}, UNNAMED)
    assert numbers(back) == numbers(config)


@pytest.mark.parametrize("revision", REVISIONS)
@FEWER
@given(data=st.data())
def test_a_market_comes_back_from_a_table(revision: str, data: st.DataObject) -> None:
    config = data.draw(markets(revision))
    rows = ui_data(Market.deploy(config))["reserves"]
    text = StringIO()
    table = csv.DictWriter(text, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    back = through("parameters-csv", text.getvalue(), config)
    assert unsaid(back, {*ROLES}, UNNAMED) == unsaid(config, {*ROLES}, UNNAMED)
    assert numbers(back) == numbers(config)


@pytest.mark.parametrize("revision", REVISIONS)
@FEWER
@given(data=st.data())
def test_a_market_comes_back_from_an_entry_of_the_address_book(revision: str, data: st.DataObject) -> None:
    config = data.draw(markets(revision))
    back = through("address-book", json.dumps(address_book(config)), config)
    unnamed = {*UNNAMED, "token_name", "stable_debt_token"}
    assert unsaid(back, {"umbrella"}, unnamed) == unsaid(config, {"umbrella"}, unnamed)
    assert numbers(back) == numbers(config)
