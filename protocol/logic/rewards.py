"""Arithmetic of rewards: an index for each reward of an asset grows with time, by what is emitted for each share.

Solidity: `RewardsDistributor`. Indexes are in units of the reward for one whole share of the asset.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import PANIC_OVERFLOW, ErrorString, Panic
from ..math.uint import MAX_UINT128, add, mul, sub, to_uint128

MAX_UINT104 = 2**104 - 1


class Emission(NamedTuple):
    """How one reward of one asset is given: Solidity's `RewardData` without its users."""

    stored_index: int
    per_second: int
    last_update: int
    end: int


def whole_share(decimals: int) -> int:
    """One whole share of an asset. Raises Panic(0x11) above 77 decimals."""
    return mul(10**decimals, 1)


def whole_share_wrapped(decimals: int) -> int:
    """The same where nothing checks for overflow: when balances change."""
    return int(10**decimals % 2**256)


def next_index(emission: Emission, total_supply: int, share: int, now: int) -> int:
    """The index now. Nothing is emitted while nobody has shares, and what time has passed by is lost.

    Raises Panic(0x11) on overflow. Solidity: `_getAssetIndex`.
    """
    if (
        emission.per_second == 0
        or total_supply == 0
        or emission.last_update == now
        or emission.last_update >= emission.end
    ):
        return emission.stored_index
    seconds = sub(min(now, emission.end), emission.last_update)
    return add(mul(mul(emission.per_second, seconds), share) // total_supply, emission.stored_index)


def check_index(index: int) -> int:
    """Raises a string error for an index that has no room."""
    if index > MAX_UINT104:
        raise ErrorString("INDEX_OVERFLOW")
    return index


def earned(balance: int, index: int, user_index: int, share: int) -> int:
    """The reward that a balance earned between two indexes, rounded down. Raises Panic(0x11)."""
    return mul(balance, sub(index, user_index)) // share


def accrue(accrued: int, reward: int) -> int:
    """Add to what a user is owed. Raises SafeCastOverflowedUintDowncast and Panic(0x11)."""
    total = accrued + to_uint128(reward)
    if total > MAX_UINT128:
        raise Panic(PANIC_OVERFLOW)
    return total
