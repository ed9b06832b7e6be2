"""Vaults of aTokens beside the real contracts: random histories with rewards, and hostile calldata."""

from pathlib import Path

import pytest
from eth_abi.abi import decode

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import AROUND
from ..harness.evm import ZERO_ADDRESS, calldata
from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market
from ..harness.planting import lifted
from ..harness.recorder import Recorder
from ..harness.releases import REWARDS
from ..histories.run import Run
from .around import AssaultAround
from .reward_calls import deploy_rewards
from .vaults import CODE, FACTORY, PROXY_FACTORY, VAULT, VAULTED, open_factory, open_vaults, vault


@pytest.mark.parametrize("seed", [81, 82, 83])
def test_a_random_history_of_vaults(release: Release, tmp_path: Path, seed: int) -> None:
    run = Run(release.artifacts, release.revision, VAULTED, seed, steps=250, before_tokens=deploy_rewards)
    open_vaults(run.recorder)
    run.go(tmp_path)
    outcomes = {outcome for kind, _, outcome in run.chain.hits if kind == VAULT}
    assert {"event Deposit", "event Withdraw", "event Transfer", "event Approval"} <= outcomes
    chain = lifted(run.chain)
    assert isinstance(chain, LockstepChain)
    assert chain.twin.digest() == run.chain.twin.digest()


def test_hostile_calldata_of_vaults(release: Release, tmp_path: Path) -> None:
    assault = AssaultAround(
        release.artifacts, release.revision, seed=84, before_tokens=deploy_rewards, after=open_vaults
    )
    assault.run(2000, tmp_path)
    assert assault.chain.compared > 3000


def test_code_without_a_proxy_is_locked(release: Release) -> None:
    run = Run(release.artifacts, release.revision, VAULTED, seed=1, steps=1, before_tokens=deploy_rewards)
    recorder = run.recorder
    open_vaults(recorder)
    names = "initialize(address,string,string)"
    for label in (CODE, vault("WETH")):
        assert not recorder.transact(ZERO_ADDRESS, label, names, recorder.address("aWETH"), "x", "x").ok
    for arguments in ([recorder.address("pool"), ZERO_ADDRESS], [recorder.address("WETH"), recorder.address("WETH")]):
        with pytest.raises(Exception, match="StataTokenV2: 0x"):
            recorder.deploy("another", VAULT, arguments)


def test_artifacts_have_it(artifacts_v3_6: ArtifactSet) -> None:
    assert VAULT in artifacts_v3_6


# --- the factory ------------------------------------------------------------------------------------------------------


def opened(release: Release) -> Recorder:
    """The standard market in lockstep, with rewards and the factory of vaults."""
    make = in_lockstep_with(release.revision)
    recorder = open_market(release.artifacts, release.revision, 1, 1, make, before_tokens=deploy_rewards)[1]
    open_factory(recorder)
    return recorder


def compared(recorder: Recorder) -> LockstepChain:
    """Both sides, all storage compared."""
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    assert chain.compare_storage() > 500
    return chain


def addresses_in(answer: bytes) -> list[str]:
    """The addresses of an array in return data."""
    (found,) = decode(["address[]"], answer)
    return list(found)


def test_the_factory_makes_one_vault_of_each_asset_where_the_chain_would(release: Release) -> None:
    recorder = opened(release)
    assets = [recorder.address(symbol) for symbol in ("WETH", "USDC")]
    made = recorder.transact(ACCOUNTS[0], FACTORY, "createStataTokens(address[])", assets)
    again = recorder.transact(ACCOUNTS[1], FACTORY, "createStataTokens(address[])", [*assets, assets[0]])
    assert made.ok
    assert addresses_in(again.ret) == [*addresses_in(made.ret), addresses_in(made.ret)[0]]
    for asset, where in zip(assets, addresses_in(made.ret), strict=True):
        recorder.name(f"{AROUND}made {asset}", where)
        for signature in ("name()", "symbol()", "asset()", "aToken()", "totalSupply()", "maxDeposit(address)"):
            arguments = [ACCOUNTS[0]] if "address" in signature else []
            assert recorder.transact(ACCOUNTS[0], where, signature, *arguments).ok
        assert recorder.transact(ACCOUNTS[0], PROXY_FACTORY, "getProxyAdmin(address)", where).ok
        assert recorder.transact(ACCOUNTS[0], FACTORY, "getStataToken(address)", asset).ok
    assert not recorder.transact(ACCOUNTS[0], FACTORY, "createStataTokens(address[])", [ACCOUNTS[0]]).ok
    assert not recorder.transact(ACCOUNTS[0], FACTORY, "initialize()").ok
    chain = lifted(compared(recorder))
    assert isinstance(chain, LockstepChain)


