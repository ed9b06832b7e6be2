"""Commands on forks and with laws of one's own: options by import path, reports that name both, refusals in full."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.invariants import MUTANTS, standard_history
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner, Result

from tests.unit.source import ROOT

DEVIATING = """from my_fork_mended import FORK as MENDED

FORK = MENDED.forked("deviating", deviates={"LIQ-4": "leaves what it leaves", "LIQ-17": "see LIQ-4"})
"""
MY_LAW = "my_laws:health_takes_the_mark"


@pytest.fixture(autouse=True)
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example's folder, copied, as the current one."""
    for file in (ROOT / "examples" / "audit_a_fork").glob("*.py"):
        shutil.copy(file, tmp_path)
    (tmp_path / "deviating.py").write_text(DEVIATING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("COLUMNS", "80")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith(("my_", "deviating"))]:
        del sys.modules[name]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def told(result: Result) -> str:
    """Everything that was printed, in one line."""
    return " ".join(result.output.split())


@pytest.mark.parametrize("command", [("fuzz",), ("mutants",), ("laws",), ("compare", "history.json")])
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("my_frok:FORK", "my_frok:FORK: cannot be imported: ModuleNotFoundError: No module named 'my_frok'"),
        ("my_fork:FROK", "my_fork:FROK: there is no 'FROK' in it; did you mean 'FORK'?"),
        ("my_fork", "'my_fork' is no import path: expected module:NAME"),
        ("my_rules:HOUR", "my_rules:HOUR: is 3600 (int), not the record of an engine"),
    ],
)
def test_what_is_no_engine_is_refused(command: tuple[str, ...], path: str, message: str) -> None:
    result = run(*command, "--engine", path)
    assert (result.exit_code, message in told(result)) == (2, True), result.output


@pytest.mark.parametrize("command", ["fuzz", "mutants", "laws"])
@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--law", "my_fork:FORK", "not a law or a list of laws"),
        ("--law", "my_laws:LAWS", "my_laws:LAWS: there is no 'LAWS' in it"),
        ("--without", "LIQ-3,LIQ-33", "no law is called 'LIQ-33'; did you mean 'LIQ-3'?"),
    ],
)
def test_what_is_no_law_is_refused(command: str, option: str, value: str, message: str) -> None:
    result = run(command, option, value)
    assert (result.exit_code, message in told(result)) == (2, True), result.output


def test_a_campaign_of_a_fork_finds_its_mistake_and_writes_a_test(example: Path) -> None:
    result = run("fuzz", "--engine", "my_fork:FORK", "--law", MY_LAW, "--laws", "MY-1", "--steps", "4000")
    assert result.exit_code == 1
    assert "my-fork, a fork of v3.7. It is judged by the figures that it declares." in told(result)
    assert "MY-1 is broken" in result.output
    test = example / "violations" / "test_my_1_1_0.py"
    assert 'engine="my_fork:FORK"' in test.read_text()
    assert f'laws=("{MY_LAW}",)' in test.read_text()


def test_a_finding_that_cannot_be_written_is_told_all_the_same(example: Path) -> None:
    (example / "my_odd_laws.py").write_text(
        "from pooltwin.invariants import Broken, Kind, Subject, law\nimport os\n"
        '@law("ODD-1", "Only here.", kind=Kind.STEP, subject=Subject.STEP, source="test", on=("pool.supply",))\n'
        f"def odd(step):\n    return Broken('here', 1, 0) if os.getpid() == {__import__('os').getpid()} else True\n"
    )
    result = run("fuzz", "--law", "my_odd_laws:odd", "--laws", "ODD-1", "--steps", "100")
    assert result.exit_code == 1
    assert "ODD-1 is broken" in result.output
    assert "not written: no test of it can be written: ODD-1 does not break when its history is replayed" in told(
        result
    )


def test_deviations_are_repeated_in_every_report(example: Path) -> None:
    deviating = ("--engine", "deviating:FORK")
    fuzz = run("fuzz", *deviating, "--steps", "500", "--laws", "LIQ-4,LIQ-17")
    assert "It means to deviate from LIQ-4, 0 times: leaves what it leaves" in told(fuzz)
    hunted = run("mutants", *deviating, "--only", "M84", "--budget", "200", "--no-router")
    assert "It means to deviate from LIQ-4: leaves what it leaves" in told(hunted)
    listed = run("laws", *deviating)
    assert "known to deviate: leaves what it leaves" in told(listed)
    history = example / "history.json"
    standard_history().write(history)
    compared = run("compare", str(history), *deviating)
    assert "It means to deviate from LIQ-17: see LIQ-4" in told(compared)


def test_faults_are_put_into_a_fork() -> None:
    result = run("mutants", "--engine", "my_fork_mended:FORK", "--only", "M84", "--no-router", "--budget", "3000")
    assert result.exit_code == 0, result.output
    assert "1 of 1 mutants killed." in result.output
    assert "fail on the faithful" not in result.output
    elsewhere = next(mutant for mutant in MUTANTS if mutant.revision != "3.7")
    refused = run("mutants", "--engine", "my_fork:FORK", "--only", elsewhere.id)
    assert (refused.exit_code, "none of these mutants is of v3.7, from which my-fork comes" in told(refused)) == (
        2,
        True,
    )


def test_the_catalogue_of_a_fork_has_its_laws() -> None:
    listed = run("laws", "--engine", "my_fork:FORK", "--law", MY_LAW, "--without", "LIQ-3", "--without", "LIQ-4")
    assert "MY-1" in listed.output
    assert "LIQ-3 " not in listed.output
    assert "my-fork, a fork of v3.7." in listed.output


def test_a_fork_is_compared_with_the_release_that_it_comes_from(example: Path) -> None:
    run("fuzz", "--engine", "my_fork:FORK", "--law", MY_LAW, "--laws", "MY-1", "--steps", "4000")
    result = run("compare", "violations/my_1_1_0.json", "--engine", "my_fork:FORK")
    assert result.exit_code == 0, result.output
    assert "played on v3.7, my-fork; v3.7 is what the others are compared with" in told(result)
    assert "How calls came out, beside v3.7" in told(result)


def test_an_engine_and_another_release_do_not_go_together() -> None:
    result = run("fuzz", "--engine", "my_fork:FORK", "--revision", "3.5")
    assert (result.exit_code, "--revision 3.5: the engine my-fork comes from 3.7" in told(result)) == (2, True)


def test_recordings_are_not_of_forks() -> None:
    result = run("laws", str(recording_paths()[0]), "--engine", "my_fork:FORK")
    assert result.exit_code == 2
    assert "is a recording, which is of the real contracts; `compare` plays it on a fork" in told(result)
