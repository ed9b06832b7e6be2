"""Assembled contracts: each does what it is for, run in an EVM; the runner as the twin's receiver and router do."""

from __future__ import annotations

from random import Random

import pytest
from pooltwin.interop.evm.actors import (
    DRIVER,
    RUNNER,
    TABLE,
    addressed,
    hook_code,
    kept_at,
    receiver_code,
    router_code,
)
from pooltwin.interop.evm.assembler import AssemblyError, assemble
from pooltwin.interop.evm.performing import performed
from pooltwin.interop.evm.revm import Outcome, Revm
from pooltwin.invariants import Action, standard_history
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.router import build_router
from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import Revert, selector_of
from pooltwin.protocol.machine.function import external
from pooltwin.protocol.machine.scripts import ScriptedCall

NOTEBOOK, RECEIVER, ROUTER, TOKEN = map(named_address, ("notebook", "receiver", "router", "token"))
LOAN = "executeOperation(address,uint256,uint256,address,bytes)"
NOBODY, RECEIVES, ROUTES, ROUTES_STRICTLY = range(4)
"""Whom a note is handed on to."""


def selector(signature: str) -> int:
    return int.from_bytes(selector_of(signature), "big")


# Logs its caller and the number, hands on to the receiver or the router, passes on a failure of theirs, and fails with
# an odd number.
NOTEBOOK_CODE = assemble(
    """
        CALLER 0 MSTORE 4 CALLDATALOAD 32 MSTORE 64 0 LOG0
        36 CALLDATALOAD DUP1 ISZERO @told JUMPI
        DUP1 1 EQ @lend JUMPI
        $go 224 SHL 0 MSTORE
        DUP1 2 EQ 4 MSTORE
        0 0 36 0 0 $router GAS CALL @told JUMPI @failed JUMP
    lend:
        $loan 224 SHL 0 MSTORE
        0 0 164 0 0 $receiver GAS CALL @told JUMPI
    failed:
        RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 REVERT
    told:
        4 CALLDATALOAD 1 AND @odd JUMPI STOP
    odd:
        4 CALLDATALOAD 0 MSTORE 32 0 REVERT
    """,
    go=selector("go(bool)"),
    loan=selector(LOAN),
    router=ROUTER,
    receiver=RECEIVER,
)


