"""Published losses beside what follows from them, and the firm's loss in a replay part by part."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from pooltwin import fixtures
from pooltwin.protocol.refusal import MalformedError, read_model
from pooltwin.scenarios.trend_research.losses import loss_words, reconcile
from pooltwin.scenarios.trend_research.timeline import Timeline, load_timeline
from pooltwin.scenarios.trend_research.waterfall import loss_in_replay, loss_story, parts_in_replay, waterfall

MILLION = 10**14
RUNS = ("sold", "unsold", "crashed", "stranded")


def by_millions():
    return {loss.published_base // MILLION: loss for loss in reconcile(load_timeline())}


@pytest.mark.parametrize(("millions", "implied"), [(688, 688_443_728), (734, 734_240_500), (763, 763_862_000)])
def test_a_loss_with_quantity_entry_and_exit_follows_from_them(millions, implied):
    loss = by_millions()[millions]
    assert loss.implied_base == implied * 10**8
    assert loss.agrees
    assert not loss.entry_is_implied


def test_flows_in_and_out_explain_one_tracker_twice():
    for millions in (747, 750):
        assert by_millions()[millions].implied_base == 750_414_024 * 10**8
        assert by_millions()[millions].agrees


def test_a_loss_without_a_basis_is_compared_with_the_nearest_entry():
    first = by_millions()[686]
    assert (first.entry // 10**8, first.entry_is_implied, first.agrees) == (3_107, True, True)
    assert not by_millions()[869].agrees
    assert not by_millions()[779].agrees
    words = " ".join(loss_words(reconcile(load_timeline())))
    assert "No basis is published for 686m" in words
    assert "explains 779m (it would need an entry of 3,250) and 869m (it would need an entry of 3,388)" in words


def test_lots_that_do_not_balance_are_refused():
    content = json.loads(fixtures.scenario_text("trend-research"))
    content["reported_losses"][1]["sold"][0]["eth"] = "658167"
    with pytest.raises(MalformedError, match=r"658168 ETH bought and 658167 ETH sold"):
        read_model(Timeline, json.dumps(content))


@pytest.mark.parametrize("name", RUNS)
def test_the_parts_add_up_to_the_loss_exactly(name, request):
    result = request.getfixturevalue(name)
    parts = parts_in_replay(result)
    assert sum((part.dollars for part in parts), Fraction(0)) == loss_in_replay(result)


def test_before_the_replay_only_the_entry_counts(sold):
    low, high = (waterfall(sold, Fraction(entry)) for entry in (3_104, 3_180))
    assert low[1:] == high[1:] == parts_in_replay(sold)
    assert high[0].dollars - low[0].dollars == Fraction(sold.steps[0].position.weth, 10**18) * 76


def test_who_sells_all_pays_no_penalty_and_who_idles_does(sold, unsold, crashed):
    penalty = {
        name: dict(parts_in_replay(run)) for name, run in (("sold", sold), ("unsold", unsold), ("crashed", crashed))
    }
    assert penalty["sold"]["liquidation penalties"] == 0
    assert penalty["unsold"]["liquidation penalties"] > 0
    assert penalty["crashed"]["debt written off"] < 0
    seized = [call for call in unsold.liquidations if call.account.startswith("wallet")]
    assert all(call.seized > call.received for call in seized)


def test_the_story_names_entries_parts_and_published_figures(sold, unsold):
    first, *rest = loss_story(sold)
    assert first.startswith("Bought at 3,104 to 3,180 USD")
    assert "liquidation penalties" not in first
    assert "liquidation penalties 2" in loss_story(unsold)[0]
    assert rest == list(loss_words(reconcile(load_timeline())))
