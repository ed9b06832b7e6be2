"""Chain of real contracts in an EVM (revm): transactions, cheats for prices and time, and snapshots."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak

with contextlib.suppress(ModuleNotFoundError):  # `load_v3_6` tells, before anything here is used
    from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from .artifacts import ArtifactSet

CHAIN_ID = 1
GAS_LIMIT = 2**40
ZERO_ADDRESS = "0x" + "00" * 20
AGGREGATOR_ANSWER_SLOT = 0

# Flash-loan receivers that answer one word to any calldata: PUSH1 word, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN.
RECEIVER_CODES = {
    "AlwaysTrueReceiver": bytes.fromhex("600160005260206000f3"),
    "AlwaysFalseReceiver": bytes.fromhex("600060005260206000f3"),
}

# How pyrevm words a failed call: `Revert { gas_used: 1, output: 0x }` or `Halt { reason: OutOfGas, ... }`.
_REVERT = re.compile(r"^Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}$")
_HALT = re.compile(r"^Halt \{")

# How pyrevm prints the accounts it holds, the only place where it lists their storage.
_ACCOUNT = re.compile(r"(0x[0-9a-f]{40}): Account \{ info: .*?, storage: \{(.*?)\}, status: AccountStatus")
_SLOT = re.compile(r"(\d+): StorageSlot \{ previous_or_original_value: \d+, present_value: (\d+) \}")


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
        self._planted: dict[str, dict[int, int]] = {}
        """Planted storage, which revm does not list before it is used."""
        env = Env(cfg=CfgEnv(chain_id=chain_id), block=BlockEnv(number=block_number, timestamp=timestamp))
        self._evm = EVM(env=env, gas_limit=GAS_LIMIT, spec_id="CANCUN")
        self.timestamp = timestamp
        self.block_number = block_number

    def set_time(self, timestamp: int, block_number: int) -> None:
        """The next transactions run in this block; revm lets time stand still or go back."""
        self._evm.set_block_env(BlockEnv(number=block_number, timestamp=timestamp))
        self.timestamp = timestamp
        self.block_number = block_number

    def before_call(self, sender: str, to: str, data: bytes) -> None:
        """Hear of a call that is about to be recorded."""

    def give_ether(self, address: str, amount: int) -> None:
        """Let an account have this much ether (wei)."""
        self._evm.set_balance(address, amount)

    def ether(self, address: str) -> int:
        """The ether of an account (wei)."""
        return int(self._evm.get_balance(address))

    def transact(self, sender: str, to: str, data: bytes, value: int = 0) -> Outcome:
        """Run one transaction, with ether or without, and keep its effects."""
        try:
            ret = self._evm.message_call(caller=sender, to=to, calldata=data, value=value)
        except RuntimeError as error:
            return Outcome(False, _revert_data(error), ())
        return Outcome(True, bytes(ret), self._logs())

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
        try:
            return str(self._evm.deploy(sender, code)).lower()
        except RuntimeError as error:
            raise DeployError(f"{kind}: 0x{_revert_data(error).hex()}") from error

    def place_receiver(self, address: str, kind: str) -> None:
        """Put a flash-loan receiver, one of `RECEIVER_CODES`, at `address`."""
        self._evm.insert_account_info(address, AccountInfo(code=RECEIVER_CODES[kind]))

    def set_price(self, aggregator: str, answer: int) -> None:
        """Make a price feed answer this signed number from now on."""
        self._evm.insert_account_storage(aggregator, AGGREGATOR_ANSWER_SLOT, answer % 2**256)

    def storage(self, address: str, slot: int) -> int:
        """One raw storage word."""
        return self._evm.storage(address, slot)

    def set_storage(self, address: str, slot: int, word: int) -> None:
        """Overwrite one raw storage word."""
        self._evm.insert_account_storage(address, slot, word)

    def all_storage(self) -> dict[str, dict[int, int]]:
        """Every storage word that is not zero, by address and slot; accounts without storage are left out."""
        words = {address: dict(planted) for address, planted in self._planted.items()}
        for address, slots in _ACCOUNT.findall(self._evm.journal_str):
            words.setdefault(address, {}).update((int(slot), int(word)) for slot, word in _SLOT.findall(slots))
        held = {address: {slot: word for slot, word in slots.items() if word} for address, slots in words.items()}
        return {address: slots for address, slots in held.items() if slots}

    def accounts(self) -> list[str]:
        """Every address that was ever touched."""
        return sorted(address.lower() for address in self._evm.db_accounts)

    def plant(self, address: str, code: bytes, nonce: int, words: Mapping[int, int]) -> None:
        """Put an account with code, nonce and storage on a chain that does not have it yet."""
        self._evm.insert_account_info(address, AccountInfo(nonce=nonce, code=code))
        self._planted[address] = dict(words)
        for slot, word in words.items():
            self._evm.insert_account_storage(address, slot, word)

    def code(self, address: str) -> bytes:
        """The runtime code at `address`, empty for an account without code."""
        return self._evm.get_code(address) or b""

    def nonce(self, address: str) -> int:
        """Number of contracts that `address` has created (contracts start at 1)."""
        return self._evm.basic(address).nonce

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

    def _logs(self) -> tuple[Log, ...]:
        result = self._evm.result
        if result is None:
            return ()
        return tuple(Log(log.address.lower(), tuple(log.topics), bytes(log.data[1])) for log in result.logs)


def library_order(artifacts: ArtifactSet, kind: str) -> list[str]:
    """The libraries `kind` needs, alphabetically, each after the libraries it needs itself."""
    order: list[str] = []
    for library in sorted(artifacts[kind].links):
        order += [inner for inner in library_order(artifacts, library) if inner not in order]
        if library not in order:
            order.append(library)
    return order


def _revert_data(error: RuntimeError) -> bytes:
    """The revert data pyrevm words into its exception; a halt (invalid opcode, out of gas) has none.

    Any other failure of pyrevm is not an answer of the contracts and is raised again.
    """
    message = str(error)
    match = _REVERT.match(message)
    if match is not None:
        return bytes.fromhex(match[1])
    if _HALT.match(message):
        return b""
    raise error
