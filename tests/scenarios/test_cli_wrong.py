"""Wrong input, over all commands: status 2, the value and the place in words, nothing raw and nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pooltwin.invariants import Action, standard_history
from pooltwin.scenarios.commands import guard
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

CALL = {"who": "bob", "call": "pool.supply", "with": ["WETH", 1, "bob", 0]}
RAW = ("Traceback", "Errno", "pydantic", "input_value", "object is not", "invalid literal", "zip()", "this is a bug")
"""What no user may read."""
MARKET = "ethereum-core-2026-02"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of many kinds, none of them what a command wants."""
    found = tmp_path_factory.mktemp("wrong")
    for name, content in {
        "a.csv": "block_time,tx\n1,2\n",
        "list.json": "[]",
        "cut.json": "{",
        "receipt.json": '{"transactionHash": "0xabc", "logs": []}',
        "progress.json": '{"campaign": 1}',
        "sol_1.alloc.json": json.dumps({f"0x{1:040x}": {"nonce": "0x1"}}),
        "cheap.json": '{"shock": {"time": "2026-02-06T01:30:00Z", "weth_usd": "-3"}}',
        "later.json": '{"shock": {"time": "2026-03-01T00:00:00Z", "weth_usd": "1400"}}',
        "many.json": '{"usdt_share_bps": "many"}',
        "version.json": '{"format": "pooltwin-history", "version": 9}',
    }.items():
        (found / name).write_text(content)
    standard_history().with_actions([Action.wait(1)]).write(found / "history.json")
    return found


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv(guard.ASKED_BY, "")
    monkeypatch.setenv("COLUMNS", "200")


def refused(line: str) -> str:
    """What a command says to wrong input, in one line of words."""
    before = sorted(Path().iterdir())
    result = CliRunner().invoke(app, line.split())
    assert result.exit_code == 2, result.output
    assert not [raw for raw in RAW if raw in result.output], result.output
    assert sorted(Path().iterdir()) == before
    return " ".join(result.output.split())


