"""A sample of the lockstep that goes on for as long as one likes: `python -m tests.contracts.periphery.endless`."""

import os
from pathlib import Path

import pytest
from pooltwin.protocol.revisions import revision_named

from ..harness.artifacts import ArtifactSet
from ..harness.given import Release
from .endless import Everything, go, mutate

MINUTES = 1.0 if os.environ.get("CI") else 0.0
"""One history is played at least."""
ROUNDS = 60


def test_everything_in_play_for_a_while(release: Release, tmp_path: Path) -> None:
    done = go(Everything(release.artifacts, release.revision), MINUTES, 0, tmp_path)
    assert done.calls > 1000
    assert done.words > 500
    assert done.not_modelled <= done.calls // 1000
    assert len(done.functions) > 100


def test_mutations_of_everything(release: Release, tmp_path: Path) -> None:
    (part,) = mutate(Everything(release.artifacts, release.revision), 1, tmp_path, ROUNDS)
    mutations = part[0].mutations
    assert mutations["sent"] > 2 * ROUNDS
    assert mutations["took effect"] > 0
    assert mutations["not modelled"] <= mutations["sent"] // 20


def test_a_wrong_twin_ends_it_and_leaves_a_recording(
    artifacts_v3_6: ArtifactSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = revision_named("3.6").contracts["RewardsController"]
    monkeypatch.setattr(controller, "on_balance_change", lambda *_: None)
    with pytest.raises(AssertionError, match=r"--- contracts\n(.|\n)*--- twin\n(.|\n)*difference-v3.6"):
        go(Everything(artifacts_v3_6, "3.6"), 5, 0, tmp_path)
    assert list(tmp_path.glob("*.jsonl.gz"))
