"""The twin of v3.0.2 beside the published bytecode: answers, views, storage, interfaces."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop.evm.own_variables import layout_difference
from pooltwin.protocol import revisions
from pooltwin.protocol.contracts.proxy import Proxied
from pooltwin.protocol.logic.terms import EarlierFlows, Revision
from pooltwin.protocol.recordings.recording import RecordingError
from pooltwin.protocol.recordings.verification import verify
from pooltwin.protocol.releases.v3_0_2.release import V3_0_2
from pooltwin.protocol.releases.v3_2.release import V3_2

from ..harness.artifacts import ArtifactSet
from ..harness.lockstep import LockstepChain, in_lockstep_with, sweep_views
from ..harness.market import ACCOUNTS, open_market
from ..harness.planting import lifted, planted
from ..harness.published import CONTRACTS
from ..harness.recorder import Recorder
from ..harness.storage_layout import KINDS
from ..histories.assault import Assault
from ..histories.history import live
from ..histories.run import Run, go_on, lived
from .profiles import PROFILES_V3_0_2
from .stable_tour import StableTour
from .tour import Tour

STEPS = 150


@pytest.mark.parametrize("profile", PROFILES_V3_0_2)
def test_a_random_history_in_lockstep(artifacts_v3_0_2: ArtifactSet, tmp_path: Path, profile: str) -> None:
    run = Run(artifacts_v3_0_2, "3.0.2", PROFILES_V3_0_2[profile], seed=1, steps=STEPS)
    run.go(tmp_path)
    assert run.chain.compared > 3000
    assert run.words > 500


def test_hostile_calls(artifacts_v3_0_2: ArtifactSet, tmp_path: Path) -> None:
    for seed in range(5):
        assault = Assault(artifacts_v3_0_2, "3.0.2", seed)
        assert assault.run(4000, tmp_path) > 500
        assert assault.chain.compared > 4000


@pytest.mark.parametrize(("profile", "seed"), [("prices", 11), ("upgrades", 13)])
def test_a_twin_s_state_lives_on_in_an_evm(artifacts_v3_0_2: ArtifactSet, profile: str, seed: int) -> None:
    run = lived(artifacts_v3_0_2, "3.0.2", PROFILES_V3_0_2[profile], seed)
    chain = planted(run.chain.twin.fork(), run.chain)
    assert chain.all_storage() == run.chain.all_storage()
    go_on(run, chain, steps=60)


@pytest.mark.parametrize(("profile", "seed"), [("prices", 21), ("admin", 22)])
def test_an_evm_s_state_lives_on_in_a_twin(artifacts_v3_0_2: ArtifactSet, profile: str, seed: int) -> None:
    run = lived(artifacts_v3_0_2, "3.0.2", PROFILES_V3_0_2[profile], seed)
    chain = lifted(run.chain)
    assert chain.twin is not run.chain.twin
    assert chain.twin.digest() == run.chain.twin.digest()
    go_on(run, chain, steps=60)


def recorded(artifacts: ArtifactSet, folder: Path, profile: str, seed: int, steps: int) -> Path:
    """A history on the real contracts alone."""
    head, recorder = open_market(artifacts, "3.0.2", seed, steps)
    live(recorder, head, PROFILES_V3_0_2[profile])
    path = folder / f"v3.0.2-{profile}-{seed}.jsonl.gz"
    recorder.write(path, head)
    return path


@pytest.fixture(scope="module")
def recordings(artifacts_v3_0_2: ArtifactSet, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Histories in which every decision of the revision shows."""
    folder = tmp_path_factory.mktemp("v3.0.2")
    tours = [toured(artifacts_v3_0_2, folder, tour) for tour in (Tour, StableTour)]
    return [*tours, recorded(artifacts_v3_0_2, folder, "prices", 3, 250)]


def toured(artifacts: ArtifactSet, folder: Path, tour: type[Tour] | type[StableTour]) -> Path:
    """A directed history on the real contracts alone."""
    head, recorder = open_market(artifacts, "3.0.2", 0, 0)
    tour(recorder, ACCOUNTS).go()
    path = folder / f"v3.0.2-{tour.__name__}.jsonl.gz"
    recorder.write(path, head)
    return path


def test_a_recorded_history_verifies(recordings: list[Path]) -> None:
    for path in recordings:
        result = verify(path)
        assert result.difference is None
        assert result.calls > 300


UNSHOWN = {
    "name": "what the release is called",
    "pool_revision": "what its code is called",
    "configurator_revision": "what its code is called",
    "known_borrower": "takes a callback that changes the borrower: `test_callbacks.py`",
    "min_decimals": "its listing takes decimals on trust and does not ask",
    "layouts": "asked for raw storage, which recordings have not",
    "earlier": "flipped one by one",
}
"""Decisions that no history shows, and why."""


