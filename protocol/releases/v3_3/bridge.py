"""The bridge: aTokens minted before their underlying has arrived. Solidity: `BridgeLogic`, until v3.3."""

from __future__ import annotations

from ...address import Address
from ...errors import UnbackedMintCapExceeded
from ...events import BackUnbacked, MintUnbacked
from ...logic.erc20 import safe_transfer_from
from ...logic.reserve import open_reserve, unit_of_checked, update_rates
from ...logic.terms import Pool
from ...math.percentage import percent_mul
from ...math.uint import add, add128, mul, sub, to_uint128
from ...math.wad_ray import ray_div
from ...state import bitmaps
from ..v3_4.lending import validate_supply
from ..v3_4.token_rules import mint_amount
from .flash_loan import share_with_lenders


def execute_mint_unbacked(
    pool: Pool, user: Address, asset: Address, amount: int, on_behalf_of: Address, referral_code: int
) -> None:
    """Mint aTokens against a promise, within the reserve's cap. Solidity: `executeMintUnbacked`."""
    reserve, cache = open_reserve(pool, asset)
    validate_supply(cache, reserve, amount, on_behalf_of)
    reserve.unbacked = add128(reserve.unbacked, to_uint128(amount))
    cap = bitmaps.unbacked_mint_cap(cache.configuration)
    if reserve.unbacked > mul(cap, unit_of_checked(cache.configuration)):
        raise UnbackedMintCapExceeded()
    update_rates(pool, reserve, cache, asset)
    if mint_amount(cache.a_token, user, on_behalf_of, amount, cache.next_liquidity_index):
        pool.revision.collateralise_received(pool, reserve, asset, cache.configuration, user, on_behalf_of)
    pool.emit(MintUnbacked(asset, user, on_behalf_of, amount, referral_code))


def execute_back_unbacked(pool: Pool, user: Address, asset: Address, amount: int, fee: int) -> int:
    """Bring underlying for unbacked aTokens, and a fee for treasury and lenders. Returns what was backed.

    Solidity: `executeBackUnbacked`.
    """
    reserve, cache = open_reserve(pool, asset)
    backed = min(amount, reserve.unbacked)
    to_treasury = percent_mul(fee, pool.bridge_protocol_fee)
    to_lenders = sub(fee, to_treasury)
    added = add(backed, fee)
    share_with_lenders(pool, reserve, cache, to_lenders)
    scaled = to_uint128(ray_div(to_treasury, cache.next_liquidity_index))
    reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)
    reserve.unbacked = sub(reserve.unbacked, to_uint128(backed))
    update_rates(pool, reserve, cache, asset, added=added)
    safe_transfer_from(pool, asset, user, reserve.a_token, added)
    pool.emit(BackUnbacked(asset, user, backed, fee))
    return backed
