"""Contracts that send a transaction, which the EVM allows to people only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pooltwin.protocol.address import Address, named_address

from .revm import Revm

DRIVER = named_address("driver")


def shim_code(shadow: Address) -> bytes:
    """Assemble what stands in for a contract that sends: the driver's calls go out, the others to its real code."""
    head = b"\x73" + bytes.fromhex(DRIVER[2:]) + b"\x33\x14\x60"
    plain = b"\x36\x5f\x5f\x37\x5f\x5f\x36\x5f\x73" + bytes.fromhex(shadow[2:]) + b"\x5a\xf4\x3d\x5f\x5f\x3e\x60"
    ok = len(head) + 2 + len(plain) + 2 + 3
    driver = ok + 4
    code = head + bytes([driver]) + b"\x57" + plain + bytes([ok]) + b"\x57" + b"\x3d\x5f\xfd"
    code += b"\x5b\x3d\x5f\xf3"
    inner = b"\x5b\x60\x20\x36\x03\x80\x60\x20\x5f\x37\x5f\x5f\x91\x5f\x5f\x5f\x35\x5a\xf1\x3d\x5f\x5f\x3e"
    at = driver + len(inner) + 3 + 3
    return code + inner + b"\x60" + bytes([at]) + b"\x57\x3d\x5f\xfd\x5b\x3d\x5f\xf3"


@contextmanager
def sent_by_contract(evm: Revm, sender: Address, to: Address, data: bytes) -> Iterator[tuple[Address, Address, bytes]]:
    """Give the message that has a contract send calldata; what people send stays as it is."""
    code = evm.code(sender)
    if not code:
        yield sender, to, data
        return
    nonce, shadow = evm.nonce(sender), named_address(f"code of {sender}")
    put = sender in evm.codes
    evm.set_code(shadow, code)
    evm.set_code(sender, shim_code(shadow), nonce)
    try:
        yield DRIVER, sender, bytes.fromhex(to[2:]).rjust(32, b"\0") + data
    finally:
        evm.set_code(sender, code, evm.nonce(sender))
        if not put:
            del evm.codes[sender]