class Noted(Revert):
    """A note with an odd number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Notebook(ForeignContract):
    """The same in Python."""

    KIND = "Notebook"

    @external("note(uint256,uint256)")
    def note(self, number: int, to: int, *, sender: Address) -> None:
        """Log, hand on, and fail with an odd number."""
        self.chain.logs.append((self.address, (sender, number)))
        if to == RECEIVES:
            self.chain.at(RECEIVER).on_flash_loan_simple()
        elif to != NOBODY:
            self.chain.at(ROUTER).go(to == ROUTES, sender=self.address)
        if number & 1:
            raise Noted(number)


@pytest.fixture
def stage() -> Stage:
    found = standard_history().with_actions(()).stage()
    build_router(found)
    found.add("notebook", found.chain.deploy(Notebook, NOTEBOOK))
    return found


@pytest.fixture
def evm() -> Revm:
    made = Revm(time=1, number=1, chain_id=1)
    for where, code in ((NOTEBOOK, NOTEBOOK_CODE), (RECEIVER, receiver_code()), (ROUTER, router_code())):
        made.set_code(where, code)
    return made


def random_note(rng: Random, depth: int = 0) -> Action:
    """A note by somebody, the router and the notebook itself among them, with others inside that may never happen."""
    number, to = rng.randrange(1000), rng.randrange(4)
    inside = tuple(random_note(rng, depth + 1) for _ in range(rng.randrange(4 if depth < 3 else 1)))
    if rng.random() < 0.2:
        return Action(rng.choice(("alice", "bob")), "router", "go", (rng.random() < 0.5,), inside)
    sender = rng.choice(("alice", "bob", "carol", "receiver", "notebook", "router"))
    return Action(sender, "notebook", "note", (number * 2 if rng.random() < 0.7 else number * 2 + 1, to), inside)


def perform(evm: Revm, call: ScriptedCall) -> Outcome:
    with performed(evm, call.sender, call.to, call.data, call.inside) as (sender, to, data):
        return evm.message(sender, to, data)


def notes_on_the_twin(stage: Stage, action: Action) -> tuple[int | None, list[tuple[Address, int]]]:
    try:
        stage.call(action)
    except Noted as noted:
        return noted.number, []
    return None, [note for _, note in stage.chain.logs]


def notes_in(outcome: Outcome) -> tuple[int | None, list[tuple[Address, int]]]:
    if not outcome.ok:
        return int.from_bytes(outcome.data, "big"), []
    words = [(data[12:32].hex(), int.from_bytes(data[32:], "big")) for _, _, data in outcome.logs]
    return None, [(f"0x{who}", number) for who, number in words]


def test_random_nested_scripts_come_out_as_on_the_twin(stage: Stage, evm: Revm) -> None:
    rng, longest = Random(7), 0
    codes = dict(evm.codes)
    for _ in range(400):
        action = random_note(rng)
        call = stage.resolved(action)
        assert call is not None
        told = notes_on_the_twin(stage, action)
        assert notes_in(perform(evm, call)) == told, str(action)
        longest = max(longest, len(told[1]))
    assert longest > 8
    assert {where: code for where, code in evm.codes.items() if where in codes} == codes


def test_nothing_is_left_of_who_stood_in(stage: Stage, evm: Revm) -> None:
    inside = (Action("bob", "notebook", "note", (2, NOBODY)), Action("notebook", "notebook", "note", (4, NOBODY)))
    call = stage.resolved(Action("bob", "notebook", "note", (6, RECEIVES), inside))
    assert call is not None
    assert notes_in(perform(evm, call))[1] == [
        (named_address("bob"), 6),
        (named_address("bob"), 2),
        (NOTEBOOK, 4),
    ]
    assert [evm.code(where) for where in (named_address("bob"), TABLE, NOTEBOOK)] == [b"", b"", NOTEBOOK_CODE]
    assert evm.storage(RUNNER, 0) == 0
    assert evm.message(named_address("bob"), RECEIVER, selector_of(LOAN)).logs == []


def test_resolving_names_functions_and_arguments_and_leaves_out_what_the_release_lacks(stage: Stage) -> None:
    lacking = Action("alice", "pool", "setUserUseReserveAsCollateral", ("WETH", True))
    action = Action("alice", "pool", "flashLoanSimple", ("receiver", "WETH", 5, b"", 0), (lacking,))
    call = stage.resolved(action)
    assert call is not None
    assert (call.sender, call.to) == (named_address("alice"), stage.market.pool.address)
    assert call.function.name == "flashLoanSimple"
    assert call.arguments == (RECEIVER, stage.book["WETH"], 5, b"", 0)
    assert [part.arguments for part in call.inside] == [(stage.book["WETH"], True)]
    assert call.data == stage.calldata(action)
    assert stage.resolved(Action("alice", "pool", "swapBorrowRateMode", ("WETH", 1))) is None


TOKEN_CODE = assemble("4 CALLDATALOAD 0 MSTORE 32 0 LOG0 4 CALLDATALOAD 7 EQ @no JUMPI 32 0 RETURN no: 0 0 REVERT")
"""Logs and answers its first argument, and reverts where that is 7."""


@pytest.mark.parametrize(
    ("signature", "argument", "runs"),
    [
        ("transfer(address,uint256)", 1, True),
        ("transferFrom(address,address,uint256)", 1, True),
        ("approve(address,uint256)", 1, False),
        ("transfer(address,uint256)", 7, False),
    ],
)
def test_a_token_calls_back_after_a_transfer_that_succeeds(
    stage: Stage, evm: Revm, signature: str, argument: int, runs: bool
) -> None:
    evm.set_code(kept_at(TOKEN), TOKEN_CODE)
    evm.set_code(TOKEN, hook_code(kept_at(TOKEN)))
    noted = stage.resolved(Action("carol", "notebook", "note", (3, NOBODY)))
    after = stage.resolved(Action("carol", "notebook", "note", (8, NOBODY)))
    assert noted is not None
    assert after is not None
    data = selector_of(signature) + argument.to_bytes(32, "big")
    with performed(evm, named_address("alice"), TOKEN, data, (noted, after)) as (sender, to, sent):
        outcome = evm.message(sender, to, sent)
    assert outcome.ok == (argument != 7)
    assert [where for where, _, _ in outcome.logs] == [TOKEN] * outcome.ok + [NOTEBOOK] * runs
    assert outcome.data == (argument.to_bytes(32, "big") if outcome.ok else b"")


def test_a_person_in_whose_name_others_act_stays_a_person_to_the_rest(stage: Stage, evm: Revm) -> None:
    inside = (
        Action("alice", "notebook", "note", (2, RECEIVES)),
        Action("bob", "notebook", "note", (4, NOBODY)),
    )
    call = stage.resolved(Action("carol", "notebook", "note", (6, RECEIVES), inside))
    assert call is not None
    with performed(evm, call.sender, call.to, call.data, call.inside):
        assert evm.message(named_address("carol"), named_address("alice"), b"").ok
        assert evm.message(named_address("carol"), named_address("alice"), selector_of(LOAN)) == (False, b"", [])
        asked = addressed(NOTEBOOK, call.data)
        assert not evm.message(named_address("carol"), named_address("bob"), asked).ok
        assert evm.message(DRIVER, named_address("bob"), asked).logs


@pytest.mark.parametrize("data", [b"", b"\0" * 4, selector_of("go(bool)"), selector_of("go(bool)") + b"\xff" * 32])
def test_the_router_refuses_what_it_is_not_asked(evm: Revm, data: bytes) -> None:
    assert evm.message(named_address("alice"), ROUTER, data) == (False, b"", [])


@pytest.mark.parametrize("data", [b"", b"\0" * 4, selector_of("balanceOf(address)") + b"\0" * 32])
def test_the_receiver_has_no_other_function(evm: Revm, data: bytes) -> None:
    assert evm.message(named_address("alice"), RECEIVER, data) == (False, b"", [])


@pytest.mark.parametrize("signature", [LOAN, "executeOperation(address[],uint256[],uint256[],address,bytes)"])
def test_the_receiver_agrees(evm: Revm, signature: str) -> None:
    outcome = evm.message(named_address("alice"), RECEIVER, selector_of(signature))
    assert outcome == (True, (1).to_bytes(32, "big"), [])


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("JUMPY", "'JUMPY' is no instruction"),
        ("@nowhere JUMP", "no label nowhere:"),
        ("here: here:", "here: is there twice"),
        ("$what POP", "nothing is given for \\$what"),
        ("-1", "is no instruction"),
        (str(2**256), "is no instruction"),
    ],
)
def test_programs_that_mean_nothing_are_refused(program: str, said: str) -> None:
    with pytest.raises(AssemblyError, match=said):
        assemble(program)


def test_numbers_are_pushed_as_short_as_they_can_be() -> None:
    assert assemble("0 1 255 256 ; the rest is a comment\n0x10000").hex() == "5f600160ff6101006201" + "0000"


@pytest.mark.parametrize("nonce", [0, 1, 2, 300])
def test_code_runs_under_any_nonce_wherever_and_whenever_it_is_put(nonce: int) -> None:
    """And neither accounts in between nor what is come back to take it away."""
    evm = Revm(time=1, number=1, chain_id=1)
    codes = {named_address(f"{number}"): assemble(f"{number} 0 MSTORE 32 0 RETURN") for number in range(1, 4)}
    for where, code in codes.items():
        evm.set_code(where, code, nonce)
    mark = evm.snapshot()
    assert sorted(evm.touched()) == sorted(codes)
    for who in evm.touched():
        evm.set_code(who, evm.code(who), evm.nonce(who))
    evm.set_code(named_address("4"), codes[named_address("1")], nonce)
    evm.revert(mark)
    evm.renew([])
    for number, (where, code) in enumerate(codes.items(), 1):
        assert int.from_bytes(evm.message(ZERO_ADDRESS, where, b"").data) == number
        assert (evm.code(where), evm.nonce(where)) == (code, nonce)
