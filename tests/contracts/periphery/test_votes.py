"""ATokens that vote, beside the real ones: power follows shares through every flow, and hostile calldata."""

from pathlib import Path

import pytest

from ..harness.given import Release
from ..harness.planting import lifted
from ..histories.assault import Assault
from ..histories.run import Run
from .votes import VOTED, VOTING_TOKEN, deploy_voting_tokens


def needs_votes(release: Release) -> None:
    """Skip releases whose aTokens with votes are not the twin's."""
    if release.revision not in ("3.6", "3.7"):
        pytest.skip(f"the aToken with votes of v{release.revision} is not modelled")


@pytest.mark.parametrize("seed", [101, 102])
def test_a_random_history_of_votes(release: Release, tmp_path: Path, seed: int) -> None:
    needs_votes(release)
    run = Run(release.artifacts, release.revision, VOTED, seed, steps=220, before_tokens=deploy_voting_tokens)
    run.go(tmp_path)
    outcomes = {outcome for kind, _, outcome in run.chain.hits if kind == VOTING_TOKEN}
    assert "event DelegateChanged" in outcomes
    chain = lifted(run.chain)
    assert chain.twin.digest() == run.chain.twin.digest()


def test_hostile_calldata_of_votes(release: Release, tmp_path: Path) -> None:
    needs_votes(release)
    assault = Assault(release.artifacts, release.revision, seed=103, before_tokens=deploy_voting_tokens)
    assault.run(1200, tmp_path)
    assert assault.chain.compared > 2500
