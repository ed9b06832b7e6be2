"""The corner histories can be made anew, and in them the twin and the real contracts agree down to their storage."""

import gzip
from pathlib import Path

import typer
from typer.testing import CliRunner

from ..harness.artifacts import ArtifactSet
from ..harness.lockstep import LockstepChain, in_lockstep_with, sweep_views
from .__main__ import main
from .record import run

COMMITTED = Path(__file__).parents[2] / "recordings" / "histories" / "v3.6-corners.jsonl.gz"
APP = typer.Typer(add_completion=False)
APP.command()(main)


def test_the_corners_come_out_as_committed(artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    path = tmp_path / "corners.jsonl.gz"
    done = CliRunner().invoke(APP, [str(path)])
    assert done.exit_code == 0, done.output
    assert gzip.decompress(path.read_bytes()) == gzip.decompress(COMMITTED.read_bytes())


def test_the_corners_in_lockstep(artifacts_v3_6: ArtifactSet) -> None:
    _, recorder = run(artifacts_v3_6, "3.6", in_lockstep_with("3.6"))
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    sweep_views(recorder)
    assert chain.compare_storage() > 500
    assert chain.compared > 1000


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(APP, [str(tmp_path / "no" / "corners.jsonl.gz")])
    assert done.exit_code == 2
    assert "there is no folder" in " ".join(done.output.replace("│", " ").split())
