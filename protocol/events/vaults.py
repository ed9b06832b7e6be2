"""Events of the vault of aTokens and its factory."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event


@event("Deposit(address indexed, address indexed, uint256, uint256)")
class SharesMinted(NamedTuple):
    caller: Address
    owner: Address
    assets: int
    shares: int


@event("Withdraw(address indexed, address indexed, address indexed, uint256, uint256)")
class SharesBurnt(NamedTuple):
    caller: Address
    receiver: Address
    owner: Address
    assets: int
    shares: int


@event("Initialized(uint64)")
class Initialized(NamedTuple):
    version: int


@event("Paused(address)")
class VaultPaused(NamedTuple):
    account: Address


@event("Unpaused(address)")
class VaultUnpaused(NamedTuple):
    account: Address


@event("RewardTokenRegistered(address indexed, uint256)")
class RewardTokenRegistered(NamedTuple):
    reward: Address
    start_index: int


@event("ERC20Rescued(address indexed, address indexed, address indexed, uint256)")
class ERC20Rescued(NamedTuple):
    caller: Address
    token: Address
    to: Address
    amount: int


@event("NativeTokensRescued(address indexed, address indexed, uint256)")
class NativeTokensRescued(NamedTuple):
    caller: Address
    to: Address
    amount: int


@event("StataTokenCreated(address indexed, address indexed)")
class StataTokenCreated(NamedTuple):
    stata_token: Address
    underlying: Address


# --- transparent proxies ----------------------------------------------------------------------------------------------


@event("AdminChanged(address, address)")
class AdminChanged(NamedTuple):
    previous_admin: Address
    new_admin: Address


@event("ProxyCreated(address, address indexed, address indexed)")
class TransparentProxyCreated(NamedTuple):
    proxy: Address
    logic: Address
    initial_owner: Address


@event("ProxyAdminCreated(address, address indexed)")
class ProxyAdminCreated(NamedTuple):
    proxy_admin: Address
    initial_owner: Address


@event("ProxyDeterministicCreated(address, address indexed, address indexed, bytes32 indexed)")
class ProxyDeterministicCreated(NamedTuple):
    proxy: Address
    logic: Address
    initial_owner: Address
    salt: bytes


@event("ProxyAdminDeterministicCreated(address, address indexed, bytes32 indexed)")
class ProxyAdminDeterministicCreated(NamedTuple):
    proxy_admin: Address
    initial_owner: Address
    salt: bytes
