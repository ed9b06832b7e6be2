"""Repaying with aTokens until v3.2. Solidity: `BorrowLogic`."""

from __future__ import annotations

from ...address import Address
from ...logic.supply import set_using_as_collateral
from ...logic.terms import Pool
from ...state.records import Reserve


def release_collateral(pool: Pool, reserve: Reserve, asset: Address, user: Address) -> None:
    """Disable a supply that repaying has used up, and emit it even if it was no collateral. v3.2."""
    set_using_as_collateral(pool, reserve, asset, user, False)
