"""Wallets that can sign permits and delegations, as EIP-712 has it and without the twin's own hashing."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_hash.auto import keccak
from eth_keys.datatypes import PrivateKey

Signature = tuple[int, bytes, bytes]

_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_PERMIT = b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
_DELEGATION = b"DelegationWithSig(address delegatee,uint256 value,uint256 nonce,uint256 deadline)"

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Wallet:
    """A private key with an address."""

    def __init__(self, name: str) -> None:
        self._key = PrivateKey(keccak(name.encode()))
        self.address: str = self._key.public_key.to_address()

    def _sign(self, token_name: str, token: str, struct: bytes, chain_id: int) -> Signature:
        domain = keccak(
            encode(
                ["bytes32", "bytes32", "bytes32", "uint256", "address"],
                [keccak(_DOMAIN), keccak(token_name.encode()), keccak(b"1"), chain_id, token],
            )
        )
        signature = self._key.sign_msg_hash(keccak(b"\x19\x01" + domain + keccak(struct)))
        return 27 + signature.v, signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")

    def permit(
        self, token_name: str, token: str, spender: str, value: int, nonce: int, deadline: int, chain_id: int = 1
    ) -> Signature:
        """An EIP-2612 approval."""
        kinds = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
        struct = encode(kinds, [keccak(_PERMIT), self.address, spender, value, nonce, deadline])
        return self._sign(token_name, token, struct, chain_id)

    def delegation(
        self, token_name: str, token: str, delegatee: str, value: int, nonce: int, deadline: int, chain_id: int = 1
    ) -> Signature:
        """Credit delegation."""
        kinds = ["bytes32", "address", "uint256", "uint256", "uint256"]
        struct = encode(kinds, [keccak(_DELEGATION), delegatee, value, nonce, deadline])
        return self._sign(token_name, token, struct, chain_id)


def malleable(signature: Signature) -> Signature:
    """The other signature of the same message by the same key."""
    v, r, s = signature
    return 55 - v, r, (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
