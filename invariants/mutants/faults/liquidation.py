"""Faults in liquidations, bad debt and its repayment."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS
from pooltwin.protocol.errors import CollateralCannotBeLiquidated, HealthFactorNotBelowThreshold, SelfLiquidation
from pooltwin.protocol.logic import liquidation, validation
from pooltwin.protocol.logic.liquidation import max_liquidatable_debt
from pooltwin.protocol.logic.reserve import update_rates
from pooltwin.protocol.logic.supply import set_using_as_collateral
from pooltwin.protocol.logic.terms import Liquidation
from pooltwin.protocol.math.percentage import percent_div, percent_mul
from pooltwin.protocol.math.token_math import a_token_balance, a_token_burn_scaled, a_token_transfer_scaled
from pooltwin.protocol.math.wad_ray import mul_div_ceil, ray_div_floor
from pooltwin.protocol.releases.v3_5.validation import has_threshold
from pooltwin.protocol.releases.v3_6.liquidation import open_caches_together
from pooltwin.protocol.state import bitmaps

from ..mutant import Mutant, Patch, nothing

# --- who and how much -------------------------------------------------------------------------------------------------


def _validate_healthy_too(
    pool: Any, collateral: Any, debt: Any, cache: Any, borrower: str, liquidator: str, owed: int, health: int
) -> None:
    health = min(health, pool.revision.health_factor_liquidation_threshold - 1)
    validation.validate_liquidation(pool, collateral, debt, cache, borrower, liquidator, owed, health)


def _validate_with_margin(
    pool: Any, collateral: Any, debt: Any, cache: Any, borrower: str, liquidator: str, owed: int, health: int
) -> None:
    """Leave positions just below the threshold alone."""
    validation.validate_liquidation(pool, collateral, debt, cache, borrower, liquidator, owed, health)
    if health > 99 * 10**16:
        raise HealthFactorNotBelowThreshold()


def _validate_oneself_too(
    pool: Any, collateral: Any, debt: Any, cache: Any, borrower: str, liquidator: str, owed: int, health: int
) -> None:
    try:
        validation.validate_liquidation(pool, collateral, debt, cache, borrower, liquidator, owed, health)
    except SelfLiquidation:
        validation.validate_liquidation(pool, collateral, debt, cache, borrower, ZERO_ADDRESS, owed, health)


def _validate_in_grace(pool: Any, collateral: Any, debt: Any, *args: Any) -> None:
    """Count the second after the grace period as before it, and the grace period not at all."""
    kept = collateral.liquidation_grace_period_until, debt.liquidation_grace_period_until
    collateral.liquidation_grace_period_until = debt.liquidation_grace_period_until = 0
    validation.validate_liquidation(pool, collateral, debt, *args)
    collateral.liquidation_grace_period_until, debt.liquidation_grace_period_until = kept


def _validate_unflagged_too(
    pool: Any, collateral: Any, debt: Any, cache: Any, borrower: str, liquidator: str, owed: int, health: int
) -> None:
    """Let supplies be seized that the borrower never put up."""
    try:
        validation.validate_liquidation(pool, collateral, debt, cache, borrower, liquidator, owed, health)
    except CollateralCannotBeLiquidated:
        if owed == 0:
            raise


def _base_bonus(_pool: Any, run: Liquidation) -> int:
    return bitmaps.liquidation_bonus(run.collateral_configuration)


def _close_factor_by_debt_alone(pool: Any, run: Liquidation, health_factor: int, total_debt_base: int) -> int:
    """Keep the limit of one half however small the collateral is."""
    kept, run.borrower_collateral = run.borrower_collateral, 2**200 // run.collateral_price
    allowed = max_liquidatable_debt(pool, run, health_factor, total_debt_base)
    run.borrower_collateral = kept
    return allowed


def _no_close_factor(_pool: Any, run: Liquidation, _health_factor: int, _total_debt_base: int) -> int:
    return run.borrower_debt


def _always_half(pool: Any, run: Liquidation, _health_factor: int, total_debt_base: int) -> int:
    half: int = percent_mul(total_debt_base, pool.revision.close_factor)
    if mul_div_ceil(run.borrower_debt, run.debt_price, run.debt_unit) > half:
        return half * run.debt_unit // run.debt_price
    return run.borrower_debt


def _validation(identifier: str, change: str, origin: str, expected: tuple[str, ...], faulty: Any) -> Mutant:
    return Mutant(identifier, change, origin, expected, (Patch(liquidation, "validate_liquidation", faulty),))


ELIGIBILITY = (
    Mutant(
        "M20",
        "a liquidation requires a threshold outside e-mode",
        "v3.5; v3.6 Blackthorn H-1, fixed in 4143c2a5",
        ("EMD-9", "LIQ-2"),
        decisions={"is_liquidatable": has_threshold},
    ),
    Mutant(
        "M21",
        "the reserve's own bonus is used in e-mode",
        "Certora 2022",
        ("EMD-4", "LIQ-5"),
        decisions={"liquidation_bonus": _base_bonus},
    ),
    Mutant(
        "M24",
        "a liquidation may leave dust",
        "v3.3 StErMi L-01",
        ("LIQ-4",),
        decisions={"refuse_dust": nothing},
    ),
    Mutant(
        "M25",
        "the close factor ignores how small the collateral is",
        "v3.3 StErMi L-02",
        ("LIQ-16", "LIQ-17"),
        decisions={"max_liquidatable_debt": _close_factor_by_debt_alone},
    ),
    Mutant(
        "M160",
        "leftovers of 2000 are asked for, so that less can be repaid",
        "own",
        ("LIQ-17",),
        decisions={"min_leftover_base": 2_000 * 10**8},
    ),
    Mutant("M84", "no close factor", "own", ("LIQ-3",), decisions={"max_liquidatable_debt": _no_close_factor}),
    Mutant(
        "M85",
        "never more than half can be repaid, however small or sick the position",
        "every release before v3.3, in part",
        ("LIQ-3", "LIQ-2"),
        decisions={"max_liquidatable_debt": _always_half},
    ),
    _validation("M86", "healthy positions can be liquidated", "own", ("LIQ-1",), _validate_healthy_too),
    _validation("M87", "positions between 0.99 and 1 cannot be liquidated", "own", ("LIQ-2",), _validate_with_margin),
    _validation("M88", "a borrower can liquidate itself", "v3.4 and before", ("ACT-9",), _validate_oneself_too),
    _validation("M89", "the grace period is ignored", "own", ("ACT-7",), _validate_in_grace),
    _validation("M90", "supplies that are not collateral can be seized", "own", ("LIQ-1",), _validate_unflagged_too),
)

# --- amounts ----------------------------------------------------------------------------------------------------------


def _without_simple_bonus(seized: int, bonus: int) -> int:
    """Reckon the bonus part as seized * (bonus - 1), which is more than seized - seized / bonus."""
    return max(0, seized - percent_mul(seized, bonus - 10_000))


def _pay_with_old_debt(pool: Any, run: Liquidation) -> None:
    """Set rates with the debt as before the burn where both sides are the same asset."""
    cache, amount = run.collateral_cache, run.collateral_to_liquidate
    if run.receive_a_token:
        _pay_liquidator(pool, run)
        return
    index = cache.next_liquidity_index
    update_rates(pool, run.collateral_reserve, cache, run.collateral_asset, taken=amount)
    cache.a_token.pool_burn(run.borrower, run.liquidator, amount, a_token_burn_scaled(amount, index), index)


def _pay_fee_checking_floor(run: Liquidation) -> None:
    """Check the fee's shares rounded down, and transfer them rounded up."""
    a_token, index = run.collateral_cache.a_token, run.collateral_cache.next_liquidity_index
    fee, scaled_fee = run.protocol_fee, a_token_transfer_scaled(run.protocol_fee, index)
    scaled_left = a_token.scaled_balances[run.borrower]
    if ray_div_floor(fee, index) > scaled_left:
        fee, scaled_fee = a_token_balance(scaled_left, index), scaled_left
    a_token.pool_transfer_on_liquidation(run.borrower, a_token.treasury, fee, scaled_fee, index)


