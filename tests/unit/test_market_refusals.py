"""What a market's file may say: one error a fault, with its place; what is doubtful is a warning."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig, UnitsWarning, doubts_about_units, quiet_about_units
from pooltwin.protocol.models.fields import canonical_address
from pooltwin.protocol.revisions import REVISIONS
from pydantic import ValidationError

RIGHT = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
OTHER = "0x" + "12" * 20
RATES = {"optimal_usage_bps": 8_000, "base_rate_bps": 0, "slope1_bps": 400, "slope2_bps": 6_000}
USDC = {"symbol": "USDC", "decimals": 6, "price": 10**8, "rates": RATES}
WETH = {"symbol": "WETH", "decimals": 18, "price": 2_000 * 10**8, "rates": RATES}
CATEGORY = {
    "id": 1,
    "label": "one",
    "ltv_bps": 9_000,
    "liquidation_threshold_bps": 9_300,
    "liquidation_bonus_bps": 10_100,
}


def market(*reserves: dict[str, Any], **more: Any) -> MarketConfig:
    """A market from JSON, as a file has it."""
    return MarketConfig.model_validate_json(json.dumps({"name": "m", "revision": "3.6", "reserves": reserves, **more}))


def faults(*reserves: dict[str, Any], **more: Any) -> list[str]:
    """The errors of a market that is refused."""
    with pytest.raises(ValidationError) as caught:
        market(*reserves, **more)
    return [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()]


ONE_FAULT = [
    ([{**USDC, "decimals": 78}], {}, "less than or equal to 77"),
    ([{**USDC, "decimals": -1}], {}, "greater than or equal to 0"),
    ([{**USDC, "rates": {**RATES, "optimal_usage_bps": 10_001}}], {}, "less than or equal to 10000"),
    ([{**USDC, "price": "1.5"}], {}, "valid integer"),
    ([{**USDC, "price": 1.5}], {}, "valid integer"),
    ([{**USDC, "price": "0x1"}], {}, "valid integer"),
    ([{**USDC, "price": True}], {}, "valid integer"),
    ([], {}, "a market has 1 to 128 reserves, not 0"),
    ([USDC, USDC], {}, "reserve 'USDC' is listed twice: assets with the same symbol each need a key"),
    ([{**USDC, "key": "a"}, {**WETH, "key": "a"}], {}, "reserve 'a' is listed twice"),
    ([{**USDC, "key": "WETH"}, {**WETH, "key": "b"}], {}, "the key 'WETH' of the reserve 'USDC' is the symbol of 'b'"),
    ([{**USDC, "key": OTHER}], {}, "is an address"),
    ([{**USDC, "id": 1}, {**WETH, "id": 1}], {}, "the reserves USDC and WETH have the same id 1"),
    ([{**USDC, "id": 128}], {}, "less than or equal to 127"),
    ([{**USDC, "id": 5}], {"reserves_count": 5}, "reserves_count is 5, but there is a reserve number 5"),
    ([USDC], {"revision": "3.9"}, f"revision '3.9' is not known; known are {', '.join(REVISIONS)}"),
    ([USDC], {"revision": "latest"}, f"revision 'latest' is not known; known are {', '.join(REVISIONS)}"),
    ([USDC], {"base_currency_unit": 0}, "greater than or equal to 1"),
    ([{**USDC, "underlying": RIGHT[:-1] + "3"}], {}, "has a wrong checksum"),
    ([{**USDC, "underlying": RIGHT.replace("C02", "c02")}], {}, "has a wrong checksum"),
    ([{**USDC, "underlying": RIGHT[:-1]}], {}, "is not an address of 20 bytes"),
    (
        [{**USDC, "a_token": OTHER, "variable_debt_token": OTHER}],
        {},
        "debt_token of reserve USDC and a_token of reserve",
    ),
    (
        [USDC, {**WETH, "underlying": OTHER}],
        {"addresses": {"oracle": OTHER}},
        "each contract has an address of its own",
    ),
    (
        [{**USDC, "price_feed": OTHER}, {**WETH, "price_feed": OTHER}],
        {},
        f"reserve WETH: price is 200000000000, but USDC has the same price_feed {OTHER} and the price 100000000",
    ),
    ([USDC], {"e_modes": [{**CATEGORY, "collateral": ["DAI"]}]}, "collateral names 'DAI', which is not a reserve"),
    (
        [{**USDC, "key": "native"}],
        {"e_modes": [{**CATEGORY, "collateral": ["USDC"]}]},
        "is not a reserve; the reserves with this symbol are native",
    ),
    ([USDC], {"e_modes": [{**CATEGORY, "ltv_bps": 9_500}]}, "ltv_bps is above liquidation_threshold_bps"),
    ([{**WETH, "token_kind": "WETH9", "decimals": 8}], {}, "a WETH9 has the symbol WETH, 18 decimals"),
    (
        [{**USDC, "rates": {**RATES, "base_rate_ray": 10**24}}],
        {},
        "base_rate_ray 1" + "0" * 24 + " is 10 basis points, not 0",
    ),
]


@pytest.mark.parametrize(("reserves", "more", "words"), ONE_FAULT, ids=[words[:40] for *_, words in ONE_FAULT])
def test_one_fault_is_one_error(reserves: list[dict[str, Any]], more: dict[str, Any], words: str) -> None:
    found = faults(*reserves, **more)
    assert len(found) == 1
    assert words in found[0]


def test_all_faults_are_told_at_once() -> None:
    assert len(faults({**USDC, "decimals": 99, "price": None}, {**WETH, "ltv_bps": "x"})) == 3


# --- numbers and addresses as files have them -------------------------------------------------------------------------


def test_whole_numbers_may_be_decimal_strings() -> None:
    plain = market({**USDC, "supply_cap": 10}, flash_loan_premium_bps=9)
    rates = {name: str(value) for name, value in RATES.items()}
    strings = {**USDC, "decimals": "6", "price": "100000000", "supply_cap": "10", "rates": rates}
    assert market(strings, flash_loan_premium_bps="9", chain_id="1") == plain


def test_an_address_has_a_right_checksum_or_none() -> None:
    assert {canonical_address(text) for text in (RIGHT, RIGHT.lower(), "0x" + RIGHT[2:].upper())} == {RIGHT.lower()}


def test_rates_in_ray_are_kept_to_the_last_digit() -> None:
    fine = market({**USDC, "rates": {**RATES, "base_rate_bps": 100, "base_rate_ray": str(10**25 + 1)}})
    short = {name: value for name, value in RATES.items() if name != "base_rate_bps"}
    assert market({**USDC, "rates": {**short, "base_rate_ray": 10**25 + 1}}) == fine
    assert fine.reserves[0].rates.in_ray("base_rate") == 10**25 + 1
    assert fine.reserves[0].rates.base_rate_bps == 100


# --- what a release lacks ---------------------------------------------------------------------------------------------

LACKING = [
    ("3.4", {"rate_strategy": OTHER}, {}, "reserve USDC: rate_strategy is 0x1212"),
    ("3.0.2", {"pending_ltv_bps": 1}, {}, "reserve USDC: pending_ltv_bps is 1"),
    ("3.0.2", {"grace_period_until": 2**31}, {}, "reserve USDC: grace_period_until is 2147483648"),
    ("3.0.2", {"virtual_accounting": True}, {}, "reserve USDC: virtual_accounting is True"),
    ("3.4", {"virtual_accounting": False}, {}, "virtual_accounting is False, but every reserve of revision 3.4 has it"),
    ("3.7", {}, {"sentinel_grace_period": 3_600}, "sentinel_grace_period is 3600"),
    ("3.7", {}, {"addresses": {"sentinel": OTHER}}, "addresses.sentinel is 0x1212"),
    ("3.4", {}, {"flash_loan_premium_to_protocol_bps": 1}, "in revision 3.4 all of the premium goes to the treasury"),
    ("3.2", {"rates": {**RATES, "base_rate_bps": 0, "base_rate_ray": 1}}, {}, "rates.base_rate_ray is 1"),
    ("3.2", {"rates": {**RATES, "slope1_bps": 9_000}}, {}, "rates.slope1_bps 9000 is above slope2_bps 6000"),
    ("3.2", {"rates": {**RATES, "slope2_bps": 99_999}}, {}, "take at most 100000 (1000% a year)"),
    ("3.2", {"stable_debt_token_name": "x"}, {}, "reserve USDC: stable_debt_token_name is x"),
]


@pytest.mark.parametrize(("revision", "field", "more", "words"), LACKING, ids=[words[:40] for *_, words in LACKING])
def test_what_a_release_lacks_is_refused_by_name(
    revision: str, field: dict[str, Any], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r"revision " + revision) as caught:
        Market.deploy(market({**USDC, **field}, revision=revision, **more))
    assert words in str(caught.value)


def test_everything_that_a_release_lacks_is_told_at_once() -> None:
    both = market({**USDC, "debt_ceiling": 10**9}, {**WETH, "siloed_borrowing": True}, sentinel_grace_period=1)
    with pytest.raises(
        ValueError, match=r"sentinel_grace_period .*; reserve USDC: debt_ceiling .*; reserve WETH: siloed"
    ):
        Market.deploy(both, revision="3.7")


def test_reserves_share_a_strategy_of_one_curve_if_their_rates_are_equal() -> None:
    shared = {"rate_strategy": OTHER}
    alike = market({**USDC, **shared}, {**WETH, **shared}, revision="3.0.2")
    assert {Market.deploy(alike).rate_strategy_of(name).address for name in ("USDC", "WETH")} == {OTHER}
    steep = {**WETH, **shared, "rates": {**RATES, "slope2_bps": 7_000}}
    with pytest.raises(ValueError, match=r"reserve WETH: rate_strategy is .* that of USDC too, but the rates differ"):
        Market.deploy(market({**USDC, **shared}, steep, revision="3.0.2"))
    assert Market.deploy(market({**USDC, **shared}, steep, revision="3.3")).rate_strategy_of("WETH").address == OTHER


# --- doubts about units -----------------------------------------------------------------------------------------------

DOUBTFUL = [
    ("price", 65_000, "reserve USDC: price 65000 is 0.00065 USD: prices have 8 decimals"),
    ("price", 10**18, "reserve USDC: price 1000000000000000000 is 10,000,000,000 USD: prices have 8 decimals"),
    ("reserve_factor_bps", 10, "reserve USDC: reserve_factor_bps 10 is 0.1%: it is in basis points, 10% is 1000"),
    ("liquidation_protocol_fee_bps", 5, "liquidation_protocol_fee_bps 5 is 0.05%"),
    ("supply_cap", 2 * 10**10 * 3, None),
    ("debt_ceiling", 50_000, "reserve USDC: debt_ceiling 50000 is 500 USD: ceilings are in cents"),
    ("grace_period_until", 3_600, "reserve USDC: grace_period_until 3600 is long past"),
]


@pytest.mark.parametrize(("field", "value", "words"), DOUBTFUL)
def test_a_doubtful_unit_is_a_warning_of_its_own(field: str, value: int, words: str | None) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        config = market({**USDC, field: value})
    told = [each.message for each in caught]
    assert told == [] if words is None else [words in str(each) for each in told] == [True]
    assert all(isinstance(each, UnitsWarning) and (each.reserve, each.field) == ("USDC", field) for each in told)
    assert [str(each) for each in doubts_about_units(config)] == [str(each) for each in told]
    with quiet_about_units():  # pytest makes errors of warnings here
        assert market({**USDC, field: value}) == config


def test_a_doubtful_premium_is_the_markets() -> None:
    with pytest.warns(UnitsWarning, match="flash_loan_premium_bps 900 is 9%"):
        market(USDC, flash_loan_premium_bps=900)


def test_another_base_currency_is_not_told_dollars() -> None:
    assert market({**USDC, "price": 1}, base_currency_unit=10**18)
