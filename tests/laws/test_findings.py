"""Written findings: a test that fails for as long as the law breaks, or none; engines and laws by import path."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pooltwin.invariants.campaigns.campaign import run_campaign
from pooltwin.invariants.campaigns.finding import Finding, FindingError
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.campaigns.shortening import shortest
from pooltwin.invariants.campaigns.shrinking import violation_of
from pooltwin.invariants.histories.action import PRICE, Action
from pooltwin.invariants.history import HistoryError, read_history
from pooltwin.invariants.law import Broken, Kind, Subject, law
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.revisions import NEWEST

OWN_CODE = '''"""Somebody's fork and laws."""
from dataclasses import replace
from pooltwin.invariants import Broken, Kind, Subject, law
from pooltwin.protocol import NEWEST

def nothing(*_):
    pass

FORK = NEWEST.forked("free-lunch", execute_supply=nothing)
FIXED = NEWEST.forked("free-lunch")
FAULT = replace(NEWEST, execute_supply=nothing)

@law("OWN-1", "Nobody supplies.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("pool.supply",))
def nobody_supplies(step):
    return Broken("supplied", step.arguments[1], 0)

@law("OWN-2", "Nobody waits.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("time",))
def nobody_waits(step):
    return Broken("waited", 1, 0)

LAWS = [nobody_supplies, nobody_waits]
NUMBER = 7
'''
SUPPLY = Action("alice", "pool", "supply", ("WETH", 10**18, "alice", 0))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module in the current folder, as somebody has it, outside of where Python looks."""
    (tmp_path / "own_fork.py").write_text(OWN_CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    yield importlib.import_module("own_fork")
    del sys.modules["own_fork"]


def finding(law: str, *actions: Action, **how: Any) -> Finding:
    return Finding(law, f"{law} broken", standard_history().with_actions(actions or (SUPPLY,)), "1/0", **how)


def run(test: Path, at: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    return subprocess.run(command, capture_output=True, text=True, cwd=at, check=False)


# --- tests that fail for as long as the law breaks --------------------------------------------------------------------


def test_a_written_test_fails_and_passes_once_the_fork_is_mended(own: Any, tmp_path: Path) -> None:
    history, test = finding("RND-1", engine=own.FORK).write(tmp_path / "deep" / "violations")
    ran = run(test, tmp_path)
    assert (ran.returncode, "RND-1 broken at step 0" in ran.stdout) == (1, True), ran.stdout
    assert run(test, test.parent).returncode == 1
    code = tmp_path / "own_fork.py"
    code.write_text(OWN_CODE.replace('"free-lunch", execute_supply=nothing)', '"free-lunch")'))
    ran = run(test, tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert json.loads(history.read_text())["engine"] == "own_fork:FORK"


@pytest.mark.parametrize("how", ["object", "path", "list"])
def test_a_law_of_ones_own_goes_by_its_path(own: Any, tmp_path: Path, how: str) -> None:
    laws = {"object": own.nobody_supplies, "path": "own_fork:nobody_supplies", "list": "own_fork:LAWS"}
    history, test = finding("OWN-1", laws=(laws[how],)).write(tmp_path / "violations")
    assert run(test, tmp_path).returncode == 1
    assert read_history(history).laws == ("own_fork:LAWS" if how == "list" else "own_fork:nobody_supplies",)
    code = tmp_path / "own_fork.py"
    code.write_text(OWN_CODE.replace('Broken("supplied", step.arguments[1], 0)', "True"))
    assert run(test, tmp_path).returncode == 0


def test_only_the_law_that_broke_is_named(own: Any, tmp_path: Path) -> None:
    _, test = finding("OWN-1", laws=(own.nobody_waits, own.nobody_supplies, "LIQ-3")).write(tmp_path)
    assert 'laws=("own_fork:nobody_supplies",)' in test.read_text()


def test_known_deviations_count_in_the_test_if_they_did_in_the_campaign(tmp_path: Path) -> None:
    options = CampaignOptions(
        standard_history("3.6"), seed=7, steps=20_000, episode_steps=500, strict=True, laws=("SOL-2",)
    )
    (found,) = run_campaign(options).findings
    _, test = found.write(tmp_path)
    assert "strict=True" in test.read_text()
    assert run(test, tmp_path).returncode == 1


# --- or none ----------------------------------------------------------------------------------------------------------


def refused(some: Finding, folder: Path) -> str:
    """Why a finding is not written; nothing may be left of the attempt."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder.exists() else None
    with pytest.raises(FindingError) as error:
        some.write(folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder.exists() else None
    assert after == before
    return str(error.value)


def test_a_history_that_breaks_nothing_is_refused(tmp_path: Path) -> None:
    said = refused(finding("RND-1"), tmp_path / "violations")
    assert "RND-1 does not break when its history is replayed in a process of its own" in said


def test_a_fault_that_is_only_in_this_process_is_refused(tmp_path: Path) -> None:
    mutant = mutant_named("M02")
    with mutant.engaged() as engine:
        assert mutant.patches
        options = CampaignOptions(standard_history(), steps=20_000, episode_steps=300, engine=engine, laws=("RND-2",))
        (found,) = run_campaign(options).findings
        assert violation_of(found.history, "RND-2") is not None
        said = refused(replace(found, engine=None), tmp_path / "violations")
    assert "What broke it was only here: a name of the engine that was replaced" in said


def test_an_engine_without_a_name_is_refused(tmp_path: Path) -> None:
    nameless = NEWEST.forked("nameless", execute_supply=lambda *_: None)
    assert violation_of(standard_history().with_actions([SUPPLY]), "RND-1", engine=nameless) is not None
    said = refused(finding("RND-1", engine=nameless), tmp_path)
    assert "the engine 'nameless' cannot be imported" in said
    assert "Give it a name at the top of a module, as FORK in my_fork.py, and say 'my_fork:FORK'" in said


def test_a_law_without_a_name_is_refused(tmp_path: Path) -> None:
    @law("OWN-3", "Nobody supplies.", kind=Kind.STEP, subject=Subject.STEP, source="test", on=("pool.supply",))
    def nameless(_step: Any) -> Any:
        return Broken("supplied", 1, 0)

    assert "the law OWN-3 cannot be imported" in refused(finding("OWN-3", laws=(nameless,)), tmp_path)


def test_another_error_than_the_laws_is_told(own: Any, tmp_path: Path) -> None:
    nonsense = Action("alice", "pool", "supply", ("NOTHING", 1, "alice", 0))
    said = refused(finding("RND-1", nonsense, engine=own.FORK), tmp_path / "violations")
    assert "another error: ActionError: " in said
    assert "alice: pool.supply(NOTHING, 1, alice, 0): nobody is called 'NOTHING'" in said


SEARCHES = """
from pathlib import Path
from pooltwin.invariants import CampaignOptions, run_campaign, standard_history

Path(f"began_{len(list(Path().glob('began_*')))}").touch()
options = CampaignOptions(standard_history(), seed=7, steps=100, episode_steps=100, laws=(nobody_supplies,))
result = run_campaign(options)
result.findings[0].write(Path("violations"))
"""


def test_a_module_that_writes_while_it_is_imported_is_refused_and_not_run_for_ever(tmp_path: Path) -> None:
    (tmp_path / "own_search.py").write_text(OWN_CODE + SEARCHES)
    command = [sys.executable, "-c", "import own_search"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    said = ran.stderr.splitlines()[-1]
    assert "own_search:nobody_supplies: cannot be imported: FindingError: " in said
    assert 'put what looks for findings and writes them under `if __name__ == "__main__":`' in said
    assert len(list(tmp_path.glob("began_*"))) == 2
    assert not (tmp_path / "violations").exists()


def test_a_law_in_the_script_that_runs_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "search.py").write_text("import multiprocessing\n" + OWN_CODE + SEARCHES)
    command = [sys.executable, "search.py"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    said = ran.stderr.splitlines()[-1]
    assert "__main__:nobody_supplies cannot be imported by others: it is in the script that is running" in said


def test_what_was_written_before_is_kept(own: Any, tmp_path: Path) -> None:
    folder = tmp_path / "violations"
    finding("RND-1", engine=own.FORK).write(folder)
    assert "does not break" in refused(finding("RND-1"), folder)
    assert len(list(folder.iterdir())) == 2


# --- engines and laws of one's own in campaigns -----------------------------------------------------------------------


def options(**how: Any) -> CampaignOptions:
    given: dict[str, Any] = {"seed": 7, "steps": 600, "episode_steps": 300} | how
    return CampaignOptions(standard_history(), **given)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_campaign_takes_an_engine_and_laws_by_path(own: Any, tmp_path: Path, processes: int) -> None:
    told = options(engine="own_fork:FORK", own_laws=("own_fork:LAWS",), laws=("RND-1",), processes=processes)
    found = {each.law: each for each in run_campaign(told).findings}
    assert found
    for each in found.values():
        each.write(tmp_path / str(processes))
        assert each.engine == "own_fork:FORK"


def test_laws_are_left_out(own: Any) -> None:
    laws = ("own_fork:LAWS", "RND-1")
    assert [each.id for each in options(laws=laws, without=("OWN-1",)).chosen_laws()] == ["RND-1", "OWN-2"]
    result = run_campaign(options(engine=own.FORK, laws=(*own.LAWS, "RND-1"), without=("OWN-1", "OWN-2")))
    assert {each.law for each in result.findings} == {"RND-1"}
    assert result.never_exercised == []


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"engine": "own_fork:FROK"}, "own_fork:FROK: there is no 'FROK' in it; did you mean 'FORK'"),
        ({"engine": "own_frok:FORK"}, "own_frok:FORK: cannot be imported: ModuleNotFoundError"),
        ({"engine": "own_fork:NUMBER"}, r"own_fork:NUMBER: is 7 \(int\), not the record of an engine"),
        ({"own_laws": ("own_fork:FORK",)}, r"own_fork:FORK: is .* \(Revision\), not a law or a list of laws"),
        ({"without": ("LIQ-33",)}, "no law is called 'LIQ-33'; did you mean 'LIQ-3'"),
        ({"engine": NEWEST.forked("x", deviates={"LQ-3": "why"})}, "x deviates from 'LQ-3', which no law is called"),
    ],
)
def test_options_that_make_no_sense_are_refused(own: Any, how: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        options(**how)


def test_progress_belongs_to_its_engine_and_laws(own: Any, tmp_path: Path) -> None:
    plain, path = options(steps=300), tmp_path / "progress.json"
    others = [
        options(engine=own.FIXED),
        options(engine=NEWEST.forked("free-lunch", close_factor=6_000)),
        options(without=("LIQ-3",)),
        options(own_laws=tuple(own.LAWS)),
        options(laws=("SOL-1",)),
    ]
    prints = [each.fingerprint() for each in (plain, *others)]
    assert len(set(prints)) == len(prints)
    run_campaign(replace(plain, resume=path))
    for each in others:
        with pytest.raises(ValueError, match="is the progress of another campaign"):
            run_campaign(replace(each, resume=path))
    kept = options(engine="own_fork:FIXED", steps=300, resume=tmp_path / "forks.json")
    run_campaign(kept)
    resumed = run_campaign(replace(kept, steps=600))
    assert resumed.tally == run_campaign(options(engine=own.FIXED)).tally


def test_an_unknown_law_is_never_held() -> None:
    with pytest.raises(ValueError, match="no law is called 'NO-SUCH-LAW'"):
        violation_of(standard_history(), "NO-SUCH-LAW")


def test_a_history_names_its_engine_and_replays_on_it(own: Any, tmp_path: Path) -> None:
    history = replace(standard_history().with_actions([SUPPLY]), engine="own_fork:FORK", laws=("own_fork:LAWS",))
    history.write(tmp_path / "history.json")
    again = read_history(tmp_path / "history.json")
    assert again == history
    assert again.stage().market.chain.revision is own.FORK
    assert violation_of(again, "RND-1") is not None


def test_shortening_makes_no_price_jump_as_no_news_does() -> None:
    """Steps of a price that are news stay news: what is left out between two of them may not make an error of them."""
    start = 1512345678
    steps = [Action.price("LINK", start // 30**power) for power in range(1, 5)]
    noise = [Action("alice", "pool", "supply", ("USDC", 10**6, "alice", 0)), Action.wait(60)]
    history = standard_history().with_actions([action for step in steps for action in (*noise, step)])

    def is_low(actions: Sequence[Action]) -> bool:
        prices = [action.arguments[1] for action in actions if action.target == PRICE]
        return bool(prices) and isinstance(prices[-1], int) and prices[-1] <= start // 30**4

    kept = [int(str(action.arguments[1])) for action in shortest(history, is_low)]
    assert all(before <= 100 * after for before, after in zip([start, *kept], kept, strict=False))
    assert 3 <= len(kept) <= 4
    jump = history.with_actions([Action.price("LINK", start // 30**4)])
    assert shortest(jump, is_low) == [Action.price("LINK", 1_000)]


def test_a_history_finds_its_bytecode_from_where_it_lies(tmp_path: Path) -> None:
    at = tmp_path / "violations"
    at.mkdir()
    history = replace(
        standard_history(), engine=f"bytecode:3.6:{tmp_path}/out:{tmp_path}/layout.json:PoolInstance=Mine"
    )
    history.write(at / "mine.json")
    assert '"engine": "bytecode:3.6:../out:../layout.json:PoolInstance=Mine"' in (at / "mine.json").read_text()
    moved = tmp_path / "elsewhere" / "violations"
    shutil.copytree(at, moved)
    for folder in (at, moved):
        assert read_history(folder / "mine.json").engine == history.engine.replace(str(tmp_path), str(folder.parent))


def test_a_history_of_no_bytecode_is_refused(tmp_path: Path) -> None:
    replace(standard_history(), engine="bytecode").write(tmp_path / "mine.json")
    text = (tmp_path / "mine.json").read_text()
    (tmp_path / "mine.json").write_text(text.replace('"engine": "bytecode"', '"engine": "bytecode:3.6"'))
    with pytest.raises(HistoryError, match=r"mine.json: 'bytecode:3.6' names no bytecode: expected"):
        read_history(tmp_path / "mine.json")
