"""Faults in flash loans and in repayments with aTokens."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.errors import InconsistentFlashloanParams
from pooltwin.protocol.events import FlashLoan
from pooltwin.protocol.logic import borrow, flash_loan
from pooltwin.protocol.logic.erc20 import safe_transfer_from
from pooltwin.protocol.logic.terms import ReserveCache
from pooltwin.protocol.logic.validation import validate_flash_loan_simple
from pooltwin.protocol.math.percentage import percent_mul_floor
from pooltwin.protocol.math.wad_ray import ray_div_floor
from pooltwin.protocol.releases.v3_3.flash_loan import share_with_lenders

from ..mutant import Mutant, Patch, during, nothing

# --- flash loans and aToken repayments --------------------------------------------------------------------------------


def _raise_index(pool: Any, stored: Any, cache: Any, premium: int, _treasury_share: int) -> None:
    """Pay the premium to whoever holds shares, through the index: as until v3.3, with an empty market."""
    share_with_lenders(pool, stored, cache, premium)


def _take_back_unsynced(
    pool: Any, user: str, receiver: str, asset: str, amount: int, premium: int, _share: int, referral_code: int
) -> None:
    stored = pool.reserves[asset]
    cache = ReserveCache(pool, stored)
    stored.accrued_to_treasury += ray_div_floor(premium, cache.next_liquidity_index)
    stored.virtual_underlying_balance += amount + premium
    safe_transfer_from(pool, asset, receiver, stored.a_token, amount + premium)
    pool.emit(FlashLoan(receiver, user, asset, amount, flash_loan.NO_DEBT, premium, referral_code))


def _validate_with_duplicates(pool: Any, assets: Any, amounts: Any) -> None:
    if len(assets) != len(amounts):
        raise InconsistentFlashloanParams()
    for asset, amount in zip(assets, amounts, strict=True):
        validate_flash_loan_simple(pool, pool.reserves[asset], amount)


def _burn_adding_liquidity(pool: Any, stored: Any, cache: Any, user: str, asset: str, amount: int, mode: int) -> None:
    _burn_a_tokens(pool, stored, cache, user, asset, amount, mode)
    stored.virtual_underlying_balance += amount


_burn_a_tokens = borrow._burn_a_tokens_for_debt
_take_back = flash_loan._take_back


def _take_back_principal_only(
    pool: Any, user: str, receiver: str, asset: str, amount: int, premium: int, treasury_share: int, referral_code: int
) -> None:
    """Book the premium as paid, and take back only the principal."""
    _take_back(pool, user, receiver, asset, amount, premium, treasury_share, referral_code)
    pool.chain.at(pool.reserves[asset].a_token).pool_transfer_underlying_to(receiver, premium)


def _borrow_trusting_flash_loans(*args: Any, release_underlying: bool = True) -> None:
    if release_underlying:
        borrow.execute_borrow(*args)
        return
    unchecked = during(borrow.execute_borrow, Patch(borrow, "validate_health_factor_and_ltv", nothing))
    unchecked(*args, release_underlying=False)


FLASH_LOANS = (
    Mutant(
        "M01",
        "the flash-loan premium raises the liquidity index",
        "HopeLend 2023-10-18, Radiant 2024-01-02: the index of an empty market was driven up",
        ("IDX-5", "IDX-2", "INF-1"),
        decisions={"book_flash_premium": _raise_index},
    ),
    Mutant(
        "M31",
        "taking a flash loan back updates neither indexes nor rates",
        "v3.4 StErMi H-01; fixed in c0bd6b9c",
        ("RAT-1", "DEF-12"),
        (Patch(flash_loan, "_take_back", _take_back_unsynced),),
    ),
    Mutant(
        "M38",
        "a flash loan may name an asset twice",
        "Cantina v3.1, 3.2.4",
        ("INF-3",),
        (Patch(flash_loan, "validate_flash_loan", _validate_with_duplicates),),
    ),
    Mutant(
        "M32",
        "repaying with aTokens adds liquidity",
        "Certora 2022",
        ("RAT-7", "SOL-5", "SOL-6"),
        (Patch(borrow, "_burn_a_tokens_for_debt", _burn_adding_liquidity),),
    ),
    Mutant(
        "M80",
        "the flash-loan premium is rounded down",
        "every release before v3.5 (half up there)",
        ("RND-5",),
        decisions={"flash_premium_percent_mul": percent_mul_floor},
    ),
    Mutant(
        "M81",
        "the flash-loan premium is booked and not collected",
        "own",
        ("SOL-5", "SOL-6"),
        (Patch(flash_loan, "_take_back", _take_back_principal_only),),
    ),
    Mutant(
        "M82",
        "the flash-loan premium goes to nobody",
        "own: until v3.3 part of it went to the lenders",
        ("DEF-11",),
        decisions={"book_flash_premium": nothing},
    ),
    Mutant(
        "M83",
        "borrowing by flash loan skips the health check",
        "own",
        ("HF-2", "CAP-4"),
        decisions={"execute_borrow": _borrow_trusting_flash_loans},
    ),
)
