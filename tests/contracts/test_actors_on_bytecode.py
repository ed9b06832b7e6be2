"""Receivers, routers, hostile and bridged tokens and capped feeds on bytecode: walks with them end as on the twin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import Action, all_laws, standard_history
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.router import routed
from pooltwin.invariants.mutants import hunt as hunting
from pooltwin.invariants.mutants.catalogue import control
from pooltwin.protocol import Revert, named_address
from pooltwin.protocol.contracts.foreign import FlashLoanReceiver
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.revisions import Revision

from .harness.artifacts import ArtifactSet

Way = Callable[[Action], Action]


@pytest.fixture(scope="module")
def engine(artifacts_v3_6: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts_v3_6, "3.6")


def hunted(engine: Revision | None, episode: int, steps: int, way: Way) -> tuple[str, list[Action], list[str]]:
    """Walk through an episode of a hunt: the digest, the actions and what broke."""
    mutant = control("3.6", engine)
    with mutant.engaged() as revision:
        stage, monitor, driver = hunting._open(mutant, all_laws(), revision, 0, episode)
        actions = []
        with monitor:
            for number in range(steps):
                actions.append(driver.next())
                stage.perform(way(actions[-1]))
                if number % 60 == 59:
                    hunting.probe_laws(monitor, f"{episode}/{number}")
    return stage.chain.digest(), actions, [str(violation) for violation in monitor.violations]


@pytest.mark.parametrize(("episode", "way"), [(1, hunting.directly), (3, hunting.directly), (2, routed)])
def test_hunts_end_as_on_the_twin(engine: Revision, episode: int, way: Way) -> None:
    twin, real = (hunted(each, episode, 120, way) for each in (None, engine))
    assert real == twin
    assert way is routed or any(action.inside for action in twin[1])


@pytest.mark.parametrize("number", [1, 3])
def test_campaigns_end_as_on_the_twin(engine: Revision, number: int) -> None:
    ends = []
    for each in (None, engine):
        settings = CampaignOptions(
            standard_history("3.6"), steps=400, episode_steps=400, probe_every=200, engine=each, guided=False
        )
        run = EpisodeRun(settings, number)
        result = run.run()
        ends.append((run.stage.chain.digest(), run.actions, result.findings))
    assert ends[1] == ends[0]
    called = {action.function for action in run.actions if action.inside or action.function == "multicall"}
    assert {"go", "multicall"} < called


@pytest.fixture
def stage(engine: Revision) -> Stage:
    return standard_history("3.6").stage(engine)


def test_what_is_only_python_is_refused_with_what_to_do(stage: Stage) -> None:
    before = stage.chain.digest()
    where = named_address("callback")
    with pytest.raises(TypeError, match=r"FlashLoanReceiver .* write FlashLoanReceiver in Solidity"):
        stage.chain.deploy(lambda chain, at: FlashLoanReceiver(chain, at, lambda *_: True), where)
    token = stage.chain.at(stage.book["WETH"])
    with pytest.raises(TypeError, match="write TestnetERC20 in Solidity"):
        stage.chain.replace(token.address, token)
    assert stage.chain.digest() == before


@pytest.mark.parametrize(("kind", "agrees"), [("AlwaysTrueReceiver", True), ("AlwaysFalseReceiver", False)])
def test_receivers_that_always_answer_the_same(stage: Stage, kind: str, agrees: bool) -> None:
    where = named_address("receiver of one word")
    construct(kind, stage.chain, where, [])
    stage.perform(Action("admin", "WETH", "mint", (where, 10**18)))
    stage.perform(Action(where, "WETH", "approve", ("pool", 2 * 10**18)))
    loan = Action("alice", "pool", "flashLoanSimple", (where, "WETH", 10**18, b"", 0))
    receipt = stage.perform(loan)
    assert receipt is not None
    assert isinstance(receipt.revert, Revert) != agrees


def test_the_next_call_does_not_run_the_script_of_the_one_before(stage: Stage) -> None:
    bob = Action("bob", "WETH", "transfer", ("carol", 5))
    stage.perform(Action("alice", "pool", "supply", ("WETH", 7, "alice", 0), (bob,)))  # nobody takes it
    held = stage.chain.at(stage.book["WETH"]).balances[stage.book["carol"]]
    stage.perform(Action("alice", "pool", "flashLoanSimple", ("receiver", "WETH", 7, b"", 0)))
    assert stage.chain.at(stage.book["WETH"]).balances[stage.book["carol"]] == held
    stage.perform(Action("alice", "pool", "flashLoanSimple", ("receiver", "WETH", 7, b"", 0), (bob,)))
    assert stage.chain.at(stage.book["WETH"]).balances[stage.book["carol"]] == held + 5
