"""Signatures on a chain whose id changes: which domain each token takes for its own, and whom it believes."""

from pooltwin.protocol.evm_storage.raw import Identity, identities_of, known_keys, lift

from .harness.evm import CHAIN_ID
from .harness.given import Release
from .harness.lockstep import LockstepChain, in_lockstep_with, sweep_views
from .harness.market import ACCOUNTS, ADMIN, SIGNERS, open_market, reserve_tokens, token_arguments
from .harness.planting import lifted, planted
from .harness.recorder import Recorder
from .harness.releases import constructor_arguments, init_reserves, listing
from .harness.signing import delegation_digest, permit_digest

FORK = 31_337
DOMAIN = "DOMAIN_SEPARATOR()"
PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
DELEGATION = "delegationWithSig(address,address,uint256,uint256,uint8,bytes32,bytes32)"
SIGNER, BOB = SIGNERS[0], ACCOUNTS[1]
NEVER = 2**255


def opened(release: Release) -> Recorder:
    """The standard market in lockstep."""
    return open_market(release.artifacts, release.revision, 1, 1, in_lockstep_with(release.revision))[1]


def lockstep(recorder: Recorder) -> LockstepChain:
    assert isinstance(recorder.chain, LockstepChain)
    return recorder.chain


def move_to(recorder: Recorder, chain_id: int) -> None:
    """Let the same state be that of a chain with another id, on both sides."""
    here = lockstep(recorder)
    twin = here.twin.fork()
    twin.set_chain_id(chain_id)
    recorder.chain = planted(twin, here)


def domain(recorder: Recorder, label: str) -> bytes:
    """What a token says is its domain."""
    return recorder.transact(BOB, label, DOMAIN).ret


def sign(recorder: Recorder, label: str, domain: bytes) -> bool:
    """Use a signature under a domain. Returns whether the token believes it."""
    nonce = int.from_bytes(recorder.transact(BOB, label, "nonces(address)", SIGNER.address).ret, "big")
    if label.startswith("v"):
        signature = SIGNER.sign(delegation_digest(domain, BOB, 5, nonce, NEVER))
        return recorder.transact(BOB, label, DELEGATION, SIGNER.address, BOB, 5, NEVER, *signature).ok
    signature = SIGNER.sign(permit_digest(domain, (SIGNER.address, BOB), 5, nonce, NEVER))
    return recorder.transact(BOB, label, PERMIT, SIGNER.address, BOB, 5, NEVER, *signature).ok


def list_new(recorder: Recorder, symbol: str, prefix: str = "") -> None:
    """List another test token, with the implementations that have this prefix."""
    recorder.deploy(symbol, "TestnetERC20", [symbol, symbol, 6, ADMIN])
    entry = listing(recorder, symbol, (9000, 0, 100, 1000), prefix=prefix)
    assert recorder.transact(ADMIN, "configurator", init_reserves(recorder), [entry]).ok
    for kind, where in reserve_tokens(recorder, symbol).items():
        recorder.alias(f"{kind}{symbol}", where)


def deploy_implementations(recorder: Recorder, prefix: str) -> None:
    """Build the tokens' code anew, on the chain as it is called now."""
    artifacts = recorder.chain.artifacts
    for kind, contract in (("a", "ATokenInstance"), ("v", "VariableDebtTokenInstance")):
        arguments = constructor_arguments(artifacts, contract, list(token_arguments(recorder, contract)))
        recorder.deploy(f"{prefix}{kind}token_impl", contract, arguments)


def test_reserve_tokens_compute_their_domain_anew_and_test_tokens_never(any_release: Release) -> None:
    recorder = opened(any_release)
    labels = ("WETH", "aWETH", "vWETH", "atoken_impl", "vtoken_impl")
    home = {label: domain(recorder, label) for label in labels}
    move_to(recorder, FORK)
    away = {label: domain(recorder, label) for label in labels}
    assert {label for label in labels if away[label] == home[label]} == {"WETH"}
    for label in labels[:3]:
        assert sign(recorder, label, home[label]) is (label == "WETH")
        assert sign(recorder, label, away[label])
    sweep_views(recorder)
    move_to(recorder, CHAIN_ID)
    assert home == {label: domain(recorder, label) for label in labels}
    for label in labels[:3]:
        assert sign(recorder, label, home[label])
    lockstep(recorder).compare_storage()


def test_code_remembers_the_chain_it_was_built_for(any_release: Release) -> None:
    """What is set up on a fork by code from before keeps the fork's domain where that code is at home."""
    recorder = opened(any_release)
    move_to(recorder, FORK)
    list_new(recorder, "OLD")
    deploy_implementations(recorder, "new_")
    list_new(recorder, "NEW", prefix="new_")
    labels = [f"{kind}{symbol}" for symbol in ("OLD", "NEW") for kind in ("", "a", "v")]
    away = {label: domain(recorder, label) for label in labels}
    for label in labels:
        assert sign(recorder, label, away[label])
    move_to(recorder, CHAIN_ID)
    home = {label: domain(recorder, label) for label in labels}
    assert {label for label in labels if home[label] == away[label]} == {"OLD", "NEW", "aOLD", "vOLD"}
    for label in labels:
        assert sign(recorder, label, home[label])
    lockstep(recorder).compare_storage()


def test_an_evm_s_state_is_taken_on_a_chain_of_another_id(any_release: Release) -> None:
    recorder = opened(any_release)
    move_to(recorder, FORK)
    list_new(recorder, "OLD")
    deploy_implementations(recorder, "new_")
    list_new(recorder, "NEW", prefix="new_")
    for chain_id in (FORK, CHAIN_ID):
        move_to(recorder, chain_id)
        beside = lockstep(recorder)
        recorder.chain = lifted(beside)
        assert lockstep(recorder).twin.digest() == beside.twin.digest()
        sweep_views(recorder)


def test_who_does_not_say_for_which_chain_code_was_built_is_told_by_the_domain(any_release: Release) -> None:
    recorder = opened(any_release)
    for chain_id in (CHAIN_ID, FORK):
        move_to(recorder, chain_id)
        chain = lockstep(recorder)
        identities = {
            where: Identity(kind, {name: value for name, value in immutables.items() if name != "built_for"})
            for where, (kind, immutables) in identities_of(chain.twin).items()
        }
        chain.twin = lift(
            chain.twin.revision,
            identities,
            chain.all_storage(),
            known_keys(chain.twin),
            time=chain.timestamp,
            number=chain.block_number,
            chain_id=chain_id,
            nonces=chain.twin.nonces.written(),
            libraries=chain.twin.libraries,
        )
        for label in ("WETH", "aWETH", "vWETH"):
            assert sign(recorder, label, domain(recorder, label))
        chain.compare_storage()
