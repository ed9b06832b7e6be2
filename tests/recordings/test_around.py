"""Recordings of what stands around the pool: rewards, packed calls, votes and views."""

from pathlib import Path

import pytest
from pooltwin.protocol.recordings.recording import Call, Recording
from pooltwin.protocol.recordings.verification import verify

RECORDINGS = sorted((Path(__file__).parent / "around").glob("*.jsonl.gz"))
SIGNS = {
    "corners": ("executeGetUserAccountData(", "encodeSupplyParams("),
    "rewards": ("claimAllRewards(address[],address)", "configureAssets("),
    "rollup": ("supply(bytes32)", "borrow(bytes32)"),
    "vaults": ("deposit(uint256,address)", "redeemATokens(", "claimRewards"),
    "votes": ("delegate(address)", "metaDelegate("),
}
"""What each subject's histories call."""


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.partition(".jsonl")[0])
def test_the_twin_agrees_with_the_recording(path: Path) -> None:
    result = verify(path)
    assert result.ok, result
    called = [record.fn for _, record in Recording(path) if isinstance(record, Call)]
    signs = SIGNS[path.name.split("-")[1]]
    assert all(any(sign in signature for signature in called) for sign in signs)
    assert "getReservesData(address)" in called


def test_there_is_one_of_each() -> None:
    assert {path.name.split("-")[1] for path in RECORDINGS} == set(SIGNS)