def differing(kind: type[Revision] | type[EarlierFlows], one: Any, other: Any) -> list[str]:
    """The fields in which two records differ."""
    return [field.name for field in fields(kind) if getattr(one, field.name) != getattr(other, field.name)]


DECISIONS = [
    *(name for name in differing(Revision, V3_0_2, V3_2) if name not in UNSHOWN),
    *differing(EarlierFlows, V3_0_2.earlier, V3_2.earlier),
]
"""What the two releases decide differently."""


@pytest.mark.parametrize("field", DECISIONS)
def test_a_flipped_decision_is_noticed(recordings: list[Path], field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if field in EarlierFlows.__dataclass_fields__:
        assert V3_0_2.earlier is not None
        earlier: Any = {field: getattr(V3_2.earlier, field)}
        wrong: Any = {"earlier": replace(V3_0_2.earlier, **earlier)}
    else:
        wrong = {field: getattr(V3_2, field)}
    monkeypatch.setitem(revisions.REVISIONS, "3.0.2", replace(V3_0_2, **wrong))

    def differs(path: Path) -> bool:
        try:
            return verify(path).difference is not None
        except (RecordingError, TypeError, AttributeError):  # the wrong decision does not even fit the others
            return True

    assert any(differs(path) for path in recordings)


@pytest.mark.parametrize("kind", [kind for kind in CONTRACTS if not kind.startswith("Mock")])
def test_the_twin_has_the_functions_of_the_contract_and_no_others(artifacts_v3_0_2: ArtifactSet, kind: str) -> None:
    ours = {function.signature for function in V3_0_2.contracts[kind].functions.values()}
    assert ours == set(artifacts_v3_0_2[kind].functions)


@pytest.mark.parametrize("kind", sorted(set(KINDS) & CONTRACTS.keys()))
def test_every_variable_is_where_the_compiler_put_it(artifacts_v3_0_2: ArtifactSet, kind: str) -> None:
    assert layout_difference(artifacts_v3_0_2[kind], kind, V3_0_2) == ((), (), ())


@pytest.fixture(scope="module")
def market(artifacts_v3_0_2: ArtifactSet) -> Recorder:
    """The standard market in lockstep."""
    _, recorder = open_market(artifacts_v3_0_2, "3.0.2", 1, 1, in_lockstep_with("3.0.2"))
    return recorder


def test_stable_rates_can_be_asked_for_and_are_refused(market: Recorder) -> None:
    user, usdc = "0x" + "11" * 20, market.address("USDC")
    borrow = "borrow(address,uint256,uint256,uint16,address)"
    assert market.transact(user, "pool", borrow, usdc, 10**8, 2, 0, user).ok
    refusals = {
        "31": (borrow, usdc, 10**8, 1, 0, user),
        "39": ("repay(address,uint256,uint256,address)", usdc, 10**6, 1, user),
        "41": ("swapBorrowRateMode(address,uint256)", usdc, 1),
        "44": ("rebalanceStableBorrowRate(address,address)", usdc, user),
    }
    for code, (signature, *arguments) in refusals.items():
        outcome = market.transact(user, "pool", signature, *arguments)
        assert (outcome.ok, outcome.ret[68:70]) == (False, code.encode())
    assert market.transact(user, "pool", "swapBorrowRateMode(address,uint256)", usdc, 2).ret[68:70] == b"31"


REVERTED_WITHOUT_CODE = {"beyond the delegation", "rebalance nothing", "rebalance no debt"}


def test_a_tour_of_stable_rates(artifacts_v3_0_2: ArtifactSet) -> None:
    """Every step goes as its name says: those that begin with a code are refused with it."""
    _, recorder = open_market(artifacts_v3_0_2, "3.0.2", 1, 1, in_lockstep_with("3.0.2"))
    tour = StableTour(recorder, ACCOUNTS)
    tour.go()
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    sweep_views(recorder)
    assert chain.compare_storage() > 500
    for name, outcome in tour.outcomes.items():
        code = name[:2].encode()
        if code.isdigit():
            assert not outcome.ok, name
            assert outcome.ret[68 : 68 + outcome.ret[67]] == code, name
        elif not name.startswith("leave"):
            assert outcome.ok is (name not in REVERTED_WITHOUT_CODE), name
    token = chain.twin.at(recorder.address("sGUSD"))
    assert {token.balance_of(user) for user in ACCOUNTS} == {0}
    assert {token.previous_indexes[user] for user in ACCOUNTS} == {token.average_stable_rate} == {0}


def test_inherited_functions_that_do_not_exist_cannot_be_called_from_python_either(market: Recorder) -> None:
    chain = market.chain
    assert isinstance(chain, LockstepChain)
    pool = chain.twin.at(market.address("pool"))
    assert isinstance(pool, Proxied)
    with pytest.raises(AttributeError, match=r"revision 3\.0\.2 has no function get_reserves_count"):
        pool.get_reserves_count()
