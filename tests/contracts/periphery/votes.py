"""A market whose aTokens vote, and random calls that give votes away."""

from eth_utils.crypto import keccak

from ..harness.market import token_arguments
from ..harness.recorder import Recorder
from ..harness.signing import Signer, typed_digest
from ..harness.world import Call, World
from ..histories.history import PROFILES, Profile
from ..histories.user_calls import MakeCall, spoiled

VOTING_TOKEN = "ATokenWithDelegationInstance"
BY_TYPE = keccak(
    text="DelegateByType(address delegator,address delegatee,uint8 delegationType,uint256 nonce,uint256 deadline)"
)
BOTH = keccak(text="Delegate(address delegator,address delegatee,uint256 nonce,uint256 deadline)")


def deploy_voting_tokens(recorder: Recorder) -> None:
    """Have all aTokens vote."""
    recorder.deploy("atoken_impl", VOTING_TOKEN, token_arguments(recorder, VOTING_TOKEN))


def _kind(w: World) -> int:
    return w.pick((0, 1)) if w.chance(0.95) else w.pick((2, 255))


def _to(w: World) -> str:
    return w.user() if w.chance(0.9) else w.anyone()


def give(w: World) -> Call:
    """Give one kind of power, or both, to somebody; rarely back to oneself."""
    token = f"a{w.symbol()}"
    if w.chance(0.4):
        return Call(w.user(), token, "delegate(address)", (_to(w),))
    return Call(w.user(), token, "delegateByType(address,uint8)", (_to(w), _kind(w)))


def give_by_signature(w: World) -> Call:
    """The same, signed; one in five signatures is bad in some way."""
    token, signer = f"a{w.symbol()}", w.pick(list(w.signers.values()))
    domain = (w.read(token, "DOMAIN_SEPARATOR()", ["bytes32"]) or (bytes(32),))[0]
    nonce = w.number(token, "nonces(address)", signer.address) + (w.chance(0.05))
    deadline = w.recorder.chain.timestamp + w.pick((0, 3600, -1 if w.chance(0.1) else 10**6))
    to, kind = _to(w), w.pick((0, 1))
    if w.chance(0.5):
        signature = _signed(w, signer, domain, BOTH, signer.address, to, nonce, deadline)
        name = "metaDelegate(address,address,uint256,uint8,bytes32,bytes32)"
        return Call(w.user(), token, name, (signer.address, to, deadline, *signature))
    signature = _signed(w, signer, domain, BY_TYPE, signer.address, to, kind, nonce, deadline)
    name = "metaDelegateByType(address,address,uint8,uint256,uint8,bytes32,bytes32)"
    return Call(w.user(), token, name, (signer.address, to, kind, deadline, *signature))


def _signed(w: World, signer: Signer, domain: bytes, typehash: bytes, *words: str | int) -> tuple[int, bytes, bytes]:
    return spoiled(w, signer.sign(typed_digest(domain, typehash, *words)))


def ask(w: World) -> Call:
    """What power somebody has."""
    token = f"a{w.symbol()}"
    return Call(
        w.user(),
        token,
        *w.pick(
            (
                ("getPowersCurrent(address)", (w.anyone(),)),
                ("getDelegates(address)", (w.user(),)),
                ("getPowerCurrent(address,uint8)", (w.user(), _kind(w))),
            )
        ),
    )


VOTE_CALLS: dict[MakeCall, float] = {give: 4, give_by_signature: 2, ask: 2}
USUAL = PROFILES["prices"]
VOTED = Profile(calls=(*USUAL.calls, (14.0, VOTE_CALLS)), scripts=USUAL.scripts, careful=0.65, start=USUAL.start)
"""Ordinary use of a market whose aTokens vote."""
