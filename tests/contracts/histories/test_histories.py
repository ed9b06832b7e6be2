"""Recorded random histories: reproducible, replayable, and on the market the published recordings use."""

import json
from pathlib import Path

import pytest

from ..harness.artifacts import ArtifactSet
from ..harness.market import ACCOUNTS, SIGNERS, build_market, header
from ..harness.replay import RECORDINGS, read_records, replay
from ..harness.world import MAX_UINT, World
from .history import PROFILES, run


def test_the_market_is_set_up_as_in_the_recordings(artifacts_v3_6: ArtifactSet) -> None:
    """Record by record, but for the libraries, whose creation only our recordings mention."""
    recorder = build_market(artifacts_v3_6)
    libraries = artifacts_v3_6.libraries
    ours = [r for r in json.loads(json.dumps(recorder.records)) if r.get("kind") not in libraries]
    theirs = read_records(RECORDINGS / "v3.6-1.jsonl.gz")
    their_header = next(theirs)
    our_header = header(recorder, "3.6", seed=1, steps=2500)
    assert ours == [next(theirs) for _ in ours]
    labels = {name: address for name, address in our_header["addresses"].items() if name not in libraries}
    assert {"format": 1, **our_header, "addresses": labels} == their_header


@pytest.mark.parametrize("profile", PROFILES)
def test_a_recorded_history_can_be_replayed(artifacts_v3_6: ArtifactSet, tmp_path: Path, profile: str) -> None:
    head, recorder = run(artifacts_v3_6, "3.6", PROFILES[profile], seed=7, steps=120)
    path = tmp_path / "v3.6.jsonl.gz"
    recorder.write(path, head)
    replayed = replay(path, artifacts_v3_6)
    assert sum(replayed.compared.values()) == len(recorder.records)
    assert replayed.compared["state"] == 3


def test_the_same_seed_gives_the_same_file(artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl.gz" for number in (1, 2, 3)]
    for path, seed in zip(paths, (11, 11, 12), strict=True):
        head, recorder = run(artifacts_v3_6, "3.6", PROFILES["admin"], seed, steps=60)
        recorder.write(path, {**head, "seed": 0})
    first, same, other = (path.read_bytes() for path in paths)
    assert first == same
    assert first != other


def test_amounts_stay_within_what_an_integer_holds(artifacts_v3_6: ArtifactSet) -> None:
    """However large the balance or the price they are derived from: one wei more would not be encodable."""
    world = World(build_market(artifacts_v3_6, ACCOUNTS), 1, ACCOUNTS, SIGNERS)
    amounts = [world.near(base) for base in (0, MAX_UINT, 2**300) for _ in range(200)]
    assert min(amounts) == 0
    assert max(amounts) == MAX_UINT
    world.prices["DUST"] = 1
    assert world.to_amount("DUST", 2**250) == MAX_UINT
