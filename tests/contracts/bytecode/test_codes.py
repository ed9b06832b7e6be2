"""Code made from a known state is, byte for byte, that of the contract deployed in the ordinary way."""

from collections.abc import Iterator

import pytest
from pooltwin.interop.evm.codes import CodeMaker
from pooltwin.interop.evm.constructors import ARGUMENTS, CodeError, constructor_arguments
from pooltwin.protocol.address import created_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.library import Library
from pooltwin.protocol.contracts.registry import CONTRACTS, construct
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import NEWEST, revision_named

from ..harness.evm import RealChain
from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market, token_arguments
from ..harness.recorder import Recorder
from ..harness.releases import REWARDS
from ..histories.assault import deploy_the_rest
from ..periphery.around import deploy_around
from ..periphery.reward_calls import deploy_rewards
from ..periphery.staked import STAKED, STUB, stub_of
from ..periphery.vaults import FACTORY, open_factory, open_vaults
from ..periphery.votes import VOTING_TOKEN

READER = "0x" + "c0" * 20


def code_at(chain: RealChain, where: str) -> bytes:
    """The code of an account to its last byte, copied out by a contract of eleven instructions."""
    copy = f"73{where[2:]}3b806000600073{where[2:]}3c6000f3"
    chain.put_code(READER, bytes.fromhex(copy))
    return chain._evm.ask(READER, b"").data


def different(chain: LockstepChain) -> Iterator[Contract]:
    """The contracts whose code, made from what the twin knows, is not the one they have."""
    maker = CodeMaker(chain.artifacts)
    for where, contract in chain.twin.contracts.items():
        if where != STUB and maker.code_of(contract) != code_at(chain, where):
            yield contract


def chain_of(recorder: Recorder) -> LockstepChain:
    assert isinstance(recorder.chain, LockstepChain)
    return recorder.chain


def test_a_market_s_code_is_made_from_its_state(any_release: Release) -> None:
    make = in_lockstep_with(any_release.revision)
    recorder = open_market(any_release.artifacts, any_release.revision, 1, 1, make)[1]
    deploy_the_rest(recorder)
    deploy_around(recorder)
    chain = chain_of(recorder)
    assert list(different(chain)) == []
    proxies = [c for c in chain.twin.contracts.values() if int(getattr(c, "proxy_admin", "0x0"), 16)]
    assert len(proxies) >= 18
    assert {c.linked_as for c in chain.twin.contracts.values() if isinstance(c, Library)} == set(chain.libraries)


def deploy_what_votes_and_rewards(recorder: Recorder) -> None:
    deploy_rewards(recorder)
    recorder.deploy("atoken_impl", VOTING_TOKEN, token_arguments(recorder, VOTING_TOKEN))


def test_so_is_what_stands_around_it(release: Release) -> None:
    if "StataTokenV2" not in release.artifacts:
        return
    make = in_lockstep_with(release.revision)
    artifacts = release.artifacts
    recorder = open_market(
        artifacts, release.revision, 1, 1, make, "L2PoolInstance", before_tokens=deploy_what_votes_and_rewards
    )[1]
    chain, link = chain_of(recorder), recorder.address("LINK")
    deploy_around(recorder)
    weth = recorder.deploy("WRAPPED", "WETH9", [])
    recorder.deploy("gateway", "WrappedTokenGatewayV3", [weth, ADMIN, recorder.address("pool")])
    chain.put_code(STUB, bytes.fromhex(f"73{link[2:]}60005260206000f3"))
    chain.twin.deploy(stub_of(int(link, 16)), STUB)
    recorder.deploy(STAKED, "StakedTokenTransferStrategy", [recorder.address(REWARDS), ADMIN, STUB])
    open_vaults(recorder)
    open_factory(recorder)
    tokens = [recorder.address("WETH"), recorder.address("USDC")]
    assert recorder.transact(ACCOUNTS[0], FACTORY, "createStataTokens(address[])", tokens).ok
    recorder.deploy("empty proxy", "InitializableImmutableAdminUpgradeabilityProxy", [ADMIN])
    for kind in ("MockAToken", "SettableMockAToken"):
        if kind in artifacts:
            recorder.deploy(kind, kind, token_arguments(recorder, kind))
    assert list(different(chain)) == []
    kinds = {contract.KIND for contract in chain.twin.contracts.values()}
    assert {"TransparentStataToken", "ProxyAdmin", "L2PoolInstance", VOTING_TOKEN, "WrappedTokenGatewayV3"} <= kinds


def test_a_token_of_another_chain_keeps_that_chain(release: Release) -> None:
    chain = LockstepChain(release.artifacts, 1_770_000_000, 1, revision=release.revision, chain_id=137)
    provider = chain.deploy(ADMIN, "PoolAddressesProvider", ["", ADMIN])
    shared = "DefaultReserveInterestRateStrategyV2"
    strategy = chain.deploy(ADMIN, shared, [provider]) if shared in release.artifacts else ADMIN
    types = release.artifacts["PoolInstance"].constructor_types
    pool = chain.deploy(ADMIN, "PoolInstance", [provider, strategy][: len(types)])
    types = release.artifacts["ATokenInstance"].constructor_types
    token = chain.deploy(ADMIN, "ATokenInstance", [pool, strategy, ADMIN][: len(types)])
    chain.twin.set_chain_id(10)
    made = CodeMaker(release.artifacts).code_of(chain.twin.at(token))
    assert made == code_at(chain, token)
    chain.twin.at(token).built_for = 10
    assert CodeMaker(release.artifacts).code_of(chain.twin.at(token)) != made


def test_the_table_knows_every_kind_that_has_immutables() -> None:
    known = {kind for kind, cls in CONTRACTS.items() if cls.IMMUTABLES}
    assert known - ARGUMENTS.keys() == {"TransparentStataToken"}  # a proxy, whose code has none of them


def test_what_cannot_be_made_is_named(release: Release) -> None:
    chain = Chain(revision_named(release.revision), time=0)
    maker = CodeMaker(release.artifacts)
    pool = created_address(ADMIN, 9)
    chain.deploy(lambda chain, at: chain.revision.contracts["ATokenInstance"](chain, at, pool, ADMIN, ADMIN), READER)
    with pytest.raises(CodeError, match=f"ATokenInstance at {READER}: its pool, {pool}, is no pool on this chain"):
        maker.code_of(chain.at(READER))
    construct("BlocklistToken", chain, STUB, ["T", "T", 6, ADMIN])
    with pytest.raises(CodeError, match=f"{STUB}: there is no BlocklistToken among the compiled contracts"):
        maker.code_of(chain.at(STUB))
    old = Chain(NEWEST, time=0)
    older = next(cls for cls in revision_named("3.6").contracts.values() if cls.KIND == "TestnetERC20")
    old.deploy(lambda chain, at: older(chain, at, "T", "T", 6, ADMIN), STUB)
    with pytest.raises(CodeError, match=r"TestnetERC20 at .* is code of another release \(TestnetERC20@3.6\)"):
        maker.code_of(old.at(STUB))


def test_arguments_come_from_the_handle(release: Release) -> None:
    chain = Chain(revision_named(release.revision), time=0)
    provider = "0x" + "77" * 20
    construct("PriceOracleSentinel", chain, STUB, [provider, ADMIN, 3600])
    assert constructor_arguments(chain.at(STUB))[0] == provider
