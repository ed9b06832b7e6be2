"""Conversions between token amounts and scaled balances, named by what they are for.

Every rounding favours the pool: mints round what is credited down, burns round what is taken up, debt rounds up when
it grows and down when it shrinks. Solidity: `TokenMath`.
"""

from __future__ import annotations

from .wad_ray import ray_div_ceil, ray_div_floor, ray_mul_ceil, ray_mul_floor

a_token_mint_scaled = ray_div_floor
a_token_burn_scaled = ray_div_ceil
a_token_transfer_scaled = ray_div_ceil
a_token_balance = ray_mul_floor

debt_mint_scaled = ray_div_ceil
debt_burn_scaled = ray_div_floor
debt_balance = ray_mul_ceil
