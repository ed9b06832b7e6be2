"""The EVM behind a small interface: messages, storage, code, snapshots. Only this module knows pyrevm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from eth_hash.auto import keccak
from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address

try:
    from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env
except ModuleNotFoundError as missing:
    raise ImportError("contracts of bytecode run in pyrevm: pip install 'pooltwin[evm]'") from missing

GAS = 2**40
MAX_CODE = 24_576
"""The longest code that a creation may leave behind (bytes)."""
ASKER = named_address("asker")
"""Who sends the message that has several views asked."""
PADDING = 33
"""Bytes of zeros behind code that revm has looked through."""

# How pyrevm words a failed call: `Revert { gas_used: 1, output: 0x }` or `Halt { reason: OutOfGas, ... }`.
_REVERT = re.compile(r"^Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}$")

# How pyrevm prints the accounts it holds, the only place where it lists their storage.
_ACCOUNT, _STORAGE, _STATUS = ": Account { info: ", ", storage: {", "}, status: AccountStatus"
_SLOT = re.compile(r"(\d+): StorageSlot \{ previous_or_original_value: \d+, present_value: (\d+) \}")

RawLog = tuple[Address, list[bytes], bytes]
"""An event as the EVM has it: who emitted it, its topics, its data."""


class Outcome(NamedTuple):
    """The outcome of a message: return data or revert data, and the events in order."""

    ok: bool
    data: bytes
    logs: list[RawLog]


class Revm:
    """An EVM whose messages cost no gas and take effect at once. A message that reverts leaves nothing behind."""

    def __init__(self, *, time: int, number: int, chain_id: int) -> None:
        self.codes: dict[Address, bytes] = {}
        """The code that was put in from outside."""
        self._first_put: list[Address] = []
        """Where there was no such code before, in order, since nothing can be come back to."""
        self._block, self._chain_id = (time, number), chain_id
        self._begin()

    def _begin(self) -> None:
        time, number = self._block
        env = Env(cfg=CfgEnv(chain_id=self._chain_id), block=BlockEnv(number=number, timestamp=time))
        self._evm = EVM(env=env, gas_limit=GAS, spec_id="CANCUN")
        self._prepared: dict[bytes, Address] = {}
        """By the hash of code that was looked through, the account that it came with, which is empty again."""
        self.storage: Callable[[Address, int], int] = self._evm.storage
        """Reads one word."""
        self.set_word: Callable[[Address, int, int], int] = self._evm.insert_account_storage
        """Writes one word; undone with a snapshot."""
        self.set_ether: Callable[[Address, int], None] = self._evm.set_balance
        self.ether: Callable[[Address], int] = self._evm.get_balance

    def snapshot(self) -> tuple[Any, int]:
        """Give a place to come back to."""
        return self._evm.snapshot(), len(self._first_put)

    def revert(self, snapshot: Any) -> None:
        """Come back to a snapshot. Code put in from outside stays where an account was, and is gone elsewhere."""
        checkpoint, number = snapshot
        self._evm.revert(checkpoint)
        for where in self._first_put[number:]:
            if where in self.codes and not self._evm.get_code(where):
                del self.codes[where]
        del self._first_put[number:]

    def renew(self, words: Iterable[tuple[Address, int, int]]) -> None:
        """Forget the past: put all accounts into a new EVM, with words that are given by address and slot.

        An EVM keeps what every message has read and written, and lists it with its accounts. Snapshots are lost.
        """
        standing = {**self._evm.db_accounts, **self._evm.journal_state}
        codes = {where: self.code(where.lower()) for where in standing}
        self._begin()
        self._first_put = []
        for checksummed, account in standing.items():
            where, code = checksummed.lower(), codes[checksummed]
            if code:
                self._evm.insert_account_info(where, self._account(code, account.nonce))
            elif account.nonce:
                self._evm.insert_account_info(where, AccountInfo(nonce=account.nonce))
            if account.balance:
                self._evm.set_balance(where, account.balance)
        for where, slot, word in words:
            self.set_word(where, slot, word)

    def set_block(self, time: int, number: int) -> None:
        """Run what follows in another block."""
        self._block = time, number
        self._evm.set_block_env(BlockEnv(number=number, timestamp=time))

    def set_code(self, where: Address, code: bytes, nonce: int = 1, *, lasts: bool = True) -> None:
        """Put code at an address, with a nonce; ether and storage stay. Code that does not last is not prepared."""
        if where not in self.codes:
            self._first_put.append(where)
        self.codes[where] = code
        held = self._evm.get_balance(where)
        account = self._account(code, nonce) if lasts else AccountInfo(nonce=nonce, code=code)
        self._evm.insert_account_info(where, account)
        if held:
            self._evm.set_balance(where, held)

    def _account(self, code: bytes, nonce: int) -> Any:
        """Make an account with code that was looked through, if it can be."""
        account = _looked_through(code)
        if account is None:
            return AccountInfo(nonce=nonce, code=code)
        if nonce == 1:
            return account
        known: bytes = account.code_hash
        if known not in self._prepared:  # of an account that was not used yet the EVM keeps the code by its hash
            unused = self._prepared[known] = "0x" + known[12:].hex()
            self._evm.insert_account_info(unused, account)
            self._evm.insert_account_info(unused, AccountInfo())
        return AccountInfo(nonce=nonce, code_hash=known)

    def code(self, where: Address) -> bytes:
        """Give the code at an address; empty where there is none."""
        known = self.codes.get(where)
        if known is not None:
            return known
        account = self._evm.basic(where)
        code: bytes = self._evm.get_code(where) or b""
        if len(code) > PADDING and keccak(code) != bytes(account.code_hash or b""):
            code = code[:-PADDING]
        return code

    def nonce(self, where: Address) -> int:
        """How many contracts a contract has created, and one; how many transactions were sent, of others."""
        nonce: int = self._evm.basic(where).nonce
        return nonce

    def message(self, sender: Address, to: Address, data: bytes, value: int = 0) -> Outcome:
        """Run a call and keep its effects. Raises RuntimeError for what no contract has answered."""
        try:
            answer = self._evm.message_call(caller=sender, to=to, calldata=data, value=value)
        except RuntimeError as error:
            return Outcome(False, _revert_data(error), [])
        return Outcome(True, bytes(answer), self._logs())

    def create(self, sender: Address, code: bytes) -> tuple[Address, Outcome]:
        """Run creation code for a sender, where its nonce puts it. Returns the address, which is empty if it reverted.

        Raises RuntimeError for what no contract has answered.
        """
        try:
            where = self._evm.deploy(sender, code)
        except RuntimeError as error:
            return "", Outcome(False, _revert_data(error), [])
        return str(where).lower(), Outcome(True, b"", self._logs())

    def _logs(self) -> list[RawLog]:
        result = self._evm.result
        if result is None or not (logs := result.logs):
            return []
        return [(log.address.lower(), *log.data) for log in logs]  # of which `data` are the topics, too

    def ask(self, to: Address, data: bytes) -> Outcome:
        """Run a call that may write nothing."""
        return self._ask(ZERO_ADDRESS, to, data)

    def ask_by(self, code: bytes, data: bytes) -> Outcome:
        """Run code that asks views of others. It is the zero address that asks them, as if each were asked alone."""
        before = self._evm.basic(ZERO_ADDRESS)
        self._evm.insert_account_info(ZERO_ADDRESS, _created(code))
        if before.balance:
            self._evm.set_balance(ZERO_ADDRESS, before.balance)
        try:
            return self._ask(ASKER, ZERO_ADDRESS, data)
        finally:
            self._evm.insert_account_info(ZERO_ADDRESS, before)

    def _ask(self, sender: Address, to: Address, data: bytes) -> Outcome:
        """Have what was read forgotten afterwards: an EVM lists it with all that it ever read."""
        evm = self._evm
        before = evm.snapshot()
        try:
            answer = evm.message_call(caller=sender, to=to, calldata=data, is_static=True)
        except RuntimeError as error:
            return Outcome(False, _revert_data(error), [])
        finally:
            evm.revert(before)
        return Outcome(True, bytes(answer), [])

    def touched(self) -> list[Address]:
        """List every account that was ever touched."""
        return sorted({address.lower() for address in self._evm.db_accounts}.difference(self._prepared.values()))

    def accounts(self) -> dict[Address, dict[int, int]]:
        """List every account that was used, with its words that are not zero. Slow: all of it is printed and read."""
        printed, found, end = self._evm.journal_str, {}, 0
        while (start := printed.find(_STORAGE, end)) >= 0:
            end = printed.index(_STATUS, start)
            named = printed.rindex(_ACCOUNT, 0, start)
            words = _SLOT.findall(printed, start, end)
            found[printed[named - 42 : named]] = {int(slot): int(word) for slot, word in words if word != "0"}
        return found


def _revert_data(error: RuntimeError) -> bytes:
    """Read the revert data that pyrevm words into its exception; a halt (as invalid opcode, out of gas) has none."""
    message = str(error)
    match = _REVERT.match(message)
    if match is not None:
        return bytes.fromhex(match[1])
    if message.startswith("Halt {"):
        return b""
    raise error


# --- code that was looked through -------------------------------------------------------------------------------------

_LOOKED_THROUGH: dict[bytes, Any] = {}


def _looked_through(code: bytes) -> Any:
    """Make an account with code and the nonce 1; None for code that cannot be left behind.

    revm looks through raw code for jump targets at every call, which takes longer than most calls, but keeps what it
    found for code that a creation left behind: so code is created once, elsewhere, and its account taken from there.
    """
    if not code or len(code) > MAX_CODE or code[0] == 0xEF:
        return None
    account = _LOOKED_THROUGH.get(code)
    if account is None:
        account = _LOOKED_THROUGH[code] = _created(code)
    return account


@lru_cache(maxsize=64)
def _created(code: bytes) -> Any:
    length = len(code).to_bytes(2, "big")
    # PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN
    creation = b"\x61" + length + b"\x80\x60\x0a\x5f\x39\x5f\xf3" + code
    elsewhere = EVM(gas_limit=GAS, spec_id="CANCUN")
    return elsewhere.basic(elsewhere.deploy(ZERO_ADDRESS, creation))
