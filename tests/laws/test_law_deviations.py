"""Known deviations: each is shown on the twin, which repeats what the real contracts do.

A monitor that is strict raises; one that is not counts the deviation apart. What is not shown by hand here is shown by
the stories that the hunt for old defects found. The last test counts whether everything is shown.
"""

from __future__ import annotations

import re

import pytest
from pooltwin.invariants.campaigns.shrinking import violation_of
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.defects.results import read_results
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history

DOUBLE = ("LIQ-12", "DEF-8", "RND-6", "DEF-9", "SOL-2", "SOL-1")
BY_HAND = {
    *((law, revision) for law in (*DOUBLE, "RAT-2", "SOL-11") for revision in ("3.5", "3.6")),
    *((law, revision) for law in ("LIQ-11", "FLG-2", "FLG-10", "LIQ-14") for revision in ("3.5", "3.6")),
    *((law, revision) for law in ("FLG-9", "EMD-12") for revision in ("3.6", "3.7")),
    *((law, revision) for law in ("IDX-2", "IDX-5", "IDX-10") for revision in ("3.0.2", "3.2", "3.3")),
    ("FLG-1", "3.0.2"),
    ("FLG-2", "3.0.2"),
    *((law, "3.0.2") for law in ("HF-1", "HF-2", "HF-3", "HF-10", "IDX-15", "INF-5")),
    ("SOL-1", "3.0.2"),
    ("SOL-2", "3.0.2"),
    ("SOL-3", "3.0.2"),
}
"""Law and release, for what is shown by hand; of v3.0.2 in `test_law_first_release`, `test_law_stable_debts` and
`test_law_gifts_lent` too."""
STORIES = {
    (story.law, story.revision): story
    for hunt in read_results().hunts
    for story in hunt.stories
    if story.revision in law_called(story.law).deviates
}
SHOWN = BY_HAND | STORIES.keys()


def perform(revision, actions, *, strict, laws):
    """Perform actions on the standard market under some laws. Returns the monitor."""
    stage = standard_history(revision).stage()
    watching = [law for law in all_laws() if law.id in laws or law.remembers]
    with Monitor(stage.market, watching, stop=False, strict=strict, names=stage.names) as monitor:
        for action in actions:
            stage.perform(action)
    return monitor


def shows(revision, actions, law, figures):
    """The actions break a law on a release where it is known to deviate, and nowhere else."""
    strictly = perform(revision, actions, strict=True, laws=(law,))
    (broken,) = (violation for violation in strictly.violations if violation.law.id == law)
    assert re.match(rf"{law} broken at step {len(actions) - 1}, .*{figures}", str(broken))
    assert broken.known
    monitor = perform(revision, actions, strict=False, laws=(law,))
    assert monitor.violations == []
    assert monitor.deviated[[each.id for each in monitor.laws].index(law)] == 1
    assert (law, revision) in SHOWN


DUST_TO_THE_VICTIM = [
    Action("alice", "aWETH", "transfer", ("heidi", 1)),
    Action("heidi", "pool", "supply", ("WETH", 10**18, "heidi", 0)),
]


@pytest.mark.parametrize("revision", ["3.6", "3.7"])
def test_an_outsiders_dust_suppresses_the_victims_collateral(revision):
    shows(revision, DUST_TO_THE_VICTIM, "FLG-9", "is collateral must be equal: False against True")


FROZEN_TWICE = [
    Action("admin", "configurator", "setReserveFreeze", ("WETH", True)),
    Action("admin", "configurator", "setReserveFreeze", ("WETH", False)),
    Action("admin", "configurator", "setReserveFreeze", ("WETH", True)),
]


@pytest.mark.parametrize("revision", ["3.6", "3.7"])
def test_a_second_freeze_keeps_the_ltv_from_before_the_first(revision):
    shows(revision, FROZEN_TWICE, "EMD-12", "pending LTV, LTV before must be equal: 8050 against 0")


SAME_ASSET_AFTER_SILENCE = [
    Action("alice", "pool", "borrow", ("LINK", 600_000 * 10**18, 2, 0, "alice")),
    Action("heidi", "pool", "supply", ("LINK", 1000 * 10**18, "heidi", 0)),
    Action("heidi", "pool", "borrow", ("LINK", 100 * 10**18, 2, 0, "heidi")),
    Action("heidi", "pool", "borrow", ("USDC", 8000 * 10**6, 2, 0, "heidi")),
    Action.wait(30 * 86_400),
    Action.price("LINK", 10**9),
    Action("grace", "pool", "liquidationCall", ("LINK", "LINK", "heidi", EVERYTHING, False)),
]


