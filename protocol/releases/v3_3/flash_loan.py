"""Flash-loan premiums that lenders share in. Solidity: `FlashLoanLogic` and `ReserveLogic`, until v3.3."""

from __future__ import annotations

from ...logic.terms import Pool, ReserveCache
from ...math.percentage import percent_mul
from ...math.uint import add, add128, sub, to_uint128
from ...math.wad_ray import RAY, ray_div, ray_mul, wad_to_ray
from ...state.records import Reserve
from ..v3_4.validation import a_token_supply


def cumulate_to_liquidity_index(reserve: Reserve, cache: ReserveCache, total: int, amount: int) -> None:
    """Give `amount` to all lenders at once by raising the liquidity index; `total` is what they have.

    Solidity: `cumulateToLiquidityIndex`, until v3.3.
    """
    growth = ray_div(wad_to_ray(amount), wad_to_ray(total))
    cache.next_liquidity_index = ray_mul(add(growth, RAY), reserve.liquidity_index)
    reserve.liquidity_index = to_uint128(cache.next_liquidity_index)


def split_premium(pool: Pool, reserve: Reserve, cache: ReserveCache, premium: int, treasury_share: int) -> None:
    """Give a share (bps) of the premium to the treasury; the rest raises the liquidity index. Until v3.3."""
    to_treasury = percent_mul(premium, treasury_share)
    share_with_lenders(pool, reserve, cache, sub(premium, to_treasury))
    scaled = to_uint128(ray_div(to_treasury, cache.next_liquidity_index))
    reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)


def share_with_lenders(pool: Pool, reserve: Reserve, cache: ReserveCache, amount: int) -> None:
    """Raise the liquidity index by an amount that all aTokens, those the treasury is owed included, share."""
    owed_to_treasury = ray_mul(reserve.accrued_to_treasury, cache.next_liquidity_index)
    cumulate_to_liquidity_index(reserve, cache, add(a_token_supply(pool, reserve), owed_to_treasury), amount)
