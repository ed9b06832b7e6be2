"""Events of tokens that behave as well-known ones do: those that the test token has not."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event

# --- after USDC -------------------------------------------------------------------------------------------------------


@event("Blacklisted(address indexed)")
class Blacklisted(NamedTuple):
    account: Address


@event("UnBlacklisted(address indexed)")
class UnBlacklisted(NamedTuple):
    account: Address


# --- after USDT -------------------------------------------------------------------------------------------------------


@event("AddedBlackList(address)")
class AddedBlackList(NamedTuple):
    user: Address


@event("RemovedBlackList(address)")
class RemovedBlackList(NamedTuple):
    user: Address


@event("Params(uint256, uint256)")
class Params(NamedTuple):
    fee_basis_points: int
    max_fee: int


# --- after stETH ------------------------------------------------------------------------------------------------------


@event("TransferShares(address indexed, address indexed, uint256)")
class TransferShares(NamedTuple):
    from_: Address
    to: Address
    shares_value: int
