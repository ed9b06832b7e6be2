"""Contracts of one's own in what is drawn: campaigns, strategies and machines use them as they use the pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from own_till import Till, history_with_till, with_till
from pooltwin.invariants import (
    Action,
    CampaignOptions,
    DynamicMachine,
    LawBroken,
    Stage,
    StaticMachine,
    all_laws,
    check,
    read_history,
    run_campaign,
    standard_history,
    strategies,
    violation_of,
)
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.plots.own import meanings_of, use_contract
from pooltwin.invariants.histories.temperaments import PLAYER
from pooltwin.protocol import Revert, named_address

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
    assert not all(outcomes["ask"])


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


def test_a_campaign_counts_calls_wherever_they_are_made(vaults: Any) -> None:
    history = standard_history().with_setups("vault:with_vault")
    tally = run_campaign(CampaignOptions(history, steps=600, episode_steps=600, laws=("SOL-1",))).tally
    assert tally.succeeded["Vault.deposit"] > 20
    assert tally.succeeded["Vault.redeem"] > 0
    assert tally.succeeded["pool.supply"] > tally.succeeded["Vault.deposit"]  # each deposit makes one
    assert tally.succeeded["pool.multicall"] > 0
    assert all(tally.succeeded[name] <= count for name, count in tally.calls.items())


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
    assert history.setups == ("own_till:with_till",)
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
    check(machine, settings(MACHINE, derandomize=True, max_examples=160))
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
