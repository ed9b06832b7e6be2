"""Campaigns on compiled contracts that are stopped and gone on with, and those that cannot be."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from pooltwin.invariants import CampaignOptions, CampaignResult, run_campaign, standard_history

from ...unit.stopping import nobody_is_left, stopped_by_ctrl_c
from ..harness.artifacts import ArtifactSet


@pytest.fixture(scope="module")
def compiled(artifacts_v3_6: ArtifactSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compiled") / "artifacts.json"
    path.write_text(artifacts_v3_6.model_dump_json(), encoding="utf-8")
    return path


def campaign(path: Path, steps: int, progress: Path | None = None, processes: int = 1) -> CampaignResult:
    options = CampaignOptions(
        standard_history("3.6"),
        steps=steps,
        episode_steps=60,
        probe_every=30,
        engine=f"bytecode:3.6:{path}",
        resume=progress,
        processes=processes,
    )
    return run_campaign(options)


def test_who_resumes_sees_what_one_run_sees(compiled: Path, tmp_path: Path) -> None:
    progress = tmp_path / "progress.json"
    campaign(compiled, 120, progress)
    assert json.loads(progress.read_text())["engine"] == f"bytecode:3.6:{compiled}"
    moved = shutil.copy(compiled, tmp_path / "elsewhere.json")
    resumed = campaign(moved, 240, progress, processes=2)
    assert resumed.episodes == 4
    assert resumed.tally == campaign(compiled, 240).tally


def test_contracts_that_changed_are_named(compiled: Path, tmp_path: Path) -> None:
    progress, path = tmp_path / "progress.json", tmp_path / "artifacts.json"
    shutil.copy(compiled, path)
    campaign(path, 60, progress)
    data = json.loads(path.read_text())
    for name in ("PoolInstance", "AaveOracle"):
        data["contracts"][name]["bytecode"] += "00"
    path.write_text(json.dumps(data))
    os.utime(path, ns=(1, 1))  # told apart from the file of before, however coarse the clock of the disk is
    before = progress.read_bytes()
    with pytest.raises(ValueError, match=r"artifacts\.json are others now: AaveOracle, PoolInstance;"):
        campaign(path, 120, progress)
    assert progress.read_bytes() == before
    path.unlink()
    with pytest.raises(ValueError, match="there is no such file or folder"):
        campaign(path, 120, progress)
    with pytest.raises(ValueError, match="its seed, market, engine or settings differ"):
        run_campaign(CampaignOptions(standard_history("3.6"), steps=120, resume=progress))


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of a group of processes is another thing there")
def test_ctrl_c_leaves_progress_and_no_process(compiled: Path, tmp_path: Path) -> None:
    """As in a terminal, where Ctrl-C reaches every process."""
    progress = tmp_path / "progress.json"
    asked = ["fuzz", "--bytecode", str(compiled), "-r", "3.6", "--laws", "SOL-1", "--resume", str(progress)]
    stopped = stopped_by_ctrl_c((*asked, "--processes", "2"), when=progress.exists)
    assert stopped.status == 130
    assert "Bytecode of" in stopped.printed
    (line,) = stopped.told
    assert line.startswith("stopped by Ctrl-C; what the processes had under way is not counted; --resume ")
    assert nobody_is_left(stopped.group)