@pytest.mark.parametrize("revision", ["3.5", "3.6"])
@pytest.mark.parametrize(
    ("law", "figures"),
    [
        ("LIQ-12", "A after, accrued once must be equal"),
        ("DEF-8", "A grown, due and premiums must be equal"),
        ("RND-6", "shares . L, share of growth must not be above"),
        ("DEF-9", "treasury's part, due must not be above"),
        ("SOL-2", "slack after, slack before must not be below"),
        ("SOL-1", "slack, bound must not be below"),
    ],
)
def test_a_same_asset_liquidation_after_silence_accrues_twice_until_v3_6(revision, law, figures):
    shows(revision, SAME_ASSET_AFTER_SILENCE, law, figures)
    assert perform("3.7", SAME_ASSET_AFTER_SILENCE, strict=True, laws=(law,)).violations == []


LENDERS_ARE_PROMISED_ALL = [
    *SAME_ASSET_AFTER_SILENCE,
    Action("admin", "configurator", "setReserveFactor", ("LINK", 0)),
]


@pytest.mark.parametrize("revision", ["3.5", "3.6"])
def test_after_it_lenders_are_promised_more_than_borrowers_pay(revision):
    shows(revision, LENDERS_ARE_PROMISED_ALL, "RAT-2", "LR . claims, BR . debt and bound must not be above")
    assert perform("3.7", LENDERS_ARE_PROMISED_ALL, strict=True, laws=("RAT-2",)).violations == []


@pytest.mark.parametrize("revision", ["3.5", "3.6"])
def test_after_it_somebody_cannot_leave(revision):
    history = standard_history(revision).with_actions(SAME_ASSET_AFTER_SILENCE)
    violation = violation_of(history, "SOL-11", strict=True, probe_seed=A_PROBE_OF_LINK)
    assert violation is not None
    assert (violation.verdict.left, violation.verdict.right) == (1, 0)
    sound = standard_history("3.7").with_actions(SAME_ASSET_AFTER_SILENCE)
    assert violation_of(sound, "SOL-11", probe_seed=A_PROBE_OF_LINK) is None


A_PROBE_OF_LINK = "seed 1"
"""The probe of this seed tries to leave LINK."""

HALF_A_SHARE_FOR_NOTHING = [
    Action("alice", "pool", "borrow", ("GUSD", 10**13, 2, 0, "alice")),
    Action.wait(3600),
    *[Action("heidi", "pool", "supply", ("GUSD", 1_000_002_972_156, "heidi", 0))] * 24,
]
"""The amount is worth some shares and just more than a half: every other supply costs the pool a wei."""


@pytest.mark.parametrize("revision", ["3.2", "3.3", "3.4"])
def test_rounding_to_the_nearest_costs_a_wei_now_and_then_until_v3_4(revision):
    """The later law without a bound hears it; the release's own, with the bound of its rounding, is silent."""
    stage = standard_history(revision).stage()
    with Monitor(stage.market, [law_called("SOL-1")], judged_by="3.7", stop=False) as later:
        for action in HALF_A_SHARE_FOR_NOTHING:
            stage.perform(action)
    assert "slack, bound must not be below: -3 against -2" in str(later.violations[0])
    for release in (revision, "3.5"):
        assert perform(release, HALF_A_SHARE_FOR_NOTHING, strict=True, laws=("SOL-1",)).violations == []


LAST_SHARE_BY_ROUNDING = [
    Action("alice", "pool", "borrow", ("WBTC", 300 * 10**8, 2, 0, "alice")),
    Action.wait(400 * 86_400),
    Action("heidi", "pool", "supply", ("WBTC", 10**8, "heidi", 0)),
    Action("heidi", "pool", "borrow", ("USDC", 40_000 * 10**6, 2, 0, "heidi")),
    Action.price("WBTC", 4200000054604),
    Action("grace", "pool", "liquidationCall", ("WBTC", "USDC", "heidi", EVERYTHING, False)),
]
"""At this price the whole debt takes all of the collateral but one wei, and the shares for it, rounded up, the rest."""


@pytest.mark.parametrize(
    ("law", "revision", "figures"),
    [
        ("LIQ-11", "3.5", "collateral bit, 0 must be equal"),
        ("LIQ-11", "3.6", "collateral bit, 0 must be equal"),
        ("FLG-2", "3.5", "flagged without shares, none must be equal"),
        ("FLG-2", "3.6", "flagged without shares, none must be equal"),
        ("FLG-10", "3.5", "collateral bit of nothing, off must be equal"),
        ("FLG-10", "3.6", "collateral bit of nothing, off must be equal"),
    ],
)
def test_a_liquidation_may_leave_the_bit_of_nothing_until_v3_6(law, revision, figures):
    shows(revision, LAST_SHARE_BY_ROUNDING, law, figures)
    assert perform("3.7", LAST_SHARE_BY_ROUNDING, strict=True, laws=(law,)).violations == []


ANOTHER_DEBT = Action("heidi", "pool", "borrow", ("USDT", 1_000 * 10**6, 2, 0, "heidi"))


@pytest.mark.parametrize("revision", ["3.5", "3.6"])
def test_and_with_it_the_other_debts(revision):
    """Nobody can liquidate what has no collateral, so the debt stays for good; v3.7 writes it off."""
    actions = [*LAST_SHARE_BY_ROUNDING[:-2], ANOTHER_DEBT, *LAST_SHARE_BY_ROUNDING[-2:]]
    shows(revision, actions, "LIQ-14", "owed in active reserves, nothing must be equal")
    assert perform("3.7", actions, strict=True, laws=("LIQ-14",)).violations == []


