"""Precompiled contracts: code that is part of the EVM itself, at the addresses 1 to 10 (EVM version Cancun).

They answer to whatever bytes they are given, so a contract may take one for a price feed or a token. Hashes and the
echo are computed, and so is whether the others succeed; NotModelledError stands where only their arithmetic would tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from Crypto.Hash import RIPEMD160
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from ..address import Address
from ..errors import EmptyRevert, NotModelledError

WORD = 32
_CURVE_PRIME = 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47
"""The field of the curve alt_bn128, y^2 = x^3 + 3."""
_MODEXP_LIMIT = 1024
"""Length of a number (bytes) up to which powers are computed; the gas that they cost is not modelled."""
_UNPAYABLE = 2**32
"""Length of a number (bytes) from which a power costs more than any gas."""
_BLAKE_INPUT, _PROOF_INPUT = 213, 192
_VALID_V = (27, 28)


def _word(data: bytes, at: int, size: int = WORD) -> int:
    """A number out of the input, which goes on with zeros."""
    return int.from_bytes(data[at : at + size].ljust(size, b"\0"), "big")


def recovered_signer(digest: bytes, v: int, r: int, s: int) -> bytes:
    """The 20 bytes of the signer's address; nothing when nobody can have signed."""
    if v not in _VALID_V:
        return b""
    try:
        signature = Signature(vrs=(v - 27, r, s))
        return bytes(signature.recover_public_key_from_msg_hash(digest).to_canonical_address())
    except (BadSignature, ValidationError):
        return b""


def _recover(data: bytes) -> bytes:
    signer = recovered_signer(data[:WORD].ljust(WORD, b"\0"), *(_word(data, at) for at in (32, 64, 96)))
    return signer.rjust(WORD, b"\0") if signer else b""


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _ripemd160(data: bytes) -> bytes:
    return bytes(RIPEMD160.new(data).digest()).rjust(WORD, b"\0")


def _identity(data: bytes) -> bytes:
    return data


def _power(data: bytes) -> bytes:
    base_size, exponent_size, modulus_size = (_word(data, at) for at in (0, 32, 64))
    if base_size == modulus_size == 0:
        return b""
    if max(base_size, modulus_size) >= _UNPAYABLE:
        raise EmptyRevert("no gas pays for a power of such numbers")
    if max(base_size, exponent_size, modulus_size) > _MODEXP_LIMIT:
        raise NotModelledError("powers of numbers so long that gas decides")
    base = _word(data, 96, base_size)
    exponent = _word(data, 96 + base_size, exponent_size)
    modulus = _word(data, 96 + base_size + exponent_size, modulus_size)
    return (pow(base, exponent, modulus) if modulus else 0).to_bytes(modulus_size, "big")


def _check_point(data: bytes, at: int) -> bool:
    """Is the point at infinity there? Raises an empty revert where there is none of the curve."""
    x, y = _word(data, at), _word(data, at + WORD)
    if x >= _CURVE_PRIME or y >= _CURVE_PRIME:
        raise EmptyRevert("no point of the curve")
    if x == y == 0:
        return True
    if (y * y - x**3 - 3) % _CURVE_PRIME != 0:
        raise EmptyRevert("no point of the curve")
    return False


def _curve_sum(data: bytes) -> bytes:
    at_infinity = _check_point(data, 0), _check_point(data, 64)
    if not any(at_infinity):
        raise NotModelledError("the arithmetic of the curve alt_bn128")
    other = data[64:128] if at_infinity[0] else data[:64]
    return other.ljust(64, b"\0")


def _curve_product(data: bytes) -> bytes:
    if not _check_point(data, 0):
        raise NotModelledError("the arithmetic of the curve alt_bn128")
    return bytes(64)


def _pairing(data: bytes) -> bytes:
    if len(data) % 192:
        raise EmptyRevert("pairs of points cut short")
    if any(_word(data, at) >= _CURVE_PRIME for at in range(0, len(data), WORD)):
        raise EmptyRevert("no points of the curve")
    for at in range(0, len(data), 192):
        _check_point(data, at)
    if any(data):
        raise NotModelledError("pairings of the curve alt_bn128")
    return (1).to_bytes(WORD, "big")


def _blake(data: bytes) -> bytes:
    if len(data) != _BLAKE_INPUT or data[-1] > 1:
        raise EmptyRevert("not the input of BLAKE2's compression")
    raise NotModelledError("the compression of BLAKE2")


def _evaluated_point(data: bytes) -> bytes:
    if len(data) != _PROOF_INPUT or data[:WORD] != b"\x01" + hashlib.sha256(data[96:144]).digest()[1:]:
        raise EmptyRevert("not a commitment with its hash")
    raise NotModelledError("proofs about the polynomials of blobs")


_CODE: tuple[Callable[[bytes], bytes], ...] = (
    _recover,
    _sha256,
    _ripemd160,
    _identity,
    _power,
    _curve_sum,
    _curve_product,
    _pairing,
    _blake,
    _evaluated_point,
)
PRECOMPILES: dict[Address, Callable[[bytes], bytes]] = {f"0x{at:040x}": code for at, code in enumerate(_CODE, 1)}
"""What each precompiled contract makes of its input."""


def answer_of(where: Address, data: bytes) -> bytes:
    """The answer of whatever is at an address without code: a precompiled contract's, or nothing.

    Raises an empty revert where the precompiled contract fails, NotModelledError where that is not known.
    """
    code = PRECOMPILES.get(where)
    return b"" if code is None else code(data)
