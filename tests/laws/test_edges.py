"""The edges of laws: each is met where the law is really asked, each can be aimed at, and a report names the rest."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from pooltwin.invariants import (
    CampaignOptions,
    Edge,
    Kind,
    Monitor,
    ReserveChange,
    Subject,
    Unit,
    Verdict,
    all_laws,
    at_most,
    law,
    mutant_named,
    run_campaign,
    standard_history,
)
from pooltwin.invariants.campaigns.campaign import CampaignResult, EpisodeRun
from pooltwin.invariants.edge_count import OFTEN_ENOUGH
from pooltwin.invariants.histories.aims import AIMS, plots_to
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.plots import measured
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.protocol import REVISIONS, named_address

SMALL_COLLATERAL = "LIQ-16: collateral below 2,000 beside a debt above, HF above 0.95, where half would leave dust"

WITHOUT_EDGES = {
    "a probe, which goes to its edge itself": [each.id for each in all_laws() if each.subject is Subject.PROBE],
    "an identity, which any case can break": (
        *("SOL-6", "SOL-7", "SOL-8", "SOL-13", "SOL-16", "IDX-1", "IDX-2", "IDX-3", "IDX-4", "IDX-8", "IDX-14"),
        *("RAT-5", "RAT-6", "RAT-7", "RAT-9", "RAT-10", "INF-4", "HF-5", "HF-7", "FLG-4", "FLG-5", "FLG-9", "FLG-10"),
        "FLG-12",
        *("EMD-1", "EMD-7", "ACT-11", "LIQ-10", "DEF-6", "DEF-11", "DEF-12"),
        *("TOK-1", "TOK-2", "TOK-8", "TOK-10", "TOK-11", "ORA-2"),
        *("SYS-7", "SOL-17", "RND-15"),
    ),
    "it speaks only where it could fail": ("DEF-13",),
    "a bound that only an attack comes near": ("IDX-15", "INF-5"),
    "only attempts exercise it, and each is at the edge": ("RND-13", "ACT-9", "ACT-10", "TOK-5", "TOK-6"),
}


def test_every_law_has_edges_or_a_reason_to_have_none() -> None:
    reasons = {identifier for some in WITHOUT_EDGES.values() for identifier in some}
    assert reasons == {each.id for each in all_laws() if not each.edges}


def test_names_of_edges_are_short_enough_for_a_line_of_a_terminal() -> None:
    labels = [label for each in all_laws() for label in each.edge_labels("3.7")]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 110
    assert not [label for label in labels if label.endswith(".")]


def test_two_edges_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="MY-1: two of its edges have one name"):
        law(
            "MY-1",
            "Nothing.",
            kind=Kind.STATE,
            subject=Subject.RESERVE,
            source="mine",
            edges=(Edge("here", bool), Edge("here", bool)),
        )


def test_every_aim_leads_to_an_edge() -> None:
    labels = [label for each in all_laws() for revision in REVISIONS for label in each.edge_labels(revision)]
    assert [beginning for beginning in AIMS if not any(label.startswith(beginning) for label in labels)] == []


def _campaign(seed: int, steps: int, revision: str = "3.7") -> CampaignResult:
    return run_campaign(CampaignOptions(standard_history(revision), seed=seed, steps=steps))


@pytest.mark.parametrize("revision", ["3.7", "3.6"])
def test_a_short_campaign_comes_near_to_most_edges_and_names_the_others(revision: str) -> None:
    result = _campaign(seed=1, steps=4_000, revision=revision)
    assert result.never_met == [label for label in result.edges if not result.tally.edges[label]]
    assert len(result.never_met) <= len(result.edges) // 5
    assert max(result.tally.edges.values()) <= result.episodes * OFTEN_ENOUGH


def test_what_is_never_met_is_met_by_a_longer_campaign() -> None:
    known = {label: plots_to(label) for label in _campaign(seed=1, steps=2_000).never_met}
    assert known  # an episode is too short for all of them
    met = _campaign(seed=1, steps=8_000).tally.edges
    assert len([label for label in known if not met[label]]) <= len(known) // 3


def test_an_episode_aims_by_its_own_past_alone() -> None:
    options = CampaignOptions(standard_history(), seed=5, steps=1, episode_steps=300)
    alone = EpisodeRun(options, 2)
    alone.run()
    for number in range(3):
        after_others = EpisodeRun(options, number)
        after_others.run()
    assert after_others.actions == alone.actions


# --- the edge of the close factor: where the fault shows, and nowhere else -----------------------------------------


def _liquidations(seed: int, fault: bool) -> tuple[int, bool]:
    """Liquidate small collaterals. Returns how often the edge was met, and whether a law broke."""
    mutant = mutant_named("M25") if fault else replace(mutant_named("M25"), patches=(), decisions={})
    with mutant.engaged() as revision:
        stage = standard_history().stage(revision)
        laws = [each for each in all_laws() if each.id in ("LIQ-16", "LIQ-17")]
        with Monitor(stage.market, laws, stop=False, names=stage.names) as monitor:
            driver = Driver(stage, Chance(Random(seed)), ADVERSARY)
            for action in driver.play(measured.small_collateral):
                stage.perform(action)
    return monitor.edges.counts()[SMALL_COLLATERAL], bool(monitor.violations)


def test_the_fault_of_the_close_factor_shows_exactly_where_the_edge_is_met() -> None:
    outcomes = {seed: (_liquidations(seed, fault=False), _liquidations(seed, fault=True)) for seed in range(12)}
    assert all(not broken for (_, broken), _ in outcomes.values())
    assert {seed: met > 0 for seed, ((met, _), _) in outcomes.items()} == {
        seed: broken for seed, (_, (_, broken)) in outcomes.items()
    }
    assert any(met for (met, _), _ in outcomes.values())


def test_a_plain_campaign_finds_the_fault_of_the_close_factor() -> None:
    mutant = mutant_named("M25")
    with mutant.engaged() as revision:
        options = CampaignOptions(
            standard_history(), seed=1, steps=60_000, engine=revision, laws=("LIQ-16", "LIQ-17", "LIQ-3")
        )
        number, broken = 0, False
        while not broken and number < 30:
            broken = bool(EpisodeRun(options, number).run().findings)
            number += 1
    assert broken


# --- a law of one's own ---------------------------------------------------------------------------------------------


@law(
    "MY-1",
    "At most ten WETH are lent.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="mine",
    edges=(Edge("all ten but one", lambda change: change.after.debt > 9 * 10**18), Edge("never", lambda _: False)),
)
def ten_at_most(change: ReserveChange) -> Verdict:
    return at_most("debt, ten", change.after.debt, 10 * 10**18, Unit.WEI) if change.after.symbol == "WETH" else None


def test_edges_are_counted_only_where_the_law_had_something_to_say() -> None:
    stage = standard_history().stage()
    market, alice = stage.market, named_address("alice")
    with Monitor(market, [ten_at_most], stop=False) as monitor:
        market.pool.borrow(market.asset("USDC"), 10**12, sender=alice)
        market.pool.borrow(market.asset("WETH"), 10**18, sender=alice)
        assert monitor.edges.counts() == {"MY-1: all ten but one": 0, "MY-1: never": 0}
        market.pool.borrow(market.asset("WETH"), 85 * 10**17, sender=alice)
        market.pool.borrow(market.asset("WETH"), 10**18, sender=alice)
    assert monitor.edges.counts() == {"MY-1: all ten but one": 2, "MY-1: never": 0}  # the break was there too
    assert monitor.edges.hardly_met() == ["MY-1: all ten but one", *3 * ["MY-1: never"]]  # the rarer the oftener
    assert len(monitor.violations) == 1
