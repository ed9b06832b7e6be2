"""Contracts of one's own: named once, their calls are actions, and whoever draws histories uses them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pooltwin.invariants import (
    Action,
    ActionError,
    CampaignOptions,
    DynamicMachine,
    History,
    HistoryError,
    Kind,
    LawBroken,
    Stage,
    StaticMachine,
    Step,
    Subject,
    all_laws,
    at_most,
    check,
    law,
    read_history,
    run_campaign,
    standard_history,
    strategies,
    violation_of,
)
from pooltwin.invariants.histories.action import OwnContractError
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.own_contract import SetupError
from pooltwin.invariants.histories.plots.own import meanings_of, use_contract
from pooltwin.invariants.histories.router import build_router, routed
from pooltwin.invariants.histories.temperaments import PLAYER
from pooltwin.protocol import Address, ForeignContract, Revert, external, named_address, view
from pooltwin.protocol.import_path import ImportPathError
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEDS = range(10)
AT_MOST = 2_000
"""Within how many steps the machine has to find the inflation of shares."""

MACHINE = settings(
    max_examples=40,
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def vaults(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The modules of the examples about vaults."""
    monkeypatch.syspath_prepend(EXAMPLES)
    import vault
    import vault_machine

    yield vault_machine, vault
    for name in ("vault", "vault_machine"):
        del sys.modules[name]


class Till(ForeignContract):
    """Takes whatever there is as an argument, and keeps what it was given by account."""

    KIND = "Till"

    def __init__(self, chain: Any, at: Address) -> None:
        super().__init__(chain, at)
        self.entries = self.ledger(0)
        self.calls = 0

    @view("entryOf(address)", "uint256")
    def entry_of(self, user: Address) -> int:
        """What an account has put in."""
        entry: int = self.entries[user]
        return entry

    @view("broken()", "uint256")
    def broken(self) -> int:
        """A view that fails on a fresh contract."""
        return 1 // 0

    @external("put(uint256)")
    def put(self, amount: int, *, sender: Address) -> None:
        """Write down an amount."""
        self.entries[sender] += amount

    @external("everything(address,address,bool,bytes,bytes4,string,uint8,uint64,uint256[],(address,uint256[2]))")
    def everything(
        self, asset: Address, to: Address, flag: bool, data: bytes, tag: bytes, text: str, mode: int, change: int,
        amounts: list[int], pair: Any, *, sender: Address,
    ) -> None:  # fmt: skip
        """Take arguments of every kind."""
        self.entries[sender] += 1


class FaultyTill(Till):
    """A till with a bug."""

    @external("fail()")
    def fail(self, *, sender: Address) -> None:
        """A bug, and no revert."""
        raise ValueError("a bug of the till")


def with_till(stage: Stage) -> None:
    """Put a till on a stage."""
    stage.add("till", stage.chain.deploy(Till, named_address("till")))


def with_faulty_till(stage: Stage) -> None:
    """Put a till with a bug on a stage."""
    stage.add("till", stage.chain.deploy(FaultyTill, named_address("till")))


def with_broken_setup(stage: Stage) -> None:
    """Fail."""
    raise ZeroDivisionError("too small")


