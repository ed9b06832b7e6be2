"""Scenarios as files: every fault at once, equal runs, verdicts that follow from figures, commands that say what is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pooltwin.protocol.refusal import MalformedError, read_model
from pooltwin.scenarios.agents.kinds import KINDS
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.files.build import built
from pooltwin.scenarios.files.run import run_scenario
from pooltwin.scenarios.files.scenario import Scenario, schema
from pooltwin.scenarios.files.template import STARTING
from pooltwin.scenarios.files.verdict import verdict
from typer.testing import CliRunner, Result

from .engine_worlds import Lender

HERE = "tests.scenarios.engine_worlds"
FALL = [[0, "2239.01"], [1200, "1500"], [2400, "800"]]
PLAIN: dict[str, Any] = {
    "format": "pooltwin scenario 1",
    "title": "A fall",
    "market": "ethereum-core-2026-02",
    "reserves": ["WETH", "USDC"],
    "start": "2026-02-05T00:00:00Z",
    "duration_s": 3600,
    "prices": {"WETH": {"path": {"kind": "given", "points": FALL}}},
    "venues": {"WETH": {"kind": "constant_product", "depth_2pct_usd": 10**7, "half_life_s": 600}},
    "agents": [
        {"kind": f"{HERE}:Lender", "name": "lender", "asset": "USDC", "amount": 10**14},
        {"kind": f"{HERE}:Gambler", "name": "gambler", "count": 3, "collateral": "WETH", "debt": "USDC"},
        {"kind": f"{HERE}:Borrower", "name": "eve"},
        {"kind": f"{HERE}:Liquidator", "name": "liquidator", "collateral": "WETH", "debt": "USDC"},
    ],
}


def scenario_of(**changes: Any) -> Scenario:
    return read_model(Scenario, json.dumps(PLAIN | changes))


def faults_of(data: dict[str, Any]) -> list[str]:
    with pytest.raises(MalformedError) as caught:
        built(read_model(Scenario, json.dumps(data)), Path())
    return list(caught.value.faults)


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["scenario", *map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fall.json"
    path.write_text(json.dumps(PLAIN))
    return path


def test_every_fault_is_told_at_once_with_place_and_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "lender", Lender)
    data = deepcopy(PLAIN) | {"start": "2026-02-05T00:00:00", "venus": {}, "seed": -1, "laws": "always"}
    data["prices"]["WETH"]["oracle"] = [{"kind": "deviatin"}, {"kind": "delay", "block": 3}]
    data["agents"] = [
        {"kind": "lendr", "name": "a"},
        {"kind": "lender", "name": "b", "asset": 7, "amont": 3},
        {"kind": "math:sin", "name": "c"},
        {"name": "d"},
        8,
    ]
    assert faults_of(data) == [
        'start: "2026-02-05T00:00:00" should have timezone info',
        "seed: -1 should be greater than or equal to 0",
        'prices.WETH.oracle[0]: there is no kind "deviatin"; did you mean deviation?',
        "prices.WETH.oracle[1].blocks: is missing",
        "prices.WETH.oracle[1].block: there is no such field; did you mean blocks?",
        "agents[0] a: there is no kind of agent 'lendr'; did you mean 'lender'?; one of your own is module:Class",
        "agents[1] b: asset: 7 should be a valid string",
        "agents[1] b: amount: is missing",
        "agents[1] b: amont: there is no such setting; did you mean amount?",
        "agents[2] c: math:sin: is no class of agents: derive it from pooltwin.scenarios.Agent",
        "agents[3] d: kind: is missing",
        "agents[4]: 8 is no agent: an object with a kind, a name and settings",
        "laws: \"always\" should be 'every step', 'end' or 'off'",
        "venus: there is no such field; did you mean venues?",
    ]


def test_what_fields_say_together_is_told_at_once_too() -> None:
    data = deepcopy(PLAIN)
    data["prices"]["weth"] = {"path": {"kind": "follows", "asset": "ETH", "ratio": 1}}
    data["prices"]["USDC"] = {
        "path": {"kind": "constant", "price": 1},
        "oracle": [{"kind": "reads", "asset": "USDT"}],
    }
    data["venues"]["WBTC"] = {"kind": "infinite"}
    data["agents"].append({"kind": f"{HERE}:Lender", "name": "gambler 2", "asset": "USDC", "amount": 1})
    assert faults_of(data) == [
        "prices.weth: the market has no reserve 'weth'; did you mean WETH?",
        "venues.WBTC: the market has no reserve 'WBTC'; there are WETH, USDC",
        "prices.USDC.oracle[0].asset: 'USDT' has no path of prices; did you mean USDC?",
        "agents: 2 are called 'gambler 2': names tell them apart",
        "prices: weth: follows ETH, which has no path",
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"market": "ethereum-cor"}, "market: there is no 'ethereum-cor' in fixtures/markets"),
        ({"market": "none.json"}, "market: none.json: there is no such file"),
        ({"market": {"name": "x"}}, "market.revision: is missing"),
        ({"market": 3}, "market: 3 should be a valid string"),
        ({"reserves": ["WETH", "USDV"]}, "has no reserve 'USDV'; did you mean"),
        ({"revision": "9.9"}, "9.9"),
        ({"format": "pooltwin scenario 7"}, 'format: "pooltwin scenario 7" should be'),
    ],
)
def test_a_market_that_cannot_be_is_refused(changes: dict[str, Any], fault: str) -> None:
    assert fault in "\n".join(faults_of(PLAIN | changes))


def test_a_file_is_told_whole_and_read_back_as_the_same() -> None:
    scenario = scenario_of(venues={}, measure={"every_s": 600})
    again = read_model(Scenario, json.dumps(scenario.complete()))
    assert again == scenario
    assert again.complete() == scenario.complete()


def test_the_same_file_is_the_same_run_and_other_seeds_are_others() -> None:
    results = [run_scenario(scenario_of(seed=seed)) for seed in (1, 1, 2)]
    assert results[0].digest() == results[1].digest() != results[2].digest()
    assert results[0].state_digest == results[1].state_digest


def test_the_schema_describes_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "lender", Lender)
    made = schema()
    assert all("description" in each for each in made["properties"].values())
    entries = made["properties"]["agents"]["items"]["anyOf"]
    assert "lender" in [each["properties"]["kind"].get("const") for each in entries]

    def references(data: Any) -> Iterator[str]:
        if isinstance(data, dict):
            yield from (value for key, value in data.items() if key == "$ref")
            data = list(data.values())
        if isinstance(data, list):
            for each in data:
                yield from references(each)

    assert {name.rpartition("/")[2] for name in references(made)} <= made["$defs"].keys()


@pytest.mark.parametrize("course", [FALL, [[0, "2239"], [600, "2000"]], [[0, 2239], [600, 30]]])
@pytest.mark.parametrize("laws", ["every step", "end"])
def test_a_verdict_does_not_contradict_itself_and_no_law_breaks(course: Any, laws: str) -> None:
    prices = {"WETH": {"path": {"kind": "given", "points": course}}}
    result = run_scenario(scenario_of(prices=prices, laws=laws))
    told = " ".join(verdict(result))
    assert ("Lenders lost" in told) == result.lenders_lost != ("No lender lost" in told)
    assert ("all debts were covered" in told) == (result.worst_at_print.uncovered_at_print_base == 0)
    assert ("Nothing was liquidated" in told) == (not result.liquidations)
    assert "No law of lender protection broke" in told
    assert result.lenders_lost == bool(result.record.written_off)


@pytest.mark.parametrize(
    ("revision", "how"),
    [("3.0.2", "debts are left that nothing stands behind"), ("3.2", "debts are left"), ("3.3", "was written off")],
)
def test_a_loss_is_told_on_every_release_however_it_is_booked(revision: str, how: str) -> None:
    prices = {"WETH": {"path": {"kind": "given", "points": [[0, "2239.01"], [600, "700"]]}}}
    result = run_scenario(scenario_of(revision=revision, prices=prices))
    told = verdict(result)
    assert result.lenders_lost
    assert told[0].startswith("Lenders lost ")
    assert how in told[0]
    assert not any("a loss that is coming" in sentence for sentence in told)


def test_check_says_what_it_is_or_what_is_wrong(file: Path) -> None:
    assert run("check", file).output == f"{file}: runs on ethereum-core-2026-02, 300 blocks, 6 agents\n"
    greedy = {"kind": f"{HERE}:Lender", "name": "greedy", "asset": "WETH", "amount": 10**30}
    file.write_text(json.dumps(PLAIN | {"agents": [greedy]}))
    assert (
        "doubt: greedy cannot enter as it means to: supply is refused: the supply cap of WETH is reached"
        in run("check", file).output
    )
    file.write_text(json.dumps(PLAIN | {"seed": "x", "venues": 3, "agents": [{}]}))
    result = run("check", file)
    assert result.exit_code == 2
    assert result.output.count("fault:") == 3
    assert result.output.endswith(f"{file}: 3 faults\n")


def test_check_names_an_agent_that_fails_to_enter(file: Path) -> None:
    lost = [{"kind": f"{HERE}:Lender", "name": name, "asset": "WBTC", "amount": 1} for name in ("lost", "astray")]
    file.write_text(json.dumps(PLAIN | {"agents": lost}))
    result = run("check", file)
    assert result.exit_code == 2
    told = "failed in block 1: KeyError: 'WBTC' is not listed; listed are WETH, USDC"
    assert result.output == f"fault: agent 'astray' {told}\nfault: agent 'lost' {told}\n{file}: 2 faults\n"
    assert run("run", file).exit_code == 2


def test_run_tells_the_verdict_first_and_writes_everything(file: Path) -> None:
    result = run("run", file, "--csv")
    assert result.exit_code == 3
    lines = result.output.splitlines()
    assert lines[0] == "A fall"
    assert lines[4].startswith("• Lenders lost ")
    assert max(map(len, lines[:-2])) <= 80
    written = json.loads((file.parent / "fall.result.json").read_text())
    assert written["lenders_lost"] is True
    record = [json.dumps(entry, separators=(",", ":"), ensure_ascii=False) for entry in written["record"]]
    assert sha256("".join(f"{line}\n" for line in record).encode()).hexdigest() == written["digest"]
    assert read_model(Scenario, json.dumps(written["scenario"])) == read_model(Scenario, file.read_text())
    rows = {
        name: list(csv.DictReader((file.parent / f"fall.{name}.csv").read_text().splitlines()))
        for name in ("reserves", "prices", "calls", "sales", "liquidations")
    }
    assert {row["reserve"] for row in rows["reserves"]} == {"WETH", "USDC"}
    assert len(rows["calls"]) == sum(entry["kind"] == "call" for entry in written["record"])
    assert len(rows["liquidations"]) == sum(entry["kind"] == "liquidation" for entry in written["record"]) > 0


def test_run_takes_another_seed_other_laws_and_another_folder(file: Path, tmp_path: Path) -> None:
    mild = PLAIN | {"duration_s": 600}
    file.write_text(json.dumps(mild))
    folder = tmp_path / "out"
    assert run("run", file, "-o", folder).exit_code == 2
    folder.mkdir()
    result = run("run", file, "-o", folder, "--seed", "5", "--laws", "every step")
    assert result.exit_code == 0
    assert "seed 5" in result.output
    assert "No law of lender protection broke" in result.output
    assert [path.name for path in folder.iterdir()] == ["fall.result.json"]
    wrong = run("run", file, "--laws", "sometimes")
    assert wrong.exit_code == 2
    assert "laws: \"sometimes\" should be 'every step', 'end' or 'off'" in wrong.stderr


def test_a_new_file_runs_as_it_is_and_shows_what_a_file_can_say(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    assert run("new", "-o", path, "--title", "Mine").exit_code == 0
    assert json.loads(run("new").output) == json.loads(path.read_text()) | {"title": STARTING["title"]}
    assert run("check", path).output == f"{path}: runs on ethereum-core-2026-02, 3,600 blocks, 10 agents\n"
    result = run_scenario(read_model(Scenario, path.read_text()))
    assert {call.borrower for call in result.liquidations} == {f"looper {number}" for number in range(1, 6)}
    assert any("withdraw" in call.function for call in result.record.calls if call.agent == "a lender who runs")
    assert result.record.sales
    assert not result.laws.broken


@pytest.mark.parametrize("text", ["", "{", "[]", "nothing", '{"format": 1}'])
def test_what_is_no_scenario_is_refused_without_a_traceback(file: Path, text: str) -> None:
    file.write_text(text)
    for command in ("check", "run"):
        result = run(command, file)
        assert result.exit_code == 2
        assert "Traceback" not in result.output + result.stderr
    assert run("run", file.parent / "none.json").exit_code == 2
    assert run("check", file.parent).exit_code == 2


BOOK: dict[str, Any] = {
    "kind": "generated",
    "accounts": 300,
    "seed": 3,
    "totals": {"WETH": {"supplied": 20_000}, "USDC": {"supplied": 30_000_000, "borrowed": 12_000_000}},
    "sizes": [[1, 10], [10, 40], [300, 100]],
    "borrowers": [
        {
            "name": "on ether",
            "share": 1,
            "collateral": {"WETH": 1},
            "debts": {"USDC": 1},
            "ltv_bps": [[0, 2000], [5000, 5000], [10000, 7900]],
        }
    ],
    "lenders": [{"name": "lender", "share": 1}],
}


def test_of_a_book_those_enter_who_may_be_liquidated_and_nobody_is_counted_twice() -> None:
    points = [[0, "2239.01"], [600, "1900"], [1200, "1300"], [2400, "1290"]]
    prices = {"WETH": {"path": {"kind": "given", "points": points}}}
    keeper = {"kind": f"{HERE}:Liquidator", "name": "liquidator", "collateral": "WETH", "debt": "USDC"}
    scenario = scenario_of(book=BOOK, agents=[keeper], prices=prices, venues={})
    result = run_scenario(scenario)
    watched = run_scenario(scenario.model_copy(update={"laws": "every step"}))
    borrowers = {call.borrower for call in result.liquidations}
    assert 10 < len(borrowers) < 150
    assert all(name.startswith("on ether ") for name in borrowers)
    assert result.liquidations == watched.liquidations
    assert [row.uncovered_base for row in result.record.rows] == [row.uncovered_base for row in watched.record.rows]
    assert not watched.laws.broken
    assert result.first.reserves["USDC"].owed_by_borrowers // 10**6 == 12_000_000
    assert result.first.liquidatable == 0
    assert result.worst_at_print.liquidatable_at_print > 10


def test_a_fork_with_a_book_has_the_same_future() -> None:
    scenario = scenario_of(book=BOOK)
    world = built(scenario, Path()).world
    world.run_to(150)
    fork = world.fork()
    for each in (fork, world):
        each.run_to(300)
    assert fork.record.digest() == world.record.digest()
    assert fork.market.chain.digest() == world.market.chain.digest()
    assert fork.book is not world.book


def test_a_book_that_cannot_be_is_refused() -> None:
    (fault,) = faults_of(PLAIN | {"book": BOOK | {"totals": {"DAI": {"supplied": 1}}}})
    assert fault.startswith("book: totals: 'DAI' is no reserve")
    assert faults_of(PLAIN | {"book": {"kind": "loaded", "path": "none.csv"}})[0].startswith("book: ")
    assert faults_of(PLAIN | {"book": {"kind": "none"}}) == [
        'book: there is no kind "none"; there are generated, loaded, shipped'
    ]
