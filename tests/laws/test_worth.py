"""What a broken law is worth: which laws say it, the reckoning in tokens and dollars, and the threshold."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.invariants import (
    CampaignOptions,
    Kind,
    LawBroken,
    Monitor,
    Subject,
    Unit,
    Worth,
    all_laws,
    at_least,
    at_most,
    equal,
    law,
    standard_history,
    violation_of,
)
from pooltwin.invariants.campaigns.campaign import Tally, run_campaign, run_episode
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.worth import Minor, in_dollars, in_tokens
from pooltwin.protocol import named_address

LAWS = Path(__file__).parents[2] / "invariants" / "laws"
RAY, WAD = 10**27, 10**18

WITHOUT = {
    **dict.fromkeys(("IDX-8", "IDX-14"), "compares times"),
    **dict.fromkeys(("IDX-9", "SOL-16"), "lists reserves"),
    "IDX-12": "tries arithmetic on figures of no asset",
    **dict.fromkeys(
        ("RAT-1", "RAT-2", "RAT-3", "RAT-4", "RAT-5", "RAT-6", "RAT-8", "RAT-11", "DEF-12"),
        "compares rates, which come to an amount only with time",
    ),
    "SOL-7": "compares all figures of a reserve at once",
    "SOL-14": "compares figures of any kind with the widths of their types",
    "INF-4": "compares decimals",
    "HF-8": "compares two yes or no",
    "HF-9": "tells whether two borrows go through",
    **dict.fromkeys(
        (*(f"FLG-{number}" for number in range(1, 13)), "LIQ-11"),
        "compares bits",
    ),
    **dict.fromkeys(
        ("EMD-1", "EMD-4", "EMD-5", "EMD-7", "EMD-8", "EMD-10", "EMD-11", "EMD-12", "EMD-13", "EMD-14"),
        "compares ratios and bitmaps of a category or reserve",
    ),
    "CAP-5": "tells why a call was refused",
    **dict.fromkeys(
        ("ACT-6", "ACT-7", "ACT-8", "ACT-9", "ACT-10", "ACT-11", "ACT-12", "ACT-13"),
        "tells whether a call may succeed, and what a refused one leaves",
    ),
    **dict.fromkeys(("DEF-4", "TOK-5", "TOK-6"), "tells whether somebody may make a call"),
    "TOK-11": "counts balances",
    **dict.fromkeys(("ORA-1", "ORA-2", "ORA-3", "ORA-5"), "compares prices, ratios and feeds"),
    **dict.fromkeys(("SYS-5", "SYS-6"), "compares whole states"),
    "SYS-7": "compares contracts",
}
"""The laws whose breaks have no worth, each with what its figures are."""


def functions() -> dict[str, ast.FunctionDef]:
    """The functions of the laws' modules by name; no two of them have the same name and a unit in one alone."""
    found: dict[str, ast.FunctionDef] = {}
    for path in sorted(LAWS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found[f"{path.stem}.{node.name}"] = node
    return found


def weighs(module: str, node: ast.FunctionDef, known: dict[str, ast.FunctionDef]) -> bool:
    """Does a function, or one of its own module that it calls, name a unit?"""
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    if "Unit" in names or "ACCOUNT_DATA" in names:
        return True
    called = (known.get(f"{module}.{name}") for name in dict.fromkeys(names) if name != node.name)
    return any(weighs(module, callee, known) for callee in called if callee is not None)


def test_every_law_names_a_unit_or_is_listed_with_the_reason():
    known = functions()
    without = {
        law.id
        for law in all_laws()
        if not weighs(module := law.check.__module__.rpartition(".")[2], known[f"{module}.{law.check.__name__}"], known)
    }
    assert without == set(WITHOUT)


# --- the reckoning --------------------------------------------------------------------------------------------------


@pytest.fixture
def aged():
    """A market whose indexes have left one: WETH is lent, a year has passed, and alice owes."""
    stage = standard_history().stage()
    market, alice = stage.market, stage.book["alice"]
    weth = market.asset("WETH")
    market.pool.borrow(weth, 1000 * WAD, sender=alice)
    market.chain.advance(31_536_000)
    market.pool.borrow(weth, WAD, sender=alice)
    return stage


def broken_by(stage, subject, check):
    """What the break of a law is worth that always breaks, on a small supply of WETH by alice."""
    made = law("MY-1", "Never holds.", kind=Kind.STEP, subject=subject, source="test")(check)
    market, alice = stage.market, stage.book["alice"]
    market.fund("WETH", alice, WAD)
    with Monitor(market, [made], stop=False) as monitor:
        market.pool.supply(market.asset("WETH"), WAD, sender=alice)
    return monitor.violations[0]


@pytest.mark.parametrize("unit", [Unit.WEI, Unit.SHARES, Unit.DEBT_SHARES, Unit.LIQUIDITY_INDEX, Unit.DEBT_INDEX])
@pytest.mark.parametrize("scale", [1, RAY])
def test_a_difference_becomes_tokens_and_dollars(aged, unit, scale):
    apart = 3 * 10**15 * scale + 7
    violation = broken_by(aged, Subject.RESERVE, lambda _: at_most("a, b", 5 + apart, 5, unit, scale=scale))
    pool, chain = aged.market.pool, aged.chain
    reserve = pool.reserves[aged.book["WETH"]]
    supply = chain.at(reserve.a_token).scaled_supply + reserve.accrued_to_treasury
    debt = chain.at(reserve.variable_debt_token).scaled_supply
    one_in_wei = {
        Unit.WEI: RAY,
        Unit.SHARES: reserve.liquidity_index,
        Unit.DEBT_SHARES: reserve.variable_borrow_index,
        Unit.LIQUIDITY_INDEX: supply,
        Unit.DEBT_INDEX: debt,
    }[unit]
    wei = -(-apart * one_in_wei // (RAY * scale))
    price = aged.market.oracle.get_asset_price(aged.book["WETH"])
    base = -(-apart * one_in_wei * price // (RAY * scale * WAD))
    assert unit is Unit.WEI or one_in_wei != RAY
    assert violation.worth == Worth("WETH", wei, 18, base)
    assert f"({violation.worth})" in str(violation)


def test_base_currency_and_health_factors_are_worth_dollars(aged):
    of_base = broken_by(aged, Subject.STEP, lambda _: at_least("a, b", 7, 10**9 + 7, Unit.BASE))
    assert of_base.worth == Worth("", 10**9, 8, 10**9)
    alice = aged.book["alice"]
    of_health = broken_by(aged, Subject.STEP, lambda _: at_least("a, b", WAD // 2, WAD, Unit.HEALTH, alice))
    debt = aged.market.pool.get_user_account_data(alice).total_debt_base
    assert of_health.worth == Worth("", -(-debt // 2), 8, -(-debt // 2))


def test_a_subject_tells_its_own_asset_and_user(aged):
    users = broken_by(aged, Subject.USER, lambda change: equal("a, b", change.after.health, WAD, Unit.HEALTH))
    assert users.worth.base > 0
    reserves = broken_by(aged, Subject.RESERVE, lambda _: equal("a, b", 1, 2, Unit.WEI))
    assert reserves.worth.symbol == "WETH"


@pytest.mark.parametrize(
    "verdict",
    [
        lambda: equal("a, b", 1, 2),
        lambda: equal("a, b", [1], [2], Unit.WEI),
        lambda: equal("a, b", 1, 2, Unit.WEI, named_address("no asset")),
        lambda: equal("a, b", 1, 2, Unit.WEI),
        lambda: equal("a, b", 2**256 - 1, WAD, Unit.HEALTH, named_address("alice")),
    ],
    ids=["no unit", "no numbers", "not listed", "a step is of no asset", "endless health"],
)
def test_what_is_no_amount_of_something_has_no_worth(aged, verdict):
    assert broken_by(aged, Subject.STEP, lambda _: verdict()).worth is None


def test_what_the_break_is_about_stands_in_for_the_figures(aged):
    about = broken_by(aged, Subject.STEP, lambda s: equal("a, b", "x", "y", Unit.WEI, s.arguments[0], amount=-5))
    assert about.worth.amount == 5


# --- the threshold --------------------------------------------------------------------------------------------------


def losing(base):
    """A law of supplies, broken by so much base currency; by an asset's own wei where it is None."""

    @law("MY-2", "Never holds.", kind=Kind.STEP, subject=Subject.STEP, on=("pool.supply",), source="test")
    def never(step):
        if base is None:
            return equal("yes, no", True, False)
        return at_most("a, b", base, 0, Unit.BASE)

    return never


@pytest.mark.parametrize(("base", "threshold", "reported"), [(99, 100, False), (100, 100, True), (None, 10**30, True)])
def test_what_is_worth_less_is_counted_apart(aged, base, threshold, reported):
    market, alice = aged.market, aged.book["alice"]
    market.fund("WETH", alice, 2 * WAD)
    monitor = Monitor(market, [losing(base)], worth_at_least=threshold)
    with monitor:
        if reported:
            with pytest.raises(LawBroken):
                market.pool.supply(market.asset("WETH"), WAD, sender=alice)
        else:
            market.pool.supply(market.asset("WETH"), WAD, sender=alice)
            market.pool.supply(market.asset("WETH"), WAD, sender=alice)
    assert monitor.minor == ({} if reported else {"MY-2": Minor(2, Worth("", base, 8, base))})
    assert monitor.exercised() == {"MY-2": 1 if reported else 2}


def test_an_asset_without_a_price_has_a_worth_in_tokens_and_is_reported(aged):
    market, alice = aged.market, aged.book["alice"]
    market.fund("WETH", alice, WAD)
    market.set_price("WETH", 0)
    made = law("MY-3", "Never holds.", kind=Kind.STEP, subject=Subject.RESERVE, source="test")(
        lambda _: equal("a, b", 1, 2, Unit.WEI)
    )
    with Monitor(market, [made], stop=False, worth_at_least=10**30) as monitor:
        market.pool.supply(market.asset("WETH"), WAD, sender=alice)
    assert [(v.worth.amount, v.worth.base) for v in monitor.violations] == [(1, None)]
    assert "no price" in str(monitor.violations[0])


def test_a_release_judged_by_a_later_one_becomes_readable():
    options = CampaignOptions(
        standard_history("3.2"), seed=7, steps=600, episode_steps=600, judged_by="3.7", stop_at_violation=False
    )
    every, large = (run_episode(replace(options, worth_at_least=base), 0) for base in (0, 10**8))
    told = {finding.law for finding in large.findings}
    assert told < {finding.law for finding in every.findings}
    assert {"RND-3", "INF-1", "SOL-2"} <= set(large.tally.minor) - told
    assert all(minor.largest.base < 10**8 for minor in large.tally.minor.values())
    for finding in large.findings:
        assert finding.worth_at_least == 10**8
    small = next(finding for finding in every.findings if finding.law == "RND-3")
    arguments = {"judged_by": "3.7", "probe_seed": small.probe_seed}
    assert violation_of(small.history, "RND-3", **arguments).worth.base < 10**8
    assert violation_of(small.history, "RND-3", **arguments, worth_at_least=10**8) is None


def test_small_breaks_are_kept_with_a_campaigns_progress(tmp_path):
    path = tmp_path / "progress.json"
    options = CampaignOptions(
        standard_history("3.2"),
        steps=400,
        episode_steps=200,
        judged_by="3.7",
        stop_at_violation=False,
        worth_at_least=10**30,
        laws=("RND-1", "RND-3", "SOL-2"),
        resume=path,
    )
    run_campaign(replace(options, steps=200))
    resumed, whole = run_campaign(options), run_campaign(replace(options, resume=None))
    assert resumed.tally == whole.tally
    assert whole.tally.minor
    assert Tally.from_json(json.loads(json.dumps(whole.tally.to_json()))) == whole.tally


def test_a_negative_threshold_is_refused():
    with pytest.raises(ValueError, match="worth_at_least is -1"):
        CampaignOptions(standard_history(), steps=1, worth_at_least=-1)


def test_the_first_break_is_the_first_that_is_worth_enough():
    """The first break that counts is the first that is worth enough."""
    loans = [Action("erin", "pool", "flashLoanSimple", ("receiver", "USDC", 10**n, b"", 0)) for n in (9, 12)]
    history = standard_history("3.2").with_actions(loans)
    small = violation_of(history, "IDX-5", judged_by="3.7")
    large = violation_of(history, "IDX-5", judged_by="3.7", worth_at_least=small.worth.base + 1)
    assert (small.step, large.step) == (0, 1)
    assert large.worth.base > small.worth.base


# --- in words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (0, 6, "0 X"),
        (1, 6, "0.000001 X"),
        (1, 18, "under 0.000001 X"),
        (132_363_306_503, 6, "132,363.31 X"),
        (1_500_000 * 10**6, 6, "1,500,000 X"),
        (15 * 10**17, 18, "1.50 X"),
        (1_234_560_000_000_000, 18, "0.00123 X"),
        (5, 2, "0.05 X"),
        (-150, 2, "-1.50 X"),
    ],
)
def test_amounts_in_words(amount, decimals, text):
    assert in_tokens(amount, decimals, "X") == text


@given(st.integers(0, 2**256 - 1), st.integers(2, 24))
def test_words_are_near_the_amount(amount, decimals):
    text = in_tokens(amount, decimals, "X").removesuffix(" X").replace(",", "")
    if text.startswith("over"):
        first, power = text.removeprefix("over ").split("e")
        assert int(first) * 10 ** int(power) <= amount // 10**decimals < (int(first) + 1) * 10 ** int(power)
        return
    if text.startswith("under"):
        assert 0 < amount * 10**6 < 10**decimals
        return
    whole, _, part = text.partition(".")
    told = int(whole + part) * 10 ** (decimals - len(part))
    assert abs(told - amount) * 200 <= max(amount, 10**decimals) or told == amount


@pytest.mark.parametrize(
    ("base", "text"), [(0, "0.00 USD"), (1, "under 0.01 USD"), (10**6, "0.01 USD"), (-(10**8), "-1.00 USD")]
)
def test_dollars_in_words(base, text):
    assert in_dollars(base) == text


@given(st.lists(st.integers(0, 10**12), max_size=6))
def test_small_breaks_add_up(figures):
    total = sum((Minor(1, Worth("", base, 8, base)) for base in figures), Minor())
    assert total.count == len(figures)
    assert (total.largest.base if total.largest else None) == max(figures, default=None)
    assert Minor.from_json(json.loads(json.dumps(total.to_json()))) == total
