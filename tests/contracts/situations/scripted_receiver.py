"""A flash-loan receiver that makes calls while it holds the loan, on both sides of a lockstep."""

from typing import Any

from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import EmptyRevert, Revert
from pyrevm import AccountInfo

from ..harness.evm import calldata
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


class ScriptedReceiver(ForeignContract):
    """Receiver that makes the calls in its parameters: target, length and data of each. Reverts if one fails."""

    KIND = "ScriptedReceiver"

    def _act(self, params: bytes) -> bool:
        at = 0
        while at < len(params):
            length = int.from_bytes(params[at + 32 : at + 64], "big")
            try:
                self.chain.nested(
                    self.address, "0x" + params[at + 12 : at + 32].hex(), params[at + 64 : at + 64 + length]
                )
            except Revert:
                raise EmptyRevert("a call in the script failed") from None
            at += 64 + length
        return True

    def on_flash_loan(self, *arguments: Any) -> bool:
        return self._act(arguments[-1])

    def on_flash_loan_simple(self, *arguments: Any) -> bool:
        return self._act(arguments[-1])


def script(*calls: tuple[Any, ...]) -> bytes:
    """Parameters that make these calls: target, signature, arguments."""
    encoded = b""
    for target, signature, *arguments in calls:
        data = calldata(signature, *arguments)
        encoded += int(target, 16).to_bytes(32, "big") + len(data).to_bytes(32, "big") + data
    return encoded


def place_scripted_receiver(chain: LockstepChain, where: str) -> None:
    """Let an account act by scripts from now on; what it did before, and its nonce, stay."""
    chain._evm.insert_account_info(where, AccountInfo(nonce=chain.nonce(where), code=CODE))
    chain.twin.deploy(ScriptedReceiver, where)
