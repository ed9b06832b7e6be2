"""Every command that is told a release or an engine, told bytecode: it runs it, or says in one line why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pooltwin.invariants import Action, standard_history
from pooltwin.protocol.recordings.verification import verify
from pooltwin.scenarios.commands.main import app
from typer.main import get_command
from typer.testing import CliRunner, Result

from ...interop.forms import OLD
from ..harness.artifacts import ArtifactSet
from .acted import lived_in

SNAPSHOT = Path(__file__).parents[2] / "interop" / "data" / OLD["polygon"]
ENGINES = ("--engine",)
RELEASES = ("--revision", "--judged-by", "--baseline")
TOLD = {
    "compare": "--steps 20",
    "defects": "--budget 1 --longer 0",
    "evm layout": "{artifacts}",
    "exits": "ethereum-core-2026-02 WETH",
    "fuzz": "-n 1 --laws SOL-1 --output {folder}",
    "laws": "",
    "market check": "ethereum-core-2026-02",
    "market import": "snapshot {snapshot} --output {folder}/market.json",
    "market new": "--like ethereum-core-2026-02 --output {folder}/market.json",
    "market show": "ethereum-core-2026-02",
    "mutants": "--only M02 --budget 1",
    "position": "--market ethereum-core-2026-02",
    "profit": "--budget 1",
    "record": "{folder}/mine.jsonl",
    "scan": "ethereum-core-2026-02",
}
"""What else each command is told."""
RUN_IT = {("compare", "--engine"), ("fuzz", "--engine"), ("laws", "--engine")}


def commands(group: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*names, name))
    if not hasattr(group, "commands"):
        yield " ".join(names), group


def options_of(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


FOUND = [
    (name, option)
    for name, command in commands(get_command(app))
    for option in (*ENGINES, *RELEASES, "--revisions")
    if option in options_of(command) and not (option == "--revision" and "--revisions" in options_of(command))
]


@pytest.fixture(scope="module")
def compiled(artifacts_v3_6: ArtifactSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compiled") / "artifacts.json"
    path.write_text(artifacts_v3_6.model_dump_json(), encoding="utf-8")
    return path


def run(name: str, *more: str, artifacts: Path, folder: Path) -> Result:
    given = TOLD[name].format(artifacts=artifacts, folder=folder, snapshot=SNAPSHOT).split()
    return CliRunner().invoke(app, [*name.split(), *given, *more])


def test_the_commands_are_these() -> None:
    assert {name for name, _ in FOUND} == set(TOLD)
    assert set(FOUND) >= RUN_IT


@pytest.mark.parametrize(("name", "option"), FOUND, ids=[f"{name} {option}" for name, option in FOUND])
def test_bytecode_runs_or_is_refused_in_a_line(name: str, option: str, compiled: Path, tmp_path: Path) -> None:
    bytecode = f"bytecode:3.6:{compiled}"
    done = run(name, option, bytecode, artifacts=compiled, folder=tmp_path)
    if (name, option) in RUN_IT:
        assert done.exit_code in (0, 1), done.output
        assert "47 contracts, solc" in done.output
        return
    assert done.exit_code == 2, done.output
    (line,) = done.output.splitlines()
    assert line.startswith("error: ")
    assert bytecode in line
    assert "is not known" not in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["record", "laws"])
def test_a_release_alone_is_no_bytecode(name: str, compiled: Path, tmp_path: Path) -> None:
    done = run(name, "--revision", "3.6", artifacts=compiled, folder=tmp_path)
    assert done.exit_code == 2
    assert done.output.startswith("error: --revision 3.6: is for --bytecode; ")


def test_a_recording_of_ones_own_contracts_is_that_of_the_release(compiled: Path, tmp_path: Path) -> None:
    more = ("--length", "20", "--bytecode", str(compiled), "--revision", "3.6")
    done = run("record", *more, "--contract", "PoolInstance=PoolInstance", artifacts=compiled, folder=tmp_path)
    assert done.exit_code == 0, done.output
    assert verify(tmp_path / "mine.jsonl").ok  # compressed, whatever it is called


def test_laws_over_histories_on_bytecode_ask_what_it_stores(compiled: Path, tmp_path: Path) -> None:
    """Whether the command names the contracts or the history does; and not, if it is left out."""
    history = standard_history("3.6").with_actions([Action.wait(1)])
    plain, own = tmp_path / "plain.json", tmp_path / "own.json"
    history.write(plain)
    replace(history, engine=f"bytecode:3.6:{compiled}").write(own)
    told = ("--bytecode", str(compiled), "--revision", "3.6")
    asked = {
        name: "EVM-1" in CliRunner().invoke(app, ["laws", str(path), *more]).output
        for name, path, more in (
            ("the command's", plain, told),
            ("the history's", own, ()),
            ("nobody's", plain, ()),
            ("left out", plain, (*told, "--without", "EVM-1")),
        )
    }
    assert asked == {"the command's": True, "the history's": True, "nobody's": False, "left out": False}


def test_contracts_of_another_release_are_not_recorded(compiled: Path, tmp_path: Path) -> None:
    more = ("--bytecode", str(compiled), "--revision", "3.2")
    done = run("record", *more, artifacts=compiled, folder=tmp_path)
    assert done.exit_code == 2
    assert done.output.startswith(f"error: {compiled}: ") or "artifacts.json: " in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_saved_state_is_attacked_on_bytecode_of_its_release(compiled: Path, tmp_path: Path) -> None:
    """Its release is that of the state, whoever says so; another is refused."""
    state = tmp_path / "state.json"
    lived_in("3.6").save(state)
    asked = ("fuzz", "--market", str(state), "--laws", "SOL-1", "-n", "1", "--bytecode", str(compiled))
    done = CliRunner().invoke(app, [*asked, "--revision", "3.6"])
    assert (done.exit_code, "No law was broken." in done.output) == (0, True), done.output
    lived_in("3.5").save(state)
    refused = CliRunner().invoke(app, [*asked, "--revision", "3.6"])
    assert refused.exit_code == 2
    assert "the state is of release 3.5, the bytecode of 3.6" in refused.output
