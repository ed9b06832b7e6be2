"""A transfer strategy of rewards that makes calls of its own while it should pay, on both sides of a lockstep."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.machine.function import Function

from ..harness.evm import calldata
from ..harness.lockstep import LockstepChain

PUSH1, PUSH2, PUSH20 = 0x60, 0x61, 0x73
IS_BUSY = bytes.fromhex("60005c")  # TLOAD(0)
BECOME_BUSY, BECOME_IDLE = bytes.fromhex("600160005d"), bytes.fromhex("600060005d")  # TSTORE(0, 1), TSTORE(0, 0)
ANSWER_TRUE = bytes.fromhex("600160005260206000f3")
GIVE_UP = bytes.fromhex("60006000fd")
JUMPDEST, JUMPI, POP, CODECOPY, CALL, GAS = 0x5B, 0x57, 0x50, 0x39, 0xF1, 0x5A


class Inner(NamedTuple):
    """One call that the strategy makes; one that must go through takes the payment down with it."""

    target: str
    data: bytes
    must: bool = False


def inner(target: str, signature: str, *arguments: Any, must: bool = False) -> Inner:
    """A call by signature."""
    return Inner(target, calldata(signature, *arguments), must)


def code_of(calls: Sequence[Inner]) -> bytes:
    """Bytecode that makes these calls once in a transaction's depth, then answers true to whatever was asked.

    While it is at that, another call of it is answered at once: transient storage says so.
    """

    def program(begin: int, end: int, data: int) -> bytes:
        head = IS_BUSY + bytes([PUSH2, *end.to_bytes(2, "big"), JUMPI]) + BECOME_BUSY
        body, at = b"", data
        for call in calls:
            size = len(call.data).to_bytes(2, "big")
            body += bytes([PUSH2, *size, PUSH2, *at.to_bytes(2, "big"), PUSH1, 0, CODECOPY])
            body += bytes([PUSH1, 0, PUSH1, 0, PUSH2, *size, PUSH1, 0, PUSH1, 0])
            body += bytes([PUSH20]) + bytes.fromhex(call.target[2:]) + bytes([GAS, CALL])
            if call.must:
                after = begin + len(head) + len(body) + 4 + len(GIVE_UP)
                body += bytes([PUSH2, *after.to_bytes(2, "big"), JUMPI]) + GIVE_UP + bytes([JUMPDEST])
            else:
                body += bytes([POP])
            at += len(call.data)
        return head + body + BECOME_IDLE + bytes([JUMPDEST]) + ANSWER_TRUE

    length = len(program(0, 0, 0))
    end = length - len(ANSWER_TRUE) - 1
    return program(0, end, length) + b"".join(call.data for call in calls)


class HostileStrategy(ForeignContract):
    """The bytecode above once more."""

    KIND = "HostileStrategy"

    def prepare(self, calls: Sequence[Inner]) -> None:
        """Say which calls it makes."""
        self.calls = tuple(calls)
        self.busy = self.ledger(0)

    def act(self) -> bool:
        """Make the calls, unless that is just being done."""
        if self.busy["now"]:
            return True
        self.busy["now"] = 1
        for call in self.calls:
            try:
                self.chain.nested(self.address, call.target, call.data)
            except Revert:
                if call.must:
                    raise EmptyRevert("a call that must go through failed") from None
        self.busy["now"] = 0
        return True

    def route(self, sender: str, data: bytes) -> tuple[Function, list[Any]]:
        return ANYTHING, []


def _anything(strategy: HostileStrategy, *, sender: str) -> bool:
    return strategy.act()


ANYTHING = Function("anything()", "bool", _anything, view=False, payable=True)


def place_hostile_strategy(chain: LockstepChain, where: str, calls: Sequence[Inner]) -> None:
    """Put the strategy at an address, or give the one that is there other calls."""
    chain.put_code(where, code_of(calls), chain.nonce(where))
    strategy = chain.twin.contracts[where]
    if strategy is None:
        strategy = chain.twin.deploy(HostileStrategy, where)
    strategy.prepare(calls)
