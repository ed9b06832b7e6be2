"""The laws over recordings of the real contracts: pinned figures, and what tells the releases apart."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from functools import reduce
from operator import getitem

import pytest
from pooltwin.fixtures import read_json, recording_paths
from pooltwin.invariants import recorded
from pooltwin.invariants.recorded import judge_recording
from pooltwin.protocol.recordings.recording import RecordingError
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

PINNED = read_json("recordings/judged.json")
"""By recording: what each broken law came to, and the read-outs. Made by `pooltwin laws --shipped --output FILE`."""
QUICK = ("v3.2-2", "v3.5-2", "v3.7-2")
RECORDINGS = {path.name.removesuffix(".jsonl.gz"): path for path in recording_paths()}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in RECORDINGS]
)
def test_the_figures_are_those_pinned(name):
    judgement = judge_recording(RECORDINGS[name])
    assert json.loads(json.dumps(judgement.to_json())) == PINNED[name]
    assert judgement.unknown == []
    assert sum(count.checks > 0 for count in judgement.laws) >= 45


def of(revision, *keys):
    """A figure of every pinned recording of a release."""
    some = [pinned for name, pinned in PINNED.items() if name.startswith(f"v{revision}-")]
    return [reduce(getitem, keys, pinned) for pinned in some]


def test_every_recording_is_pinned():
    assert list(PINNED) == list(RECORDINGS)


def test_exact_solvency_tells_the_releases_apart():
    """Zero tolerance: v3.7 holds in every state, v3.5 and v3.6 miss it by whole tokens."""
    assert of("3.7", "states", "SOL-1") == [0, 0, 0, 0]
    assert of("3.7", "worst slack") == ["", "", "", ""]
    assert "-59,835.6 USDC" in of("3.5", "worst slack")
    assert "-46.4 WBTC" in of("3.6", "worst slack")
    assert all(sum(of(revision, "states", "SOL-1")) > 0 for revision in ("3.2", "3.3", "3.5", "3.6"))


def test_flags_break_on_old_releases_only():
    assert sum(of("3.2", "states", "FLG-1")) == 54
    assert [sum(of(revision, "states", "FLG-1")) for revision in ("3.3", "3.4", "3.5", "3.6", "3.7")] == [0] * 5
    assert sum(of("3.3", "states", "FLG-2")) == 13
    assert all("FLG-2" not in broken for broken in of("3.7", "broken"))


@pytest.mark.parametrize("law", ["SOL-5", "SOL-8", "IDX-1"])
def test_books_are_kept_on_every_release(law):
    assert [pinned["states"][law] for pinned in PINNED.values()] == [0] * len(PINNED)


def test_a_history_that_differs_is_not_judged(tmp_path):
    """A recorded revert that the twin does not see ends the judgement."""
    lines = [json.loads(line) for line in _lines(RECORDINGS["v3.7-1"])]
    wrong = next(line for line in lines if "fn" in line)
    wrong["ok"] = not wrong["ok"]
    path = tmp_path / "edited.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(RecordingError, match="twin and recording part at outcome of "):
        judge_recording(path)
    result = CliRunner().invoke(app, ["laws", str(path)])
    assert result.exit_code == 2


def _lines(path):
    with gzip.open(path, "rt") as file:
        return [next(file) for _ in range(120)]


def test_the_command_prints_both_tables(monkeypatch):
    """A short history, so that it is quick: the beginning of a recording."""
    whole = recorded.Recording.__iter__
    monkeypatch.setattr(recorded.Recording, "__iter__", lambda self: (pair for pair in whole(self) if pair[0] < 1200))
    result = CliRunner().invoke(app, ["laws", str(RECORDINGS["v3.6-1"])])
    assert result.exit_code == 0, result.output
    assert "known deviations" in result.output
    assert "States read out, each by itself" in result.output
    judgement = judge_recording(RECORDINGS["v3.6-1"])
    broken = [replace(count, law=replace(count.law, deviates={}), deviations=0) for count in judgement.laws]
    assert replace(judgement, laws=broken).unknown == [count for count in broken if count.violations]
