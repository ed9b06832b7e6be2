"""Events of rewards: their configuration, what accrues, what is claimed."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event


@event(
    "AssetConfigUpdated(address indexed, address indexed, uint256, uint256, uint256, uint256, uint256)",
)
class AssetConfigUpdated(NamedTuple):
    asset: Address
    reward: Address
    old_emission: int
    new_emission: int
    old_distribution_end: int
    new_distribution_end: int
    asset_index: int


@event("Accrued(address indexed, address indexed, address indexed, uint256, uint256, uint256)")
class Accrued(NamedTuple):
    asset: Address
    reward: Address
    user: Address
    asset_index: int
    user_index: int
    rewards_accrued: int


@event("ClaimerSet(address indexed, address indexed)")
class ClaimerSet(NamedTuple):
    user: Address
    claimer: Address


@event("RewardsClaimed(address indexed, address indexed, address indexed, address, uint256)")
class RewardsClaimed(NamedTuple):
    user: Address
    reward: Address
    to: Address
    claimer: Address
    amount: int


@event("TransferStrategyInstalled(address indexed, address indexed)")
class TransferStrategyInstalled(NamedTuple):
    reward: Address
    transfer_strategy: Address


@event("RewardOracleUpdated(address indexed, address indexed)")
class RewardOracleUpdated(NamedTuple):
    reward: Address
    reward_oracle: Address


@event("EmissionAdminUpdated(address indexed, address indexed, address indexed)")
class EmissionAdminUpdated(NamedTuple):
    reward: Address
    old_admin: Address
    new_admin: Address


@event("EmergencyWithdrawal(address indexed, address indexed, address indexed, uint256)")
class EmergencyWithdrawal(NamedTuple):
    caller: Address
    token: Address
    to: Address
    amount: int
