"""Events of ERC-20 tokens, ownership, roles, proxies and price feeds."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event


@event("Transfer(address indexed, address indexed, uint256)")
class Transfer(NamedTuple):
    from_: Address
    to: Address
    value: int


@event("Approval(address indexed, address indexed, uint256)")
class Approval(NamedTuple):
    owner: Address
    spender: Address
    value: int


@event("Deposit(address indexed, uint256)")
class Deposit(NamedTuple):
    dst: Address
    wad: int


@event("Withdrawal(address indexed, uint256)")
class Withdrawal(NamedTuple):
    src: Address
    wad: int


@event("OwnershipTransferred(address indexed, address indexed)")
class OwnershipTransferred(NamedTuple):
    previous_owner: Address
    new_owner: Address


@event("RoleAdminChanged(bytes32 indexed, bytes32 indexed, bytes32 indexed)")
class RoleAdminChanged(NamedTuple):
    role: bytes
    previous_admin_role: bytes
    new_admin_role: bytes


@event("RoleGranted(bytes32 indexed, address indexed, address indexed)")
class RoleGranted(NamedTuple):
    role: bytes
    account: Address
    sender: Address


@event("RoleRevoked(bytes32 indexed, address indexed, address indexed)")
class RoleRevoked(NamedTuple):
    role: bytes
    account: Address
    sender: Address


@event("Upgraded(address indexed)")
class Upgraded(NamedTuple):
    implementation: Address


@event("AnswerUpdated(int256 indexed, uint256 indexed, uint256)")
class AnswerUpdated(NamedTuple):
    current: int
    round_id: int
    updated_at: int


@event("AssetPriceUpdated(address, uint256, uint256)")
class AssetPriceUpdated(NamedTuple):
    asset: Address
    price: int
    timestamp: int


@event("EthPriceUpdated(uint256, uint256)")
class EthPriceUpdated(NamedTuple):
    price: int
    timestamp: int
