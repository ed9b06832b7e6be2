"""Typed-data signatures: permits and credit delegation. Solidity: `EIP712Base`, OpenZeppelin 5.1 `ECDSA`."""

from __future__ import annotations

from functools import lru_cache

from eth_hash.auto import keccak

from ..address import ZERO_ADDRESS, Address
from ..errors import ECDSAInvalidSignature, ECDSAInvalidSignatureS
from ..machine.abi import encode_word, text_bytes
from ..machine.precompiles import recovered_signer

EIP712_REVISION = b"1"
DOMAIN_TYPE = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
PERMIT_TYPE = b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
DELEGATION_TYPE = b"DelegationWithSig(address delegatee,uint256 value,uint256 nonce,uint256 deadline)"

EIP712_DOMAIN = bytes(keccak(DOMAIN_TYPE))
PERMIT_TYPEHASH = bytes(keccak(PERMIT_TYPE))
DELEGATION_WITH_SIG_TYPEHASH = bytes(keccak(DELEGATION_TYPE))

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@lru_cache(maxsize=4096)
def domain_separator(name: str, chain_id: int, contract: Address, version: str = "1") -> bytes:
    """The EIP-712 domain of a token."""
    words = (
        EIP712_DOMAIN,
        bytes(keccak(text_bytes(name))),
        bytes(keccak(text_bytes(version))),
        chain_id,
        contract,
    )
    return bytes(keccak(b"".join(encode_word(word) for word in words)))


def struct_digest(domain: bytes, *words: bytes | int | Address) -> bytes:
    """The digest a wallet signs: domain and struct hash behind the EIP-191 prefix."""
    struct_hash = bytes(keccak(b"".join(encode_word(word) for word in words)))
    return bytes(keccak(b"\x19\x01" + domain + struct_hash))


def ecrecover(digest: bytes, v: int, r: bytes, s: bytes) -> Address:
    """The signer, or the zero address when nobody can have signed. The EVM's precompile."""
    signer = recovered_signer(digest, v, int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    return "0x" + signer.hex() if signer else ZERO_ADDRESS


def recover(digest: bytes, v: int, r: bytes, s: bytes) -> Address:
    """The signer. Raises ECDSAInvalidSignatureS for a malleable, ECDSAInvalidSignature for an impossible signature."""
    if int.from_bytes(s, "big") > _HALF_ORDER:
        raise ECDSAInvalidSignatureS(s)
    signer = ecrecover(digest, v, r, s)
    if signer == ZERO_ADDRESS:
        raise ECDSAInvalidSignature()
    return signer
