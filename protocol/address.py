"""Addresses: lower-case hex strings of 20 bytes, `0x` in front.

One spelling, so that equal addresses are equal strings. `address()` brings any accepted spelling to it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from eth_hash.auto import keccak

Address: TypeAlias = str
"""An address in the spelling that the twin uses: `0x` and 40 lower-case hex digits."""

ZERO_ADDRESS: Address = "0x" + "00" * 20
"""The address of nobody."""

_SPELLING = re.compile("0x[0-9a-fA-F]{40}")


@lru_cache(maxsize=1_000_000)
def address(value: str) -> Address:
    """The canonical spelling of an address. Raises ValueError, naming the value, for anything else."""
    if not isinstance(value, str) or not _SPELLING.fullmatch(value):
        raise ValueError(f"{value!r} is not an address: expected 0x and 40 hex digits")
    return value.lower()


def named_address(name: str) -> Address:
    """A deterministic address for an actor with a name: the last 20 bytes of the hash of the name."""
    return "0x" + bytes(keccak(name.encode()))[12:].hex()


def created_address(creator: Address, nonce: int) -> Address:
    """The address that CREATE gives to a creator's contract number `nonce`: the hash of RLP([creator, nonce])."""
    nonce_bytes = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    encoded_nonce = nonce_bytes if 0 < nonce < 0x80 else bytes([0x80 + len(nonce_bytes)]) + nonce_bytes
    payload = b"\x94" + bytes.fromhex(creator[2:]) + encoded_nonce
    return "0x" + bytes(keccak(bytes([0xC0 + len(payload)]) + payload))[12:].hex()
