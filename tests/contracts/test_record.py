"""A recording of one's own verifies, and wrong wishes are refused without a trace."""

from pathlib import Path

import pytest
import typer
from pooltwin.protocol.recordings.verification import verify
from typer.testing import CliRunner, Result

from .harness.artifacts import ArtifactSet
from .record import main

APP = typer.Typer(add_completion=False)
APP.command()(main)


def record(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


def test_a_recording_of_ones_own_verifies(artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl.gz"
    done = record(str(path), "--seed", "5", "--length", "120", "--profile", "prices")
    assert done.exit_code == 0, done.output
    result = verify(path)
    assert result.ok, result.difference
    assert result.calls > 300
    again = tmp_path / "again.jsonl.gz"
    record(str(again), "--seed", "5", "--length", "120", "--profile", "prices")
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "lazy"], "'lazy' is none of admin"),
        (["--length", "0"], "'--length'"),
        (["--seed", "-1"], "'--seed'"),
        (["--artifacts", "nowhere.json"], "nowhere.json: there is no such file or folder"),
    ],
)
def test_a_wrong_wish_is_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = record(str(tmp_path / "mine.jsonl.gz"), *arguments)
    assert done.exit_code != 0
    assert message in " ".join(done.output.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    done = record(str(tmp_path / "no" / "mine.jsonl.gz"))
    assert done.exit_code == 2
    assert "there is no folder" in " ".join(done.output.replace("│", " ").split())