def test_a_made_vault_works_and_only_its_admin_s_owner_upgrades_it(release: Release) -> None:
    recorder = opened(release)
    weth = recorder.address("WETH")
    (made,) = addresses_in(recorder.transact(ADMIN, FACTORY, "createStataTokens(address[])", [weth]).ret)
    user = ACCOUNTS[0]
    assert recorder.transact(user, "WETH", "approve(address,uint256)", made, 10**19).ok
    assert recorder.transact(user, made, "deposit(uint256,address)", 10**19, user).ok
    assert recorder.transact(user, made, "redeem(uint256,address,address)", 10**18, user, user).ok
    (admin,) = decode(["address"], recorder.transact(ADMIN, PROXY_FACTORY, "getProxyAdmin(address)", made).ret)
    arguments = [recorder.address("pool"), recorder.address(REWARDS)]
    newer = recorder.deploy("newer vault code", VAULT, arguments)
    upgrade = "upgradeAndCall(address,address,bytes)"
    paused = calldata("setPaused(bool)", True)
    assert not recorder.transact(user, admin, upgrade, made, newer, b"").ok
    assert not recorder.transact(ADMIN, admin, upgrade, made, user, b"").ok  # no code there
    assert not recorder.transact(
        ADMIN, admin, upgrade, made, newer, paused
    ).ok  # the caller is the admin, not its owner
    assert not recorder.transact(ADMIN, admin, upgrade, made, newer, b"1234").ok
    assert recorder.transact(ADMIN, admin, upgrade, made, newer, calldata("totalAssets()")).ok
    assert recorder.transact(ADMIN, admin, upgrade, made, newer, b"").ok
    assert recorder.transact(ADMIN, admin, "UPGRADE_INTERFACE_VERSION()").ok
    assert recorder.transact(user, made, "balanceOf(address)", user).ok
    compared(recorder)


def test_proxies_come_at_the_next_address_or_at_the_predicted_one(release: Release) -> None:
    recorder = opened(release)
    code, salt = recorder.address(CODE), b"\x07" * 32
    setup = calldata("initialize(address,string,string)", recorder.address("aUSDC"), "W", "w")
    create, deterministic = "create(address,address,bytes)", "createDeterministic(address,address,bytes,bytes32)"
    predict = "predictCreateDeterministic(address,address,bytes,bytes32)"
    predicted = recorder.transact(ADMIN, PROXY_FACTORY, predict, code, ADMIN, setup, salt)
    there = recorder.transact(ADMIN, PROXY_FACTORY, deterministic, code, ADMIN, setup, salt)
    assert there.ok
    assert there.ret == predicted.ret
    assert not recorder.transact(ADMIN, PROXY_FACTORY, deterministic, code, ADMIN, setup, salt).ok  # taken
    for arguments in ((code, ADMIN, setup), (code, ADMIN, b"")):
        assert recorder.transact(ADMIN, PROXY_FACTORY, create, *arguments).ok
    for arguments in ((code, ZERO_ADDRESS, setup), (ADMIN, ADMIN, setup), (code, ADMIN, b"12345")):
        assert not recorder.transact(ADMIN, PROXY_FACTORY, create, *arguments).ok
    assert recorder.transact(ADMIN, PROXY_FACTORY, "createProxyAdmin(address)", ADMIN).ok
    assert not recorder.transact(ADMIN, PROXY_FACTORY, "createProxyAdmin(address)", ZERO_ADDRESS).ok
    made = "createDeterministicProxyAdmin(address,bytes32)"
    predicted = recorder.transact(
        ADMIN, PROXY_FACTORY, "predictCreateDeterministicProxyAdmin(bytes32,address)", salt, ADMIN
    )
    assert recorder.transact(ADMIN, PROXY_FACTORY, made, ADMIN, salt).ret == predicted.ret
    assert not recorder.transact(ADMIN, PROXY_FACTORY, made, ADMIN, salt).ok
    assert recorder.transact(ADMIN, PROXY_FACTORY, create, code, ADMIN, setup).ok  # nonces agree after all that
    compared(recorder)
