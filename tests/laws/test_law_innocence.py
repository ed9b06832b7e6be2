"""The laws are silent where nothing is wrong: on every release, in a campaign of the standard adversary."""

from __future__ import annotations

import pytest
from pooltwin.invariants.campaigns.campaign import run_episode
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.law import not_asked_of
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.revisions import REVISIONS

RESTATED = ("RND-1", "RND-2", "RND-3", "RND-6", "SOL-1", "SOL-2", "SOL-3", "SOL-10", "INF-1", "TOK-9", "IDX-15")
"""Laws whose bound is the rounding of the release."""


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_campaign_breaks_nothing_on_any_release(revision):
    options = CampaignOptions(
        history=standard_history(revision), seed=29, steps=800, episode_steps=800, probe_every=200
    )
    result = run_episode(options, 0)
    assert [finding.violation for finding in result.findings] == []
    assert [law for law in RESTATED if not result.tally.exercised[law]] == []


def test_a_report_says_which_laws_are_not_asked_of_a_release():
    laws = [law for law in all_laws() if law.id in ("SOL-1", "SOL-5", "SOL-9", "DEF-2")]
    told = not_asked_of("3.0.2", laws)
    reason = "because they speak of what it lacks or of how others round"
    assert told == f"3 of 4 laws are not asked of v3.0.2, {reason}: SOL-5, 9; DEF-2"
    assert not_asked_of("3.7", laws) == ""
