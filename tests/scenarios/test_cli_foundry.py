"""Commands and Foundry tests: what is printed of one that was written, run or not, and of one that could not be."""

from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop.foundry.forge import Ran
from pooltwin.interop.foundry.writing import FoundryFiles, NotRedError
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.standard import standard_history
from pooltwin.scenarios.commands.foundry import print_foundry
from pooltwin.scenarios.counterexamples import foundry

FINDING = Finding("HF-7", "", standard_history(), "1/0")
FILES = FoundryFiles(Path("violations/hf_7.t.sol"), Path("violations/hf_7.alloc.json"), None)


@pytest.mark.parametrize(
    ("ran", "told"),
    [
        (None, "npm install @foundry-rs/forge solc"),
        (Ran(None, "forge did not run it: no compiler"), "no compiler"),
        (Ran(True, "HF-7: no"), "It fails in `forge test`"),
    ],
)
def test_what_was_written_is_told_with_whether_it_was_run(
    ran: Ran | None, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(foundry, "is_on_bytecode", lambda _: True)
    monkeypatch.setattr(foundry, "write_foundry_counterexample", lambda *_: FILES._replace(ran=ran))
    print_foundry(FINDING, Path("violations"))
    said = capsys.readouterr().out
    assert "violations/hf_7.t.sol" in said
    assert "violations/hf_7.alloc.json" in said
    assert told in said


@pytest.mark.parametrize("error", [foundry.NoFoundryTestError("no call tells"), NotRedError("no call tells")])
def test_why_there_is_none_is_told(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(foundry, "is_on_bytecode", lambda _: True)
    monkeypatch.setattr(foundry, "write_foundry_counterexample", refuse)
    print_foundry(FINDING, Path("violations"))
    assert "no call tells" in capsys.readouterr().out


def test_of_a_finding_on_the_twin_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_foundry(FINDING, Path("violations"))
    assert capsys.readouterr().out == ""
