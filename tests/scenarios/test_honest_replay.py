"""What a replay says of itself: whatever was changed is named, and what it assumes follows from what happened in it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pooltwin.protocol.errors import EmptyRevert, Panic
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.agents import refusal_words
from pooltwin.scenarios.trend_research.assumed import assumed, ceilings_met
from pooltwin.scenarios.trend_research.changes import WORDS, changes, what_if
from pooltwin.scenarios.trend_research.parameters import (
    DEFAULT_WALLETS,
    GivenPrice,
    PriceShock,
    ReplayParameters,
    UtilisationCeiling,
)
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.units import BPS, WAD

NOON = datetime(2026, 2, 3, 12, 30, tzinfo=UTC)
LATER = datetime(2026, 2, 6, 3, 59, 59, tzinfo=UTC)
OTHERWISE = {
    "sell": (False, "nobody sells"),
    "wallets": (DEFAULT_WALLETS[::-1], "another split over 6 wallets"),
    "usdt_share_bps": (7_000, "70% of the debt in USDT"),
    "late_book_trigger_usd": (Decimal(1562), "the book's trigger at 1,562 after its last reported debt"),
    "highest_trigger_02_06_usd": (Decimal(1800), "the highest trigger of Feb 06 at 1,800"),
    "seller_delay_hours": (48, "the owner acts 48 hours later than reported"),
    "health_factor_floor": (Decimal("1.05"), "the owner keeps wallets at a health factor of 1.05 or more"),
    "utilisation_ceilings": (
        (UtilisationCeiling(since=NOON, bps=9050),),
        "utilisation of WETH held at or below 90.5% from Feb 03 12:30 UTC",
    ),
    "weth_returned_by_repayment_bps": (0, "0% of the returning WETH repaid, the rest supplied"),
    "weth_returns": (False, "nobody brings WETH back"),
    "intra_candle_order": ("low_first", "every candle sees its low first"),
    "oracle_wick_bps": (0, "0% of the candles' wicks reach the oracle"),
    "shock": (PriceShock(time=NOON, weth_usd=Decimal(1400)), "WETH 1,400.00 at Feb 03 12:30 UTC"),
    "prices": (
        (GivenPrice(time=NOON, weth_usd=Decimal(1900)), GivenPrice(time=LATER, weth_usd=Decimal(1500))),
        "2 given prices of WETH from Feb 03 12:30 UTC on, 1,500 to 1,900",
    ),
    "liquidators_active": (False, "no liquidators"),
    "liquidator_slippage_bps": (431, "liquidators lose 4.31% when they sell"),
    "liquidator_takes_a_tokens": (False, "liquidators refuse aWETH"),
    "liquidator_least_profit_usd": (Decimal(0), "liquidators want 0 USD from every call"),
    "liquidator_latency_blocks": (25, "liquidators act 25 blocks late"),
    "liquidator_capital_usd": (Decimal(100_000_000), "liquidators have 100,000,000 USD"),
    "weth_depth_usd": (Decimal(60_000_000), "WETH falls by 2% when 60,000,000 USD of it are sold"),
    "impact_model": ("square root", "square root impact"),
    "depth_refill_half_life_minutes": (10, "half of a sale refilled after 10 minutes"),
    "background": ("book", "everybody else is a generated book"),
    "book_accounts": (50_000, "a book of 50,000 accounts"),
    "book_seed": (7, "book number 7"),
    "book_stable_ltv_bps": (9_500, "the book's loans-to-value at 95% of December's"),
    "eth_backed_share_bps": (9_000, "90% of the other WETH backs debts"),
}


def test_every_parameter_can_be_said():
    assert set(WORDS) == set(OTHERWISE) == set(ReplayParameters.model_fields)


@pytest.mark.parametrize(("name", "value", "words"), [(name, *case) for name, case in OTHERWISE.items()])
def test_whatever_differs_from_its_default_is_named(name, value, words):
    parameters = ReplayParameters(**{name: value})
    (change,) = changes(parameters)
    assert (change.name, change.words) == (name, words)
    assert change.value == parameters.model_dump(mode="json")[name]
    assert change.default == ReplayParameters().model_dump(mode="json")[name]
    assert what_if((change,)) == f"what if: {words}"


def test_without_a_change_sales_are_as_reported(sold):
    assert changes(ReplayParameters()) == sold.changed == ()
    assert what_if(()) == "with the reported sales"


def test_changes_come_in_the_order_of_the_parameters(crashed):
    assert [change.name for change in crashed.changed] == ["sell", "shock"]
    assert what_if(crashed.changed) == "what if: nobody sells; WETH 1,200.00 at Feb 03 17:00 UTC"


@pytest.mark.parametrize("name", ["sold", "unsold", "crashed", "stranded"])
def test_what_is_assumed_is_computed(name, request):
    result = request.getfixturevalue(name)
    assert result.assumed == assumed(result)


def test_another_timeline_is_a_change():
    shipped = load_timeline()
    titled = shipped.model_copy(update={"title": "a week that never was"})
    result = replay(timeline=titled)
    assert [(change.name, change.value) for change in result.changed] == [("timeline", "a week that never was")]
    assert what_if(result.changed) == "what if: a timeline of one's own, 'a week that never was'"
    assert replay(timeline=shipped).changed == ()


def _one(result, beginning):
    (sentence,) = [sentence for sentence in result.assumed if sentence.startswith(beginning)]
    return sentence


def test_others_are_safe_only_where_they_were(sold, crashed):
    assert _one(sold, "All other borrowers").endswith("None of them was liquidated, while in reality many were.")
    said = _one(crashed, "All other borrowers")
    assert "Liquidated of them: BTC-backed borrower, ETH-backed borrower" in said or "ETH-backed borrower" in said
    assert "None of them" not in said
    assert "an artefact" in said


def test_an_invented_price_is_told_with_what_hangs_on_it(sold, crashed):
    assert "invented" not in _one(sold, "The oracle prints")
    said = _one(crashed, "The oracle prints")
    assert "The print of 1,200.00 at Feb 03 17:00 UTC is invented" in said
    (shock,) = [step.time for step in crashed.steps if step.kind == "shock"]
    at_it = sum(call.time == shock for call in crashed.liquidations)
    assert f"; {at_it} of {len(crashed.liquidations)} liquidation calls were made then." in said
    origins = {step.kind: step.price_origin for step in crashed.steps}
    assert origins == {**dict.fromkeys(("open", "low", "high", "close"), "recorded"), "shock": "invented"}


def test_ceilings_hold_by_construction_only_where_they_are_met(sold, unsold, stranded):
    assert ceilings_met(sold) == [9542, 9985]
    assert "comes to 95.42% and 99.85% therefore holds by construction" in _one(sold, "Others bring back")
    assert "that was not needed" in _one(unsold, "Others would bring")
    assert _one(stranded, "Nobody brings") == "Nobody brings WETH back in this run."


def test_triggers_are_assumed_only_for_who_sells(sold, unsold):
    assert "from then on the triggers, of 1,600" in _one(sold, "No debt is reported after Feb 06 08:00 UTC")
    assert not [sentence for sentence in unsold.assumed if sentence.startswith("No debt is reported")]


@pytest.mark.parametrize("name", ["sold", "unsold", "crashed", "stranded"])
def test_steps_measure_before_and_after(name, request):
    result = request.getfixturevalue(name)
    for step in result.steps:
        weth = step.reserve("WETH")
        assert (step.withdrawable_weth, step.owed_weth) == (weth.cash, weth.owed_to_lenders)
        assert step.uncovered_base <= step.uncovered_at_print_base
        worst = step.worst_health_factor_at_print
        assert step.gap_to_liquidation_bps == (None if worst is None else (worst - WAD) * BPS // worst)


def test_a_crash_leaves_debt_uncovered_before_anyone_acts(crashed):
    (shock,) = [step for step in crashed.steps if step.kind == "shock"]
    assert shock.uncovered_at_print_base > 100_000_000 * 10**8
    assert shock.gap_to_liquidation_bps < 0


def test_lenders_lost_where_bad_debt_was_written_off(sold, unsold, crashed):
    assert (sold.lenders_lost, unsold.lenders_lost, crashed.lenders_lost) == (False, False, True)


def test_a_refusal_says_what_is_missing_and_keeps_the_reason(stranded):
    refused = [refusal for refusal in stranded.refusals if refusal.action == "withdraw"]
    for refusal in refused:
        assert refusal.words.startswith("not enough WETH in the pool: ")
        assert refusal.reason.startswith("Panic(0x11")
    assert "not enough WETH in the pool" in " ".join(stranded.verdict)
    assert "Panic" not in " ".join(stranded.verdict)


def test_refusals_in_words():
    underflow = Panic()
    assert refusal_words("withdraw", "WETH", 5 * WAD, 2 * WAD, underflow) == (
        "not enough WETH in the pool: 5 wanted, 2 there"
    )
    assert refusal_words("withdraw", "WETH", 1 * WAD, 2 * WAD, underflow).startswith("the pool says Panic(0x11")
    assert refusal_words("liquidate", "LINK", 9, 3 * WAD, underflow) == (
        "not enough LINK in the pool to pay the liquidator: 3 there"
    )
    assert refusal_words("repay", "WETH", 1, 0, EmptyRevert()) == "the pool says empty revert"
