"""Commands that begin with the state of a chain: attacked, judged, compared on its own code, written as findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop.evm.engine import bytecode_engine, engine_named
from pooltwin.invariants import CampaignOptions, read_history, run_campaign
from pooltwin.invariants.history import History
from pooltwin.invariants.standard import history_from
from pooltwin.protocol.market import Market
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.counterexamples.foundry import NoFoundryTestError, foundry_counterexample
from typer.testing import CliRunner, Result

from ..harness.artifacts import ArtifactSet
from .acted import ALICE, BOB, chain_of, episode, lived_in
from .own_tokens import account_of
from .test_given import alloc_of

LAW = """
from pooltwin.invariants import Kind, Subject, equal, law


@law("T-1", "Nobody borrows.", kind=Kind.STEP, subject=Subject.STEP, source="a test")
def no_borrowing(step):
    return equal("borrowed", step.name == "pool.borrow" and step.ok, False)
"""


@pytest.fixture(scope="module")
def market(artifacts_v3_6: ArtifactSet) -> Market:
    return lived_in("3.6", bytecode_engine(artifacts_v3_6, "3.6"))


@pytest.fixture(scope="module")
def folder(artifacts_v3_6: ArtifactSet, market: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with compiled contracts, people, and dumps of a market that runs: as it is, and with own tokens."""
    at, chain = tmp_path_factory.mktemp("running"), market.chain
    (at / "artifacts.json").write_text(artifacts_v3_6.model_dump_json(), encoding="utf-8")
    (at / "people.csv").write_text(f"account,role\n{ALICE},lender\n{BOB},lender\n", encoding="utf-8")
    block = {"number": chain.number, "timestamp": chain.time}
    first = next(iter(market.assets.values()))
    for name in ("", "Silent", "Costly"):
        alloc = alloc_of(market)
        if name:
            alloc[first] = account_of(name, first, dict(chain.at(first).balances.written()), chain.time)
        (at / f"dump{name}.json").write_text(json.dumps({"accounts": alloc, "block": block}), encoding="utf-8")
    return at


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in that folder, on the contracts there."""
    monkeypatch.chdir(folder)
    given = ("--bytecode", "artifacts.json", "--revision", "3.6", "--accounts", "people.csv")
    return lambda command, *more: CliRunner().invoke(app, [command, *given, *more])


def named(folder: Path, dump: str = "dump.json") -> str:
    return f"bytecode:3.6:{folder}/artifacts.json:state={folder}/{dump}:accounts={folder}/people.csv"


def begun(folder: Path, dump: str = "dump.json") -> History:
    """An empty history that begins with a dump."""
    engine = engine_named(named(folder, dump))
    return history_from(folder / dump, engine=engine)


def test_a_campaign_of_a_dump_is_that_of_its_saved_state(folder: Path, market: Market) -> None:
    """The twin with the same state acts and ends alike."""
    history = begun(folder)
    here = episode(history, 150, engine_named(named(folder)))
    path = folder / "saved.json"
    market.save(path)
    there = episode(history_from(path), 150)
    assert here.actions == there.actions
    assert here.findings == there.findings == []
    assert chain_of(here).digest() == chain_of(there).digest()


def test_it_is_attacked_and_told(run: Callable[..., Result], market: Market) -> None:
    done = run("fuzz", "--state", "dump.json", "-n", "30", "--laws", "SOL-1,EVM-1")
    assert (done.exit_code, "No law was broken." in done.output) == (0, True), done.output
    told = " ".join(done.output.split())
    assert f"the pool {market.pool.address} of WETH, WSTETH, USDC, USDT and 4 more." in told
    assert "The state's code runs, which is that of artifacts.json." in told


@pytest.mark.parametrize("who", ["provider", "pool"])
def test_a_market_is_told_by_its_registry_or_its_pool(run: Callable[..., Result], market: Market, who: str) -> None:
    where = getattr(market, who).address
    done = run("fuzz", "--state", "dump.json", "-n", "5", "--laws", "SOL-1", "--provider", where)
    assert done.exit_code == 0, done.output


def test_other_code_is_named(folder: Path, run: Callable[..., Result], market: Market) -> None:
    """One byte behind the last instruction is other code that does the same."""
    dump = json.loads((folder / "dump.json").read_text(encoding="utf-8"))
    dump["accounts"][market.oracle.address]["code"] += "00"
    (folder / "other.json").write_text(json.dumps(dump), encoding="utf-8")
    done = run("laws", "--state", "other.json")
    told = " ".join(done.output.split())
    assert f"where it is not that of artifacts.json: AaveOracle at {market.oracle.address}." in told


def test_a_state_is_judged_by_itself(run: Callable[..., Result]) -> None:
    done = run("laws", "--state", "dump.json")
    assert done.exit_code == 0, done.output
    assert "dump.json: the state of a chain, v3.6, 1 step" in done.output


def test_it_is_compared_with_the_twin_of_its_release(run: Callable[..., Result]) -> None:
    done = run("compare", "--state", "dumpSilent.json", "--steps", "60")
    assert done.exit_code == 0, done.output
    assert "60 actions drawn by seed 1" in " ".join(done.output.split())
    refused = run("compare", "--state", "dumpCostly.json", "--steps", "60")
    assert refused.exit_code == 2
    assert "whose transfers do not move just what they are told to" in refused.output


def test_a_finding_names_the_state_and_fails_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a process of its own, which knows the folder's files only; and not on another state."""
    (tmp_path / "borrowing.py").write_text(LAW, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    history = begun(folder)
    options = CampaignOptions(history, steps=400, laws=("borrowing:no_borrowing",), engine=named(folder))
    (finding,) = run_campaign(options).findings
    path, test = finding.write(folder / "violations")
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["opening"]["state"] == "../dump.json"
    assert told["engine"] == "bytecode:3.6:../artifacts.json:state=../dump.json:accounts=../people.csv"
    again = read_history(path)
    assert again.begins_with_a_chain
    assert again.stage().market.chain.digest() == finding.history.stage(engine_named(named(folder))).chain.digest()
    assert "borrowing" in test.read_text(encoding="utf-8")
    (folder / "dump.json").replace(folder / "kept.json")
    try:
        (folder / "dump.json").write_bytes((folder / "dumpSilent.json").read_bytes())
        with pytest.raises(ValueError, match="the history began with"):
            again.stage()
    finally:
        (folder / "kept.json").replace(folder / "dump.json")


def test_other_compiled_contracts_stand_in_on_the_same_state(folder: Path, artifacts_v3_6: ArtifactSet) -> None:
    """Tokens of unknown code stay, the protocol is the other contracts', and nothing else changes."""
    history = begun(folder, "dumpSilent.json")
    made_on = engine_named(named(folder, "dumpSilent.json"))
    here = history.stage(made_on)
    there = history.stage(bytecode_engine(artifacts_v3_6, "3.6"), made_on=made_on)
    assert there.chain.digest() == here.chain.digest()
    assert not there.chain.unexplained_words()


def test_a_token_that_takes_a_fee_has_no_foundry_test(folder: Path) -> None:
    engine = named(folder, "dumpCostly.json")
    history = begun(folder, "dumpCostly.json")
    (finding,) = run_campaign(CampaignOptions(history, steps=400, laws=("SOL-6",), engine=engine)).findings
    with pytest.raises(NoFoundryTestError, match=r"FEE at .*: a token of unknown code"):
        foundry_counterexample(finding)


@pytest.mark.parametrize(
    ("command", "more", "told"),
    [
        ("fuzz", ("--state", "nothing.json"), "nothing.json: there is no such file or folder"),
        ("fuzz", ("--state", "artifacts.json"), "'compiler' is no address of an account"),
        ("fuzz", ("--state", "dump.json", "--market", "ethereum-core-2026-02"), "begins with one market, not two"),
        ("fuzz", ("--state", "dump.json", "--provider", "0x12"), "--provider: '0x12' is not an address"),
        ("fuzz", ("--state", "dump.json", "--provider", ALICE), f"{ALICE}: no registry of a market"),
        ("fuzz", ("--market", "x.json"), "--accounts people.csv: is about a state that --state names"),
        ("laws", ("--state", "dump.json", "dump.json"), "dump.json says itself what it begins with"),
        ("compare", ("--state", "dump.json", "dump.json"), "dump.json says itself what it begins with"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(
    run: Callable[..., Result], command: str, more: tuple[str, ...], told: str
) -> None:
    done = run(command, *more)
    (line,) = done.output.splitlines()
    assert (done.exit_code, line.startswith("error: "), told in line) == (2, True, True), done.output


def test_what_lacks_is_told_in_a_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    def refused(*more: str) -> Any:
        done = CliRunner().invoke(app, ["fuzz", "--state", "dump.json", *more])
        assert done.exit_code == 2
        return done.output

    assert refused().startswith("error: --state dump.json: say by --bytecode and --revision which compiled contracts")
    told = refused("--bytecode", "artifacts.json", "-r", "3.6")
    assert told.startswith("error: dump.json: <PoolInstance at ")
    assert "give it as one of `accounts` (--accounts)" in told
    (folder / "nobody.txt").write_text("alice\n", encoding="utf-8")
    told = refused("--bytecode", "artifacts.json", "-r", "3.6", "--accounts", "nobody.txt")
    assert "nobody.txt: has no address of an account" in told
