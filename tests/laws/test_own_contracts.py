"""Contracts of one's own: named once, their calls are actions, which files keep and the command attacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from own_till import Till, history_with_till, little_is_put, with_faulty_till
from pooltwin.invariants import (
    Action,
    ActionError,
    HistoryError,
    read_history,
    standard_history,
    violation_of,
)
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.histories.own_contract import SetupError
from pooltwin.invariants.histories.router import build_router, routed
from pooltwin.invariants.histories.unfit import OwnContractError
from pooltwin.protocol import named_address
from pooltwin.protocol.import_path import ImportPathError
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

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
    told = r"alice: till.fail\(\): ValueError: a bug of the till \(own_till.py, line \d+\)"
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
    assert json.loads(path.read_text())["setups"] == ["own_till:with_till"]
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
        ("own_till:with_tall", ImportPathError, "there is no 'with_tall' in it; did you mean 'with_till'"),
        ("own_till:with_broken_setup", SetupError, "with_broken_setup failed: ZeroDivisionError: too small"),
        ("own_till:LIMIT", SetupError, "LIMIT failed: TypeError"),
    ],
)
def test_a_setup_in_vain_is_named(setup: str, error: type[Exception], message: str, tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    history_with_till().write(path)
    path.write_text(path.read_text().replace("own_till:with_till", setup))
    history = read_history(path)
    with pytest.raises(error, match=message):
        history.stage()


def test_a_setup_that_nobody_can_import_is_refused_at_once() -> None:
    with pytest.raises(ImportPathError, match="define it at the top of a module"):
        standard_history().with_setups(lambda stage: None)


def test_setups_that_are_no_list_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    history_with_till().write(path)
    path.write_text(path.read_text().replace('[\n  "own_till:with_till"\n ]', '"till"'))
    with pytest.raises(HistoryError, match="setups: 'till' is not a list of import paths"):
        read_history(path)


# --- the command ------------------------------------------------------------------------------------------------------


def test_fuzz_takes_contracts_and_refuses_what_it_cannot_find(vaults: Any) -> None:
    steps = ("--steps", "300", "--laws", "RND-1")
    ran = CliRunner().invoke(app, ["fuzz", "--setup", "vault:with_vault", *steps])
    assert ran.exit_code == 0, ran.output
    for setup, told in (
        ("vault:with_vaut", "error: vault:with_vaut: there is no 'with_vaut' in it; did you mean 'with_vault'?"),
        ("vault", "error: 'vault' is no import path: expected module:NAME"),
        ("own_till:with_broken_setup", "with_broken_setup failed: ZeroDivisionError: too small"),
        ("own_till:with_faulty_till", "till.fail(): ValueError: a bug of the till (own_till.py, line"),
    ):
        refused = CliRunner().invoke(app, ["fuzz", "--setup", setup, *steps])
        assert refused.exit_code == 2, refused.output
        assert told in refused.stderr.replace("\n", " ")


# --- laws about them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["Tlil.put", "Till.putt"])
def test_a_law_on_a_call_that_no_setup_declares_is_refused_by_a_campaign(call: str) -> None:
    misspelt = replace(little_is_put, on=(call,))
    with pytest.raises(ValueError, match=f"TILL-1: on=.*{call}'; did you mean 'Till.put'"):
        CampaignOptions(history_with_till(), steps=10, own_laws=(misspelt,))
    for right in ("Till.put", "Till.call"):
        law = replace(little_is_put, on=(right,))
        assert law in CampaignOptions(history_with_till(), steps=10, own_laws=(law,)).chosen_laws()
