"""Chain of real contracts in an EVM (revm): transactions, cheats for prices and time, and snapshots."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak

with contextlib.suppress(ImportError):  # `load_v3_6` tells, before anything here is used
    from pooltwin.interop.evm import revm

from .artifacts import ArtifactSet

CHAIN_ID = 1
ZERO_ADDRESS = "0x" + "00" * 20
AGGREGATOR_ANSWER_SLOT = 0

# Flash-loan receivers that answer one word to any calldata: PUSH1 word, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN.
RECEIVER_CODES = {
    "AlwaysTrueReceiver": bytes.fromhex("600160005260206000f3"),
    "AlwaysFalseReceiver": bytes.fromhex("600060005260206000f3"),
}


class Log(NamedTuple):
    """One event: emitter, topics and data, addresses and words as lower-case 0x hex."""

    address: str
    topics: tuple[str, ...]
    data: bytes


class Outcome(NamedTuple):
    """Outcome of one transaction: `ret` is the return data, or the revert data when not `ok`."""

    ok: bool
    ret: bytes
    logs: tuple[Log, ...]


class DeployError(Exception):
    """A constructor reverted; the message names the contract and the revert data."""


def selector(signature: str) -> bytes:
    """The four bytes a call of `signature` begins with."""
    return keccak(text=signature)[:4]


def argument_types(signature: str) -> list[str]:
    """The argument types of a signature, tuples kept whole: `f(uint8,(bool,int8)[])` has two."""
    types, depth, start = [], 0, signature.index("(") + 1
    for position in range(start, len(signature)):
        char = signature[position]
        if depth == 0 and char in ",)":
            types.append(signature[start:position])
            start = position + 1
        depth += {"(": 1, ")": -1}.get(char, 0)
    return [] if types == [""] else types


def calldata(signature: str, *arguments: object) -> bytes:
    """A call of `signature`, ABI-encoded."""
    return selector(signature) + encode(argument_types(signature), list(arguments))


class RealChain:
    """Real bytecode, run transaction by transaction; a reverted transaction leaves nothing behind.

    Senders pay no gas and their nonces count contract creations only, so an address created by a sender follows from
    the number of contracts it deployed before (linked libraries included).
    """

    def __init__(self, artifacts: ArtifactSet, timestamp: int, block_number: int, *, chain_id: int = CHAIN_ID) -> None:
        self.artifacts = artifacts
        self.chain_id = chain_id
        self.libraries: dict[str, str] = {}
        """Deployed libraries, name to address; those of the last implementation that needed them."""
        self._planted: dict[str, frozenset[int]] = {}
        """Slots of planted storage, which revm does not list before it is used."""
        self.constructor_logs: tuple[Log, ...] = ()
        """What the last constructor emitted."""
        self._evm = revm.Revm(time=timestamp, number=block_number, chain_id=chain_id)
        self.timestamp = timestamp
        self.block_number = block_number

    def set_time(self, timestamp: int, block_number: int) -> None:
        """The next transactions run in this block; revm lets time stand still or go back."""
        self._evm.set_block(timestamp, block_number)
        self.timestamp = timestamp
        self.block_number = block_number

    def before_call(self, sender: str, to: str, data: bytes) -> None:
        """Hear of a call that is about to be recorded."""

    def give_ether(self, address: str, amount: int) -> None:
        """Let an account have this much ether (wei)."""
        self._evm.set_ether(address, amount)

    def ether(self, address: str) -> int:
        """The ether of an account (wei)."""
        return self._evm.ether(address)

    def transact(self, sender: str, to: str, data: bytes, value: int = 0) -> Outcome:
        """Run one transaction, with ether or without, and keep its effects."""
        return _outcome(self._evm.message(sender, to, data, value))

    def call(self, sender: str, to: str, data: bytes) -> Outcome:
        """Run one transaction and undo it: what it would give, the chain as before."""
        with self.undone():
            return self.transact(sender, to, data)

    def deploy(self, sender: str, kind: str, arguments: Sequence[object]) -> str:
        """Create a contract by its name in the artifacts; linked libraries are created first, each anew.

        Raises DeployError when a constructor reverts.
        """
        for library in library_order(self.artifacts, kind):
            self.libraries[library] = self.create(sender, library, ())
        return self.create(sender, kind, arguments)

    def create(self, sender: str, kind: str, arguments: Sequence[object]) -> str:
        """Create one contract, linked to the libraries deployed last. Raises DeployError as `deploy` does."""
        artifact = self.artifacts[kind]
        code = artifact.creation_code(self.libraries) + encode(artifact.constructor_types, list(arguments))
        where, outcome = self._evm.create(sender, code)
        if not outcome.ok:
            raise DeployError(f"{kind}: 0x{outcome.data.hex()}")
        self.constructor_logs = _outcome(outcome).logs
        return where

    def place_receiver(self, address: str, kind: str) -> None:
        """Put a flash-loan receiver, one of `RECEIVER_CODES`, at `address`."""
        self.put_code(address, RECEIVER_CODES[kind])

    def put_code(self, address: str, code: bytes, nonce: int = 0) -> None:
        """Put code at an address."""
        self._evm.set_code(address, code, nonce)

    def set_price(self, aggregator: str, answer: int) -> None:
        """Make a price feed answer this signed number from now on."""
        self._evm.set_word(aggregator, AGGREGATOR_ANSWER_SLOT, answer % 2**256)

    def storage(self, address: str, slot: int) -> int:
        """One raw storage word."""
        return self._evm.storage(address, slot)

    def set_storage(self, address: str, slot: int, word: int) -> None:
        """Overwrite one raw storage word."""
        self._evm.set_word(address, slot, word)

    def all_storage(self) -> dict[str, dict[int, int]]:
        """Every storage word that is not zero, by address and slot; accounts without storage are left out."""
        held = self._evm.accounts()
        for address, slots in self._planted.items():
            planted = {slot: word for slot in slots if (word := self.storage(address, slot))}
            held[address] = {**planted, **held.get(address, {})}
        return {address: slots for address, slots in held.items() if slots}

    def accounts(self) -> list[str]:
        """Every address that was ever touched."""
        return self._evm.touched()

    def plant(self, address: str, code: bytes, nonce: int, words: Mapping[int, int]) -> None:
        """Put an account with code, nonce and storage on a chain that does not have it yet."""
        self._evm.set_code(address, code, nonce)
        self._planted[address] = frozenset(words)
        for slot, word in words.items():
            self._evm.set_word(address, slot, word)

    def code(self, address: str) -> bytes:
        """The runtime code at `address`, empty for an account without code."""
        return self._evm.code(address)

    def nonce(self, address: str) -> int:
        """Number of contracts that `address` has created (contracts start at 1)."""
        return self._evm.nonce(address)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo at the end whatever happens inside: storage, code, nonces, prices and time."""
        checkpoint = self._evm.snapshot()
        time, libraries = (self.timestamp, self.block_number), dict(self.libraries)
        try:
            yield
        finally:
            self._evm.revert(checkpoint)
            self.set_time(*time)
            self.libraries = libraries


def library_order(artifacts: ArtifactSet, kind: str) -> list[str]:
    """The libraries `kind` needs, alphabetically, each after the libraries it needs itself."""
    order: list[str] = []
    for library in sorted(artifacts[kind].links):
        order += [inner for inner in library_order(artifacts, library) if inner not in order]
        if library not in order:
            order.append(library)
    return order


def _outcome(given: "revm.Outcome") -> Outcome:
    return Outcome(given.ok, given.data, tuple(_log(*log) for log in given.logs))


def _log(where: str, topics: list[bytes], data: bytes) -> Log:
    return Log(where, tuple(f"0x{topic.hex()}" for topic in topics), data)
