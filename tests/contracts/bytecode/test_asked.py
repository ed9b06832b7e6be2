"""Laws, probes and the adversary are told what the bytecode says, whatever the twin's code would say instead."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from dataclasses import replace

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import CampaignOptions, Monitor, all_laws, run_campaign
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.laws.twins_code import TWINS_CODE
from pooltwin.invariants.mutants import Mutant, mutant_named
from pooltwin.invariants.mutants.hunt import hunt
from pooltwin.invariants.mutants.mutant import Patch
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.abi import calldata_of
from pooltwin.protocol.revisions import Revision

from ..harness.artifacts import ArtifactSet

STEPS = 90
"""Two rounds of probes."""
LOAN = ("receiver", "WETH", 10**18, b"", 0)
INSIDE = Action("receiver", "WETH", "transfer", ("bob", 1))


@pytest.fixture(scope="module")
def engine(artifacts_v3_6: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts_v3_6, "3.6")


@pytest.fixture(scope="module")
def faithful_walk(engine: Revision) -> list[Action]:
    return walked(engine)


def walked(engine: Revision, *patches: Patch) -> list[Action]:
    """Hunt on faithful bytecode while the twin's code is faulty: no law is broken. Returns the walk."""
    walk: list[Action] = []

    def noted(action: Action) -> Action:
        walk.append(action)
        return action

    mutant = Mutant("M1", "the twin's code alone", "own", (), patches, revision="3.6", engine=engine)
    assert hunt(mutant, all_laws(), STEPS, way=noted).kills == {}
    return walk


@pytest.mark.parametrize("identifier", ["M132", "M133"])
def test_the_twin_s_code_has_no_say_in_a_hunt_on_bytecode(
    engine: Revision, faithful_walk: list[Action], identifier: str
) -> None:
    patches = mutant_named(identifier).patches
    assert patches
    assert walked(engine, *patches) == faithful_walk


def test_what_is_asked_for_together_is_what_the_bytecode_says_alone(
    engine: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = standard_history("3.6").stage(engine)
    for action in (
        Action("alice", "pool", "supply", ("WETH", 10**19, "alice", 0)),
        Action("alice", "pool", "borrow", ("USDC", 10**9, 2, 0, "alice")),
    ):
        stage.perform(action)
    pool, chain = stage.market.pool, stage.chain
    alone = chain.evm.ask
    told, asked = [], []
    debt_of = pool.get_reserve_normalized_variable_debt

    monkeypatch.setattr(chain.evm, "ask", lambda to, data: asked.append(data) or alone(to, data))
    for _ in range(3):
        chain.advance(10**6)
        asked.clear()
        with chain.judging():
            chain.will_ask((debt_of,), pool.reserves)
            told.append([debt_of(asset) for asset in pool.reserves])
        for asset, number in zip(pool.reserves, told[-1], strict=True):
            data = calldata_of("getReserveNormalizedVariableDebt(address)", [asset])
            assert int.from_bytes(alone(pool.address, data).data) == number
    assert asked == []
    assert told[0] < told[1] < told[2]


def test_what_laws_try_emits_what_it_emits_on_the_twin_and_is_read_when_asked_for(engine: Revision) -> None:
    told = []
    for each in (None, engine):
        stage = standard_history("3.6").stage(each)
        pool, chain, alice = stage.market.pool, stage.chain, stage.book["alice"]
        with chain.judging():
            mark, receipts = chain.snapshot(), []
            for amount in (10**18, 0):
                with suppress(Revert):
                    pool.supply(stage.market.asset("WETH"), amount, alice, 0, sender=alice)
                receipts.append(chain.receipt)
            chain.revert_to(mark)
        told.append([(receipt.ok, receipt.logs) for receipt in receipts])
        assert [receipt.logs for receipt in map(copy, receipts)] == [logs for _, logs in told[-1]]
        assert chain.receipt is receipts[-1]
    assert told[0] == told[1]
    assert [(ok, bool(logs)) for ok, logs in told[0]] == [(True, True), (False, False)]


@pytest.mark.parametrize("inside", [(), (INSIDE,)])
def test_a_flash_loan_is_judged_alone_on_bytecode_where_it_is_on_the_twin(
    engine: Revision, inside: tuple[Action, ...]
) -> None:
    judged = []
    for each in (None, engine):
        stage = standard_history("3.6").stage(each)
        with Monitor(stage.market, all_laws(), names=stage.names) as monitor:
            receipt = stage.perform(replace(Action("alice", "pool", "flashLoanSimple", LOAN), inside=inside))
            assert receipt is not None
            assert receipt.ok
            assert monitor.last is not None
            judged.append((monitor.last.reentered, monitor.exercised()))
    assert judged[0] == judged[1]
    assert not judged[1][0]


def test_laws_about_the_twin_s_own_arithmetic_are_not_claimed_for_bytecode(engine: Revision) -> None:
    own = {law.id for law in all_laws() if law.needs == TWINS_CODE}
    assert own == {"FLG-6", "FLG-7", "IDX-12"}
    for each in (None, engine):
        laws = (*sorted(own), "SOL-15")
        options = CampaignOptions(standard_history("3.6"), steps=20, episode_steps=20, probe_every=10, laws=laws)
        result = run_campaign(replace(options, engine=each))
        asked = {law for law, count in result.tally.exercised.items() if count}
        assert asked & own == (own if each is None else set())
        assert "SOL-15" in asked
        assert result.never_exercised == []
