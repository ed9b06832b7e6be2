"""ATokens whose balances anybody writes, beside the real mock: every flow of the pool on them, and hostile calldata."""

from pathlib import Path

import pytest

from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market, token_arguments
from ..harness.planting import lifted
from ..histories.assault import Assault
from ..histories.run import Run
from .settable import SET, SET_STORAGE, SETTABLE_TOKEN, TRANSFER_WITH_INDEX, deploy_settable_tokens


def needs_settable_tokens(release: Release) -> None:
    """Skip releases that have no such mock."""
    if SETTABLE_TOKEN not in release.artifacts:
        pytest.skip(f"v{release.revision} has no such mock, or its artifacts were made without it")


def test_a_random_history_of_settable_tokens(release: Release, tmp_path: Path) -> None:
    needs_settable_tokens(release)
    run = Run(release.artifacts, release.revision, SET, 111, steps=250, before_tokens=deploy_settable_tokens)
    run.go(tmp_path)
    outcomes = {(name, outcome) for kind, name, outcome in run.chain.hits if kind == SETTABLE_TOKEN}
    assert {(TRANSFER_WITH_INDEX, "event BalanceTransfer"), (TRANSFER_WITH_INDEX, "Panic(0x11)")} <= outcomes
    chain = lifted(run.chain)
    assert chain.twin.digest() == run.chain.twin.digest()
    assert chain.twin.fork().digest() == chain.twin.digest()


def test_hostile_calldata_of_settable_tokens(release: Release, tmp_path: Path) -> None:
    needs_settable_tokens(release)
    assault = Assault(release.artifacts, release.revision, seed=112, before_tokens=deploy_settable_tokens)
    assault.run(1200, tmp_path)
    assert assault.chain.compared > 2500


def test_a_plain_token_becomes_one_and_stays_one(release: Release) -> None:
    needs_settable_tokens(release)
    recorder = open_market(release.artifacts, release.revision, 1, 1, in_lockstep_with(release.revision))[1]
    code = recorder.deploy("settable code", SETTABLE_TOKEN, token_arguments(recorder, SETTABLE_TOKEN))
    user, other = ACCOUNTS[:2]
    call = (SET_STORAGE, user, other, 2**128 + 10**27, 2**120 + 5, 7)
    assert not recorder.transact(user, "aWETH", *call).ok
    upgrade = "updateAToken((address,string,string,address,bytes))"
    for symbol, implementation, taken in (("WETH", code, True), ("WETH", recorder.address("atoken_impl"), False)):
        arguments = (recorder.address(symbol), "set", "set", implementation, b"")
        assert recorder.transact(ADMIN, "configurator", upgrade, arguments).ok == taken
    assert recorder.transact(user, "aWETH", *call).ok
    for view, argument, word in (
        ("scaledBalanceOf(address)", user, 5),
        ("scaledBalanceOf(address)", other, 7),
        ("getPreviousIndex(address)", user, 10**27),
    ):
        assert int.from_bytes(recorder.transact(user, "aWETH", view, argument).ret, "big") == word
    assert recorder.transact(other, "aWETH", TRANSFER_WITH_INDEX, user, other, 4, 10**27).ok
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    chain.compare_storage()
    assert lifted(chain).twin.digest() == chain.twin.digest()