WRONG = [
    ("fuz", "No such command 'fuz'. Did you mean 'fuzz'?"),
    ("market nw", "No such command 'nw'. Did you mean 'new'?"),
    ("replay nonsense", "No such command 'nonsense'"),
    ("fuzz -n -5", "greater than or equal to 1"),
    ("fuzz -n 0", "greater than or equal to 1"),
    ("fuzz -n x", "'--steps' / '-n'"),
    ("fuzz --minutes=-1", "--minutes -1.0: a campaign needs some time"),
    ("fuzz --minutes nan", "--minutes nan: a campaign needs some time"),
    ("fuzz -p -1", "greater than or equal to 0"),
    ("fuzz -m none", f"there is no 'none' in fixtures/markets; there are: {MARKET}"),
    ("fuzz -m none.json", "none.json: there is no such file"),
    ("fuzz -m a.csv", "a.csv: is no market: line 1, column 1: not JSON"),
    ("fuzz -m list.json", "list.json: is no market: [] should be an object"),
    ("fuzz -m history.json", "history.json: is a history, not a market"),
    ("fuzz -m receipt.json", "receipt.json: is the receipt of a transaction, not a market"),
    ("fuzz --laws XX -n 1", "no law is called 'XX'; there are"),
    ("fuzz --laws sol-1 -n 1", "no law is called 'sol-1'; did you mean 'SOL-1'?"),
    ("fuzz --without LIQ-77 -n 1", "no law is called 'LIQ-77'"),
    ("fuzz -r 9 -n 1", "revision '9' is not known; known are 3.0.2"),
    ("fuzz --judged-by 9 -n 1", "revision '9' is not known"),
    ("fuzz --engine x -n 1", "'x' is no import path: expected module:NAME"),
    ("fuzz --bytecode list.json -n 1", "--bytecode list.json: say which release it comes from, as --revision 3.6"),
    ("fuzz --bytecode none -r 3.6 -n 1", "none: there is no such file or folder"),
    ("fuzz --bytecode list.json -r 9 -n 1", "revision '9' is not known"),
    ("fuzz --bytecode list.json -r 3.5,3.6 -n 1", "--revision 3.5,3.6: list.json comes from one release"),
    ("fuzz --bytecode list.json -r 3.6 --layout none -n 1", "none: there is no such file or folder"),
    ("fuzz --bytecode list.json -r 3.6 --contract Mine -n 1", "'Mine' names no contract: expected KIND=NAME"),
    ("fuzz --bytecode list.json -r 3.6 --engine x:Y -n 1", "--engine x:Y and --bytecode list.json: one engine runs"),
    ("fuzz --layout list.json -n 1", "--layout list.json: is of contracts that --bytecode names"),
    ("fuzz --contract A=B -n 1", "--contract A=B: is among contracts that --bytecode names"),
    ("fuzz --engine bytecode:3.6 -n 1", "'bytecode:3.6' names no bytecode: expected bytecode:RELEASE:ARTIFACTS"),
    ("fuzz --law no:NO -n 1", "no:NO: cannot be imported: ModuleNotFoundError"),
    ("fuzz --setup json:loads -n 1", "the setup json:loads failed: TypeError"),
    ("fuzz --resume cut.json -n 1", "cut.json: is not the progress of a campaign"),
    ("fuzz --resume progress.json -n 1", "progress.json: is not the progress of a campaign: 'tally' is missing"),
    ("fuzz --worth-at-least x -n 1", "'x' is no amount of dollars"),
    ("mutants --only XX", "there is no mutant 'XX'; there are"),
    ("mutants -b 0", "greater than or equal to 1"),
    ("mutants -p -3", "greater than or equal to 0"),
    ("mutants --by x", "'x' is not one of 'hunt', 'fuzz'"),
    ("mutants --by fuzz --engine x:Y", "--by fuzz takes the releases and all laws"),
    ("defects -r 9", "'9' is no old release; there are 3.2"),
    ("defects -r 3.7", "'3.7' is no old release"),
    ("defects -b 0", "greater than or equal to 1"),
    ("defects --longer=-1", "greater than or equal to 0"),
    ("defects --bytecode list.json", "--bytecode list.json: say which release it comes from, as --revision 3.6"),
    ("defects --bytecode list.json -r 3.6 -o here", "--output here: is for releases"),
    ("defects --bytecode list.json -r 3.6 -p 2", "--processes 2: is for releases"),
    ("profit -r 9", "revision '9' is not known"),
    ("profit --premium 99999", "less than or equal to 10000"),
    ("verify none.jsonl", "none.jsonl: cannot be read: there is no such file"),
    ("verify a.csv", "a.csv, line 1: not JSON; a recording begins with a header"),
    ("verify history.json", "history.json: is a history, not a recording"),
    (
        "laws sol_1.alloc.json",
        "is a list of accounts, as a genesis or the state of a Foundry test, not",
    ),
    ("verify receipt.json", "receipt.json: is the receipt of a transaction, not a recording"),
    ("verify .", "is a folder, not a file"),
    ("verify --nope", "No such option: --nope"),
    ("compare none", "none: cannot be read: there is no such file"),
    ("compare a.csv", "a.csv, line 1: not JSON"),
    ("compare list.json", "list.json, line 1: the file ends inside a line; a recording begins with a header"),
    ("compare version.json", "version.json: is not a pooltwin-history of version 1"),
    ("compare history.json -r 9", "revision '9' is not known"),
    ("compare history.json -b 9", "revision '9' is not known"),
    ("compare history.json -e", "--each-call is for recordings"),
    ("compare", "nothing to play: name a history or a recording, or draw actions with --steps"),
    ("compare history.json --steps 5", "history.json and --steps 5: a file's actions, or drawn ones"),
    ("compare --steps 5 -e", "--each-call is for recordings"),
    ("compare --bytecode list.json --steps 5", "--bytecode list.json: say which release it comes from"),
    ("laws --revision 3.6", "--revision 3.6: is for --bytecode"),
    ("laws --bytecode list.json", "--bytecode list.json: say which release it comes from, as --revision 3.6"),
    ("laws none", "none: there is no such file"),
    ("laws a.csv", "a.csv, line 1: not JSON"),
    ("laws history.json --judged-by 9", "revision '9' is not known"),
    ("laws --without XX", "no law is called 'XX'"),
    ("laws --worth-at-least=-1", "'-1' is below zero"),
    ("laws history.json -o none/x.json", "none: there is no such folder"),
    ("replay trend-research -p none.json", "none.json does not hold replay parameters: there is no such file"),
    ("replay trend-research -p a.csv", "a.csv does not hold replay parameters: line 1, column 1: not JSON"),
    ("replay trend-research -p many.json", 'usdt_share_bps: "many" should be a valid integer'),
    ("replay trend-research --prices none.csv", "none.csv holds no prices: there is no such file"),
    ("replay trend-research --prices a.csv", "a.csv, line 1:"),
    ("replay trend-research -p cheap.json", 'shock.weth_usd: "-3" should be greater than 0'),
    ("replay trend-research -p later.json", "shock: 2026-03-01 00:00 UTC lies outside the replay"),
    ("market check none.json", "fault: none.json: there is no such file none.json: 1 fault"),
    ("market check a.csv", "fault: line 1, column 1: not JSON"),
    ("market show none", "there is no 'none' in fixtures/markets"),
    ("market show list.json", "list.json: is no market: [] should be an object"),
    ("market new", "Missing option '--like'"),
    ("market new --like none", "there is no 'none' in fixtures/markets"),
    (f"market new --like {MARKET} --only WETHH", "has no reserve 'WETHH'; did you mean WETH?"),
    (f"market new --like {MARKET} -r x", "revision 'x' is not known"),
    (f"market new --like {MARKET} -o .", "is a folder"),
    ("market schema -o none/x", "none: there is no such folder"),
]


