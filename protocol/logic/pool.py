"""Listing reserves, syncing them and minting to the treasury. Solidity: `PoolLogic`."""

from __future__ import annotations

from collections.abc import Sequence

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    NoMoreReservesAllowed,
    NotContract,
    ReserveAlreadyAdded,
)
from ..events import MintedToTreasury
from ..math.token_math import a_token_balance
from ..state import bitmaps
from .reserve import init, is_listed, normalized_income, update_rates, update_state
from .terms import Pool, ReserveCache


def execute_init_reserve(
    pool: Pool, asset: Address, a_token: Address, variable_debt_token: Address, strategy: Address
) -> bool:
    """List an asset in the first gap of the list, or at its end. Returns whether the list grew.

    The strategy is the zero address where all reserves share one. Solidity: `executeInitReserve`.
    """
    if pool.chain.contracts[asset] is None:
        raise NotContract()
    reserve = pool.reserves[asset]
    init(reserve, a_token, variable_debt_token, strategy)
    if is_listed(pool, asset):
        raise ReserveAlreadyAdded()
    for reserve_id in range(pool.reserves_count):
        if pool.reserves_list[reserve_id] == ZERO_ADDRESS:
            reserve.id = reserve_id
            pool.reserves_list[reserve_id] = asset
            return False
    if pool.reserves_count >= bitmaps.MAX_RESERVES:
        raise NoMoreReservesAllowed()
    reserve.id = pool.reserves_count
    pool.reserves_list[pool.reserves_count] = asset
    return True


def execute_sync_indexes(pool: Pool, asset: Address) -> None:
    """Accrue interest on the parameters in force. Solidity: `executeSyncIndexesState`."""
    reserve = pool.reserves[asset]
    update_state(pool, reserve, ReserveCache(pool, reserve))


def execute_sync_rates(pool: Pool, asset: Address) -> None:
    """Set the rates by the parameters in force. Solidity: `executeSyncRatesState`."""
    reserve = pool.reserves[asset]
    update_rates(pool, reserve, ReserveCache(pool, reserve), asset)


def execute_mint_to_treasury(pool: Pool, assets: Sequence[Address]) -> None:
    """Turn the treasury's accrued shares into aTokens, as of the last update; unlisted assets are passed over.

    Solidity: `executeMintToTreasury`, from v3.5 on.
    """
    for asset in assets:
        reserve = pool.reserves[asset]
        accrued = reserve.accrued_to_treasury
        if not bitmaps.is_active(reserve.configuration) or accrued == 0:
            continue
        reserve.accrued_to_treasury = 0
        index = normalized_income(reserve, pool.chain.time)
        amount = a_token_balance(accrued, index)
        pool.chain.at(reserve.a_token).pool_mint_to_treasury(accrued, index)
        pool.emit(MintedToTreasury(asset, amount))
