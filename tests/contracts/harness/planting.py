"""Transfer of states between the sides: a twin's planted in an EVM, and an EVM's lifted into a twin."""

from collections.abc import Callable, Collection, Mapping

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.evm_storage.raw import Identity, KnownKeys, Words, identities_of, known_keys, lift, storage_of

from .evm import RealChain
from .lockstep import LockstepChain


def planted(twin: Chain, origin: RealChain, silenced: Collection[str] = ()) -> LockstepChain:
    """A new EVM with the twin's state, beside the twin itself, which goes on with it.

    Storage, nonces and chain id are the twin's; only the code, which a twin does not have, comes from the `origin`. The
    `silenced` get none: an account without code can be the sender of a transaction.
    """
    chain = LockstepChain(origin.artifacts, twin.time, twin.number, revision=twin.revision.name, chain_id=twin.chain_id)
    storage = storage_of(twin)
    for where in origin.accounts():
        code = b"" if where in silenced else origin.code(where)
        nonce = twin.nonces[where] or (1 if code else origin.nonce(where))
        chain.plant(where, code, nonce, storage.pop(where, {}))
    if storage:
        raise ValueError(f"the twin has storage where the EVM has no account: {', '.join(storage)}")
    chain.libraries = dict(origin.libraries)
    chain.twin = twin
    return chain


def edit(chain: LockstepChain, change: Callable[[Chain], None]) -> None:
    """Change the twin by hand, and the EVM's storage to match: a state that no call may lead to, on both sides."""
    before = storage_of(chain.twin)
    change(chain.twin)
    after = storage_of(chain.twin)
    for where in sorted(before.keys() | after.keys()):
        old, new = before.get(where, {}), after.get(where, {})
        for slot in sorted(slot for slot in old.keys() | new.keys() if old.get(slot) != new.get(slot)):
            RealChain.set_storage(chain, where, slot, new.get(slot, 0))


def lifted(real: LockstepChain) -> LockstepChain:
    """The same EVM beside a new twin, which is filled from nothing but the EVM's storage and code.

    What the twin that lived beside the EVM knows is used for two things that storage does not say: which contract each
    address is, and the preimages of mapping keys.
    """
    storage: Mapping[str, Words] = real.all_storage()
    identities: dict[str, Identity] = identities_of(real.twin)
    keys: KnownKeys = known_keys(real.twin)
    nonces = {where: real.nonce(where) for where in real.twin.nonces.written()}
    chain = LockstepChain.__new__(LockstepChain)
    chain.__dict__.update(real.__dict__)
    chain.twin = lift(
        real.twin.revision,
        identities,
        storage,
        keys,
        time=real.timestamp,
        number=real.block_number,
        chain_id=real.chain_id,
        nonces=nonces,
        libraries=real.twin.libraries,
    )
    return chain
