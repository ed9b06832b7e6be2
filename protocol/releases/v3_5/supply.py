"""Received aTokens that become collateral by themselves. Solidity: `SupplyLogic`, until v3.5."""

from __future__ import annotations

from ...address import Address
from ...logic.supply import set_using_as_collateral
from ...logic.terms import Pool
from ...state.records import Reserve


def collateralise_received(
    pool: Pool, reserve: Reserve, asset: Address, configuration: int, from_: Address, to: Address
) -> None:
    """Enable a first receipt of aTokens as collateral where a first supply would be enabled. Until v3.5."""
    category_id = pool.users_e_mode[to]
    if pool.revision.may_collateralise_automatically(pool, reserve, configuration, to, category_id, from_):
        set_using_as_collateral(pool, reserve, asset, to, True)