@pytest.mark.parametrize(("line", "told"), WRONG, ids=[line for line, _ in WRONG])
def test_wrong_input_is_refused_in_words(line: str, told: str) -> None:
    assert told in refused(line)


def test_bytecode_without_an_evm_says_what_to_install() -> None:
    run = "import sys; sys.modules['pyrevm'] = None; from pooltwin.scenarios.commands.main import main; main()"
    line = [sys.executable, "-c", run, "fuzz", "--bytecode", "list.json", "--revision", "3.6", "-n", "1"]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "contracts of bytecode run in pyrevm: pip install 'pooltwin[evm]'" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("fuzz --bytecode list.json -r 3.6 -n 1", "list.json"),
        ("laws history.json --bytecode receipt.json -r 3.6", "receipt.json: "),
        ("compare history.json --bytecode receipt.json -r 3.6", "receipt.json: "),
        ("defects --bytecode receipt.json -r 3.6", "receipt.json: "),
        (
            "fuzz --bytecode thin.json -r 3.6 -n 1",
            "thin.json: has no PoolAddressesProvider, which a market of v3.6 needs",
        ),
    ],
)
def test_what_is_no_market_of_compiled_contracts_is_refused_in_words(line: str, told: str) -> None:
    contract = {"bytecode": "00", "links": {}, "abi": []}
    head = {"compiler": "0.8.27", "evm_version": "shanghai"}
    Path("thin.json").write_text(json.dumps({**head, "contracts": {"Mine": contract}}))
    assert told in refused(line)


def with_actions(*actions: Any, **other: Any) -> dict[str, Any]:
    return {**json.loads(Path("history.json").read_text()), "actions": list(actions), **other}


HISTORIES = [
    ({"actorss": []}, "'actorss': there is no such key; there are format, version, note"),
    ({"actors": "bob"}, "actors: 'bob' is not a list of names"),
    ({"actions": {}}, "actions: {} is not a list of actions"),
    ({"opening": 5}, "opening: 5 is not an object with config"),
    ({"opening": {"time": 1}}, "opening.state, opening.digest, opening.provider is missing"),
    ({"opening": {"time": "x"}}, "opening.time: 'x' is not a time in seconds"),
    ({"opening": {"config": {}}}, "opening.config: name: is missing"),
    ({"laws": 5}, "laws: 5 is not a list of import paths"),
    ({"engine": "no:NO"}, "no:NO: cannot be imported"),
    ({"actions": [{"wait": "x"}]}, "actions, number 1: {'wait': 'x'} is not an action"),
    ({"actions": [{"wait": 1}, {**CALL, "inside": 5}]}, "actions, number 2: inside: 5 is not a list of actions"),
    ({"actions": [{**CALL, "with": [1.5]}]}, "actions, number 1: 1.5 is not an argument"),
    ({"actions": [{**CALL, "with": [{"hexx": "1"}]}]}, "{'hexx': '1'} is not an argument"),
    ({"actions": [{**CALL, "with": [{"hex": "1"}]}]}, "{'hex': '1'} is not bytes in hex"),
    ({"actions": [{**CALL, "call": "pool.suply"}]}, "action 1: bob: pool.suply(WETH, 1, bob, 0): "),
    ({"actions": [{**CALL, "call": "pool.suply"}]}, "did you mean 'supply'?"),
    ({"actions": [{**CALL, "who": "zoe"}]}, "nobody is called 'zoe'"),
    ({"actions": [{**CALL, "with": ["WETH", -1, "bob", 0]}]}, "argument 'amount': -1 is not a uint256"),
    ({"actions": [{**CALL, "with": ["WETH", 1, 5, 0]}]}, "5 is no name: expected a person, a contract or an address"),
    ({"actions": [{"price": ["QQQ", 5]}]}, "action 1: the price of QQQ becomes 5: 'QQQ' is not listed"),
    ({"actions": [{"price": ["WETH", 2**300]}]}, "is not an int256"),
    ({"actions": [{"wait": 2**300}]}, "is not a time in seconds below 2**40"),
]


@pytest.mark.parametrize(("other", "told"), HISTORIES, ids=[told for _, told in HISTORIES])
@pytest.mark.parametrize("command", ["laws", "compare -r 3.7"])
def test_a_history_that_makes_no_sense_is_refused_in_words(command: str, other: dict[str, Any], told: str) -> None:
    Path("mine.json").write_text(json.dumps(with_actions(CALL) | other))
    name, *options = command.split()
    heard = refused(" ".join([name, "mine.json", *options]))
    assert told.removeprefix("action 1: ") in heard


def test_a_price_below_zero_is_an_answer_of_the_feed() -> None:
    Path("mine.json").write_text(json.dumps(with_actions({"price": ["WETH", -5]}, CALL)))
    for command in ("laws", "compare"):
        assert CliRunner().invoke(app, [command, "mine.json"]).exit_code == 0
