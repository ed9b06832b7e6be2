"""Actions resolved: whose call, to whom, with which calldata, and what happens inside."""

from __future__ import annotations

import pytest
from pooltwin.invariants import Action, ActionError, standard_history
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.histories.router import build_router
from pooltwin.protocol.address import named_address


@pytest.fixture
def stage() -> Stage:
    found = standard_history("3.6").stage()
    build_router(found)
    return found


def test_a_call_is_told_as_contracts_get_it(stage: Stage) -> None:
    inside = (
        Action("bob", "WETH", "approve", ("pool", 7)),
        Action("bob", "pool", "swapBorrowRateMode", ("WETH", 1)),  # no release from v3.2 on has it
    )
    action = Action("alice", "pool", "flashLoanSimple", ("receiver", "WETH", 5, b"", 0), inside)
    call = stage.resolved(action)
    assert call is not None
    assert (call.sender, call.to) == (named_address("alice"), stage.market.pool.address)
    assert call.function.name == "flashLoanSimple"
    assert call.arguments == (stage.book["receiver"], stage.book["WETH"], 5, b"", 0)
    assert call.data == stage.calldata(action)
    (approval,) = call.inside
    assert (approval.sender, approval.to) == (named_address("bob"), stage.book["WETH"])
    assert [part.function.name for part in call.everything()] == ["flashLoanSimple", "approve"]


def test_what_the_release_lacks_is_no_call(stage: Stage) -> None:
    assert stage.resolved(Action("alice", "pool", "swapBorrowRateMode", ("WETH", 1))) is None


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Action("alice", "pool", "suply", ("WETH", 1)), "has no function 'suply'"),
        (Action("alice", "pool", "supply", ("WHAT", 1, "alice", 0)), "nobody is called 'WHAT'"),
        (Action("alice", "pool", "supply", ("WETH", "much", "alice", 0)), "amount"),
        (Action("alice", "router", "go", (True,), (Action("alice", "what", "go", ()),)), "nobody is called 'what'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_action(stage: Stage, action: Action, said: str) -> None:
    with pytest.raises(ActionError, match=said):
        stage.resolved(action)


def test_resolved_calldata_do_what_the_action_does(stage: Stage) -> None:
    action = Action("alice", "pool", "supply", ("WETH", 10**18, "alice", 0))
    twin = standard_history("3.6").stage()
    build_router(twin)
    twin.perform(action)
    call = stage.resolved(action)
    assert call is not None
    assert stage.chain.transact(call.sender, call.to, call.data).ok
    assert stage.chain.digest() == twin.chain.digest()


def test_a_hostile_token_calls_back_when_the_transfer_is_done() -> None:
    for revision in ("3.6", "3.7"):  # the old test token spends allowances after it moved tokens
        stage = standard_history(revision).stage()
        make_hostile(stage, "WETH")
        renewed = Action("alice", "WETH", "approve", ("pool", 5))
        stage.perform(Action("alice", "pool", "supply", ("WETH", 7, "alice", 0), (renewed,)))
        token = stage.chain.at(stage.book["WETH"])
        assert token.allowances[stage.book["alice"], stage.book["pool"]] == 5
