"""The command line as its users meet it: good output, clear errors, honest exit codes, no tracebacks."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from pooltwin.fixtures import load_market, recording_paths
from pooltwin.protocol import Market, save
from pooltwin.protocol.revisions import NEWEST
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.commands.openings import opening_given
from typer.testing import CliRunner, Result


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A copy of a shipped recording as plain text."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(gzip.decompress(recording_paths()[-1].read_bytes()))
    return path


def edit(path: Path, line: int, key: str, value: object) -> None:
    lines = path.read_text().splitlines()
    lines[line - 1] = json.dumps(json.loads(lines[line - 1]) | {key: value})
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"], ["replay", "--help"], ["compare", "--help"]])
def test_help(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_the_version_is_the_installed_one() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.output == f"pooltwin {version('pooltwin')}\n"


def test_help_imports_no_more_of_the_twin_than_it_shows() -> None:
    """The help of the program is quick, because a command imports what it needs when it runs."""
    code = "import sys, pooltwin.scenarios.commands.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pooltwin.protocol.revisions", "pooltwin.invariants.catalogue", "matplotlib", "hypothesis"} & set(
        loaded
    )


def test_fuzz_runs_the_newest_release_by_default() -> None:
    assert opening_given("", "", None).opening.revision == NEWEST.name
    result = run("fuzz", "--steps", "1", "--laws", "SOL-1", "--market", "")
    assert "steps in 1 episode," in result.output


def test_a_market_is_attacked_by_name_by_path_or_as_a_saved_state(tmp_path: Path) -> None:
    """A market runs on its own release unless another is named; a saved state has one already."""
    market = load_market("ethereum-core-2026-02")
    small = market.model_copy(update={"reserves": market.reserves[:2], "e_modes": (), "revision": "3.5"})
    path, state = tmp_path / "small.json", tmp_path / "small.state"
    path.write_text(small.model_dump_json())
    save(Market.deploy(small).chain, state)
    assert opening_given("ethereum-core-2026-02", "", None).opening.revision == "3.6"
    assert opening_given(str(path), "", None).opening.revision == "3.5"
    assert opening_given(str(path), "3.7", None).opening.revision == "3.7"
    assert opening_given(str(state), "", None).opening.state == state
    result = run("fuzz", "--market", str(path), "--steps", "30", "--laws", "SOL-1")
    assert (result.exit_code, "No law was broken." in result.output) == (0, True), result.output
    refused = run("fuzz", "--market", str(state), "--revision", "3.7", "--steps", "30")
    assert (refused.exit_code, "is a saved state, which has a release already" in refused.output) == (2, True)


def test_verify_tells_calls_and_differences(recording: Path) -> None:
    result = run("verify", str(recording))
    assert result.exit_code == 0, result.output
    assert "history.jsonl" in result.output
    assert "3.7" in result.output


def test_verify_shows_both_sides_of_the_first_difference(recording: Path) -> None:
    lines = recording.read_text().splitlines()
    records = [json.loads(line) for line in lines]
    number = next(n for n, record in enumerate(records, 1) if record.get("ok") and "supply(" in record["fn"])
    edit(recording, number, "ok", False)
    result = run("verify", str(recording))
    assert result.exit_code == 1
    assert f"line {number}" in result.output
    assert "reverted" in result.output
    assert "twin      ok" in result.output


@pytest.mark.parametrize(
    ("content", "told"),
    [("", "empty"), ("hello\n", "line 1"), ('{"format": 2}\n', "format"), ("{", "ends inside a line")],
)
def test_verify_refuses_what_is_no_recording(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text(content)
    result = run("verify", str(path))
    assert result.exit_code == 2
    assert str(path) in result.output.replace("\n", "")
    assert told in result.output
    assert "Traceback" not in result.output


def test_verify_refuses_a_truncated_archive(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(recording_paths()[0].read_bytes()[:20_000])
    result = run("verify", str(path))
    assert result.exit_code == 2
    assert "cannot be read" in result.output


def test_replay_refuses_bad_parameters(tmp_path: Path) -> None:
    path = tmp_path / "parameters.json"
    path.write_text('{"usdt_share_bps": 10001}')
    result = run("replay", "trend-research", "-o", str(tmp_path), "-p", str(path))
    assert result.exit_code == 2
    assert "usdt_share_bps" in result.output
    assert not (tmp_path / "replay.json").exists()


def test_assumptions_can_be_fed_back(tmp_path: Path) -> None:
    printed = run("replay", "assumptions")
    assert printed.exit_code == 0
    path = tmp_path / "parameters.json"
    path.write_text(printed.output)
    result = run("replay", "trend-research", "--no-chart", "-o", str(tmp_path), "-p", str(path))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "replay.json").exists()
    assert not (tmp_path / "replay.png").exists()


def test_unknown_command() -> None:
    result = run("nonsense")
    assert result.exit_code == 2
    assert "nonsense" in result.output


def test_record_needs_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pooltwin.scenarios.commands import record

    monkeypatch.setattr(record, "__file__", str(tmp_path / "scenarios" / "commands" / "record.py"))
    refused = CliRunner().invoke(app, ["record", str(tmp_path / "mine.jsonl.gz")])
    assert refused.exit_code == 2
    assert "record in a checkout" in refused.output
    assert list(tmp_path.iterdir()) == []
