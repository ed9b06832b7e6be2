"""Flash-loan premiums in v3.4, rounded half up. Solidity: `FlashLoanLogic`."""

from __future__ import annotations

from ...logic.terms import Pool, ReserveCache
from ...math.uint import add128, to_uint128
from ...math.wad_ray import ray_div
from ...state.records import Reserve


def book_premium(_pool: Pool, reserve: Reserve, cache: ReserveCache, premium: int, _treasury_share: int) -> None:
    """Give the whole premium to the treasury, in shares rounded half up. v3.4."""
    scaled = to_uint128(ray_div(premium, cache.next_liquidity_index))
    reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)
