"""The replay itself: it starts at the known numbers, follows the milestones, and its lenders' books balance."""

import json

import pytest
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.measurement import total_base
from pooltwin.scenarios.trend_research.parameters import ReplayParameters
from pooltwin.scenarios.trend_research.result import read_result, write_result
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.units import BPS, PRICE_UNIT, WAD, timestamp

TIMELINE = load_timeline()
REPLAYS = ["sold", "unsold", "crashed", "stranded"]


def _balance(side, symbol):
    (balance,) = [balance for balance in side if balance.symbol == symbol]
    return balance


def _at(result, time):
    """The state after the last print before a moment: milestones fall on the ends of candles."""
    return [step for step in result.steps if step.time < time][-1]


def test_weth_starts_at_the_known_totals(sold):
    weth = _balance(sold.before, "WETH")
    assert weth.owed_to_lenders == 3_430_857 * WAD
    assert weth.cash == weth.token_balance == 465_818 * WAD
    assert weth.owed_by_borrowers == (3_430_857 - 465_818) * WAD


def test_six_wallets_start_as_reported(sold):
    position = sold.steps[0].position
    assert len(position.wallets) == 6
    assert position.weth == 618_245_960_000_000_000_000_000
    assert abs(position.debt_base - 939_000_000 * PRICE_UNIT) < PRICE_UNIT
    assert position.lowest_trigger == pytest.approx(1781.09 * PRICE_UNIT, rel=1e-8)
    assert position.highest_trigger == pytest.approx(1862.02 * PRICE_UNIT, rel=1e-8)


def test_all_books_are_clean_at_the_start(sold):
    assert len(sold.before) == 16
    for balance in sold.before:
        assert (balance.slack_without_deficit, balance.deficit) == (0, 0), balance.symbol
        level = next((level for level in TIMELINE.other_reserves if level.symbol == balance.symbol), None)
        if level is not None:
            assert balance.cash == level.available_raw


