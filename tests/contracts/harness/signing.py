"""Real signatures: accounts with keys, EIP-712 digests of permits and credit delegations."""

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

PERMIT = keccak(text="Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
DELEGATION = keccak(text="DelegationWithSig(address delegatee,uint256 value,uint256 nonce,uint256 deadline)")
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

Signature = tuple[int, bytes, bytes]
"""v, r and s as contracts take them."""


@dataclass(frozen=True)
class Signer:
    """An account whose private key we hold."""

    key: PrivateKey

    @classmethod
    def numbered(cls, number: int) -> "Signer":
        """The same account for the same number, always."""
        return cls(PrivateKey(keccak(text=f"pooltwin test account {number}")))

    @property
    def address(self) -> str:
        """Lower-case 0x hex."""
        return str(self.key.public_key.to_address())

    def sign(self, digest: bytes) -> Signature:
        """Deterministic (RFC 6979), with s in the lower half of the curve order."""
        signature = self.key.sign_msg_hash(digest)
        return signature.v + 27, signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")


def permit_digest(domain: bytes, parties: tuple[str, str], value: int, nonce: int, deadline: int) -> bytes:
    """Digest that an owner signs to let a spender spend `value`; the parties are owner and spender."""
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    return _digest(domain, encode(types, [PERMIT, *parties, value, nonce, deadline]))


def delegation_digest(domain: bytes, delegatee: str, value: int, nonce: int, deadline: int) -> bytes:
    """Digest that a delegator signs to let `delegatee` borrow `value` on its account."""
    types = ["bytes32", "address", "uint256", "uint256", "uint256"]
    return _digest(domain, encode(types, [DELEGATION, delegatee, value, nonce, deadline]))


def malleated(signature: Signature) -> Signature:
    """The other signature for the same digest and signer, with s in the upper half: contracts reject it."""
    v, r, s = signature
    return 55 - v, r, (CURVE_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")


def _digest(domain: bytes, struct: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + keccak(struct))


def typed_digest(domain: bytes, typehash: bytes, *words: str | int) -> bytes:
    """Digest of a struct of addresses and numbers."""
    types = ["bytes32", *("address" if isinstance(word, str) else "uint256" for word in words)]
    return _digest(domain, encode(types, [typehash, *words]))
