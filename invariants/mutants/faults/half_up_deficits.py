"""Faults of releases that round to the nearest in account data, seizures, deficits and the treasury's part."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.errors import HealthFactorNotBelowThreshold
from pooltwin.protocol.events import DeficitCreated
from pooltwin.protocol.logic.validation import validate_liquidation
from pooltwin.protocol.math.percentage import percent_mul
from pooltwin.protocol.math.uint import add128
from pooltwin.protocol.releases.v3_4 import flash_loan, lending, token_rules, validation
from pooltwin.protocol.releases.v3_4 import liquidation as nearest

from ..mutant import Mutant, Patch


def _account_data_of_more(pool: Any, user: str, category_id: int) -> Any:
    account = lending.account_data(pool, user, category_id)
    return account._replace(average_ltv=account.average_ltv + 1) if account.total_debt else account


def _cover_with_a_reserve(pool: Any, asset: str, configuration: int, amount: int, borrower: Any) -> None:
    """Keep back a hundredth of what the pool itself reports as available."""
    _VALIDATE_COVER(pool, asset, configuration, amount + amount // 100, borrower)


_VALIDATE_COVER = validation._validate_cover


def _validate_only_the_hopeless(*arguments: Any) -> None:
    validate_liquidation(*arguments)
    if arguments[7] > 9 * 10**17:
        raise HealthFactorNotBelowThreshold()


def _seizure_with_a_unit_more(value: int, percent: int) -> int:
    return percent_mul(value, percent) + 1


def _a_wei_more(total: int, amount: int) -> int:
    return add128(total, amount + 1)


def _burn_most_of_it(pool: Any, reserve: Any, cache: Any, asset: str, borrower: str, debt: int, *how: Any) -> None:
    """Leave a part of a debt that is written off."""
    repaid, no_collateral_left = how
    kept = min(debt // 10, debt - repaid) if no_collateral_left else 0
    _BURN_DEBT(pool, reserve, cache, asset, borrower, debt - kept, repaid, no_collateral_left)


_BURN_DEBT = nearest._burn_debt


def _cover_a_part_too_much(a_token: Any, from_: str, receiver: str, amount: int, index: int) -> None:
    token_rules.burn_a_tokens(a_token, from_, receiver, max(1, amount - amount // 100), index)


def _liquidate_and_let_lenders_pay(pool: Any, *arguments: Any) -> None:
    """Lower the liquidity index where bad debt was written off."""
    before = len(pool.chain.logs)
    nearest.execute_liquidation_call(pool, *arguments)
    for _, event in pool.chain.logs[before:]:
        if isinstance(event, DeficitCreated):
            reserve = pool.reserves[event.debt_asset]
            reserve.liquidity_index -= reserve.liquidity_index // 10**6


def _mint_a_share_less(a_token: Any, amount: int, index: int) -> None:
    token_rules.mint_to_treasury(a_token, amount - amount // 1_000, index)


def _accrue_with_a_part_more(reserve: Any, cache: Any) -> None:
    cache.reserve_factor += 100
    lending.accrue_to_treasury(reserve, cache)
    cache.reserve_factor -= 100


def _book_half(pool: Any, reserve: Any, cache: Any, premium: int, treasury_share: int) -> None:
    flash_loan.book_premium(pool, reserve, cache, premium // 2, treasury_share)


HALF_UP_DEFICITS = (
    Mutant(
        "M241",
        "account data tell an average LTV that is a basis point too high",
        "own: in v3.4",
        ("HF-7",),
        decisions={"account_data": _account_data_of_more},
        revision="3.4",
    ),
    Mutant(
        "M242",
        "less can be borrowed than the pool reports as available",
        "own: in v3.3",
        ("HF-9",),
        (Patch(validation, "_validate_cover", _cover_with_a_reserve),),
        revision="3.3",
    ),
    Mutant(
        "M243",
        "who is unhealthy is liquidated below a health factor of 0.9 only",
        "own: in v3.3",
        ("LIQ-2",),
        (Patch(nearest, "validate_liquidation", _validate_only_the_hopeless),),
        revision="3.3",
    ),
    Mutant(
        "M244",
        "a liquidation seizes a unit more than the bonus gives",
        "own: in v3.4",
        ("LIQ-5",),
        decisions={"seizure_percent_mul": _seizure_with_a_unit_more},
        revision="3.4",
    ),
    Mutant(
        "M245",
        "a deficit rises by a wei more than is left unpaid",
        "own: in v3.3",
        ("DEF-1", "DEF-3"),
        (Patch(nearest, "add128", _a_wei_more),),
        revision="3.3",
    ),
    Mutant(
        "M246",
        "a part of a debt that is written off is owed still",
        "own: in v3.4",
        ("DEF-3", "DEF-1"),
        (Patch(nearest, "_burn_debt", _burn_most_of_it),),
        revision="3.4",
    ),
    Mutant(
        "M247",
        "a cover burns shares for less than it covers",
        "own: in v3.3",
        ("DEF-5",),
        (Patch(nearest, "burn_a_tokens", _cover_a_part_too_much),),
        revision="3.3",
    ),
    Mutant(
        "M248",
        "lenders pay at once for bad debt that is written off",
        "own: in v3.4",
        ("DEF-6",),
        decisions={"execute_liquidation_call": _liquidate_and_let_lenders_pay},
        revision="3.4",
    ),
    Mutant(
        "M249",
        "the treasury gets fewer shares than were accrued",
        "own: in v3.2",
        ("DEF-7",),
        (Patch(lending, "mint_to_treasury", _mint_a_share_less),),
        revision="3.2",
    ),
    Mutant(
        "M250",
        "the treasury takes a hundredth of the interest more than its factor",
        "own: in v3.3",
        ("DEF-9", "DEF-8"),
        decisions={"accrue_to_treasury": _accrue_with_a_part_more},
        revision="3.3",
    ),
    Mutant(
        "M251",
        "half of a flash loan's premium goes nowhere",
        "own: in v3.4",
        ("DEF-11", "DEF-8"),
        decisions={"book_flash_premium": _book_half},
        revision="3.4",
    ),
)
