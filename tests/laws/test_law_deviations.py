"""Known deviations: each is shown on the twin, which repeats what the real contracts do.

A monitor that is strict raises; one that is not counts the deviation apart.
"""

from __future__ import annotations

import pytest
from pooltwin.invariants.action import Action
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.law import LawBroken
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history


def perform(revision, actions, *, strict, laws):
    """Perform actions on the standard market under some laws. Returns the monitor."""
    stage = standard_history(revision).stage()
    watching = [law for law in all_laws() if law.id in (*laws, "FLG-10")]  # which remembers gifts for FLG-9
    with Monitor(stage.market, watching, strict=strict, names=stage.names) as monitor:
        for action in actions:
            stage.perform(action)
    return monitor


def shows(revision, actions, law, figures):
    """The actions break a law on a release where it is known to deviate, and nowhere else."""
    with pytest.raises(LawBroken, match=rf"^{law} broken at step {len(actions) - 1}, .*{figures}"):
        perform(revision, actions, strict=True, laws=(law,))
    monitor = perform(revision, actions, strict=False, laws=(law,))
    assert monitor.violations == []
    assert monitor.deviated[[each.id for each in monitor.laws].index(law)] == 1
    assert revision in law_called(law).deviates


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
def test_a_same_asset_liquidation_after_silence_accrues_twice_until_v3_6(law, figures):
    shows("3.6", SAME_ASSET_AFTER_SILENCE, law, figures)
    assert perform("3.7", SAME_ASSET_AFTER_SILENCE, strict=True, laws=(law,)).violations == []


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
    ("law", "figures"),
    [("LIQ-11", "collateral bit, 0 must be equal"), ("FLG-2", "flagged without shares, none must be equal")],
)
def test_a_liquidation_may_leave_the_bit_of_nothing_until_v3_6(law, figures):
    shows("3.6", LAST_SHARE_BY_ROUNDING, law, figures)
    assert perform("3.7", LAST_SHARE_BY_ROUNDING, strict=True, laws=(law,)).violations == []


PREMIUM_THROUGH_THE_INDEX = [
    Action("alice", "pool", "flashLoanSimple", ("receiver", "WETH", 10**21, b"", 0)),
]


@pytest.mark.parametrize("revision", ["3.2", "3.3"])
@pytest.mark.parametrize("law", ["IDX-2", "IDX-5"])
def test_premiums_raise_the_index_until_v3_3(revision, law):
    shows(revision, PREMIUM_THROUGH_THE_INDEX, law, "must be equal")
    assert perform("3.7", PREMIUM_THROUGH_THE_INDEX, strict=True, laws=(law,)).violations == []
