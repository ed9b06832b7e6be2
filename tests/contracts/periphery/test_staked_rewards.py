"""Rewards paid in staked tokens, beside the real strategy: who may ask, what is approved, what a claim stakes."""

from collections.abc import Iterator

import pytest

from ..harness.given import Release
from ..harness.lockstep import LockstepChain
from ..harness.recorder import Recorder
from .staked import STUB, administer, claim, open_staked


@pytest.fixture
def recorder(release: Release) -> Iterator[Recorder]:
    """The market, whose storage is compared at the end."""
    opened = open_staked(release.artifacts, release.revision)
    yield opened
    assert isinstance(opened.chain, LockstepChain)
    opened.chain.compare_storage()


def test_a_strategy_that_approves_is_made_and_asked(recorder: Recorder) -> None:
    administer(recorder)


@pytest.mark.parametrize("reward", [STUB, "LINK"])
def test_a_claim_stakes_only_the_staking_contract_s_token(recorder: Recorder, reward: str) -> None:
    assert claim(recorder, reward) == (reward == STUB)