def test_background_utilisation_is_as_stated(sold):
    for level in TIMELINE.other_reserves:
        assert abs(_balance(sold.before, level.symbol).utilisation_wad - level.utilisation_bps * WAD // BPS) < 10**12


@pytest.mark.parametrize("milestone", TIMELINE.milestones[1:], ids=lambda point: f"{point.time:%m-%d %H}")
def test_holdings_and_debts_follow_the_milestones(sold, milestone):
    position = _at(sold, timestamp(milestone.time)).position
    # one second of the course and 0.01 WETH of interest a wallet may be left over
    assert position.weth == pytest.approx(float(milestone.weth) * WAD, abs=15 * WAD)
    if milestone.debt_usd is not None:
        assert position.debt_base == pytest.approx(float(milestone.debt_usd) * PRICE_UNIT, abs=50_000 * PRICE_UNIT)
    if milestone.liquidation_high_usd is not None:
        assert position.highest_trigger == pytest.approx(float(milestone.liquidation_high_usd) * PRICE_UNIT, rel=1e-4)
        assert position.lowest_trigger == pytest.approx(float(milestone.liquidation_low_usd) * PRICE_UNIT, rel=1e-4)


def test_the_position_is_closed_without_a_liquidation(sold):
    assert sold.steps[-1].position.weth == 0
    assert sold.steps[-1].position.debts == {"USDT": 0, "USDC": 0}
    assert sold.liquidations == ()
    assert sold.refusals == ()


def test_nobody_was_liquidatable_at_the_low(sold):
    low = min(sold.steps, key=lambda step: step.price)
    assert low.price == 174_780_000_000
    assert low.worst_health_factor_at_print > WAD


def test_utilisation_stays_at_or_below_the_ceilings_and_reaches_them(sold):
    switch = timestamp(sold.parameters.utilisation_ceilings[1].since)
    for peak, steps in (
        (9542, [step for step in sold.steps if step.time < switch]),
        (9985, [step for step in sold.steps if step.time >= switch]),
    ):
        highest = max(step.reserve("WETH").utilisation_wad for step in steps)
        assert highest == pytest.approx(peak * WAD // BPS, rel=2e-5)


def test_others_bring_back_only_what_is_missing(sold):
    returned = sum(entry.amount for entry in sold.returns)
    assert returned == sold.steps[-1].returned_weth
    # more than the cash that was missing, less than the whole position
    missing = sold.steps[0].position.weth - _balance(sold.before, "WETH").cash
    assert missing < returned < sold.steps[0].position.weth


def test_sales_and_withdrawals_add_up(sold):
    assert sum(sale.weth for sale in sold.sales) == sold.steps[-1].sold_weth
    # everything that was held plus the interest of six days, at some 2% a year
    held = sold.steps[0].position.weth
    assert held <= sold.steps[-1].sold_weth < held + held // 1000


@pytest.mark.parametrize("name", REPLAYS)
def test_books_balance_after_every_print(name, request):
    """Zero tolerance: in these histories v3.6 never owes lenders more than stands against it, deficit counted in."""
    result = request.getfixturevalue(name)
    for step in result.steps:
        for balance in step.reserves:
            assert balance.slack >= 0, (step.time, balance.symbol)
            assert balance.token_balance >= balance.cash, (step.time, balance.symbol)
    for balance in result.after:
        assert balance.slack >= 0, balance.symbol


def test_without_bad_debt_no_deficit_props_the_books(sold, unsold):
    for result in (sold, unsold):
        for balance in result.after:
            assert balance.deficit == 0
            assert balance.slack_without_deficit >= 0


def test_nobody_selling_gets_liquidated(unsold):
    assert unsold.sales == ()
    assert unsold.repayments == ()
    wallets = {wallet.name for wallet in unsold.parameters.wallets}
    assert unsold.liquidations
    assert {call.account for call in unsold.liquidations} <= wallets
    for call in unsold.liquidations:
        assert call.health_factor_before < WAD
        assert call.profit_base > 0
        assert (call.collateral_asset, call.debt_asset in {"USDT", "USDC"}) == ("WETH", True)
    assert all(wallet.health_factor >= WAD for wallet in unsold.steps[-1].position.wallets)


def test_a_liquidation_never_comes_before_its_price(unsold):
    first = unsold.liquidations[0]
    before = [step for step in unsold.steps if step.time < first.time]
    assert all(step.worst_health_factor_at_print >= WAD for step in before)
    at = next(step for step in unsold.steps if step.time == first.time)
    assert at.price < before[-1].position.highest_trigger


def test_a_crash_through_every_trigger_leaves_a_deficit(crashed):
    created = {}
    for call in crashed.liquidations:
        for symbol, amount in call.deficits_created.items():
            created[symbol] = created.get(symbol, 0) + amount
    assert created
    assert created == {balance.symbol: balance.deficit for balance in crashed.after if balance.deficit}
    assert any(balance.slack_without_deficit < 0 for balance in crashed.after)


def test_without_returning_weth_the_position_is_stuck(stranded):
    refused = [refusal for refusal in stranded.refusals if refusal.action == "withdraw"]
    assert refused
    assert stranded.returns == ()
    assert stranded.steps[-1].position.weth > 0


def test_the_same_parameters_give_the_same_digest(sold):
    again = replay()
    assert again.digest() == sold.digest()
    assert again.state_digest == sold.state_digest
    assert again == sold


def test_other_parameters_give_another_digest(sold, unsold):
    split = replay(ReplayParameters(usdt_share_bps=10_000))
    assert len({sold.state_digest, unsold.state_digest, split.state_digest}) == 3
    assert _balance(split.before, "USDT").owed_by_borrowers == _balance(sold.before, "USDT").owed_by_borrowers
    assert split.steps[0].position.debts["USDC"] == 0


def test_replay_json_reads_back_equal(sold, tmp_path):
    path = tmp_path / "replay.json"
    write_result(sold, path)
    assert read_result(path) == sold
    assert json.loads(path.read_text())["digest"] == sold.digest()
    assert [entry.name for entry in tmp_path.iterdir()] == ["replay.json"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "not the result of a replay"),
        (lambda text: text.replace('"sold_weth": "0"', '"sold_weth": "1"', 1), "was edited"),
        (lambda text: text.replace('"pooltwin replay 2"', '"pooltwin replay 9"'), "not the result of a replay"),
        (lambda text: "[]", "not the result of a replay"),
    ],
)
def test_a_damaged_replay_json_is_refused(sold, tmp_path, damage, message):
    path = tmp_path / "replay.json"
    write_result(sold, path)
    damaged = damage(path.read_text())
    assert damaged != path.read_text()
    path.write_text(damaged)
    with pytest.raises(ValueError, match=message):
        read_result(path)


def test_progress_counts_every_print():
    seen = []
    result = replay(ReplayParameters(), lambda done, total: seen.append((done, total)))
    assert seen == [(index, len(result.steps)) for index in range(1, len(result.steps) + 1)]


def test_totals_in_dollars_are_the_sum_of_the_reserves(sold):
    totals = total_base(sold.after)
    assert totals["surplus (+) or shortfall (-)"] == pytest.approx(
        totals["owed by borrowers"] + totals["in the pools"] - totals["owed to lenders and treasury"], abs=3
    )
    by_hand = sum(balance.dollars(balance.owed_to_lenders) for balance in sold.after)
    assert totals["owed to lenders and treasury"] == pytest.approx(by_hand * PRICE_UNIT, rel=1e-12)
