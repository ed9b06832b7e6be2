"""No two sentences of a verdict contradict each other, whatever the parameters."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.parameters import PriceShock, ReplayParameters

IN_THE_NIGHT = datetime(2026, 2, 6, 1, 30, tzinfo=UTC)
LIQUIDATORS = [{}, {"liquidator_slippage_bps": 430}, {"liquidator_slippage_bps": 431}, {"liquidators_active": False}]
GRID = [
    *product([None, 1400], [True, False], LIQUIDATORS),
    *product([1600, 1425, 1200], [True, False], LIQUIDATORS[:1]),
]
WHOLE, LOST, STAND, SAVED = (
    "No lender lost anything",
    "Lenders lost.",
    "Lenders stand to lose",
    "Nothing was written off",
)


def _said(result, *beginnings):
    return [sentence for sentence in result.verdict for start in beginnings if sentence.startswith(start)]


def contradictions(result):
    """What a verdict says that its own figures, or another of its sentences, deny."""
    opening, whole = _said(result, WHOLE, LOST, STAND, SAVED, "Lenders are short"), bool(_said(result, WHOLE))
    deficits = any(now.deficit > then.deficit for then, now in zip(result.before, result.after, strict=True))
    bare = max(step.uncovered_at_print_base for step in result.steps)
    left = max(step.uncovered_base for step in result.steps)
    never = bool(_said(result, "At no print was a debt larger"))
    all_of_it = " ".join(result.verdict)
    checks = {
        "one sentence says how lenders fared": len(opening) == 1,
        "lost is lost": result.lenders_lost == bool(_said(result, LOST, STAND)),
        "lost means bad debt": bool(_said(result, LOST)) == deficits,
        "whole means that nothing was left uncovered": whole == (not deficits and not left),
        "whole and short exclude each other": not (whole and "short of" in all_of_it),
        "never uncovered means at no print": never == (bare == 0),
        "uncovered before and after": not (never and "had no collateral behind it" in all_of_it),
        "'neither before nor after' means no loss": not (deficits and "nor after" in all_of_it),
        "only the whole are called whole": not (result.lenders_lost and _said(result, "Being whole")),
        "none liquidated": bool(_said(result, "Nothing was liquidated")) == (not result.liquidations),
        "none could be": ("no print was any account" in all_of_it)
        == (not any(step.liquidatable_at_print for step in result.steps)),
        "others safe": any("None of them was liquidated" in said for said in result.assumed)
        == all(call.account.startswith("wallet") for call in result.liquidations),
        "by construction": ("by construction" in all_of_it) <= bool(result.returns),
    }
    return [name for name, holds in checks.items() if not holds]


@pytest.mark.parametrize(("shock", "sell", "liquidators"), GRID)
def test_no_two_sentences_contradict(shock, sell, liquidators):
    invented = PriceShock(time=IN_THE_NIGHT, weth_usd=Decimal(shock)) if shock else None
    result = replay(ReplayParameters(shock=invented, sell=sell, **liquidators))
    assert contradictions(result) == []
    assert len({change.name for change in result.changed}) == (shock is not None) + (not sell) + len(liquidators)


def test_a_contradiction_is_found(crashed, sold):
    """The sentences of a calm run under the figures of a crash, and the other way round."""
    assert "lost means bad debt" in contradictions(crashed.model_copy(update={"verdict": sold.verdict}))
    found = contradictions(sold.model_copy(update={"verdict": (*sold.verdict, *crashed.verdict)}))
    assert {"one sentence says how lenders fared", "lost is lost"} <= set(found)


def test_who_does_not_liquidate_says_why():
    """At 4.30% liquidators act, at 4.31% the bonus of 5% less the fee of a tenth of it does not pay any more."""
    acting = replay(ReplayParameters(sell=False, liquidator_slippage_bps=430))
    idle = replay(ReplayParameters(sell=False, liquidator_slippage_bps=431))
    assert acting.liquidations
    assert not acting.declined
    assert not idle.liquidations
    (said,) = _said(idle, "Nothing was liquidated")
    assert said == (
        "Nothing was liquidated, although 6 accounts could be at Feb 06 01:20 UTC: the bonus after the fee, 4.5%, does"
        " not pay a slippage of 4.31%."
    )
    for entry in idle.declined:
        assert entry.proceeds_base < entry.repaid_base < entry.received_base
        assert round(float(entry.bonus_bps)) == 450
        assert round(float(entry.slippage_bps)) == 431


def test_what_stood_uncovered_is_told_where_nobody_acts():
    shock = PriceShock(time=IN_THE_NIGHT, weth_usd=Decimal(1400))
    result = replay(ReplayParameters(sell=False, liquidator_slippage_bps=431, shock=shock))
    assert "debts of 73,755,325 USD were left without collateral" in _said(result, SAVED)[0]
    assert _said(result, "Before anyone acted 73,755,325 USD of debt had no collateral behind it at Feb 06 01:30 UTC")
    assert not result.lenders_lost  # the price rose again: nobody sold, and nobody was made to


def test_what_is_left_uncovered_at_the_end_is_a_loss_to_come():
    late = PriceShock(time=datetime(2026, 2, 8, 12, 0, tzinfo=UTC), weth_usd=Decimal(1400))
    result = replay(ReplayParameters(sell=False, liquidators_active=False, shock=late))
    assert result.lenders_lost
    assert contradictions(result) == []
    assert _said(result, STAND)
