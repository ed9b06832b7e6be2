"""The corners around the pool can be made anew, and in them twin and real contracts agree down to their storage."""

import gzip
from pathlib import Path

from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from .corners import run

RECORDINGS = Path(__file__).parents[2] / "recordings" / "around"


def test_the_corners_around_the_pool_come_out_as_committed(release: Release, tmp_path: Path) -> None:
    head, recorder = run(release.artifacts, release.revision, in_lockstep_with(release.revision))
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    assert chain.compare_storage() > 500
    recorder.write(tmp_path / "corners.jsonl.gz", head)
    committed = RECORDINGS / f"v{release.revision}-corners-0.jsonl.gz"
    made = gzip.decompress((tmp_path / "corners.jsonl.gz").read_bytes())
    assert made == gzip.decompress(committed.read_bytes())
