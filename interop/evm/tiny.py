"""A bare EVM for a moment: code is put somewhere, called, and what it returns or creates is looked at."""

from __future__ import annotations

import re
from typing import Any

from pooltwin.protocol.address import Address

from .constructors import CodeError

_GAS_LIMIT = 2**40
_OUTPUT = re.compile(r"^Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}$")
_COPY_CODE = "73{0}3b806000600073{0}3c6000f3"
"""PUSH20 address, EXTCODESIZE, DUP1, PUSH1 0, PUSH1 0, PUSH20 address, EXTCODECOPY, PUSH1 0, RETURN."""
_READER: Address = "0x" + "c0" * 20
_READER_CALLER: Address = "0x" + "c1" * 20


class TinyEvm:
    """An EVM without a market: nobody pays for gas, and nothing is kept of it."""

    def __init__(self, *, chain_id: int = 1) -> None:
        pyrevm = _pyrevm()
        self._account: Any = pyrevm.AccountInfo
        env = pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=chain_id))
        self._evm: Any = pyrevm.EVM(env=env, gas_limit=_GAS_LIMIT, spec_id="CANCUN")

    def put(self, where: Address, code: bytes) -> None:
        """Put code at an address, as a contract that has created nothing yet."""
        self._evm.insert_account_info(where, self._account(nonce=1, code=code))

    def send(self, sender: Address, to: Address, data: bytes, name: str) -> bytes:
        """Call a contract. Returns what it returned. Raises CodeError, with the `name`, when it reverts."""
        try:
            return bytes(self._evm.message_call(caller=sender, to=to, calldata=data))
        except RuntimeError as error:
            match = _OUTPUT.match(str(error))
            told = f"0x{match[1]}" if match else str(error)
            raise CodeError(f"{name} cannot be made to run outside a market: {told}") from error

    def code(self, where: Address) -> bytes:
        """The code at an address to its last byte, copied by a contract: pyrevm appends zeros to what it shows."""
        self.put(_READER, bytes.fromhex(_COPY_CODE.format(where[2:])))
        return self.send(_READER_CALLER, _READER, b"", "reading code")


def _pyrevm() -> Any:
    try:
        import pyrevm  # noqa: PLC0415 - an optional library
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("bytecode needs an EVM: pip install 'pooltwin[evm]'", name="pyrevm") from error
    return pyrevm