def _pay_fee_to_liquidator(run: Liquidation) -> None:
    _pay_protocol_fee_to(run, run.liquidator)


def _pay_protocol_fee_to(run: Liquidation, to: str) -> None:
    a_token, index = run.collateral_cache.a_token, run.collateral_cache.next_liquidity_index
    scaled = min(a_token_transfer_scaled(run.protocol_fee, index), a_token.scaled_balances[run.borrower])
    if scaled:
        a_token.pool_transfer_on_liquidation(run.borrower, to, run.protocol_fee, scaled, index)


def _seize_a_tenth_more(amount: int, bonus: int) -> int:
    return percent_mul(amount, bonus + 1_000)


def _pay_enabling(pool: Any, run: Liquidation) -> None:
    _pay_liquidator(pool, run)
    if run.receive_a_token:
        set_using_as_collateral(pool, run.collateral_reserve, run.collateral_asset, run.liquidator, True)


def _collect_nothing(*_: Any) -> None:
    """Book the liquidator's payment and never collect it."""


_pay_liquidator = liquidation._pay_liquidator

AMOUNTS = (
    Mutant(
        "M22",
        "the fee's bonus part is computed from the seized amount as if it held no bonus",
        "OpenZeppelin H02",
        ("LIQ-7",),
        decisions={"bonus_percent_div": _without_simple_bonus},
    ),
    Mutant(
        "M23",
        "seized amount and fee are rounded half up",
        "v3.6 and before; the rounding note of v3.7",
        ("LIQ-5", "LIQ-7"),
        decisions={
            "seizure_percent_mul": percent_mul,
            "bonus_percent_div": percent_div,
            "protocol_fee_percent_mul": percent_mul,
        },
    ),
    Mutant(
        "M15",
        "both reserves are cached before either is updated: a same-asset liquidation accrues twice",
        "v3.5 and v3.6; v3.7 Sherlock L-1, fixed in e357e128",
        ("DEF-8", "LIQ-12", "SOL-1"),
        decisions={"open_liquidation_caches": open_caches_together},
    ),
    Mutant(
        "M16",
        "the rates of a same-asset liquidation use the debt before it",
        "v3.5 StErMi M-01; fixed in 1c055988",
        ("RAT-1", "LIQ-12"),
        (Patch(liquidation, "_pay_liquidator", _pay_with_old_debt),),
    ),
    Mutant(
        "M17",
        "the fee is checked rounded down and moved rounded up, so liquidations revert",
        "v3.5 Certora M-01; fixed in b6567d45",
        ("LIQ-2",),
        (Patch(liquidation, "_pay_protocol_fee", _pay_fee_checking_floor),),
    ),
    Mutant(
        "M91",
        "the bonus is ten points more than configured",
        "own",
        ("LIQ-5",),
        decisions={"seizure_percent_mul": _seize_a_tenth_more},
    ),
    Mutant(
        "M92",
        "the protocol fee goes to the liquidator",
        "own",
        ("LIQ-7", "LIQ-8"),
        (Patch(liquidation, "_pay_protocol_fee", _pay_fee_to_liquidator),),
    ),
    Mutant(
        "M93",
        "the liquidator's payment is booked and not collected",
        "own",
        ("SOL-5", "SOL-6", "LIQ-8"),
        (Patch(liquidation, "safe_transfer_from", _collect_nothing),),
    ),
    Mutant(
        "M94",
        "aTokens from a liquidation become the liquidator's collateral",
        "every release before v3.6",
        ("FLG-4",),
        (Patch(liquidation, "_pay_liquidator", _pay_enabling),),
    ),
)

LIQUIDATION = (*ELIGIBILITY, *AMOUNTS)
