"""Compiled contracts of one's own beside a market of bytecode: called by name, watched, drawn, forked and undone."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.interop import Artifact, ArtifactSet
from pooltwin.interop.evm.assembler import assemble
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.own_contracts import compiled_class
from pooltwin.invariants import Action, CampaignOptions, SetupError, run_campaign, standard_history
from pooltwin.invariants.histories.action import Stage
from pooltwin.protocol import named_address
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.revisions import Revision


def function(name: str, inputs: str, outputs: str = "", kind: str = "nonpayable") -> dict[str, Any]:
    """An entry of an ABI; arguments are told as "uint256 amount, address who"."""
    pairs = [told.split() for told in inputs.split(", ") if told]
    return {
        "type": "function",
        "name": name,
        "inputs": [{"type": each, "name": called} for each, called in pairs],
        "outputs": [{"type": each, "name": ""} for each in outputs.split(", ") if each],
        "stateMutability": kind,
    }


def number(signature: str) -> int:
    return int.from_bytes(selector_of(signature), "big")


# A till that takes tokens from its caller, supplies them in its own name, and counts what each has put in. Its asset
# is in word 0, the pool in word 1, both given to the constructor behind the code.
TILL = """
    0 CALLDATALOAD 224 SHR
    DUP1 $putIn EQ @putIn JUMPI
    DUP1 $putInOf EQ @putInOf JUMPI
    0 0 REVERT
putInOf:
    4 CALLDATALOAD SLOAD 0 MSTORE 32 0 RETURN
putIn:
    $transferFrom 224 SHL 0 MSTORE CALLER 4 MSTORE $self 36 MSTORE 4 CALLDATALOAD 68 MSTORE
    0 0 100 0 0 0 SLOAD GAS CALL ISZERO @no JUMPI
    $approve 224 SHL 0 MSTORE 1 SLOAD 4 MSTORE 4 CALLDATALOAD 36 MSTORE
    0 0 68 0 0 0 SLOAD GAS CALL ISZERO @no JUMPI
    $supply 224 SHL 0 MSTORE 0 SLOAD 4 MSTORE 4 CALLDATALOAD 36 MSTORE $self 68 MSTORE 0 100 MSTORE
    0 0 132 0 0 1 SLOAD GAS CALL ISZERO @no JUMPI
    CALLER SLOAD 4 CALLDATALOAD ADD CALLER SSTORE STOP
no:
    RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 REVERT
"""
SELF = named_address("till")
START = 512
"""Where the code begins in the creation code."""
ABI = (
    {"type": "constructor", "inputs": [{"type": "address", "name": "asset"}, {"type": "address", "name": "pool"}]},
    function("putIn", "uint256 amount"),
    function("putInOf", "address who", "uint256", "view"),
    {"type": "event", "name": "Put", "inputs": []},
)


def till() -> Artifact:
    """Compile it by hand: a constructor that keeps two addresses, and the code."""
    code = assemble(
        TILL,
        self=SELF,
        putIn=number("putIn(uint256)"),
        putInOf=number("putInOf(address)"),
        transferFrom=number("transferFrom(address,address,uint256)"),
        approve=number("approve(address,uint256)"),
        supply=number("supply(address,uint256,address,uint16)"),
    )
    made = assemble(
        "64 $given 0 CODECOPY 0 MLOAD 0 SSTORE 32 MLOAD 1 SSTORE $size $start 0 CODECOPY $size 0 RETURN",
        given=START + len(code),
        size=len(code),
        start=START,
    )
    return Artifact(bytecode=(made.ljust(START, b"\0") + code).hex(), links={}, abi=ABI)


@pytest.fixture(scope="module")
def engine(artifacts_v3_6: ArtifactSet) -> Revision:
    contracts = {**artifacts_v3_6.contracts, "Till": till()}
    return bytecode_engine(artifacts_v3_6.model_copy(update={"contracts": contracts}), "3.6")


def with_till(stage: Any) -> None:
    """Put the till on a stage and let everybody use it."""
    asset, pool = stage.address_of("WETH"), stage.address_of("pool")
    stage.add("till", stage.chain.deploy_artifact("Till", [asset, pool], where=SELF))
    for who in stage.actors:
        stage.perform(Action(who, "WETH", "approve", ("till", 2**256 - 1)))


@pytest.fixture
def stage(engine: Revision) -> Stage:
    return standard_history("3.6").with_setups(with_till).stage(engine)


def test_its_functions_are_called_by_name_and_what_it_does_in_the_market_is_seen(stage: Stage) -> None:
    receipt = stage.perform(Action("bob", "till", "putIn", (5 * 10**18,)))
    assert receipt is not None
    assert receipt.ok
    assert receipt.calls_unwatched
    assert stage.contract("till").put_in_of(stage.book["bob"]) == 5 * 10**18
    assert stage.contract("aWETH").balance_of(SELF) == 5 * 10**18
    assert stage.chain.unexplained_words() == []


def test_it_is_undone_and_copied_with_its_storage(stage: Stage) -> None:
    bob = stage.book["bob"]
    stage.perform(Action("bob", "till", "putIn", (7,)))
    moment, fork = stage.chain.snapshot(), stage.fork()
    fork.perform(Action("bob", "till", "putIn", (2,)))
    stage.perform(Action("bob", "till", "putIn", (1,)))
    assert [each.contract("till").put_in_of(bob) for each in (stage, fork)] == [8, 9]
    stage.chain.revert_to(moment)
    assert [each.contract("till").put_in_of(bob) for each in (stage, fork)] == [7, 9]


def test_campaigns_draw_its_calls_with_all_laws_watching(engine: Revision) -> None:
    history = standard_history("3.6").with_setups(with_till)
    result = run_campaign(CampaignOptions(history, steps=150, episode_steps=150, probe_every=75, engine=engine))
    assert [finding.violation for finding in result.findings] == []
    assert result.tally.succeeded["Till.putIn"] > 5


def test_it_stands_beside_compiled_markets_only(engine: Revision, stage: Stage) -> None:
    with pytest.raises(SetupError, match="the twin runs no bytecode"):
        standard_history("3.6").with_setups(with_till).stage()
    with pytest.raises(ValueError, match="there is a contract at"):
        stage.chain.deploy_artifact("Till", [SELF, SELF], where=SELF)
    with pytest.raises(ValueError, match="Tll"):
        stage.chain.deploy_artifact("Tll")


def test_handles_have_a_method_for_each_function_of_the_abi() -> None:
    abi = (
        function("totalAssets", "", "uint256", "view"),
        function("deposit", "uint256 assets"),
        function("deposit", "uint256 assets, address receiver", "uint256"),
        function("dump", "bytes data, bytes data"),
        function("_from", "address from, address sender", kind="payable"),
    )
    cls = compiled_class("Vault", Artifact(bytecode="", links={}, abi=abi))
    assert cls.function_names() == {
        selector_of("totalAssets()"): "total_assets",
        selector_of("deposit(uint256)"): "deposit",
        selector_of("deposit(uint256,address)"): "deposit_2",
        selector_of("dump(bytes,bytes)"): "dump_",
        selector_of("_from(address,address)"): "from_",
    }
