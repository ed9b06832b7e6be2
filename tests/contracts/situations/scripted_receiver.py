"""A flash-loan receiver that makes calls while it holds the loan, on both sides of a lockstep."""

from typing import Any

from eth_abi.abi import encode
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.machine.function import Function

from ..harness.evm import argument_types, calldata, selector
from ..harness.lockstep import LockstepChain

CODE = bytes.fromhex(
    "608435600401803581602001908101"  # the parameters: the fifth argument of either callback
    "5b80821015604557"  # until their end:
    "81602001358083604001600037"  # copy the next call's data to memory,
    "60006000826000600087355af115603f57"  # make the call, give up if it fails,
    "82016040019150600f56"  # and go on to the next
    "5b60006000fd"
    "5b600160005260206000f3"  # then answer true
)
EXECUTE = "executeOperation(address[],uint256[],uint256[],address,bytes)"
EXECUTE_SIMPLE = "executeOperation(address,uint256,uint256,address,bytes)"
PARAMETERS = 4 + 4 * 32
"""Where calldata says where the parameters are."""
TOO_LONG = 2**29
"""Bytes that no gas copies to memory."""
TOO_MANY = 2**36
"""Bytes of zeros, 64 to a call of nobody, that no gas works off."""
MAX_WORD = 2**256


class ScriptedReceiver(ForeignContract):
    """Receiver that makes the calls in its parameters: target, length and data of each. Reverts if one fails.

    It is the bytecode above once more, for calldata of any kind: what lies beyond the end of the calldata is zero.
    """

    KIND = "ScriptedReceiver"

    def _act(self, data: bytes) -> bool:
        def word(at: int) -> int:
            return int.from_bytes(data[at : at + 32].ljust(32, b"\0"), "big")

        start = (word(PARAMETERS) + 4) % MAX_WORD
        at = (start + 32) % MAX_WORD
        end = (at + word(start)) % MAX_WORD
        while at < end:
            if at >= len(data):
                return self._call_nobody(end - at)
            length = word((at + 32) % MAX_WORD)
            if length > TOO_LONG:
                raise EmptyRevert("out of gas")
            first = at + 64
            self._call(word(at), data[first : first + length].ljust(length, b"\0"))
            at = first + length
        return True

    def _call(self, target: int, data: bytes) -> None:
        try:
            self.chain.nested(self.address, f"0x{target % 2**160:040x}", data)
        except Revert:
            raise EmptyRevert("a call in the script failed") from None

    @staticmethod
    def _call_nobody(zeros: int) -> bool:
        if zeros > TOO_MANY:
            raise EmptyRevert("out of gas")
        return True

    def on_flash_loan(self, pool: str, *arguments: Any) -> bool:
        return self._act(selector(EXECUTE) + encode(argument_types(EXECUTE), list(arguments)))

    def on_flash_loan_simple(self, pool: str, *arguments: Any) -> bool:
        return self._act(selector(EXECUTE_SIMPLE) + encode(argument_types(EXECUTE_SIMPLE), list(arguments)))

    def route(self, sender: str, data: bytes) -> tuple[Function, list[Any]]:
        return ANYTHING, [data]


def _anything(receiver: ScriptedReceiver, data: bytes, *, sender: str) -> bool:
    return receiver._act(data)


ANYTHING = Function("anything()", "bool", _anything, view=False, payable=True)


def script(*calls: tuple[Any, ...]) -> bytes:
    """Parameters that make these calls: target, signature, arguments."""
    encoded = b""
    for target, signature, *arguments in calls:
        data = calldata(signature, *arguments)
        encoded += int(target, 16).to_bytes(32, "big") + len(data).to_bytes(32, "big") + data
    return encoded


def place_scripted_receiver(chain: LockstepChain, where: str) -> None:
    """Let an account act by scripts from now on; what it did before, and its nonce, stay."""
    chain.put_code(where, CODE, chain.nonce(where))
    chain.twin.deploy(ScriptedReceiver, where)