@law("TILL-1", "Nobody puts more than 99 in.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("Till.put",))
def little_is_put(step: Step) -> Any:
    """A law about one's own contract."""
    return at_most("amount, most", step.arguments[0], 99)


def history_with_till() -> History:
    """A history that calls a contract of one's own."""
    return (
        standard_history()
        .with_setups(with_till)
        .with_actions([Action("alice", "till", "put", (7,)), Action.wait(12), Action("bob", "till", "put", (100,))])
    )


# --- names ------------------------------------------------------------------------------------------------------------


def test_calls_of_a_named_contract_are_actions() -> None:
    stage = history_with_till().stage()
    receipt = stage.perform(Action("alice", "till", "put", (7,)))
    assert receipt is not None
    assert receipt.ok
    assert stage.contract("till").entries[stage.address_of("alice")] == 7
    assert stage.names[stage.contract("till").address] == "till"
    with pytest.raises(ActionError, match="Till has no function 'putt' of 1 arguments; did you mean 'put'"):
        stage.perform(Action("alice", "till", "putt", (7,)))
    with pytest.raises(ActionError, match="there is no contract 'alice'"):
        stage.contract("alice")


@pytest.mark.parametrize(
    "name", ["pool", "alice", "WETH", "time", "price", "router", "SPARE1", "a vault", "x.y", "", "0x1"]
)
def test_a_name_that_is_taken_or_no_word_is_refused_and_changes_nothing(name: str) -> None:
    stage = standard_history().stage()
    till, names = stage.chain.deploy(Till, named_address("till")), dict(stage.book)
    with pytest.raises(ValueError, match=f"{name!r} is no name for a contract"):
        stage.add(name, till)
    assert (stage.book, stage.own) == (names, {})


def test_a_contract_of_another_chain_is_refused() -> None:
    stage = standard_history().stage()
    stranger = standard_history().stage().chain.deploy(Till, named_address("till"))
    with pytest.raises(ValueError, match="is not on this chain: deploy it before it is called 'till'"):
        stage.add("till", stranger)


def test_a_bug_of_a_contract_is_told_with_its_line_also_through_a_router() -> None:
    stage = standard_history().with_setups(with_faulty_till).stage()
    told = r"alice: till.fail\(\): ValueError: a bug of the till \(test_own_contracts.py, line \d+\)"
    for action in (Action("alice", "till", "fail"), routed(Action("alice", "till", "fail"))):
        build_router(stage)
        with pytest.raises(OwnContractError, match=told):
            stage.perform(action)
    with pytest.raises(ActionError, match="'much' is not"):
        stage.perform(Action("alice", "till", "put", ("much",)))


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_history_with_a_contract_survives_its_file_and_breaks_the_same_law(tmp_path: Path) -> None:
    history, path = history_with_till(), tmp_path / "history.json"
    history.write(path)
    assert json.loads(path.read_text())["setups"] == [f"{__name__}:with_till"]
    read = read_history(path)
    assert read == history
    assert [receipt and receipt.ok for receipt in read.replay()] == [True, None, True]
    violation = violation_of(read, "TILL-1", laws=[little_is_put])
    assert violation is not None
    assert "bob: Till.put(100) on till" in str(violation)


def test_a_history_without_contracts_says_nothing_of_them(tmp_path: Path) -> None:
    standard_history().write(tmp_path / "history.json")
    assert "setups" not in json.loads((tmp_path / "history.json").read_text())


@pytest.mark.parametrize(
    ("setup", "error", "message"),
    [
        ("no_such_module:with_till", ImportPathError, "no_such_module:with_till: cannot be imported: ModuleNotFound"),
        (f"{__name__}:with_tall", ImportPathError, "there is no 'with_tall' in it; did you mean 'with_till'"),
        (f"{__name__}:with_broken_setup", SetupError, "with_broken_setup failed: ZeroDivisionError: too small"),
        (f"{__name__}:EXAMPLES", SetupError, "EXAMPLES failed: TypeError"),
    ],
)
def test_a_setup_in_vain_is_named(setup: str, error: type[Exception], message: str, tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    history_with_till().write(path)
    path.write_text(path.read_text().replace(f"{__name__}:with_till", setup))
    history = read_history(path)
    with pytest.raises(error, match=message):
        history.stage()


def test_a_setup_that_nobody_can_import_is_refused_at_once() -> None:
    with pytest.raises(ImportPathError, match="define it at the top of a module"):
        standard_history().with_setups(lambda stage: None)


def test_setups_that_are_no_list_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    history_with_till().write(path)
    path.write_text(path.read_text().replace(f'[\n  "{__name__}:with_till"\n ]', '"till"'))
    with pytest.raises(HistoryError, match="setups: 'till' is not a list of import paths"):
        read_history(path)


# --- histories that are drawn -----------------------------------------------------------------------------------------


def test_every_kind_of_argument_is_drawn_so_that_the_call_succeeds() -> None:
    stage = history_with_till().stage()
    driver = Driver(stage, Chance(Random(3)), PLAYER)
    outcomes: dict[str, list[bool]] = {}
    for _ in range(200):
        for action in use_contract(driver):
            receipt = stage.perform(action)
            assert receipt is not None
            outcomes.setdefault(action.function, []).append(receipt.ok)
    assert set(outcomes) >= {"put", "everything"}
    assert all(outcomes["everything"])


def test_amounts_are_about_what_the_contract_says_and_a_view_that_fails_says_nothing() -> None:
    stage = history_with_till().stage()
    stage.perform(Action("alice", "till", "put", (123_456_789,)))
    driver = Driver(stage, Chance(Random(3)), PLAYER)
    assert 123_456_789 in meanings_of(driver, stage.own["till"], "alice")
    assert 123_456_789 not in meanings_of(driver, stage.own["till"], "bob")


def test_moves_of_ones_own_take_the_place_of_those_by_function() -> None:
    def only_seven(driver: Driver) -> Iterator[Action]:
        yield Action(driver.person(), "till", "put", (7,))

    stage = standard_history().stage()
    stage.add("till", stage.chain.deploy(Till, named_address("till")), moves=[only_seven])
    driver = Driver(stage, Chance(Random(3)), PLAYER)
    drawn = {(action.function, action.arguments) for _ in range(20) for action in use_contract(driver)}
    assert drawn == {("put", (7,))}


def test_a_campaign_calls_the_contract_and_is_the_same_again(vaults: Any) -> None:
    _, vault = vaults
    options = CampaignOptions(
        standard_history().with_setups(vault.with_vault), steps=600, episode_steps=600, laws=("SOL-1", "RND-1")
    )
    first, second = run_campaign(options), run_campaign(options)
    assert first.tally == second.tally
    assert first.ok
    assert first.tally.calls["Vault.deposit"] > 20
    assert '"vault:with_vault"' in options.fingerprint()


def test_a_campaign_finds_inflated_shares_and_writes_a_test_that_finds_the_contract(
    vaults: Any, tmp_path: Path
) -> None:
    history = standard_history().with_setups("vault_machine:with_naive_vault")
    law_of_vaults = "vault:deposits_keep_their_worth"
    result = run_campaign(CampaignOptions(history, steps=2_000, seed=1, laws=(law_of_vaults,), episode_steps=500))
    (finding,) = result.findings
    assert finding.history.actions[-1].called == "vault.deposit"
    assert len(finding.history.actions) <= 8
    written, test = finding.write(tmp_path / "violations")  # which runs the test, in a process of its own
    assert read_history(written).setups == ("vault_machine:with_naive_vault",)
    assert "sys.path.append" in test.read_text()
    assert violation_of(read_history(written), "VAULT-1", laws=[law_of_vaults]) is not None
    cured = written.read_text().replace("vault_machine:with_naive_vault", "vault:with_vault")
    written.write_text(cured)
    assert violation_of(read_history(written), "VAULT-1", laws=[law_of_vaults]) is None


@settings(MACHINE, max_examples=5, derandomize=True)
@given(data=st.data())
def test_drawn_histories_use_the_contract(data: st.DataObject) -> None:
    config = standard_history().opening.config
    history = data.draw(strategies.histories(config, max_actions=12, setups=[with_till]))
    assert history.setups == (f"{__name__}:with_till",)
    first, second = history.stage(), history.stage()
    for action in history.actions:
        first.perform(action)
        second.perform(action)
    assert first.chain.digest() == second.chain.digest()


def test_drawn_calls_are_of_the_contract_too() -> None:
    drawn: set[str] = set()

    @settings(MACHINE, max_examples=40, derandomize=True)
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        stage = history_with_till().stage()
        config = standard_history().opening.config
        assert config is not None
        for _ in range(10):
            action = data.draw(strategies.calls(stage, config))
            stage.perform(action)
            drawn.add(action.called)

    draw()
    assert drawn >= {"till.put", "pool.supply"}


# --- machines ---------------------------------------------------------------------------------------------------------


def machine_with(setup: Callable[[Stage], None], laws: Any, **more: Any) -> Any:
    """A machine of the default kind with a contract."""
    return type("Machine", (DynamicMachine,), {"setups": (setup,), "laws": laws, "expected": (), **more})


@pytest.mark.parametrize("number", SEEDS)
def test_inflated_shares_are_found_by_the_default_machine(vaults: Any, number: int) -> None:
    example, vault = vaults
    machine = machine_with(example.with_naive_vault, (vault.deposits_keep_their_worth,))
    with pytest.raises(LawBroken, match="VAULT-1 broken at step"):
        check(seed(number)(machine), MACHINE)
    assert machine.tally.steps <= AT_MOST


def test_shares_that_gifts_do_not_inflate_break_no_law(vaults: Any) -> None:
    _, vault = vaults
    machine = machine_with(vault.with_vault, (*all_laws(), vault.deposits_keep_their_worth))
    tally = check(seed(1)(machine), MACHINE)
    assert tally.steps >= AT_MOST / 2
    assert min(tally.successes[name] for name in ("vault.deposit", "vault.redeem", "give_to_contract")) > 10


def test_a_contract_that_is_put_in_place_later_is_used_too(vaults: Any) -> None:
    _, vault = vaults

    def prepare(self: DynamicMachine) -> None:
        vault.with_vault(self.stage)

    machine = type("Later", (StaticMachine,), {"prepare": prepare, "laws": (), "expected": ("vault.deposit",)})
    assert check(seed(1)(machine), settings(MACHINE, max_examples=20)).successes["vault.deposit"] > 0


def test_strategies_of_ones_own_make_rules(vaults: Any) -> None:
    _, vault = vaults
    amounts = st.tuples(strategies.contract_amounts())
    machine = machine_with(
        vault.with_vault,
        (),
        arguments={"vault.deposit": st.just((1_234,)), "vault.redeem": amounts},
        expected=("vault.deposit", "vault.redeem"),
    )
    deposits = []
    machine.perform = lambda self, name, action: (
        deposits.append(action.arguments) if action.called == "vault.deposit" else None,
        DynamicMachine.perform(self, name, action),
    )[1]
    check(machine, settings(MACHINE, derandomize=True))
    assert set(deposits) == {(1_234,)}
    assert machine.vault_deposit.__doc__ == "Call vault.deposit."


def test_arguments_for_a_contract_that_is_not_there_are_refused() -> None:
    machine = machine_with(with_till, (), arguments={"tall.put": st.just((1,))})
    with pytest.raises(ValueError, match="no contract of yours is called 'tall'; there are till"):
        machine()


def test_a_revert_of_a_contract_is_an_outcome() -> None:
    stage = history_with_till().stage()
    with pytest.raises(Revert):
        stage.contract("till").on_flash_loan("", [], [], [], "", b"")


# --- the command ------------------------------------------------------------------------------------------------------


def test_fuzz_takes_contracts_and_refuses_what_it_cannot_find(vaults: Any) -> None:
    steps = ("--steps", "300", "--laws", "RND-1")
    ran = CliRunner().invoke(app, ["fuzz", "--setup", "vault:with_vault", *steps])
    assert ran.exit_code == 0, ran.output
    for setup, told in (
        ("vault:with_vaut", "error: vault:with_vaut: there is no 'with_vaut' in it; did you mean 'with_vault'?"),
        ("vault", "error: 'vault' is no import path: expected module:NAME"),
        (f"{__name__}:with_broken_setup", "with_broken_setup failed: ZeroDivisionError: too small"),
        (f"{__name__}:with_faulty_till", "till.fail(): ValueError: a bug of the till (test_own_contracts.py, line"),
    ):
        refused = CliRunner().invoke(app, ["fuzz", "--setup", setup, *steps])
        assert refused.exit_code == 2, refused.output
        assert told in refused.stderr.replace("\n", " ")