PREMIUM_THROUGH_THE_INDEX = [
    Action("alice", "pool", "flashLoanSimple", ("receiver", "WETH", 10**21, b"", 0)),
]


@pytest.mark.parametrize("revision", ["3.2", "3.3"])
@pytest.mark.parametrize("law", ["IDX-2", "IDX-5"])
def test_premiums_raise_the_index_until_v3_3(revision, law):
    shows(revision, PREMIUM_THROUGH_THE_INDEX, law, "must be equal")
    assert perform("3.7", PREMIUM_THROUGH_THE_INDEX, strict=True, laws=(law,)).violations == []


PREMIUM_AFTER_A_SECOND = [
    Action("bob", "pool", "borrow", ("WETH", 10**18, 2, 0, "bob")),
    Action.wait(1),
    *PREMIUM_THROUGH_THE_INDEX,
]


@pytest.mark.parametrize("revision", ["3.2", "3.3"])
def test_premiums_outgrow_every_rate_until_v3_3(revision):
    shows(revision, PREMIUM_AFTER_A_SECOND, "IDX-10", "growth of L, highest must not be above")
    assert perform("3.7", PREMIUM_AFTER_A_SECOND, strict=True, laws=("IDX-10",)).violations == []


A_FACTOR_WITHOUT_RATES = [
    Action("alice", "pool", "borrow", ("LINK", 600_000 * 10**18, 2, 0, "alice")),
    Action("admin", "configurator", "setReserveFactor", ("LINK", 9_000)),
    Action.wait(86_400),
]


def test_rates_that_do_not_fit_promise_too_much_in_v3_0_2():
    shows("3.0.2", A_FACTOR_WITHOUT_RATES, "SOL-3", "slack after, slack before less bound must not be below")
    updated = [*A_FACTOR_WITHOUT_RATES, Action("alice", "pool", "supply", ("LINK", 10**18, "alice", 0))]
    shows("3.0.2", updated, "SOL-1", "slack, bound must not be below")
    assert perform("3.2", updated, strict=True, laws=("SOL-1", "SOL-3")).violations == []


INTO_A_CATEGORY_THAT_IS_DEARER = [
    Action("heidi", "pool", "supply", ("WETH", 10**21, "heidi", 0)),
    Action.price("USDT", 5 * 10**7),
    Action("heidi", "pool", "borrow", ("USDT", 3 * 10**12, 2, 0, "heidi")),
    Action("heidi", "pool", "setUserEMode", (2,)),
]
"""The category has the price of USDC for all its assets, twice that of USDT."""
UNHEALTHY_AND_WORSE = [
    *INTO_A_CATEGORY_THAT_IS_DEARER[:-1],
    Action.price("WETH", 10**11),
    INTO_A_CATEGORY_THAT_IS_DEARER[-1],
]


@pytest.mark.parametrize("law", ["HF-1", "HF-2", "HF-3", "HF-10"])
def test_whoever_enters_a_category_need_not_be_healthy_in_v3_0_2(law):
    shows("3.0.2", UNHEALTHY_AND_WORSE if law == "HF-3" else INTO_A_CATEGORY_THAT_IS_DEARER, law, "HF")


@pytest.mark.parametrize("pair", STORIES, ids="-".join)
def test_a_story_of_the_hunt_breaks_the_law_of_its_own_release(pair):
    """As a violation where deviations count, and as no violation where they do not."""
    story = STORIES[pair]
    assert violation_of(story.history, story.law, strict=True, probe_seed=story.probe_seed) is not None
    stage = story.history.stage()
    with Monitor(stage.market, all_laws(), names=stage.names) as monitor:
        story.history.replay(stage)
    assert monitor.violations == []


def test_every_known_deviation_is_shown():
    known = {(law.id, revision) for law in all_laws() for revision in law.deviates}
    assert known - SHOWN == set()
    assert BY_HAND - known == set()


def test_a_gift_does_not_hide_what_rates_promise_while_less_is_there_than_is_owed():
    """v3.0.2: a new reserve factor reaches back, rates are set on what is left, and a gift fills it up."""
    history = standard_history("3.0.2").with_actions(
        [
            Action("alice", "pool", "borrow", ("WSTETH", 10**21, 2, 0, "alice")),
            Action("admin", "configurator", "setReserveFactor", ("WSTETH", 1_000)),
            Action.wait(3_600),
            Action("alice", "pool", "borrow", ("WSTETH", 10**20, 2, 0, "alice")),
            Action("alice", "WSTETH", "transfer", ("aWSTETH", 10**17)),
            Action.wait(1),
        ]
    )
    assert violation_of(history, "SOL-3") is None
    assert violation_of(history, "SOL-3", strict=True) is not None
