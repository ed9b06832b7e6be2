"""What `pooltwin fuzz` and `pooltwin laws` print of a violation: the story first, money, and no wall of figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.invariants import recorded
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.units import base_of
from typer.testing import CliRunner, Result

FUZZ = ("fuzz", "--revision", "3.2", "--judged-by", "3.7", "--steps", "300", "--laws", "IDX-5,RND-1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments], env={"COLUMNS": "80"})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one campaign prints, shortly and in full, by whether it is told to."""
    folder = tmp_path_factory.mktemp("violations")
    found = {}
    for name, more in (("short", ()), ("full", ("--verbose",))):
        result = run(*FUZZ, "--worth-at-least", "1", "--output", str(folder), *more)
        assert result.exit_code == 1, result.output
        found[name] = result.output
    return found


def test_the_story_comes_before_what_was_written_and_what_was_not_tested(told: dict[str, str]) -> None:
    lines = told["short"].splitlines()
    title = next(number for number, line in enumerate(lines) if line.startswith("IDX-5 is broken at step "))
    assert " USD" in lines[title]
    written = next(number for number, line in enumerate(lines) if line.startswith("written: "))
    assert title < lines.index(next(line for line in lines if line.startswith("Before step "))) < written
    assert max(len(line) for line in lines[:written]) <= 80
    assert not any(line.startswith(("law ", "SOL-1 ")) for line in lines)


def test_the_table_of_laws_is_for_those_who_ask(told: dict[str, str]) -> None:
    assert "put to the test  known deviations" in told["full"]
    assert "put to the test  known deviations" not in told["short"]
    assert "Broken by little, each with the largest: RND-1 " in told["short"]


def test_a_threshold_that_is_no_amount_is_refused() -> None:
    for text in ("a dollar", "nan", "-1", "0.000000001"):
        result = run(*FUZZ, f"--worth-at-least={text}")
        assert result.exit_code == 2
        assert repr(text) in result.output
    assert base_of("1,000.00".replace(",", "")) == 1_000 * 10**8
    assert base_of("0.00000001") == 1


def test_recordings_of_an_old_release_are_judged_without_what_is_worth_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short history, so that it is quick: the beginning of a recording."""
    whole = recorded.Recording.__iter__
    monkeypatch.setattr(recorded.Recording, "__iter__", lambda self: (pair for pair in whole(self) if pair[0] < 1500))
    path = next(path for path in recording_paths() if path.name.startswith("v3.2-2"))
    every, large = (_broken(path, *more) for more in ((), ("--worth-at-least", "1")))
    assert "RND-1" in every - large
    assert set() < large < every


def _broken(path: Path, *more: str) -> set[str]:
    result = run("laws", str(path), "--judged-by", "3.7", *more)
    assert result.exit_code == 1, result.output
    assert ("broken by little" in " ".join(result.output.split())) == bool(more)
    told = result.output.replace("\n", " ").partition("broken, and not known to be:")[2]
    return {word.rstrip(",") for word in told.split() if "-" in word and ".jsonl" not in word}
