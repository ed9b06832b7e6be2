"""Isolated assets that a supplier with a role makes collateral. Solidity: `ValidationLogic`, until v3.5."""

from __future__ import annotations

from eth_hash.auto import keccak

from ...address import Address
from ...logic.terms import Pool
from ...state import bitmaps
from ...state.records import Reserve
from ..v3_6.isolation import may_collateralise

ISOLATED_COLLATERAL_SUPPLIER_ROLE = bytes(keccak(b"ISOLATED_COLLATERAL_SUPPLIER"))


def may_collateralise_automatically(
    pool: Pool, reserve: Reserve, configuration: int, user: Address, category_id: int, supplier: Address
) -> bool:
    """May a first supply enable the asset? An isolated one only if the supplier has a role for it.

    Solidity: `validateAutomaticUseAsCollateral`, until v3.5.
    """
    if bitmaps.debt_ceiling(configuration) != 0:
        acl = pool.chain.at(pool.chain.at(pool.provider).acl_manager_address)
        if not acl.has_role(ISOLATED_COLLATERAL_SUPPLIER_ROLE, supplier):
            return False
    return may_collateralise(pool, reserve, configuration, user, category_id)
