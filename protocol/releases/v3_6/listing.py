"""Unlisting a reserve. Solidity: `PoolLogic`, until v3.6."""

from __future__ import annotations

from ...address import ZERO_ADDRESS, Address
from ...errors import AssetNotListed, UnderlyingClaimableRightsNotZero, VariableDebtSupplyNotZero, ZeroAddressNotValid
from ...logic.reserve import is_listed, normalized_debt
from ...logic.terms import Pool


def execute_drop_reserve(pool: Pool, asset: Address) -> None:
    """Unlist an asset that nobody supplies or borrows, leaving a gap. Solidity: `executeDropReserve`, until v3.6."""
    reserve = pool.reserves[asset]
    if asset == ZERO_ADDRESS:
        raise ZeroAddressNotValid()
    if not is_listed(pool, asset):
        raise AssetNotListed()
    debt_token = pool.chain.at(reserve.variable_debt_token)
    if pool.revision.debt_balance(debt_token.scaled_supply, normalized_debt(pool, reserve)) != 0:
        raise VariableDebtSupplyNotZero()
    if pool.chain.at(reserve.a_token).total_supply() != 0 or reserve.accrued_to_treasury != 0:
        raise UnderlyingClaimableRightsNotZero()
    pool.reserves_list[reserve.id] = ZERO_ADDRESS
    reserve.delete()
