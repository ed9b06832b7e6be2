"""The pool of a rollup in lockstep: packed calls, the encoder, hostile words, and proxies that change their kind."""

from pathlib import Path

import pytest

from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, RECEIVER, must, open_market
from ..harness.recorder import Recorder
from ..histories.assault import Assault
from ..histories.history import PROFILES
from ..histories.run import Run
from ..v3_0_2.profiles import PROFILES_V3_0_2
from .compact import L2_POOL, compact_profile

ODD = (0, 1, 2**128 - 2, 2**128 - 1, 2**128, 2**255, 2**256 - 1)


def opened(release: Release) -> Recorder:
    """The standard market of a rollup in lockstep."""
    make = in_lockstep_with(release.revision)
    return open_market(release.artifacts, release.revision, 1, 1, make, L2_POOL)[1]


@pytest.mark.parametrize(("profile", "seed"), [("prices", 31), ("hostile", 32), ("upgrades", 33)])
def test_a_random_history_of_packed_calls(any_release: Release, tmp_path: Path, profile: str, seed: int) -> None:
    profiles = PROFILES_V3_0_2 if any_release.revision == "3.0.2" else PROFILES
    played = compact_profile(profiles.get(profile, profiles["prices"]))
    run = Run(any_release.artifacts, any_release.revision, played, seed, steps=200, pool_kind=L2_POOL)
    run.go(tmp_path)
    sent = [str(record["fn"]) for record in run.recorder.records if "fn" in record]
    assert sum("(bytes32" in signature for signature in sent) > 30
    assert any(kind == L2_POOL and error.startswith("event ") for kind, _, error in run.chain.hits)


def test_hostile_words(any_release: Release, tmp_path: Path) -> None:
    assault = Assault(any_release.artifacts, any_release.revision, seed=41, pool_kind=L2_POOL)
    assert assault.run(1500, tmp_path) > 500
    assert assault.chain.compared > 3000


def test_the_encoder_packs_as_the_contract_does(any_release: Release) -> None:
    recorder = opened(any_release)
    recorder.deploy("l2_encoder", "L2Encoder", [recorder.address("pool")])
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    functions = recorder.chain.artifacts["L2Encoder"].functions
    before = chain.compared
    for asset in (recorder.address("WBTC"), recorder.address("DUST"), ADMIN):
        for number in ODD:
            for signature, entry in functions.items():
                arguments = [_value(str(parameter["type"]), asset, number) for parameter in entry["inputs"]]
                recorder.transact(ACCOUNTS[0], "l2_encoder", signature, *arguments)
    assert chain.compared - before == 3 * len(ODD) * len(functions)


def test_an_encoder_of_what_is_no_pool(any_release: Release) -> None:
    recorder = opened(any_release)
    for number, pool in enumerate((ADMIN, recorder.address("WETH"), RECEIVER, "0x" + "00" * 20)):
        label = recorder.deploy(f"encoder_{number}", "L2Encoder", [pool])
        recorder.transact(ADMIN, label, "POOL()")
        assert not recorder.transact(ADMIN, label, "encodeWithdrawParams(address,uint256)", ADMIN, 1).ok


def test_what_is_encoded_is_what_the_pool_takes(any_release: Release) -> None:
    recorder = opened(any_release)
    recorder.deploy("l2_encoder", "L2Encoder", [recorder.address("pool")])
    user, asset = ACCOUNTS[0], recorder.address("USDC")
    word = must(recorder, user, "l2_encoder", "encodeWithdrawParams(address,uint256)", asset, 2**256 - 1)
    assert recorder.transact(user, "pool", "withdraw(bytes32)", word).ok
    assert int.from_bytes(must(recorder, user, "aUSDC", "balanceOf(address)", user), "big") == 0


def _value(kind: str, asset: str, number: int) -> object:
    """A value of a type made of a number; an address is that of the asset."""
    if kind == "address":
        return asset
    if kind == "bool":
        return bool(number & 1)
    return number.to_bytes(32, "big") if kind == "bytes32" else number % (1 << int(kind[4:]))
