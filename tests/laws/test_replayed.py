"""The laws over histories and saved states: files of the user's own, judged as recordings are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pooltwin.invariants import (
    Action,
    HistoryError,
    Kind,
    Law,
    Subject,
    judge_history,
    judge_state,
    law_called,
    standard_history,
)
from pooltwin.invariants.standard import standard_config
from pooltwin.protocol import Market, SavedStateError, named_address, save
from pooltwin.protocol.revisions import NEWEST, REVISIONS
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner, Result

YEAR = 365 * 86_400
LENDING = (
    Action("bob", "pool", "borrow", ("USDC", 3 * 10**13 + 1, 2, 0, "bob")),
    Action.wait(YEAR),
    Action("bob", "pool", "repay", ("USDC", 10**12 + 1, 2, "bob")),
    Action("alice", "pool", "withdraw", ("USDC", 12_345_678, "alice")),
)


def written(folder: Path, actions: tuple[Action, ...] = LENDING, revision: str = NEWEST.name, **other: Any) -> Path:
    replace(standard_history(revision), **other).with_actions(actions).write(folder / "mine.json")
    return folder / "mine.json"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["laws", *map(str, arguments)])


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_innocent_history_breaks_nothing_on_any_release(tmp_path: Path, revision: str) -> None:
    judgement = judge_history(written(tmp_path, revision=revision))
    assert judgement.unknown == []
    assert (judgement.revision, judgement.judged_by, judgement.in_vain) == (revision, revision, False)
    assert {count.law.id for count in judgement.laws if count.checks} >= {"SOL-1", "IDX-1"}
    assert judgement.read_outs.users == 8


def test_a_history_is_held_to_the_laws_of_another_release(tmp_path: Path) -> None:
    path = written(tmp_path, LENDING, "3.2")
    assert judge_history(path).unknown == []
    broken = {count.law.id for count in judge_history(path, judged_by=NEWEST.name).unknown}
    assert "TOK-8" in broken
    result = run(path, "--judged-by", NEWEST.name, "-o", tmp_path / "out.json")
    assert result.exit_code == 1
    assert "mine.json: a history, v3.2, 4 steps" in result.output
    assert "broken, and not known to be:" in result.output
    assert "TOK-8" in json.loads((tmp_path / "out.json").read_text())["mine.json"]["broken"]


def test_only_the_laws_that_are_asked_for_watch(tmp_path: Path) -> None:
    judgement = judge_history(written(tmp_path), laws=[law_called("SOL-1")])
    assert [count.law.id for count in judgement.laws] == ["SOL-1"]


def test_a_history_s_own_laws_and_engine_are_taken(tmp_path: Path) -> None:
    own = f"{__name__}:OWN"
    path = written(tmp_path, engine=f"{__name__}:FORK", laws=(own,))
    judgement = judge_history(path)
    assert judgement.revision == "ours"
    (mine,) = [count for count in judgement.laws if count.law.id == "OWN-9"]
    assert (mine.checks, mine.violations) == (4, 0)
    assert [count.law.id for count in judge_history(path, laws=[law_called("SOL-1")]).laws] == ["SOL-1", "OWN-9"]
    assert judge_history(path, engine=NEWEST).revision == NEWEST.name


FORK = NEWEST.forked("ours", close_factor=6_000)
OWN = Law("OWN-9", "Every step is a step.", Kind.STEP, Subject.STEP, "mine", lambda step: True)


def test_what_makes_no_sense_is_refused_with_its_number(tmp_path: Path) -> None:
    nobody = Action("bob", "pool", "supply", ("QQQ", 1, "bob", 0))
    with pytest.raises(HistoryError, match=r"mine\.json: action 2: bob: pool\.supply.*nobody is called 'QQQ'"):
        judge_history(written(tmp_path, (LENDING[0], nobody)))


def test_a_history_in_vain_is_said_to_be_one(tmp_path: Path) -> None:
    path = written(tmp_path, LENDING[:1], setting=())
    assert judge_history(path).in_vain
    assert "Every call of it reverts" in run(path).output
    assert not judge_history(written(tmp_path, LENDING[1:2])).in_vain


@pytest.fixture(params=list(REVISIONS))
def market(request: pytest.FixtureRequest) -> Market:
    found = Market.deploy(standard_config(request.param))
    alice = named_address("alice")
    found.fund("WETH", alice, 10**21)
    found.fund("USDC", alice, 10**12)
    for symbol, amount in (("WETH", 10**21), ("USDC", 10**12)):
        found.pool.supply(found.asset(symbol), amount, sender=alice)
    found.pool.borrow(found.asset("USDC"), 10**11, sender=alice)
    found.chain.advance(YEAR, 1)
    return found


def test_a_sound_state_is_judged_by_itself(market: Market, tmp_path: Path) -> None:
    path = tmp_path / "my.state"
    save(market.chain, path)
    judgement = judge_state(path)
    assert judgement.unknown == []
    assert (judgement.read_outs.reserves, judgement.read_outs.users) == (8, 1)
    assert sum(count.checks for count in judgement.laws) > 8
    result = run(path)
    assert result.exit_code == 0, result.output
    assert f"my.state: a saved state, v{market.chain.revision.name}, 1 step\n" in result.output
    assert judge_state(path).steps == 1  # and the kept copy has not lived on


@pytest.mark.parametrize(("law", "fault"), [("SOL-8", "supply"), ("FLG-1", "flags"), ("IDX-1", "index")])
def test_a_faulty_state_breaks_the_law_that_speaks_of_it(market: Market, tmp_path: Path, law: str, fault: str) -> None:
    if fault == "supply":
        market.a_token("WETH").scaled_supply += 5
    elif fault == "flags":
        market.pool.users_config[named_address("alice")] = 0
    else:
        market.pool.reserves[market.asset("LINK")].liquidity_index = 5
    path = tmp_path / "my.state"
    save(market.chain, path)
    (count,) = [count for count in judge_state(path).laws if count.law.id == law]
    assert count.violations > 0
    if market.chain.revision.name not in law_called(law).deviates:
        result = run(path)
        assert result.exit_code == 1
        assert f"my.state: {law}" in " ".join(result.output.split())


def test_files_are_told_by_their_content(tmp_path: Path) -> None:
    market = tmp_path / "market.json"
    market.write_text(standard_config().model_dump_json())
    empty = tmp_path / "empty.json"
    empty.write_text("")
    for path, told in (
        (market, "is a market, in which nothing has happened"),
        (empty, "the file is empty"),
        (tmp_path / "none.json", "there is no such file"),
    ):
        result = run(path)
        assert (result.exit_code, told in result.output) == (2, True), result.output
    with pytest.raises(SavedStateError):
        judge_state(market)
